"""The way of records: what the agent derives gets its room, is alarmed on, and is kept."""

import asyncio
from pathlib import Path
from typing import cast

from adapters.contract import now, tag_table
from edge.flow import Flow
from edge.route import Route
from edge.settings import load
from gateway.journal.committer import Committer
from schemas.codec import Record
from schemas.frame import Frame, Value, frame_of
from schemas.records import Alarm, AlarmEvent
from schemas.status import Reason, StatusCode
from tests.support.plant import line_3_files


class Journal:
    """Takes what is to be kept."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def offer(self, drafts: list[Record]) -> asyncio.Future[None]:
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
    flow = Flow(configuration, cast(Route, lambda record: [record]), cast(Committer, journal))

    rows = [
        (table.index[door], True, int(StatusCode.GOOD), Reason.NONE, now()) for door in ("Door.F1-M1", "Door.M1-C1")
    ]
    await flow.take(frame_of("ems", table, rows, received=now()))
    assert told(journal, ".DoorsOpen") == [("M1.DoorsOpen", 2.0, "M1")]
    raised = [one for one in journal.records if isinstance(one, Alarm) and one.event is AlarmEvent.RAISED]
    assert [(one.condition, one.room) for one in raised] == [("M1.DoorsOpen.HIGH", "M1")]
    flow.tick()
    assert [(tag, room) for tag, _, room in told(journal, ".RoomState")] == [("W1.RoomState", "W1")]
