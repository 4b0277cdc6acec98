"""The way of records: what the agent derives gets its room, is alarmed on, and is kept."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import uuid4

from adapters.contract import Portion, now, tag_table
from edge.context_file import ContextFile
from edge.flow import Flow
from edge.settings import load
from gateway.journal.committer import Committer
from schemas.codec import Record
from schemas.context import Assignment
from schemas.exported import BatchStep, StepEvent
from schemas.frame import Frame, Value, frame_of
from schemas.records import Alarm, AlarmEvent
from schemas.status import Reason, StatusCode
from tests.support.plant import line_3_files
from tests.support.untouched import Untouched


class Journal:
    """Takes what is to be kept."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.offers: list[tuple[list[Record], tuple[str, str] | None]] = []

    def offer(self, drafts: list[Record], mark: tuple[str, str] | None = None) -> asyncio.Future[None]:
        self.offers.append((list(drafts), mark))
        self.records += drafts
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


def told(journal: Journal, ending: str) -> list[tuple[str, Value, str | None]]:
    """What the agent said of its own tags that end so: tag, value, room."""
    frames = [one for one in journal.records if isinstance(one, Frame) and one.source == "line-3"]
    return [(row.tag, row.value, row.room) for one in frames for row in one.rows() if row.tag.endswith(ending)]


async def test_two_open_doors_of_an_air_lock_are_an_alarm_of_their_room(tmp_path: Path) -> None:
    """The number of open doors is the agent's own, its alarm as any other."""
    files = line_3_files(tmp_path, on_delay=0)
    site = files / "site.yaml"
    site.write_text(site.read_text(encoding="utf-8").replace("delay: 1\n", "delay: 0\n"), encoding="utf-8")
    configuration = load(files / "edge.yaml")
    ems = next(one.settings for one in configuration.sources if one.name == "ems")
    journal, table = Journal(), tag_table(ems)
    flow = Flow(configuration, Untouched(), cast(Committer, journal))

    rows = [
        (table.index[door], True, int(StatusCode.GOOD), Reason.NONE, now()) for door in ("Door.F1-M1", "Door.M1-C1")
    ]
    await flow.take(frame_of("ems", table, rows, received=now()))
    assert told(journal, ".DoorsOpen") == [("M1.DoorsOpen", 2.0, "M1")]
    raised = [one for one in journal.records if isinstance(one, Alarm) and one.event is AlarmEvent.RAISED]
    assert [(one.condition, one.room) for one in raised] == [("M1.DoorsOpen.HIGH", "M1")]
    flow.tick()
    assert [(tag, room) for tag, _, room in told(journal, ".RoomState")] == [("W1.RoomState", "W1")]


async def test_the_batch_in_a_room_is_told_with_the_records_and_named_by_its_alarms(tmp_path: Path) -> None:
    """An export's steps assign the room within their own commit; an alarm there names the batch; a restart keeps it."""
    files = line_3_files(tmp_path, on_delay=0)
    configuration = load(files / "edge.yaml")
    journal, moment = Journal(), now()
    file = ContextFile(tmp_path / "context")
    flow = Flow(configuration, Untouched(), cast(Committer, journal), context_file=file)
    started = BatchStep(
        system="mes", key="1", batch="B2611049", product="LYO-50", step="OP40", event=StepEvent.STARTED,
        time=moment - 3_600_000_000, room="F1", equipment="FL3",
    )  # fmt: skip
    await flow.deliver(Portion("mes", (started,), "mark 1"))
    told = [one for one in journal.records if isinstance(one, Assignment)]
    assert {(one.place, one.batch, one.began, one.ended, one.late) for one in told} == {
        ("F1", "B2611049", started.time, None, True), ("FL3", "B2611049", started.time, None, True),
    }  # fmt: skip
    assert journal.offers[-1] == ([replace(started, line="line-3"), *told], ("mes", "mark 1"))

    ems = next(one.settings for one in configuration.sources if one.name == "ems")
    table = tag_table(ems)
    low = [(table.index["F1.DP.M1"], 1.0, int(StatusCode.GOOD), Reason.NONE, now())]
    await flow.take(frame_of("ems", table, low, received=now()))
    raised = next(one for one in journal.records if isinstance(one, Alarm) and one.tag == "F1.DP.M1")
    assert (raised.room, raised.batch) == ("F1", "B2611049")

    again = Journal()
    flow = Flow(configuration, Untouched(), cast(Committer, again), context_file=file)
    await flow.go_on(now())
    ended = replace(started, id=uuid4(), key="2", event=StepEvent.COMPLETED, time=started.time + 60_000_000)
    await flow.deliver(Portion("mes", (started, ended), "mark 2"))
    assert [(one.key, one.version) for one in again.records if isinstance(one, Assignment)] == [
        (one.key, 2) for one in sorted(told, key=lambda one: one.place != "FL3")
    ]
