"""The journal: numbers without holes, on the disk before anybody is told, bounded."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.journal.journal import OVERHEAD, Draft, Journal, JournalError, NotOursError, Numbered
from gateway.journal.layout import transaction
from gateway.journal.room import DAY
from gateway.proof.merkle import Tree, leaf_hash
from schemas.catalogue import schema
from schemas.codec import decode, encode, kind_of
from schemas.records import AlarmEvent, AlarmState, Schema
from tests.gateway.messages import alarm, frame, gap

MIB = 1024 * 1024
STREAM, GAPS = "cmo-a.line-3.holder-b.measurements.v1", "cmo-a.line-3.holder-b.gaps.v1"


def draft(number: int, stream: str = STREAM) -> Draft:
    record = frame({"dp": float(number)}, received=number) if stream == STREAM else gap(number, None)
    return Draft(stream, kind_of(record), b"key", number, encode(record))


def everything(journal: Journal, stream: str = STREAM) -> list[Numbered]:
    return journal.entries(stream, 0, 10_000)


def times(journal: Journal, stream: str = STREAM) -> list[int]:
    return [entry.time for entry in everything(journal, stream) if entry.kind != "Schema"]


def test_the_schema_stands_in_the_stream_before_its_first_use(tmp_path: Path) -> None:
    """First that of schemas itself, then the record's; each once, also after a restart."""
    for _ in range(2):
        journal = Journal(tmp_path / "j.db", limit=MIB)
        journal.append([draft(1), draft(2), draft(3, GAPS)])
        journal.close()
    journal = Journal(tmp_path / "j.db", limit=MIB)
    entries = everything(journal)
    assert [(entry.number, entry.kind) for entry in entries] == [
        (1, "Schema"), (2, "Schema"), (3, "Frame"), (4, "Frame"), (5, "Frame"), (6, "Frame"),
    ]  # fmt: skip
    published = {schema("Schema").fingerprint: schema("Schema")}
    texts = [decode(entry.octets or b"", published) for entry in entries[:2]]
    assert [text.fingerprint for text in texts if isinstance(text, Schema)] == [
        schema("Schema").fingerprint, schema("Frame").fingerprint,
    ]  # fmt: skip
    assert [entry.kind for entry in everything(journal, GAPS)] == ["Schema", "Schema", "Gap", "Gap"]


def test_every_entry_has_the_leaf_of_its_octets(tmp_path: Path) -> None:
    """SHA-256(0x00 || entry)."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    journal.append([draft(1)])
    assert all(entry.leaf == leaf_hash(entry.octets or b"") for entry in everything(journal))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(st.lists(st.sampled_from([STREAM, GAPS]), max_size=5), st.booleans()), max_size=8))
def test_numbers_run_without_holes_through_restarts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[str], bool]]
) -> None:
    """Whatever is appended, and whenever it is opened again."""
    file, put = tmp_path_factory.mktemp("j") / "j.db", {STREAM: 0, GAPS: 0}
    journal = Journal(file, limit=MIB)
    for streams, restart in steps:
        journal.append([draft(1, stream) for stream in streams])
        for stream in streams:
            put[stream] += 1
        if restart:
            journal.close()
            journal = Journal(file, limit=MIB)
    for stream, count in put.items():
        numbers = [entry.number for entry in everything(journal, stream)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(times(journal, stream)) == count
        assert journal.size(stream) == len(numbers)
    journal.close()


def root_at(journal: Journal, size: int, stream: str = STREAM) -> bytes:
    tree = Tree()
    for entry in everything(journal, stream)[:size]:
        tree.append(entry.leaf)
    return tree.root()


def test_only_a_receipt_lets_entries_go(tmp_path: Path) -> None:
    """That Kafka has them is not enough, also when the journal is full."""
    journal = Journal(tmp_path / "j.db", limit=20 * (len(draft(1).octets) + OVERHEAD) + 4000)
    journal.append([draft(n) for n in range(1, 15)])
    journal.published({STREAM: 16})
    root = root_at(journal, 10)
    journal.append([draft(n) for n in range(15, 60)])
    assert [entry.number for entry in everything(journal)] == list(range(1, 62))
    journal.confirm(STREAM, 10, root, 1_700_000_000)
    assert journal.confirmed(STREAM) == (10, 1_700_000_000)
    assert [entry.number for entry in everything(journal)] == list(range(11, 62))
    journal.close()
    journal = Journal(tmp_path / "j.db", limit=MIB)
    assert journal.confirmed(STREAM) == (10, 1_700_000_000)
    assert [entry.number for entry in everything(journal)] == list(range(11, 62))


def test_a_journal_that_keeps_keeps_what_is_confirmed(tmp_path: Path) -> None:
    """And knows how far it is, also after a restart; a later receipt goes on from there."""
    journal = Journal(tmp_path / "j.db", limit=MIB, keeping=True)
    journal.append([draft(n) for n in range(1, 15)])
    journal.confirm(STREAM, 10, root_at(journal, 10), 1_700_000_000)
    journal.close()
    journal = Journal(tmp_path / "j.db", limit=MIB, keeping=True)
    assert journal.confirmed(STREAM) == (10, 1_700_000_000)
    journal.confirm(STREAM, 16, root_at(journal, 16), 1_700_000_005)
    assert journal.confirmed(STREAM) == (16, 1_700_000_005)
    assert [entry.number for entry in everything(journal)] == list(range(1, 17))
    journal.close()


def test_a_receipt_of_another_tree_is_refused_and_nothing_goes(tmp_path: Path) -> None:
    """Another root, more entries than there are, or a stream that is not there."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    journal.append([draft(n) for n in range(5)])
    root = root_at(journal, 7)
    for stream, size, other in ((STREAM, 6, root), (STREAM, 8, root), (GAPS, 1, root)):
        with pytest.raises(NotOursError, match="receipt"):
            journal.confirm(stream, size, other, 1)
    assert len(everything(journal)) == 7
    assert (journal.confirmed(STREAM), journal.confirmed(GAPS)) == ((0, 0), (0, 0))
    journal.confirm(STREAM, 7, root, 5)
    assert everything(journal) == []
    journal.confirm(STREAM, 6, root, 9)
    assert journal.confirmed(STREAM) == (7, 5)
    journal.confirm(STREAM, 7, root, 9)
    assert journal.confirmed(STREAM) == (7, 9)
    assert journal.filled == 0


def test_the_oldest_measurements_make_room_and_keep_number_and_leaf(tmp_path: Path) -> None:
    """Gaps stay, and what went is told once."""
    journal = Journal(tmp_path / "j.db", limit=18_000)
    journal.append([draft(0, GAPS)])
    evicted = [entry for n in range(1, 60) for entry in journal.append([draft(n)])]
    gone = [entry for entry in everything(journal) if entry.octets is None]
    assert [(entry.number, entry.leaf) for entry in gone] == [
        (entry.number, leaf_hash(entry.octets or b"")) for entry in evicted
    ]
    assert [entry.time for entry in evicted] == list(range(1, len(evicted) + 1))
    assert all(entry.octets for entry in everything(journal, GAPS))
    assert all(entry.octets for entry in everything(journal) if entry.kind == "Schema")
    assert [entry.number for entry in everything(journal)] == list(range(1, 62))
    assert journal.filled <= 1


def test_a_journal_is_full_when_entries_wait_too_long(tmp_path: Path) -> None:
    """Measurements beyond the days go, younger ones and gaps stay; those of retaining sources too."""
    now = 1_700_000_000_000_000
    journal = Journal(tmp_path / "j.db", limit=MIB, days=10, retaining=["kept"], clock=lambda: now)
    kept = Draft(STREAM, "Frame", b"kept", 1, draft(1).octets)
    journal.append([draft(0, GAPS), draft(1), kept])
    now += 5 * DAY
    journal.append([draft(2)])
    assert journal.filled == pytest.approx(0.5)
    now += 6 * DAY
    assert [entry.time for entry in journal.append([draft(3)])] == [1]
    assert [entry.number for entry in everything(journal) if entry.octets is None] == [3]
    assert journal.filled == pytest.approx(1.1)
    for stream in (STREAM, GAPS):
        journal.confirm(stream, journal.size(stream), root_at(journal, 10, stream), 1)
    assert journal.filled == 0


def test_another_layout_is_refused_with_a_line(tmp_path: Path) -> None:
    """Nothing of the file is touched."""
    file = tmp_path / "j.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE streams (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(JournalError, match=r"j\.db has layout 0, this program writes layout 2"):
        Journal(file, limit=MIB)
    assert file.read_bytes() == before


def test_a_batch_that_cannot_be_written_leaves_no_trace(tmp_path: Path) -> None:
    """A full disk: the numbers are given again to what comes next."""
    journal = Journal(tmp_path / "j.db", limit=10 * MIB)
    journal.append([draft(1)])
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        journal.append([draft(n) for n in range(2, 500)])
    journal._db.execute("PRAGMA max_page_count = 1000000")
    journal.append([draft(2)])
    assert [entry.number for entry in everything(journal)] == [1, 2, 3, 4]
    assert times(journal) == [1, 2]


def test_the_head_of_a_stream_is_the_root_over_its_leaves(tmp_path: Path) -> None:
    """Through restarts, and through a batch that could not be written."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    for number in range(3):
        journal.append([draft(number), draft(number, GAPS)])
        journal.sealed(STREAM, 100 + number)
        with pytest.raises(StopIteration):
            journal.append([draft(9), Draft(STREAM, "Frame", b"k", 1, b"\xc3\x01 no schema of ours")])
        journal.append([])
        journal.close()
        journal = Journal(tmp_path / "j.db", limit=MIB)
    for stream, head in journal.heads().items():
        tree = Tree()
        for entry in everything(journal, stream):
            tree.append(entry.leaf)
        assert (head.size, head.root) == (tree.size, tree.root())
    assert journal.heads()[STREAM].sealed == 102


def test_the_last_step_of_each_alarm_is_there_after_a_restart(tmp_path: Path) -> None:
    """Also when the entries themselves had to go."""
    journal, id_ = Journal(tmp_path / "j.db", limit=MIB), uuid4()
    steps = [
        alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 1, alarm=id_),
        alarm(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, 2, alarm=id_),
        alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 3, alarm=uuid4(), tag="other"),
    ]
    journal.append([Draft(GAPS, "Alarm", step.condition.encode(), step.time, encode(step)) for step in steps])
    journal.close()
    latest = Journal(tmp_path / "j.db", limit=MIB).latest_alarms()
    assert sorted(latest, key=lambda step: step.time) == steps[1:]


def test_what_is_not_committed_is_not_seen(tmp_path: Path) -> None:
    """The publisher reads while a batch is being written."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    journal.append([draft(1)])
    with transaction(journal._db):
        journal._insert([draft(2)], 0)
        assert times(journal) == [1]
    assert times(journal) == [1, 2]


def test_a_file_that_is_no_journal_is_named_and_left_alone(tmp_path: Path) -> None:
    """One line."""
    file = tmp_path / "j.db"
    file.write_bytes(b"x" * 5000)
    with pytest.raises(JournalError, match=r"j\.db is no journal"):
        Journal(file, limit=MIB)
    assert file.read_bytes() == b"x" * 5000


def test_one_journal_has_one_agent(tmp_path: Path) -> None:
    """Two would give the same numbers."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    with pytest.raises(JournalError, match="already running"):
        Journal(tmp_path / "j.db", limit=MIB)
    journal.close()
    Journal(tmp_path / "j.db", limit=MIB).close()


WRITER = """
import sys
from pathlib import Path
from threading import Thread
from gateway.journal.journal import Journal
from tests.gateway.journal.test_journal import MIB, draft
journal = Journal(Path(sys.argv[1]), limit=100 * MIB)
number = 0
while True:
    journal.append([draft(number + n) for n in range(1, 6)])
    number += 5
    print(number, flush=True)
"""


@pytest.mark.parametrize("said", [3, 17, 40])
def test_what_was_committed_survives_a_kill(tmp_path: Path, said: int) -> None:
    """SIGKILL in the middle of writing: at least all that was said is there, and no half batch."""
    file = tmp_path / "j.db"
    command = [sys.executable, "-c", WRITER, str(file)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    ) as writer:
        assert writer.stdout
        last = [int(writer.stdout.readline()) for _ in range(said)][-1]
        writer.send_signal(signal.SIGKILL)
        last = max([last, *(int(line) for line in writer.stdout.read().splitlines() if line)])
    journal = Journal(file, limit=100 * MIB)
    kept = times(journal)
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) >= last
    assert len(kept) % 5 == 0
    journal.append([draft(0)])
    assert everything(journal)[-1].number == len(kept) + 3


def test_a_journal_is_closed_behind_those_who_still_read(tmp_path: Path) -> None:
    """Threads cannot be cancelled: one that reads on gets an error, and the process lives."""
    journal = Journal(tmp_path / "j.db", limit=MIB)
    journal.append([draft(number) for number in range(2000)])
    ended: list[Exception] = []

    def read() -> None:
        try:
            while True:
                journal.entries(STREAM, 0, 2000)
        except sqlite3.Error as error:
            ended.append(error)

    readers = [Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    journal.close()
    for reader in readers:
        reader.join(60)
    assert len(ended) == 4


def test_a_cursor_that_moved_is_written_with_the_next_commit_of_any_stream(tmp_path: Path) -> None:
    """Also of a stream that got nothing new, and when a commit in between failed."""
    journal = Journal(tmp_path / "j.db", limit=10 * MIB)
    journal.append([draft(1), draft(2), draft(1, GAPS)])
    journal.published({STREAM: 2})
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        journal.append([draft(n, GAPS) for n in range(2, 500)])
    journal._db.execute("PRAGMA max_page_count = 1000000")
    journal.append([draft(2, GAPS)])
    with closing(sqlite3.connect(tmp_path / "j.db")) as db:
        assert dict(db.execute("SELECT name, published FROM streams")) == {STREAM: 2, GAPS: 0}
        assert dict(db.execute("SELECT name, size FROM streams")) == {STREAM: 4, GAPS: 4}
    journal.close()
