"""Line 3 for days, a look at each sensor each second, fast enough for a week.

As `line.py`, but where nothing happens the physics take long steps, and ten seconds of samples travel in one frame, as
with a publishing interval of ten seconds. The sensors' noise is made in columns, the frames of the monitoring system
and the transmitter are written as their adapters give them, the counter is asked every ten seconds, and of the records
only alarms stay.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from adapters.contract import tag_table
from gateway.journal.journal import Draft
from schemas.frame import NO_TIME, Frame, TagTable, Value
from schemas.records import Alarm
from simulators.scenario import Step
from tests.scenarios.line import COUNTER, EMS, TRANSMITTER, Kept, Line

BLOCK = 10
"""s that pass between two looks at what the world does."""
LIVELY = 60.0
"""s after something happened, or while a door was open, in which the physics take short steps."""
SHORT, LONG = 1.0, 5.0
POINTS = ("humidity", "temperature", "differential")
"""Of the transmitter, in the order of its tags in edge.yaml."""


class Tally(Kept):
    """Counts samples and frames, and keeps the alarms."""

    def __init__(self) -> None:
        super().__init__(None, 1)
        self.samples = 0

    def offer(self, drafts: Sequence[Draft], mark: tuple[str, str] | None = None) -> "asyncio.Future[None]":
        """As a journal would take them."""
        assert mark is None
        for record in cast(Sequence[object], drafts):
            if isinstance(record, Frame):
                self.samples += len(record)
            elif isinstance(record, Alarm):
                self.records.append(record)
        return cast("asyncio.Future[None]", None)


class Days(Line):
    """Time passes by the second, in blocks of ten."""

    def __post_init__(self) -> None:
        super().__post_init__()
        tags = {tag.name: tag for tag in self.world.sensors.tags if tag.type == "double"}
        self._asked = 0.0
        self._rng = np.random.default_rng(self.seed)
        self._names = list(tags)
        self._noise, self._factor = (np.array([of(tag) for tag in tags.values()]) for of in (_noise, _factor))
        self._ems_doubles = _places(self._ems, self._names)
        self._others = [name for name in self._ems.names if name not in tags]
        self._tables = {EMS: self._ems, TRANSMITTER: tag_table(self._sources[TRANSMITTER])}
        self._points = [self._names.index(f"{TRANSMITTER}.{point}") for point in POINTS]

    def _keep(self) -> Kept:
        return Tally()

    @property
    def tally(self) -> Tally:
        """What was kept."""
        return cast(Tally, self.kept)

    async def pass_by(self, seconds: float, steps: Iterable[Step]) -> None:
        """Until that second; the steps happen at the beginning of theirs."""
        waiting, lively = sorted(steps, key=lambda step: step.at, reverse=True), LIVELY
        while self.seconds < seconds:
            if any(self.world.building.open.values()):
                lively = self.seconds + LIVELY
            quiet = self.seconds > lively and not (waiting and waiting[-1].at < self.seconds + BLOCK)
            length, self.world.longest_step = (BLOCK, LONG) if quiet else (1, SHORT)
            while waiting and waiting[-1].at < self.seconds + length:
                self.happen(waiting.pop())
                lively = self.seconds + LIVELY
            self.world.advance(length)
            await self._watch(length)

    async def _watch(self, length: int) -> None:
        quantities = self.world.quantities()
        await self._measure(quantities)
        rows = self._read(quantities, length)
        times = self.source_time + np.arange(1, length + 1) * 1_000_000
        self.seconds += length
        self.flow.take(self._monitored(rows, times, quantities))
        self.flow.take(self._transmitted(rows))
        if self.seconds - self._asked >= BLOCK:
            self._asked = self.seconds
            self.flow.take(self._modbus[COUNTER].frame(self.clock().wall))
        self.flow.tick()

    def _read(self, quantities: Mapping[str, Value], length: int) -> NDArray[np.float64]:
        """A row for each second; sensors as in `instruments.py`, none fails or reaches the end of its range."""
        values = np.array([cast(float, quantities[name]) for name in self._names])
        errors = self._noise * np.clip(self._rng.standard_normal((length, len(values))), -3, 3)
        return np.asarray(np.round((values + errors) * self._factor) / self._factor)

    def _monitored(
        self, rows: NDArray[np.float64], times: NDArray[np.int64], quantities: Mapping[str, Value]
    ) -> Frame:  # fmt: skip
        tag, columns = self._ems_doubles
        size = len(tag) * len(rows)
        changed = {name: value for name in self._others if self._told.get(name) != (value := quantities[name])}
        self._told |= changed
        others = [self._ems.index[name] for name in changed]
        beside = {size + at: v for at, v in enumerate(changed.values()) if isinstance(v, bool | str)}
        numbers = [np.nan if size + at in beside else float(cast(int, v)) for at, v in enumerate(changed.values())]
        rows_of, values = np.append(np.tile(tag, len(rows)), others), np.append(rows[:, columns].ravel(), numbers)
        taken = np.append(np.repeat(times, len(tag)), np.repeat(times[-1:], len(others)))
        return self._good(EMS, (rows_of, values, taken), beside)

    def _transmitted(self, rows: NDArray[np.float64]) -> Frame:
        value = rows[:, self._points].ravel().astype(np.float32).astype(np.float64)
        tag, untimed = np.tile(np.arange(len(POINTS)), len(rows)), np.full(len(value), NO_TIME, np.int64)
        return self._good(TRANSMITTER, (tag, value, untimed), {})

    def _good(self, source: str, columns: tuple[NDArray[Any], ...], beside: Mapping[int, Any]) -> Frame:
        """A frame of tag rows, values and times in which all is Good."""
        tag, value, times = columns
        size, tags = len(tag), self._tables[source]
        return Frame(
            source=source, tags=tags, tag=tag.astype(np.int32), value=value, status=np.zeros(size, np.uint32),
            reason=np.zeros(size, np.uint8), source_time=times, received=self.clock().wall, beside=beside,
        )  # fmt: skip

    def counts(self) -> Counter[tuple[str, str]]:
        """How many steps of each event and priority were told."""
        return Counter((one.event.value, one.priority.value) for one in self.alarms())


def _noise(tag: Any) -> float:
    return float(tag.noise)


def _factor(tag: Any) -> float:
    return float(10**tag.decimals)


def _places(table: TagTable, names: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Rows of the table that are among the names, and where."""
    found = [(table.index[name], at) for at, name in enumerate(names) if name in table.index]
    return np.array([row for row, _ in found], np.int32), np.array([at for _, at in found], np.intp)
