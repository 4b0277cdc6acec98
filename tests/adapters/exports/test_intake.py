"""Files become portions: each row once, whatever ends the agent, and every row accounted for."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from adapters.exports import intake, ledger_file
from adapters.exports.accounting import Account
from adapters.exports.formats.block import Block
from adapters.exports.formats.rows import Export
from adapters.exports.ledger import Ledger
from adapters.exports.ledger_file import NAME, LedgerError, State, looking
from adapters.exports.settings import FolderSettings
from adapters.exports.ways.folder import ShareAwayError
from tests.adapters.exports.taking import Journal, Life, mapping, put, settings, taken

ROWS = [("A", "1"), ("B", "2"), ("C", "3")]


def account(folder: Path) -> Account:
    with looking(folder / "kept") as db:
        assert db is not None
        return ledger_file.total(db)


def states(folder: Path) -> list[tuple[str, State, str | None]]:
    with looking(folder / "kept") as db:
        assert db is not None
        return [(one.name, one.state, one.reason) for one in reversed(ledger_file.readings(db, 100))]


def test_f60_a_file_that_changes_while_it_is_kept_was_never_there(tmp_path: Path) -> None:
    """All or nothing: it is looked at again."""
    wanted, journal = settings(tmp_path), Journal()
    file = put(tmp_path, "a.csv", ROWS)
    life = Life(wanted, journal)
    life.intake.look()
    with file.open("a") as export:
        export.write("D,4\n")
    assert life.intake.step() is None
    assert journal.records == []
    life.run()
    assert sorted(journal.current()) == ["A", "B", "C", "D"]
    assert account(tmp_path).read == 4
    life.end()


def test_f61_the_same_content_under_another_name_is_a_repeat(tmp_path: Path) -> None:
    """Told as one; the original is kept once."""
    wanted, journal = settings(tmp_path), Journal()
    put(tmp_path, "a.csv", ROWS, modified=1)
    put(tmp_path, "copy of a.csv", ROWS, modified=2)
    taken(wanted, journal)
    put(tmp_path, "a.csv", ROWS, modified=3)  # the same again
    taken(wanted, journal)
    assert len(journal.records) == 3
    assert states(tmp_path) == [("a.csv", State.DONE, None), ("copy of a.csv", State.REPEAT, "the same as a.csv")]
    assert len([one for one in (tmp_path / "kept" / "originals").rglob("*") if one.is_file()]) == 1


def test_f61_the_same_name_with_other_content_gives_corrections(tmp_path: Path) -> None:
    """Each names the record that it replaces, and the file and line where it stood."""
    wanted, journal = settings(tmp_path), Journal()
    put(tmp_path, "a.csv", ROWS)
    taken(wanted, journal)
    put(tmp_path, "a.csv", [("A", "1"), ("B", "2.5"), ("D", "4")])
    taken(wanted, journal)
    first, second = (one for one in journal.records if one.key == "B")
    assert (second.version, second.replaces, second.row) == (2, first.id, 3)
    assert second.file not in {None, first.file}
    assert account(tmp_path) == Account(read=6, records=4, corrections=1, repeats=1)


def test_f72_an_unmounted_share_gives_no_deletions(tmp_path: Path) -> None:
    """What was taken stays as it was, and goes on when the share is there again."""
    wanted, journal = settings(tmp_path), Journal()
    put(tmp_path, "a.csv", ROWS)
    life = Life(wanted, journal)
    life.run()
    (tmp_path / "in").rename(tmp_path / "away")
    (tmp_path / "in").mkdir()
    with pytest.raises(ShareAwayError):
        life.intake.look()
    (tmp_path / "in").rmdir()
    (tmp_path / "away").rename(tmp_path / "in")
    put(tmp_path, "b.csv", [("D", "4")])
    life.run()
    assert sorted(journal.current()) == ["A", "B", "C", "D"]
    assert account(tmp_path) == Account(read=4, records=4)
    life.end()


def test_files_are_read_only_and_kept_as_they_came(tmp_path: Path) -> None:
    """The folder may be read-only; the copy has the same octets, and nobody may write it."""
    wanted, journal = settings(tmp_path), Journal()
    file = put(tmp_path, "a.csv", ROWS)
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    taken(wanted, journal)
    (kept,) = (one for one in (tmp_path / "kept" / "originals").rglob("*") if one.is_file())
    assert kept.read_bytes() == before[0]
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o440
    assert journal.records[0].file == kept.name


def test_what_cannot_be_read_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    """As a whole: no mapping, a column that is missing, too large, a NUL; row by row: no key."""
    wanted, journal = settings(tmp_path, largest_mib=1), Journal()
    put(tmp_path, "1.txt", [], modified=1)
    (tmp_path / "in" / "2.csv").write_text("id,wrong\nA,1\n")
    (tmp_path / "in" / "3.csv").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path / "in" / "4.csv").write_bytes(b"id,result\nA,1\nB,\0\n")
    put(tmp_path, "5.csv", [("A", "1"), ("", "2"), ("B", "3")], modified=2_000_000_000)
    taken(wanted, journal)
    refused = {name: why for name, state, why in states(tmp_path) if state is State.REFUSED}
    assert sorted(refused) == ["1.txt", "2.csv", "3.csv", "4.csv"]
    assert refused["1.txt"] == "no mapping fits its name"
    assert "column result is missing" in str(refused["2.csv"])
    assert refused["3.csv"] == "is larger than 1 MiB (largest_mib)"
    assert "NUL" in str(refused["4.csv"])
    assert sorted(journal.current()) == ["A", "B"]
    assert account(tmp_path) == Account(read=3, records=2, refused=1)
    with looking(tmp_path / "kept") as db:
        assert db is not None
        ((reading, line, why, raw),) = ledger_file.refused_rows(db, 10)
    assert (reading.name, line, why, raw) == ("5.csv", 3, "id: is empty", b",2\n")


def test_a_file_that_cannot_be_opened_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are taken meanwhile."""
    wanted, journal = settings(tmp_path), Journal()
    put(tmp_path, "a.csv", ROWS, modified=1)
    put(tmp_path, "b.csv", [("D", "4")], modified=2)
    real = os.open

    def refusing(path: str, *given: int) -> int:
        if str(path).endswith("in/a.csv"):
            raise PermissionError(13, "Permission denied")
        return real(path, *given)

    life = Life(wanted, journal)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing)
        life.run()
    assert life.intake.unreadable == {"a.csv": "cannot be read: Permission denied"}
    assert journal.current() == {"D": "4"}
    life.run()
    assert sorted(journal.current()) == ["A", "B", "C", "D"]
    assert life.intake.unreadable == {}
    life.end()


def test_a_corrected_mapping_reads_a_kept_file_again(tmp_path: Path) -> None:
    """What was taken is a repeat, what was refused is a record now; neither file nor rows are refused any more."""
    wanted, journal = settings(tmp_path), Journal()
    mapping(tmp_path, fields=_with({"column": "result", "codes": {"1": "one", "2": "two"}}))
    put(tmp_path, "a.csv", ROWS, modified=1)
    put(tmp_path, "b.csv", [("D", "2")], modified=2)
    life = Life(wanted, journal)
    life.run()
    assert account(tmp_path) == Account(read=4, records=3, refused=1)
    mapping(tmp_path, fields=_with({"column": "result", "codes": {"1": "one", "2": "two", "3": "three"}}))
    (reading,) = life.ledger.named("a.csv")
    assert life.intake.again([reading]) == 1
    life.run()
    assert account(tmp_path) == Account(read=7, records=4, repeats=2, refused=1)
    assert journal.current() == {"A": "one", "B": "two", "C": "three", "D": "two"}
    with looking(tmp_path / "kept") as db:
        assert db is not None
        assert list(ledger_file.refused_rows(db, 10)) == []
    life.end()


def _with(reported: object) -> dict[str, object]:
    return {"sample": "id", "test": {"value": "T"}, "reported": reported, "status": {"value": "final"}}


def test_a_refused_file_is_settled_by_a_better_one_or_by_a_person(tmp_path: Path) -> None:
    """Under the same name; a reason stays beside it."""
    wanted, journal = settings(tmp_path), Journal()
    (tmp_path / "in" / "a.csv").write_text("nothing")
    put(tmp_path, "list.txt", [])
    life = Life(wanted, journal)
    life.run()
    assert [one.name for one in life.ledger.refused_files()] == ["a.csv", "list.txt"]
    put(tmp_path, "a.csv", ROWS)
    life.run()
    (left,) = life.ledger.refused_files()
    life.ledger.dismiss(left, 1, "no export (chen)")
    assert life.ledger.refused_files() == []
    assert states(tmp_path)[-1] == ("list.txt", State.DISMISSED, "no export (chen)")
    life.end()


def test_a_file_is_read_by_every_mapping_that_fits(tmp_path: Path) -> None:
    """Each has an account of its own."""
    other = mapping(tmp_path, "other.yaml", system="lims-2")
    both = [{"files": "*.csv", "mapping": str(one)} for one in (mapping(tmp_path), other)]
    journal = Journal()
    put(tmp_path, "a.csv", ROWS)
    taken(settings(tmp_path, mappings=both), journal)
    assert sorted({one.system for one in journal.records}) == ["lims", "lims-2"]
    assert account(tmp_path).records == 6


def test_a_reader_that_fails_costs_its_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is told like one of the file."""
    wanted, journal = settings(tmp_path), Journal()
    put(tmp_path, "a.csv", ROWS, modified=1)
    real = Export.blocks

    def failing(_: Export) -> Iterator[Block]:
        monkeypatch.setattr(Export, "blocks", real)
        raise RecursionError("too deep")
        yield

    monkeypatch.setattr(Export, "blocks", failing)
    put(tmp_path, "b.csv", [("D", "4")], modified=2)
    taken(wanted, journal)
    assert ("a.csv", State.REFUSED, "the reader failed: RecursionError: too deep") in states(tmp_path)
    assert journal.current() == {"D": "4"}


EXPORTS = st.lists(
    st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("123")), max_size=9), min_size=1, max_size=4
)


@examples(max_examples=60, deadline=None)
@given(EXPORTS, st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=8))
def test_an_agent_killed_at_any_step_doubles_and_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, exports: list[list[tuple[str, str]]], kills: list[tuple[int, bool]]
) -> None:
    """Before or after the journal's commit: records and account are those of a run that nobody disturbed."""
    quiet, killed = tmp_path_factory.mktemp("quiet"), tmp_path_factory.mktemp("killed")
    for folder in (quiet, killed):
        for number, rows in enumerate(exports):
            put(folder, f"{number}.csv", rows, modified=1000 + number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "PORTION", 2)
        whole, journal = Journal(), Journal()
        taken(settings(quiet), whole)
        wanted = settings(killed)
        for steps, committed in kills:
            _live_for(wanted, journal, steps, committed=committed)
        taken(wanted, journal)
    assert journal.said() == whole.said()
    assert journal.current() == whole.current()
    assert account(killed) == account(quiet)
    assert account(killed).read == sum(map(len, _different(exports)))
    assert account(killed).unaccounted == 0


def _different(exports: list[list[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
    """Files of equal content are one."""
    return [rows for at, rows in enumerate(exports) if rows not in exports[:at]]


def _live_for(wanted: FolderSettings, journal: Journal, steps: int, *, committed: bool) -> None:
    """So many steps, then an end while a portion is on its way, which the journal just had or never has."""
    life = Life(wanted, journal)
    for _ in range(steps):
        life.step()
    life.intake.look()
    for _ in range(5):
        written = life.intake.step()
        if written is not None:
            if committed:
                journal.commit(written)
            break
    life.end()


def test_an_older_copy_of_the_ledger_is_refused(tmp_path: Path) -> None:
    """As is another one: all would be taken once more."""
    wanted, journal = settings(tmp_path), Journal()
    put(tmp_path, "a.csv", ROWS)
    empty = tmp_path / "empty.db"
    Ledger(empty).close()
    taken(wanted, journal)
    with pytest.raises(LedgerError, match="by another ledger"):
        Ledger(empty).settle(journal.mark)
    name, _, number = str(journal.mark).partition(" ")
    with pytest.raises(LedgerError, match="it is an older copy"):
        Ledger(wanted.keep / NAME).settle(f"{name} {int(number) + 1}")
