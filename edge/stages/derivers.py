"""What the agent works out of the values of others: state of rooms, open doors, concentrations, missed samples.

Each deriver is told the newest sample of the tags that it needs and says its own tags anew: those of a counter with
each sample of air, the others when they change. Nothing is worked out of a value that is not Good: then the derived
one is not Good either, for the same reason.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from gateway.cleanroom import particles
from gateway.cleanroom.levels import UNKNOWN_STATE, RoomState
from gateway.cleanroom.particles import Rolling, Samples
from gateway.cleanroom.places import LAST_M3, PER_M3, Counter, Planned, WaterPoint
from gateway.cleanroom.profile import ConductivityTable
from gateway.cleanroom.rooms import AirLock, Door, Room
from gateway.cleanroom.sampling import overdue
from schemas.frame import Row, Value
from schemas.status import Reason, StatusCode, severity

Said = tuple[str, Value, int, Reason, int | None]
"""Tag, value, status, reason, source time."""
Latest = Mapping[str, Row]
_ALL_OPEN_TOGETHER = 2
_MINUTE = 60_000_000
_APART = {RoomState.CLEANING, RoomState.OUT_OF_USE}


class Deriver(Protocol):
    """One derived thing; `inputs` are the tags it needs."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tags whose samples it has to be told."""

    def take(self, latest: Latest, received: int) -> Iterator[Said]:
        """A sample of an input has come; UTC microseconds."""

    def tick(self, now: int) -> Iterator[Said]:
        """What is due by the clock alone; UTC microseconds."""


class _OnChange:
    """Says a tag when it is another than it was."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[Value, int, Reason]] = {}

    def say(self, tag: str, value: Value, row: Row | None, moment: int) -> Iterator[Said]:
        """`row` is the sample that is not Good, where the value is not known because of it."""
        known = (value, int(StatusCode.GOOD), Reason.NONE) if row is None else (None, row.status, row.reason)
        if self._said.get(tag) != known:
            self._said[tag] = known
            yield tag, *known, moment


class StateOfRoom:
    """The state of a room in words, from a tag or from the hours of the week."""

    def __init__(self, room: Room, zone: ZoneInfo) -> None:
        self._room, self._zone, self._change = room, zone, _OnChange()
        tag = None if room.state is None else room.state.tag
        self.inputs: tuple[str, ...] = () if tag is None else (tag,)

    def now(self, latest: Latest, moment: int) -> RoomState | None:
        """The state at a moment (UTC microseconds); None where a tag does not tell it, or not with a Good value."""
        source = self._room.state
        if source is None:
            return None
        if source.tag is None:
            return source.at(moment, self._zone)
        row = latest.get(source.tag)
        return source.of_value(row.value) if row is not None and _good(row) else None

    def take(self, latest: Latest, received: int) -> Iterator[Said]:
        """The state as the tag has it; a value that is not Good tells none."""
        state = self.now(latest, received)
        yield from self._change.say(self._room.state_tag, state.value if state else UNKNOWN_STATE, None, received)

    def tick(self, now: int) -> Iterator[Said]:
        """The state by the hours of the week; a tag that was never heard tells none."""
        source = self._room.state
        if source is not None and source.tag is None:
            yield from self._change.say(self._room.state_tag, source.at(now, self._zone).value, None, now)


class OpenDoor:
    """1 while a door is open."""

    def __init__(self, door: Door) -> None:
        self._tag, self._open, self._change = door.tag, door.open, _OnChange()
        self.inputs = (door.tag,)

    def take(self, latest: Latest, received: int) -> Iterator[Said]:
        """Open or closed."""
        row = latest[self._tag]
        if self._open is not None:
            yield from self._change.say(self._open, float(bool(row.value)), None if _good(row) else row, received)

    def tick(self, _now: int) -> Iterator[Said]:
        """Nothing."""
        yield from ()


class DoorsOfAirLock:
    """How many doors of an air lock are open: two that are open for certain are enough."""

    def __init__(self, lock: AirLock) -> None:
        self._lock, self._change = lock, _OnChange()
        self.inputs = lock.doors

    def take(self, latest: Latest, received: int) -> Iterator[Said]:
        """The number, once all doors were heard of."""
        rows = [latest[tag] for tag in self.inputs if tag in latest]
        count = sum(_good(row) and bool(row.value) for row in rows)
        doubtful = next((row for row in rows if not _good(row)), None)
        if count >= _ALL_OPEN_TOGETHER:
            doubtful = None
        elif len(rows) < len(self.inputs):
            return
        yield from self._change.say(self._lock.doors_open, float(count), doubtful, received)

    def tick(self, _now: int) -> Iterator[Said]:
        """Nothing."""
        yield from ()


class OfLimit:
    """Conductivity of water, in % of what is allowed at its temperature."""

    def __init__(self, point: WaterPoint, table: ConductivityTable) -> None:
        self._table, self._tag = table, point.of_limit or ""
        self._conductivity, self._temperature = point.tests["conductivity"].tag, point.temperature or ""
        self.inputs = (self._conductivity, self._temperature)

    def take(self, latest: Latest, _received: int) -> Iterator[Said]:
        """The part of the limit, with each new value of either."""
        rows = [latest[tag] for tag in self.inputs if tag in latest]
        if len(rows) < len(self.inputs):
            return
        conductivity, temperature = rows
        time = conductivity.source_time
        doubtful = next((row for row in rows if not _good(row)), None)
        if doubtful is not None:
            yield self._tag, None, doubtful.status, doubtful.reason, time
            return
        limit = float(self._table.at(_number(temperature)))
        part = 100.0 * _number(conductivity) / limit
        if np.isfinite(part):
            yield self._tag, part, int(StatusCode.GOOD), Reason.NONE, time
        else:  # the table does not go so far
            yield self._tag, None, int(StatusCode.BAD_OUT_OF_RANGE), Reason.RANGE, time

    def tick(self, _now: int) -> Iterator[Said]:
        """Nothing."""
        yield from ()


class MissedSample:
    """1 while the last sample that was planned has not been taken. The source time of a result is when it was."""

    def __init__(self, planned: Planned, zone: ZoneInfo, started: int) -> None:
        self._planned, self._zone, self._started, self._change = planned, zone, started, _OnChange()
        self._newest: int | None = None
        self._looked = 0
        self.inputs = (planned.tag,)

    def take(self, latest: Latest, _received: int) -> Iterator[Said]:
        """A sample was taken."""
        row = latest[self._planned.tag]
        if _good(row) and row.source_time is not None and row.source_time > (self._newest or 0):
            self._newest, self._looked = row.source_time, 0
        yield from ()

    def tick(self, now: int) -> Iterator[Said]:
        """Once a minute, and after a sample. What was over before the agent began, it cannot know without a result."""
        if now < self._looked + _MINUTE:
            return
        self._looked = now
        plan = self._planned.plan
        if self._newest is not None or plan.latest(now, self._zone).end > self._started:
            missed = overdue(plan, self._newest, now, self._zone)
            yield from self._change.say(self._planned.flag, float(missed), None, now)


class Concentration:
    """Particles per cubic metre of one counter, over the last minute and the last cubic metre of sampled air.

    Air of cleaning, or of a room out of use, is not summed with air from before or after: its fog says nothing of the
    room at work.
    """

    def __init__(self, counter: Counter, state: StateOfRoom | None) -> None:
        """`state` is that of the counter's room, where somebody tells it."""
        self._counter, self.inputs = counter, counter.inputs
        self._state, self._apart = state, False
        self._record: Value = None
        self._began = False
        self._faulty: tuple[int, Reason] | None = None
        self._samples = dict.fromkeys(counter.counts.values(), _NO_SAMPLES)

    def take(self, latest: Latest, received: int) -> Iterator[Said]:
        """A new sample of air, or that the air is not counted any more."""
        rows = [latest[tag] for tag in self.inputs if tag in latest]
        if len(rows) < len(self.inputs):
            return
        fault = self._fault(rows, latest)
        if fault is not None:
            if fault[1] is not Reason.COMM:  # whatever stands there now, the next one is new
                self._record, self._began = latest[self._counter.record].value, True
            if fault != self._faulty:
                self._faulty = fault
                yield from self._not_counted(*fault, received)
            return
        record = latest[self._counter.record].value
        if record != self._record or not self._began:
            began, self._record, self._began, self._faulty = self._began, record, True, None
            if began:  # what stood there when the agent began may be of any age
                yield from self._counted(latest, received)

    def tick(self, _now: int) -> Iterator[Said]:
        """Nothing: a counter that stands still is an alarm on its silence."""
        yield from ()

    def _fault(self, rows: list[Row], latest: Latest) -> tuple[int, Reason] | None:
        doubtful = next((row for row in rows if not _good(row)), None)
        if doubtful is not None:
            return doubtful.status, doubtful.reason
        flow, seconds = self._given(self._counter.flow, latest), self._given(self._counter.seconds, latest)
        low, high = self._counter.flow_range or (0.0, np.inf)
        if not (low <= flow <= high and flow > 0 and seconds > 0):
            return int(StatusCode.BAD_OUT_OF_RANGE), Reason.RANGE
        return None

    def _not_counted(self, status: int, reason: Reason, received: int) -> Iterator[Said]:
        for tag, samples in self._samples.items():
            if reason is not Reason.COMM:  # while it does not answer it goes on counting; a pause shows if not
                self._samples[tag] = _and_one(samples, received, 0.0, 0.0, 0.0, good=False)
            for name in (PER_M3, LAST_M3):
                yield f"{tag}.{name}", None, status, reason, None

    def _counted(self, latest: Latest, received: int) -> Iterator[Said]:
        counter = self._counter
        seconds = self._given(counter.seconds, latest)
        air = float(particles.volume(self._given(counter.flow, latest), seconds))
        self._part(latest, received)
        for tag, before in self._samples.items():
            samples = _and_one(before, received, seconds, _number(latest[tag]), air, good=True)
            minute, metre = (of(samples, counter.pause) for of in (particles.last_minute, particles.last_cubic_metre))
            self._samples[tag] = _from(samples, int(min(minute.first[-1], metre.first[-1])))
            for name, rolling in ((PER_M3, minute), (LAST_M3, metre)):
                yield f"{tag}.{name}", *_newest(rolling), latest[tag].source_time

    def _part(self, latest: Latest, received: int) -> None:
        """Between air that is summed and air that is not, stands air that nobody looked at."""
        apart = self._state is not None and self._state.now(latest, received) in _APART
        if apart != self._apart:
            self._apart = apart
            for tag, samples in self._samples.items():
                self._samples[tag] = _and_one(samples, received, 0.0, 0.0, 0.0, good=False)

    @staticmethod
    def _given(setting: str | float, latest: Latest) -> float:
        return setting if isinstance(setting, float) else _number(latest[setting])


_NO_SAMPLES = Samples(
    np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.bool_)
)  # fmt: skip


def _and_one(samples: Samples, ended: int, seconds: float, count: float, air: float, *, good: bool) -> Samples:
    return Samples(
        np.append(samples.ended, ended), np.append(samples.seconds, seconds), np.append(samples.count, count),
        np.append(samples.volume, air), np.append(samples.good, good),
    )  # fmt: skip


def _from(samples: Samples, row: int) -> Samples:
    """What later sums can still need."""
    return Samples(
        samples.ended[row:], samples.seconds[row:], samples.count[row:], samples.volume[row:], samples.good[row:]
    )


def _newest(rolling: Rolling) -> tuple[float, int, Reason]:
    if rolling.whole[-1]:
        return float(rolling.per_m3[-1]), int(StatusCode.GOOD), Reason.NONE
    return float(rolling.per_m3[-1]), int(StatusCode.UNCERTAIN_SUB_NORMAL), Reason.NO_VALUE


def _good(row: Row) -> bool:
    return severity(row.status) == "Good"


def _number(row: Row) -> float:
    return float("nan") if row.value is None or isinstance(row.value, str | bytes) else float(row.value)
