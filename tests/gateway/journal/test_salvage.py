"""A damaged journal: always noticed or harmless, the good prefix is kept, and it never stops the agent."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from gateway.journal import layout
from gateway.journal.journal import Journal, NotOursError, Numbered
from gateway.proof.merkle import Tree, leaf_hash
from tests.gateway.journal.test_journal import GAPS, MIB, STREAM, draft, everything, root_at

Kept = dict[str, dict[int, Numbered]]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kept]:
    """A folder with a journal as a killed agent leaves it: part of it in the log; and what it held."""
    folder, crashed = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("crashed")
    journal = Journal(folder / "j.db", limit=MIB)
    journal.begin(77)
    for number in range(1, 40):
        journal.append([draft(number), draft(number, GAPS)])
    journal.confirm(STREAM, 10, root_at(journal, 10), 1_700_000_000)
    journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(40, 60):
        journal.append([draft(number), draft(number, GAPS)])
    held = {stream: {entry.number: entry for entry in everything(journal, stream)} for stream in (STREAM, GAPS)}
    for file in folder.iterdir():
        if not file.name.endswith("-shm"):
            shutil.copy(file, crashed)
    journal.close()
    return crashed, held


def damaged(original: Path, folder: Path, name: str, change: Callable[[bytearray], object]) -> Path:
    shutil.copytree(original, folder)
    octets = bytearray((folder / name).read_bytes())
    change(octets)
    (folder / name).write_bytes(octets)
    return folder / "j.db"


def check(file: Path, held: Kept) -> Journal:
    """What is there is what was there; what is not there was noticed; and it goes on."""
    journal = Journal(file, limit=MIB)
    for stream, known in held.items():
        size, confirmed = journal.size(stream), journal.confirmed(stream)[0]
        tree, entries = Tree(), {entry.number: entry for entry in everything(journal, stream)}
        for number in range(confirmed + 1, size + 1):
            assert entries[number].leaf == known[number].leaf
            assert entries[number].octets in {known[number].octets, None}
        if size < max(known) or any(entry.octets is None for entry in entries.values()):
            assert journal.damage
            assert journal.salvaged
            assert list(file.parent.glob(f"{Path(journal.damage.kept).name}*"))
        if confirmed == 0 and size:
            tree.extend(b"".join([entries[number].leaf for number in range(1, size + 1)]))
            assert journal.heads()[stream].root == tree.root()
    missing = 2 * 61 - sum(map(journal.size, held))
    if journal.damage and missing > 0:
        assert journal.damage.missing is None or journal.damage.missing >= missing
    journal.append([draft(99), draft(99, GAPS)])
    assert everything(journal)[-1].time == 99
    return journal


@pytest.mark.parametrize("name", ["j.db", "j.db-wal", "j.db.lock"])
@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_byte_is_noticed_or_harmless(
    tmp_path: Path, original: tuple[Path, Kept], name: str, seed: int
) -> None:
    """Anywhere in the file, its log or the witness."""
    random = Random(f"{name} {seed}")

    def flip(octets: bytearray) -> None:
        octets[random.randrange(len(octets))] ^= random.randrange(1, 256)

    check(damaged(original[0], tmp_path / "d", name, flip), original[1]).close()


@pytest.mark.parametrize("at", range(100))
def test_a_flipped_byte_of_the_header_is_noticed_or_harmless(
    tmp_path: Path, original: tuple[Path, Kept], at: int
) -> None:
    """Each of its hundred bytes."""
    check(damaged(original[0], tmp_path / "d", "j.db", lambda o: o.__setitem__(at, o[at] ^ 0x41)), original[1]).close()


@pytest.mark.parametrize("name", ["j.db", "j.db-wal"])
@pytest.mark.parametrize("part", [0, 0.01, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_cut_is_noticed_or_harmless(tmp_path: Path, original: tuple[Path, Kept], name: str, part: float) -> None:
    """SQLite drops the transactions behind the cut of a log without a word; the witness knows."""
    file = damaged(
        original[0], tmp_path / "d", name, lambda octets: octets.__delitem__(slice(int(part * len(octets)), None))
    )
    journal = check(file, original[1])
    assert (journal.damage and journal.damage.missing) or (name, part) == ("j.db", 0.99)  # that page is in the log too
    journal.close()


def test_a_journal_that_is_gone_is_noticed(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """All that it ever gave is missing."""
    file = damaged(original[0], tmp_path / "d", "j.db", lambda _: None)
    file.unlink()
    journal = check(file, original[1])
    assert journal.damage
    assert journal.damage.missing == 122


def edited(original: Path, folder: Path, sql: str) -> Path:
    """Content that changed while every page stayed well-formed."""
    shutil.copytree(original, folder)
    with closing(sqlite3.connect(folder / "j.db")) as db:
        db.execute(sql)
        db.commit()
    return folder / "j.db"


def test_octets_that_changed_cost_one_record(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """Its number and leaf stay, so all that follows stays provable."""
    sql = "UPDATE entries SET octets = zeroblob(length(octets)) WHERE number = 30 AND stream = 1"
    journal = check(edited(original[0], tmp_path / "d", sql), original[1])
    assert journal.damage
    assert (journal.damage.missing, journal.damage.found) == (1, f"the octets of number 30 of {STREAM} are damaged")
    assert journal.epoch == 77
    assert [entry.number for entry in everything(journal) if entry.octets is None] == [30]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entries SET leaf = zeroblob(32) WHERE number = 30 AND stream = 1",
        "UPDATE entries SET key = x'00' WHERE number = 30 AND stream = 1",
        "DELETE FROM entries WHERE number = 30 AND stream = 1",
    ],
)
def test_the_good_prefix_is_kept(tmp_path: Path, original: tuple[Path, Kept], sql: str) -> None:
    """Of the stream that is damaged; the others are whole."""
    journal = check(edited(original[0], tmp_path / "d", sql), original[1])
    assert journal.damage
    assert (journal.anchor(STREAM), journal.anchor(GAPS), journal.damage.missing) == (29, 61, 32)
    assert journal.damage.since == 27


@pytest.mark.parametrize("table", ["streams", "receipts"])
def test_one_of_the_two_tables_is_enough_for_a_stream(tmp_path: Path, original: tuple[Path, Kept], table: str) -> None:
    """Of a stream that nothing was confirmed of, nothing is lost with either."""
    journal = check(edited(original[0], tmp_path / "d", f"UPDATE {table} SET size = 7"), original[1])
    assert journal.damage
    assert journal.anchor(GAPS) == 61
    assert journal.anchor(STREAM) == (61 if table == "streams" else 0)


def test_the_damage_is_remembered_until_it_is_told(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """Also when the agent is killed before; the journal itself is sound again."""
    file = edited(original[0], tmp_path / "d", "DELETE FROM entries WHERE number = 30 AND stream = 1")
    for _ in range(2):
        journal = Journal(file, limit=MIB)
        assert journal.damage
        journal.close()
    journal = Journal(file, limit=MIB)
    journal.damage_told()
    journal.settled()
    journal.close()
    journal = Journal(file, limit=MIB)
    assert (journal.damage, journal.salvaged) == (None, False)
    assert len(list(file.parent.glob("j.db.damaged-*Z"))) == 1


def test_streams_become_final_one_by_one(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """Also those that the journal lost altogether, and also after a restart; the journal is whole with the last."""
    file, lost = edited(original[0], tmp_path / "d", "DELETE FROM entries WHERE number = 30"), f"{STREAM}-other"
    journal = Journal(file, limit=MIB)
    assert all(map(journal.provisional, (STREAM, GAPS, lost)))
    journal.settle([STREAM, lost])
    journal.close()
    journal = Journal(file, limit=MIB)
    assert [journal.provisional(stream) for stream in (STREAM, GAPS, lost)] == [False, True, False]
    with pytest.raises(NotOursError, match="final"):
        journal.adopt(STREAM, [], 0, b"")
    assert journal.salvaged
    journal.settled()
    assert not journal.provisional(GAPS)
    journal.close()


def test_what_the_topic_has_goes_before_what_came_since(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """The seal proves it; the rest is taken on the topic's word, and receipts fit again."""
    file = edited(original[0], tmp_path / "d", "DELETE FROM entries WHERE number = 30 AND stream = 1")
    journal = Journal(file, limit=MIB)
    journal.append([draft(1000), draft(1001)])
    known = original[1][STREAM]
    back = [known[number] for number in range(30, 58)]
    tree = journal_tree(journal, known, 50)
    assert journal.adopt(STREAM, back, 50, tree.root()) == 7
    assert (journal.anchor(STREAM), journal.cursor(STREAM)) == (57, 57)
    journal.settled()
    entries = everything(journal)
    assert [entry.number for entry in entries] == list(range(11, 57 + 1 + (journal.size(STREAM) - 57)))
    assert [entry.time for entry in entries[-2:]] == [1000, 1001]
    assert [entry.leaf for entry in entries[:47]] == [known[number].leaf for number in range(11, 58)]
    for entry in entries[47:]:
        tree_leaf = leaf_hash(entry.octets or b"")
        assert entry.leaf == tree_leaf
    size = journal.size(STREAM)
    journal.confirm(STREAM, size, journal.heads()[STREAM].root, 1_700_000_100)
    assert everything(journal) == []
    journal.close()
    Journal(file, limit=MIB).close()


def journal_tree(journal: Journal, known: dict[int, Numbered], size: int) -> Tree:
    tree = journal._streams[STREAM].confirmed.copy()
    for number in range(11, size + 1):
        tree.append(known[number].leaf)
    return tree


def test_what_the_seal_does_not_prove_is_not_taken(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """Another entry, a hole, or fewer than the seal counts: the journal stays as it was."""
    file = edited(original[0], tmp_path / "d", "DELETE FROM entries WHERE number = 30 AND stream = 1")
    journal, known = Journal(file, limit=MIB), original[1][STREAM]
    journal.append([draft(1000)])
    root, before = journal_tree(journal, known, 50).root(), everything(journal)
    good = [known[number] for number in range(30, 58)]
    for back in (good[:20], good[1:], [known[31], *good[1:]], []):
        with pytest.raises(NotOursError):
            journal.adopt(STREAM, back, 50, root)
    with pytest.raises(NotOursError, match="not those that were sealed"):
        journal.adopt(STREAM, good, 50, bytes(32))
    assert everything(journal) == before
    assert journal.anchor(STREAM) == 29
    journal.confirm(STREAM, 50, root, 1)
    assert journal.confirmed(STREAM)[0] == 10


def test_only_a_journal_that_was_saved_adopts(tmp_path: Path) -> None:
    """Otherwise another agent's entries could be taken for its own."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    journal.append([draft(1)])
    with pytest.raises(NotOursError, match="final"):
        journal.adopt(STREAM, [], 3, bytes(32))


def test_where_a_copy_has_no_room_the_confirmed_state_is_kept(
    tmp_path: Path, original: tuple[Path, Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent goes on with the numbers that were confirmed; the topic has the others, and the file is kept."""
    file = edited(original[0], tmp_path / "d", "DELETE FROM entries WHERE number = 30 AND stream = 1")
    connect = layout.connect

    def small(path: Path) -> sqlite3.Connection:
        db = connect(path)
        if path.name.endswith(".saved"):
            db.execute("PRAGMA max_page_count = 16")
        return db

    monkeypatch.setattr(layout, "connect", small)
    journal = check(file, original[1])
    assert journal.damage
    assert (journal.anchor(STREAM), journal.anchor(GAPS), journal.damage.missing) == (10, 0, 112)


def test_a_kill_while_a_journal_is_saved_is_made_good(tmp_path: Path, original: tuple[Path, Kept]) -> None:
    """The old file is moved away, the new one not yet in its place."""
    file = edited(original[0], tmp_path / "d", "DELETE FROM entries WHERE number = 30 AND stream = 1")
    Journal(file, limit=MIB).close()
    file.rename(file.with_name("j.db.saved"))
    shutil.copy(original[0] / "j.db.lock", file.parent)
    journal = check(file, original[1])
    assert journal.damage
    assert (journal.anchor(STREAM), journal.damage.missing) == (29, 32)
    assert len(list(file.parent.glob("j.db.damaged-*Z"))) == 1
