"""Assign: batches of rooms and equipment, from tags and from records."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

from edge.context_file import ContextFile, beside
from edge.stages.assign import Assign
from gateway.cleanroom.site import Site
from gateway.context.claims import text_of
from gateway.context.context import Context
from gateway.context.timeline import Place
from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from schemas.exported import BatchStep, StepEvent
from schemas.frame import Beside, Frame
from schemas.status import StatusCode
from tests.gateway.messages import SECOND, frame

F1, FL3 = Place(PlaceKind.ROOM, "F1"), Place(PlaceKind.EQUIPMENT, "FL3")
SITE = cast(Site, SimpleNamespace(batch_tags=lambda: [("F1.Batch", F1), ("F1.Batch", FL3)], no_batch=("", "0")))
STEP = BatchStep(system="mes", key="1", batch="A", step="OP40", event=StepEvent.STARTED, time=10 * SECOND, room="F1")


def said(batch: Beside | float | None, second: int, **more: int | bool) -> Frame:
    return frame({"F1.Batch": batch, "F1.Temp": 21.0}, received=second * SECOND, **more)  # type: ignore[arg-type]


class Line:
    """The stage with its context."""

    def __init__(self) -> None:
        self.now = 0
        self.context = Context("line-3", "line-3")
        self.stage = Assign(SITE, self.context, lambda: self.now)

    def take(self, record: Record, second: int) -> list[tuple[str, str, int, int | None, bool]]:
        self.now = second * SECOND
        *told, last = self.stage(record)
        assert last is record, "what a frame says is told before it"
        return sorted(of(one) for one in told if isinstance(one, Assignment))


def of(one: Assignment) -> tuple[str, str, int, int | None, bool]:
    ended = None if one.ended is None else one.ended // SECOND
    return one.place, one.batch, one.began // SECOND, ended, one.late


def test_a_tag_tells_the_batch_of_its_room_and_equipment_at_once() -> None:
    """The same word again changes nothing; no batch is a word too."""
    line = Line()
    assert line.take(said("A", 10), 10) == [("F1", "A", 10, None, False), ("FL3", "A", 10, None, False)]
    assert line.take(said("A", 11), 11) == []
    assert line.context.batch_in(F1, 12 * SECOND) == "A"
    assert [one[3] for one in line.take(said("0", 20), 20)] == [20, 20]
    assert line.context.batch_in(F1, 21 * SECOND) is None


def test_a_break_ends_nothing_unless_another_batch_is_there_after_it() -> None:
    """In between it is not known which of the two was there."""
    line, bad = Line(), int(StatusCode.BAD_NO_DATA)
    line.take(said("A", 10), 10)
    assert line.take(said(None, 20, status=bad), 20) == []
    assert line.take(said("A", 30, source_time=10 * SECOND), 30) == []
    assert line.take(said(None, 40, status=bad), 40) == []
    told = line.take(said("B", 50), 50)
    assert told == [
        ("F1", "A", 10, 40, True), ("F1", "B", 50, None, False), ("FL3", "A", 10, 40, True),
        ("FL3", "B", 50, None, False),
    ]  # fmt: skip


def test_after_a_break_without_a_change_the_next_change_is_the_end() -> None:
    """The device gives the old time of its old value again; that is no end of the break's making."""
    line = Line()
    line.take(said("A", 10, source_time=10 * SECOND), 10)
    line.take(said(None, 20, status=int(StatusCode.BAD_NO_DATA)), 20)
    line.take(said("A", 30, source_time=10 * SECOND), 30)
    assert line.take(said("", 60, source_time=60 * SECOND), 60)[0] == ("F1", "A", 10, 60, False)


def test_what_the_device_remembered_of_the_break_tells_when_the_batch_changed() -> None:
    """Backfilled words stand at their own times, and what they change is late."""
    line = Line()
    line.take(said("A", 10), 10)
    line.stage.absent(20 * SECOND)
    line.take(said("B", 100), 100)
    told = line.take(said("B", 101, source_time=40 * SECOND, backfilled=True), 101)
    assert told[0] == ("F1", "B", 40, None, True)


def test_records_are_told_when_all_of_them_are_here() -> None:
    """A portion is settled once, not record by record."""
    line = Line()
    assert line.take(STEP, 100) == []
    line.take(replace(STEP, id=uuid4(), key="2", event=StepEvent.COMPLETED, time=70 * SECOND), 100)
    assert [of(one) for one in line.stage.settle()] == [("F1", "A", 10, 70, True)]


def test_a_number_is_written_as_people_write_it() -> None:
    """A PLC may keep a batch number as a number."""
    assert [text_of(value) for value in (240611001.0, 7, " A 1 ", 1.5)] == ["240611001", "7", "A 1", "1.5"]


def test_what_is_known_of_batches_outlives_the_agent(tmp_path: Path) -> None:
    """After a kill it is told again what may not be in the journal, and nothing else; the next version follows on."""
    line, file = Line(), ContextFile(tmp_path / "journal.db.context")
    line.take(STEP, 11)
    line.take(said("A", 12), 12)
    told = line.stage.settle()
    changes = line.context.changes()
    file.write(changes)
    again = Line()
    assert ContextFile(tmp_path / "journal.db.context").load(again.context) == sorted(
        changes.told, key=lambda one: (one.key, one.version)
    )
    file.in_journal(changes.told)
    again = Line()
    assert file.load(again.context) == []
    again.now = 12 * SECOND
    assert again.stage.settle() == told == []
    again.stage.absent(13 * SECOND)
    assert again.take(said("A", 20), 20) == []
    end = replace(STEP, id=uuid4(), key="2", event=StepEvent.COMPLETED, time=18 * SECOND)
    again.take(end, 21)
    assert again.stage.settle() == [], "the tag says that it is still there"
    again.take(said("", 30), 30)
    assert {one.version for one in again.context.changes().told} == {2}


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    """The agent goes on without what it knew, and keeps the old file."""
    (tmp_path / "journal.db.context").write_bytes(b"no database" * 100)
    assert beside(tmp_path / "journal.db") is not None
    assert (tmp_path / "journal.db.context.damaged").exists()
