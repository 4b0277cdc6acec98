"""The ledger: what is known of a key decides, in whatever order its versions come."""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from adapters.exports.accounting import Account, Candidate, Refused
from adapters.exports.formats.block import Block
from adapters.exports.ledger import Arrival, Ledger, Written
from adapters.exports.ledger_file import State, looking, readings
from schemas.exported import TestResult

Said = tuple[str, int | None, str]
"""Key, declared version, result."""


def candidate(line: int, key: str, version: int | None, result: str) -> Candidate:
    record = TestResult(system="lims", key=key, sample=key, test="Content", reported=result, status="final")
    digest = sha256(f"{key} {version} {result}".encode()).digest()
    return Candidate(line, record, digest, version, Block((), [()], [line], [result], "utf-8", {}), 0)


def written(ledger: Ledger, rows: Iterable[Said], *, last: bool = False) -> Written:
    """As rows of the reading that is open."""
    reading = ledger.open_reading()
    assert reading is not None
    return ledger.write(reading, [candidate(line, *row) for line, row in enumerate(rows, 2)], last=last)


def opened(file: Path) -> Ledger:
    ledger = Ledger(file)
    ledger.arrived([Arrival("a.csv", "ab" * 32, 1, "m.yaml", "cd" * 32, "text")], 1)
    return ledger


def highest(portions: Iterable[Written]) -> dict[str, tuple[int, str]]:
    """Of each key the highest version, and what it says."""
    records = [one for some in portions for one in some.records if isinstance(one, TestResult)]
    return {one.key: (one.version, one.reported) for one in sorted(records, key=lambda one: one.version)}


VERSIONS = st.lists(
    st.tuples(st.sampled_from(["A", "B"]), st.integers(1, 4)), min_size=1, max_size=12
).map(lambda some: [(key, version, f"{key}{version}") for key, version in some])  # fmt: skip


@examples(max_examples=60, deadline=None)
@given(VERSIONS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_f61_late_doubled_and_reordered_versions_give_the_same_state(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Said], random: Random, at_once: int
) -> None:
    """The same versions of each key, each once, however they come and in how many portions."""
    came = [*rows, *rows[::2]]
    random.shuffle(came)
    folder = tmp_path_factory.mktemp("ledger")
    in_order, other = opened(folder / "1.db"), opened(folder / "2.db")
    one = [written(in_order, sorted(set(rows), key=lambda row: row[1] or 0))]
    two = [written(other, came[at : at + at_once]) for at in range(0, len(came), at_once)]
    assert highest(one) == highest(two)
    assert _versions(one) == _versions(two) == sorted(set(rows))
    assert other.total.read == len(came) == other.total.records + other.total.corrections + other.total.repeats


def _versions(portions: Sequence[Written]) -> list[Said]:
    records = [one for some in portions for one in some.records if isinstance(one, TestResult)]
    return sorted((one.key, one.version, one.reported) for one in records)


def test_f61_a_late_version_replaces_the_one_below_it(tmp_path: Path) -> None:
    """Not the one above, which stays the newest."""
    ledger = opened(tmp_path / "l.db")
    found = written(ledger, [("A", 1, "a"), ("A", 3, "c"), ("A", 2, "b")]).records
    first, third, second = found
    assert [one.version for one in found] == [1, 3, 2]
    assert (third.replaces, second.replaces) == (first.id, first.id)


def test_f61_a_version_that_changes_is_refused(tmp_path: Path) -> None:
    """Which of the two is right nobody here knows."""
    ledger = opened(tmp_path / "l.db")
    account = written(ledger, [("A", 1, "a"), ("A", 1, "b")]).account
    assert account == Account(read=2, records=1, refused=1)


def test_f61_without_versions_they_are_counted_as_they_come(tmp_path: Path) -> None:
    """An earlier content that comes again is a repeat."""
    ledger = opened(tmp_path / "l.db")
    one = written(ledger, [("A", None, "a"), ("A", None, "b"), ("A", None, "a")])
    assert [record.version for record in one.records] == [1, 2]
    assert one.account == Account(read=3, records=1, corrections=1, repeats=1)


def test_a_portion_that_the_journal_does_not_have_never_was(tmp_path: Path) -> None:
    """Neither its versions nor its counts, nor the end of its file; one that it has stays."""
    ledger = opened(tmp_path / "l.db")
    first = written(ledger, [("A", None, "a")])
    written(ledger, [("B", None, "b")], last=True)
    ledger.close()
    ledger = Ledger(tmp_path / "l.db")
    ledger.settle(first.mark)
    assert ledger.total == Account(read=1, records=1)
    second = written(ledger, [("B", None, "b")], last=True)
    assert second.account.records == 1
    ledger.close()
    ledger = Ledger(tmp_path / "l.db")
    ledger.settle(second.mark)
    assert ledger.open_reading() is None
    assert (ledger.total.records, ledger.files_read()) == (2, 1)


def test_with_another_journal_what_was_ended_stays(tmp_path: Path) -> None:
    """It was in the one before; nothing is forgotten that nobody would read again."""
    ledger = opened(tmp_path / "l.db")
    written(ledger, [("A", None, "a")], last=True)
    reading = ledger.open_reading()
    assert reading is not None
    ledger.end(reading.number)
    ledger.settle(None)
    assert (ledger.total.records, ledger.files_read()) == (1, 1)


def test_a_key_may_be_any_text(tmp_path: Path) -> None:
    """Quotes, controls, whatever looks like SQL; keys that differ stay apart."""
    ledger = opened(tmp_path / "l.db")
    keys = ["a'; DROP TABLE versions; --", "a", "A", "a ", "é", "e\u0301", "a\0b", "a\0c", "批" * 3000]
    assert written(ledger, [(key, None, "1") for key in keys]).account.records == len(keys)
    assert written(ledger, [(key, None, "1") for key in keys]).account.repeats == len(keys)


def test_refused_rows_are_kept_as_they_came(tmp_path: Path) -> None:
    """Octets that are no text, too."""
    ledger = opened(tmp_path / "l.db")
    reading = ledger.open_reading()
    assert reading is not None
    assert ledger.write(reading, [Refused(7, "no", b"\xff\0"), None], last=False).account == Account(
        read=1, refused=1, trailers=1
    )
    raw = sqlite3.connect(tmp_path / "l.db").execute("SELECT line, reason, raw FROM refused").fetchall()
    assert raw == [(7, "no", b"\xff\0")]


def test_a_ledger_is_read_while_it_is_written(tmp_path: Path) -> None:
    """By commands beside the agent."""
    ledger = opened(tmp_path / "ledger.db")
    written(ledger, [("A", None, "a")])
    with looking(tmp_path) as db:
        assert db is not None
        (only,) = readings(db, 5)
        assert (only.name, only.state) == ("a.csv", State.OPEN)
    with looking(tmp_path / "nowhere") as db:
        assert db is None
