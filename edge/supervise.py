"""One source, kept alive: connect, report, and when it is lost say so, pause, and try again.

What the agent makes of a lost device: a frame in which every tag is Bad, and a gap that begins when the device was
last heard of. When it answers again the same gap gets its end, and it is said once more when the device's own memory
has filled it. Pauses grow from `PAUSES[0]` to the last and then stay; a jitter keeps a plant's worth of agents from
knocking all at once.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

import structlog

from adapters.contract import Filled, Portion, Report, Source, SourceError, now
from edge.hold import Hold
from schemas.codec import Record
from schemas.frame import Frame, bad_frame
from schemas.records import Gap, GapCause
from schemas.status import Reason, StatusCode

log = structlog.get_logger(__name__)

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to connect."""

Emit = Callable[[Record], asyncio.Future[None]]
"""Takes a record; what it gives back is done once the record is safe."""
Deliver = Callable[[Portion], asyncio.Future[None]]
"""Takes records that belong together; done once they are in the journal."""
FILLABLE = 100
"""Gaps that are over and may still be filled from the device's own memory."""
PATIENCE = 1.0
"""Seconds to wait for a frame to be safe before the next are taken without it: the line's alarms must go on."""


UNSAFE = 1000
"""Frames that may wait for being safe; older ones are never acknowledged."""


def already_safe() -> asyncio.Future[None]:
    """For records that nobody keeps."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


@dataclass(slots=True)
class SourceState:
    """What is known of a source right now. Times are UTC microseconds."""

    name: str
    connected: bool = False
    heard: int | None = None
    frames: int = 0
    samples: int = 0
    problem: str | None = None


class Supervisor:
    """Drives one source until cancelled; never raises for what a device does."""

    def __init__(
        self,
        name: str,
        source: Source,
        emit: Emit,
        hold: Hold | None = None,
        met: Callable[[str], None] = lambda _: None,
        *,
        deliver: Deliver | None = None,
    ) -> None:
        """`hold` where the device keeps its data: then no frame is taken while there is no room for it. `met` is told
        the name of the source after each connect. Without `deliver` there is no journal, and no source has portions.
        """
        self.state = SourceState(name)
        self._source = source
        self._emit = emit
        self._hold = hold
        self._met = met
        self._deliver = deliver
        self._gap: Gap | None = None
        self._ended: deque[Gap] = deque(maxlen=FILLABLE)
        self._failures = 0
        self._unsafe: deque[tuple[asyncio.Future[None], Frame]] = deque(maxlen=UNSAFE)
        self._prompt = True

    async def run(self) -> None:
        """Connect and report, again and again."""
        while True:
            try:
                await self._session()
            except SourceError as error:
                self._lost(error.cause, error.detail)
                await asyncio.sleep(error.pause)
            except Exception as error:  # an adapter's fault must not stop the other sources
                log.exception("adapter failed", source=self.state.name)
                self._lost(GapCause.OTHER, f"the adapter failed: {type(error).__name__}: {error}")
            await asyncio.sleep(self._pause())

    def interrupt(self, detail: str) -> Gap:
        """The source is stopped by us: all its tags are Bad from now on. Gives the gap, which stays open."""
        if self._gap is None:
            self._begin_gap(GapCause.OTHER, detail, now())
        if self._gap is None:
            raise RuntimeError("a gap that was begun is open")
        return self._gap

    def end(self, detail: str) -> None:
        """The source is stopped for good: its gap ends, because nobody waits for it any more."""
        gap = self.interrupt(detail)
        self._gap = None
        self._emit(replace(gap, id=uuid4(), ended=now(), detail=detail))

    def resume(self, gap: Gap) -> None:
        """Go on where another supervisor of this source was interrupted, before `run`."""
        self._gap = gap

    async def _session(self) -> None:
        self._unsafe.clear()  # a device that was not told that they are safe says them again
        try:
            await self._source.connect()
            self._met(self.state.name)
            async for report in self._source.frames():
                await self._take(report)
        finally:
            await self._source.close()

    async def _take(self, report: Report) -> None:
        match report:
            case Frame():
                await self._safe(self._heard(report), report)
                await self._wait_for_room()
            case Portion() if self._deliver is not None:
                self.state.samples += len(report.records)
                await asyncio.shield(self._deliver(report))  # not cancelled with us: it is on its way
                await self._wait_for_room()
            case Portion():
                raise RuntimeError("there is no journal for a portion")
            case Filled():
                self._say_filled(report.began)
            case _:
                self._emit(report)

    async def _safe(self, safe: asyncio.Future[None], frame: Frame) -> None:
        """Acknowledge what is safe. While nothing becomes safe, frames are taken without waiting for each of them."""
        self._unsafe.append((safe, frame))
        if self._prompt:
            await asyncio.wait([safe], timeout=PATIENCE)
        done = [one for one in self._unsafe if one[0].done()]
        self._prompt = bool(done)
        for one in done:
            self._unsafe.remove(one)
            await self._source.acknowledge(one[1])

    async def _wait_for_room(self) -> None:
        if self._hold and self._hold.holding:
            self.state.problem = "held back: the journal is full"
            log.warning("source held back", source=self.state.name)
            await self._hold.room()
            self.state.problem = None

    def _heard(self, frame: Frame) -> asyncio.Future[None]:
        state = self.state
        if not state.connected:
            log.info("source connected", source=state.name)
        state.connected, state.heard, state.problem = True, frame.received, None
        state.frames += 1
        state.samples += len(frame)
        self._failures = 0
        if self._gap is not None:
            ended = replace(self._gap, id=uuid4(), ended=frame.received)
            self._emit(ended)
            self._ended.append(ended)
            self._gap = None
        return self._emit(frame)

    def _say_filled(self, began: int) -> None:
        for gap in [gap for gap in self._ended if gap.began == began]:
            self._ended.remove(gap)
            self._emit(replace(gap, id=uuid4(), backfilled=True))

    def _lost(self, cause: GapCause, detail: str) -> None:
        state, moment = self.state, now()
        if state.problem != detail:
            log.warning("source lost", source=state.name, problem=detail)
        state.connected, state.problem = False, detail
        if self._gap is None:
            self._begin_gap(cause, detail, moment)

    def _begin_gap(self, cause: GapCause, detail: str, moment: int) -> None:
        tags = self._source.tags
        id_ = uuid4()
        self._gap = Gap(
            id=id_, gap=id_, source=self.state.name, tags=tags.names, began=self.state.heard or moment, cause=cause,
            detail=detail, estimated=self.state.heard is None,
        )  # fmt: skip
        self._emit(bad_frame(
            self.state.name, tags, status=StatusCode.BAD_NO_COMMUNICATION, reason=Reason.COMM, received=moment
        ))  # fmt: skip
        self._emit(self._gap)

    def _pause(self) -> float:
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads attempts, guards nothing
