"""Supervision: what is lost is said, and comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from adapters.contract import Filled, Report, SourceError
from edge import supervise
from edge.hold import HOLD, RESUME, Hold
from edge.supervise import Supervisor, already_safe
from schemas.codec import Record
from schemas.frame import Frame, TagTable
from schemas.records import Gap, GapCause
from schemas.status import Reason, StatusCode
from tests.gateway.messages import frame
from tests.support.eventually import eventually


class Scripted:
    """A source that does in each session what the script says: frames, then an error."""

    tags = TagTable(("dp", "t"), ("Pa", "Cel"))

    def __init__(self, sessions: list[list[Report | Exception]]) -> None:
        self.sessions = sessions
        self.closed = 0
        self.acknowledged: list[Frame] = []
        self.exhausted = asyncio.Event()

    async def connect(self) -> None:
        if not self.sessions:
            self.exhausted.set()
            await asyncio.Event().wait()
        if isinstance(self.sessions[0][0], Exception) and len(self.sessions[0]) == 1:
            raise self.sessions.pop(0)[0]  # type: ignore[misc]  # an exception, as asked

    async def frames(self) -> AsyncIterator[Report]:
        for step in self.sessions.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step

    async def acknowledge(self, frame: Frame) -> None:
        self.acknowledged.append(frame)

    async def close(self) -> None:
        self.closed += 1


async def supervised(
    sessions: list[list[Report | Exception]], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Record], Scripted]:
    monkeypatch.setattr(supervise, "PAUSES", (0.0,))
    source, records = Scripted(sessions), list[Record]()

    def take(record: Record) -> asyncio.Future[None]:
        records.append(record)
        return already_safe()

    running = asyncio.create_task(Supervisor("ems", source, take).run())
    await asyncio.wait_for(source.exhausted.wait(), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return records, source


async def test_a_lost_device_makes_all_its_tags_bad_and_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gap begins when the device was last heard of, and ends with its next frame, under the same name."""
    first, again = frame({"dp": 1.0, "t": 20.0}, received=1000), frame({"dp": 2.0, "t": 20.0}, received=9000)
    silent = SourceError(GapCause.DEVICE_SILENT, "no answer for 2 s")
    refused = SourceError(GapCause.DEVICE_UNREACHABLE, "connection refused")
    records, source = await supervised([[first, silent], [refused], [refused], [again]], monkeypatch)
    one, bad, began, ended, two = records
    assert isinstance(bad, Frame)
    assert isinstance(began, Gap)
    assert isinstance(ended, Gap)
    assert (one, two) == (first, again)
    assert [(row.tag, row.value, row.status, row.reason) for row in bad.rows()] == [
        ("dp", None, StatusCode.BAD_NO_COMMUNICATION, Reason.COMM),
        ("t", None, StatusCode.BAD_NO_COMMUNICATION, Reason.COMM),
    ]
    assert (began.began, began.ended, began.cause, began.detail) == (
        1000,
        None,
        GapCause.DEVICE_SILENT,
        "no answer for 2 s",
    )
    assert (ended.began, ended.ended, ended.gap) == (1000, 9000, began.gap)
    assert began.tags == ("dp", "t")
    assert not began.estimated
    assert source.acknowledged == [first, again]
    assert source.closed >= 4


async def test_a_device_that_never_answered_has_a_gap_with_an_estimated_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows since when."""
    records, _ = await supervised([[SourceError(GapCause.DEVICE_UNREACHABLE, "refused")]], monkeypatch)
    (gap,) = [record for record in records if isinstance(record, Gap)]
    assert gap.estimated
    assert gap.ended is None


async def test_a_fault_of_an_adapter_is_a_gap_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """One adapter's mistake must not stop the agent."""
    records, _ = await supervised([[ZeroDivisionError("oops")], [frame({"dp": 1.0}, received=5)]], monkeypatch)
    (began, ended) = [record for record in records if isinstance(record, Gap)]
    assert began.cause is GapCause.OTHER
    assert "ZeroDivisionError" in began.detail
    assert ended.ended == 5


async def test_a_gap_is_said_again_when_the_device_s_own_memory_has_filled_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that began where the source says, and no other; gaps of single tags pass as they are."""
    silent = SourceError(GapCause.DEVICE_SILENT, "no answer for 2 s")
    first, second, third = (frame({"dp": 1.0}, received=at) for at in (1000, 5000, 9000))
    own = Gap(gap=UUID(int=1), source="ems", tags=("dp",), began=1, ended=2, cause=GapCause.QUEUE_OVERFLOW, detail="")
    sessions: list[list[Report | Exception]] = [
        [first, silent],
        [second, silent],
        [third, Filled(5000), Filled(5000), Filled(7), own],
    ]
    records, _ = await supervised(sessions, monkeypatch)
    gaps = [record for record in records if isinstance(record, Gap)]
    assert [(gap.began, gap.ended, gap.backfilled) for gap in gaps] == [
        (1000, None, False), (1000, 5000, False), (5000, None, False), (5000, 9000, False), (5000, 9000, True),
        (1, 2, False),
    ]  # fmt: skip
    assert gaps[4].gap == gaps[2].gap
    assert len({gap.id for gap in gaps}) == len(gaps)


async def test_a_source_that_keeps_its_data_waits_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """No frame is taken while the journal is full; the source says why; nothing is lost."""
    monkeypatch.setattr(supervise, "PAUSES", (0.0,))
    frames: list[Report | Exception] = [frame({"dp": float(n)}, received=n) for n in range(1, 4)]
    source, hold, records = Scripted([frames]), Hold(), list[Record]()
    hold.look(HOLD)

    def take(record: Record) -> asyncio.Future[None]:
        records.append(record)
        return already_safe()

    supervisor = Supervisor("ems", source, take, hold)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: supervisor.state.problem, within=60)
    assert (supervisor.state.problem, records) == ("held back: the journal is full", frames[:1])
    hold.look((HOLD + RESUME) / 2)
    assert hold.holding
    hold.look(RESUME / 2)
    await asyncio.wait_for(source.exhausted.wait(), 60)
    assert (supervisor.state.problem, records) == (None, frames)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_frames_go_on_while_nothing_is_safe_and_are_acknowledged_once_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A disk that cannot be written costs one wait, not one for each frame: the line's alarms go on."""
    monkeypatch.setattr(supervise, "PAUSES", (0.0,))
    monkeypatch.setattr(supervise, "PATIENCE", 2.0)
    frames = [frame({"dp": float(n)}, received=n) for n in range(1, 50)]
    source, pending = Scripted([list(frames)]), list[asyncio.Future[None]]()

    def take(record: Record) -> asyncio.Future[None]:
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if isinstance(record, Frame) and record.received == 49:
            for one in [*pending, safe]:
                one.set_result(None)
        pending.append(safe)
        return safe

    running = asyncio.create_task(Supervisor("ems", source, take).run())
    await asyncio.wait_for(source.exhausted.wait(), 60)  # 49 waits would take 98 s
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert source.acknowledged == frames
