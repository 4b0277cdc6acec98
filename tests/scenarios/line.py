"""Line 3 without a wall clock: the simulator's physics → frames as the adapters make them → the agent's own way.

Seconds are those of the simulation, from 0, and belong to the monotonic clock; the agent's wall clock may be stepped
away from them, the devices' clocks are right. What the agent kept stands in `records`, or in a journal.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from adapters.contract import SourceSettings, tag_table
from adapters.modbus.image import Image
from adapters.modbus.plan import Block, Span
from adapters.modbus.scan import Scan
from adapters.modbus.settings import ModbusSettings
from edge.flow import Flow
from edge.own_gaps import OwnGaps
from edge.route import Route
from edge.settings import AgentConfiguration, load
from gateway.alarm.instant import Instant
from gateway.journal.committer import Committer
from gateway.journal.journal import MEASUREMENT, Draft, Journal
from gateway.link.publisher import streams_of
from schemas.catalogue import KINDS, schema
from schemas.codec import Record, decode
from schemas.frame import Frame, Value, bad_frame, frame_of
from schemas.records import Alarm, AlarmEvent, Gap
from schemas.status import Reason, StatusCode
from simulators.devices.modbus import Unit
from simulators.devices.particles import ParticleCounter
from simulators.devices.transmitter import Climate
from simulators.plant import load_plant
from simulators.scenario import Step, SwitchBroker, SwitchDevice
from simulators.world import World
from tests.support.untouched import Untouched

LINE_3 = Path("simulators/line-3")
START = round(datetime(2026, 3, 2, 1, 0, tzinfo=UTC).timestamp() * 1e6)
"""UTC microseconds: a Monday at nine in Shanghai."""
Kind = TypeVar("Kind", Alarm, Frame, Gap)
READING = {"input": 4, "holding": 3}
COUNTER, TRANSMITTER, EMS = "particles-f1", "transmitter-m1", "ems"
LOST = (StatusCode.BAD_NO_COMMUNICATION, Reason.COMM)


class Registers:
    """One device on Modbus: every scan reads its memory anew."""

    def __init__(self, settings: SourceSettings, unit: Unit) -> None:
        assert isinstance(settings, ModbusSettings)
        self._unit, self._scan = unit, Scan(settings, tag_table(settings))

    def frame(self, received: int) -> Frame:
        """What a scan says."""
        image = Image()
        for span in self._scan.spans:
            block = Block(span.table, span.start, span.count, (span,))
            image.put(block, self._words(span))
        return self._scan.frame(image, received)

    def _words(self, span: Span) -> list[int]:
        return self._unit.read(READING[span.table], span.start, span.count)


class Kept(Committer):
    """In place of the task that writes: records in a list, or written to a journal when told."""

    def __init__(self, journal: Journal | None, group: int) -> None:
        self._journal, self._group = journal, group
        self._drafts: list[Any] = []
        self.records: list[Record] = []

    def offer(self, drafts: Sequence[Draft], mark: tuple[str, str] | None = None) -> "asyncio.Future[None]":
        """What stays in memory is lost with the power. No files come here, so there is no mark."""
        assert mark is None
        if self._journal is None:
            self.records += cast(Sequence[Record], drafts)
        else:
            self._drafts += drafts
        return cast("asyncio.Future[None]", None)

    def write(self, *, all_: bool = False) -> None:
        """Commit what there is, as soon as it is more than a few measurements."""
        if self._journal is None or not self._drafts:
            return
        if all_ or len(self._drafts) >= self._group or any(draft.kind != MEASUREMENT for draft in self._drafts):
            self._journal.append(self._drafts)
            self._drafts.clear()


@dataclass
class Line:
    """`tick` is how often the devices are asked, s; `step` how far the agent's wall clock is wrong, s;
    `group` how many measurements one commit takes at least.
    """

    tick: float = 1.0
    seed: int = 3
    journal: Path | None = None
    group: int = 1
    seconds: float = 0.0
    step: float = 0.0
    silent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.configuration: AgentConfiguration = load(LINE_3 / "edge.yaml")
        self.world = World(load_plant(LINE_3), self.seed)
        self._sources = {one.name: one.settings for one in self.configuration.sources}
        self._counter, self._transmitter = ParticleCounter(), Climate()
        self._ems = tag_table(self._sources[EMS])
        self._booted = 0.0
        self._begin()

    def _begin(self) -> None:
        """An agent, as its process begins."""
        settings = self.configuration.settings
        streams = streams_of(settings.cmo, settings.sender, settings.recipients)
        file = self.journal
        self.disk = None if file is None else Journal(file, limit=2**30, clock=lambda: self.clock().wall)
        route = Route(streams) if self.disk else Untouched()
        self.kept = self._keep()
        self.flow = Flow(self.configuration, route, self.kept, clock=self.clock)
        units: dict[str, Unit] = {TRANSMITTER: self._transmitter, COUNTER: self._counter.registers}
        self._modbus = {name: Registers(self._sources[name], unit) for name, unit in units.items()}
        self._told: dict[str, Value] = {}
        self._gone = set[str]()
        self._looked: Instant | None = None

    def _keep(self) -> Kept:
        return Kept(self.disk, self.group)

    def clock(self) -> Instant:
        """The agent's two clocks; the monotonic one begins with the machine."""
        return Instant(START + round((self.seconds + self.step) * 1e6), self.seconds - self._booted)

    @property
    def source_time(self) -> int:
        """The devices' clock."""
        return START + round(self.seconds * 1e6)

    async def until(self, seconds: float, steps: Iterable[Step] = ()) -> None:
        """Let time pass; `steps` of a scenario happen at their moments."""
        waiting = sorted(steps, key=lambda step: step.at)
        while self.seconds < seconds - 1e-9:
            begin = self.seconds
            self.seconds = min(begin + self.tick, seconds)
            while waiting and waiting[0].at < self.seconds - 1e-9:
                step = waiting.pop(0)
                if step.at > begin:
                    self.world.advance(step.at - begin)
                    begin = step.at
                self.happen(step)
            self.world.advance(self.seconds - begin)
            await self._look()

    def happen(self, step: Step) -> None:
        """At the plant."""
        if isinstance(step, SwitchDevice):
            (self.silent.add if step.do == "stop_device" else self.silent.discard)(step.device)
        elif not isinstance(step, SwitchBroker):
            self.world.apply(step)

    def power_off(self) -> None:
        """The agent's machine loses its power; what was not written is lost."""
        if self.disk is not None:
            self.disk.close()

    def power_on(self) -> None:
        """It starts again, and its monotonic clock with it."""
        self._booted = self.seconds
        self._begin()
        if self.disk is not None:
            self.flow.restore(self.disk.latest_alarms())
            last = self.disk.last_time()
            for gap in () if last is None else self._own_gaps.absence(last, self.clock().wall, self._sources):
                self.flow.keep(gap)

    @property
    def _own_gaps(self) -> OwnGaps:
        return OwnGaps(self.configuration.settings.sender)

    def away(self, seconds: float) -> None:
        """Time passes at the plant until then, and nobody looks."""
        if seconds > self.seconds:
            self.world.advance(seconds - self.seconds)
            self.seconds = seconds

    async def _look(self) -> None:
        """One tick of the agent: every device, then the clock."""
        readings = self.world.read()
        await self._measure(readings)
        for frame in self._frames(readings):
            self.flow.take(frame)
        self._look_at_clock()

    async def _measure(self, readings: Mapping[str, Value]) -> None:
        await self._counter.update(_of(COUNTER, readings), datetime.fromtimestamp(self.source_time / 1e6, UTC))
        self._transmitter.values |= {point: _number(value) for point, value in _of(TRANSMITTER, readings).items()}

    def _look_at_clock(self) -> None:
        now, before = self.clock(), self._looked
        self._looked = now
        self.flow.tick()
        for gap in () if before is None else self._own_gaps.between(before, now, self._sources):
            self.flow.keep(gap)
        self.kept.write()

    def _frames(self, readings: Mapping[str, Value]) -> Iterator[Frame]:
        received = self.clock().wall
        for name in (EMS, *self._modbus):
            if name not in self.silent:
                self._gone.discard(name)
                yield self._changes(readings, received) if name == EMS else self._modbus[name].frame(received)
            elif name not in self._gone:
                self._gone.add(name)
                self._told.clear()
                yield bad_frame(name, tag_table(self._sources[name]), status=LOST[0], reason=LOST[1], received=received)

    def _changes(self, readings: Mapping[str, Value], received: int) -> Frame:
        """A subscription tells what changed, and at first everything."""
        rows: list[tuple[int, Value, int, Reason, int | None]] = []
        for at, name in enumerate(self._ems.names):
            value = readings[name]
            if name in self._told and self._told[name] == value:
                continue
            self._told[name] = value
            failed = value is None
            status = StatusCode.BAD_SENSOR_FAILURE if failed else StatusCode.GOOD
            rows.append((at, _exact(value), int(status), Reason.DEVICE if failed else Reason.NONE, self.source_time))
        return frame_of(EMS, self._ems, rows, received=received)

    def alarms(self, *events: AlarmEvent) -> list[Alarm]:
        """Steps of these kinds, all unless given, in their order."""
        return [one for one in self.records(Alarm) if not events or one.event in events]

    def records(self, kind: type[Kind]) -> list[Kind]:
        """What was kept of that kind."""
        return [one for one in self.kept.records or self.journalled() if isinstance(one, kind)]

    def journalled(self) -> list[Record]:
        """What stands in the journal, as a recipient of all streams reads it; each stream in the order of its numbers.

        Fails where a number is missing or doubled.
        """
        if self.disk is None:
            return []
        self.kept.write(all_=True)
        found: list[Record] = []
        published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
        for stream in self.disk.heads():
            entries = self.disk.entries(stream, 0, 10**6)
            assert [one.number for one in entries] == list(range(1, len(entries) + 1)), stream
            found += [decode(one.octets, published) for one in entries if one.octets and one.kind in KINDS]
        return found


def _of(device: str, readings: Mapping[str, Value]) -> dict[str, float | int | bool | str | None]:
    found = {tag.removeprefix(f"{device}."): value for tag, value in readings.items() if tag.startswith(f"{device}.")}
    return cast(dict[str, float | int | bool | str | None], found)


def _number(value: Value) -> float:
    return float("nan") if value is None or isinstance(value, str | bytes) else float(value)


def _exact(value: Value) -> Value:
    """Counts come as doubles where the adapter scales nothing."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def seconds_of(time: int) -> float:
    """Seconds of the simulation of a time in records."""
    return (time - START) / 1e6


def value_of(frame: Frame, tag: str) -> tuple[float, int] | None:
    """Value and status of a tag in a frame; None where it is not there."""
    at = np.flatnonzero(frame.tag == frame.tags.index.get(tag, -1))
    return (float(frame.value[at[-1]]), int(frame.status[at[-1]])) if len(at) else None
