"""A run: the clock that moves the world, tells the devices, and lets the scenario happen.

Order of one tick: wait for its wall time; let the scenario's due actions happen, each at its own moment; let time
pass up to the tick; read all sensors once; send each device its readings; write the truth.
"""

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from simulators.control import Control
from simulators.journal import Journal, unix_us
from simulators.plant import Plant
from simulators.processes import DeviceError, DeviceProcess, fleet
from simulators.scenario import Lie, Scenario, Step, SwitchBroker, SwitchDevice
from simulators.web import serving
from simulators.world import World

LATE = 2.0
"""s behind the wall clock from which a run gives up catching up and says so."""


@dataclass(frozen=True)
class Options:
    """How a run is to be done."""

    speed: float = 1.0
    ports: Mapping[str, int] = field(default_factory=dict)
    seed: int | None = None
    ready_file: Path | None = None
    pty_dir: Path | None = None
    stay: bool = False
    """Go on after the scenario's end."""
    control: int | None = None
    """Port on which it is told over HTTP what to do; 0 takes a free one."""


async def run(plant: Plant, scenario: Scenario, options: Options, journal: Journal, console: Console) -> int:
    """Run until the scenario ends or a signal comes; returns the exit code. Raises `DeviceError`."""
    if options.ready_file is not None:
        options.ready_file.unlink(missing_ok=True)  # one left behind would be believed
    links = options.pty_dir or Path(tempfile.mkdtemp(prefix="cmo-sim-"))
    made = options.pty_dir is None or not links.exists()
    links.mkdir(parents=True, exist_ok=True)
    devices = fleet(plant, options.ports, links)
    try:
        with _signals() as stop:
            return await _Session(plant, scenario, options, devices, journal).run(stop, console)
    finally:
        await asyncio.gather(*(device.close() for device in devices.values()))
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)
        if made:
            with contextlib.suppress(OSError):  # somebody else put something in: not ours to remove
                links.rmdir()


class _Signals:
    """Set by SIGINT or SIGTERM; `code` is what a shell expects then."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.code = 0

    def came(self, number: int) -> None:
        self.code = 128 + number
        self.event.set()

    async def within(self, seconds: float) -> bool:
        """Wait for a signal, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self.event.wait()
        return self.event.is_set()


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    loop, signals = asyncio.get_running_loop(), _Signals()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, signals.came, number)
    try:
        yield signals
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Session:
    """One run's world, devices and pending work."""

    def __init__(
        self, plant: Plant, scenario: Scenario, options: Options, devices: dict[str, DeviceProcess], journal: Journal
    ) -> None:
        self._plant = plant
        self._ends_at = scenario.ends_at
        self._steps = sorted(scenario.steps, key=lambda step: step.at)
        self._options = options
        self._devices = devices
        self._journal = journal
        self._world = World(plant, options.seed)
        self._now = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stop: _Signals, console: Console) -> int:
        """Start the devices, say so, and keep the clock; returns the exit code."""
        try:
            return await self._run(stop, console)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, stop: _Signals, console: Console) -> int:
        if not await self._start_all(stop):
            return stop.code
        addresses = {name: device.address for name, device in self._devices.items()}
        if console.is_terminal:
            _show(console, self._plant, addresses)
        pids = {name: device.pid for name, device in self._devices.items()}
        async with contextlib.AsyncExitStack() as stack:
            if self._options.control is not None:
                answer = Control(self._plant, self._devices, self.perform).answer
                url = await stack.enter_async_context(serving(self._options.control, answer))
                self._journal.event(0, "control", address=url)
            self._journal.event(0, "ready", devices=addresses, pids=pids)
            if self._options.ready_file is not None:  # last: who has seen it finds the event too
                _write_atomically(self._options.ready_file, json.dumps(addresses) + "\n")
            return await self._clock(stop)

    async def _start_all(self, stop: _Signals) -> bool:
        """Start every device; False if a signal came meanwhile. Raises `DeviceError`."""
        starting = [asyncio.create_task(device.start(self._died)) for device in self._devices.values()]
        stopping = asyncio.create_task(stop.event.wait())
        waiting: set[asyncio.Task[bool]] = set(starting)
        try:
            while waiting and not stop.event.is_set():
                await asyncio.wait([*waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in waiting if task.done()]:
                    waiting.remove(task)
                    task.result()
        finally:
            for task in (*waiting, stopping):
                task.cancel()
        return not stop.event.is_set()

    async def _clock(self, stop: _Signals) -> int:
        loop, tick = asyncio.get_running_loop(), self._plant.tick
        due = loop.time()
        while not self._ended():
            due += tick
            if await stop.within(due - loop.time()):
                return stop.code
            if (late := loop.time() - due) > LATE:
                self._journal.event(self._now, "clock_late", seconds=round(late, 3))
                due = loop.time()
            self._tick(tick * self._options.speed)
        return 0

    def _ended(self) -> bool:
        """Whether the run is over; says that the scenario is, also when the plant goes on."""
        if self._ends_at is None or self._now < self._ends_at - 1e-9:
            return False
        self._journal.event(self._now, "end")
        self._ends_at = None
        return not self._options.stay

    def _tick(self, dt: float) -> None:
        until = self._now + dt if self._ends_at is None else min(self._now + dt, self._ends_at)
        while self._steps and self._steps[0].at <= until + 1e-9:
            step = self._steps.pop(0)
            self._pass(step.at)
            self._happen(step)
        self._pass(until)
        now, readings = unix_us(), self._world.read()
        for device in self._devices.values():
            device.send(now, readings)
        self._journal.truth(now, self._now, readings)

    def _pass(self, until: float) -> None:
        if until > self._now:
            self._world.advance(until - self._now)
            self._now = until

    def _happen(self, step: Step) -> None:
        if (work := self._begin(step)) is not None:
            self._later(_tried(work))

    async def perform(self, step: Step) -> None:
        """Let it happen now; done when the device has done it. Raises `DeviceError`."""
        if (work := self._begin(step)) is not None:
            await work

    def _begin(self, step: Step) -> Coroutine[None, None, None] | None:
        """Do what happens at once; gives what takes time."""
        self._journal.event(self._now, step.do, **step.model_dump(exclude={"at", "do"}))
        if isinstance(step, Lie):
            return self._tell(step)
        if isinstance(step, SwitchDevice):
            device = self._devices[step.device]
            if step.do == "start_device":
                return self._start(device)
            device.kill()
        elif not isinstance(step, SwitchBroker):
            self._world.apply(step)
        return None

    async def _tell(self, step: Lie) -> None:
        try:
            await self._devices[step.device].lie(step.lie, on=step.do == "lie")
        except DeviceError as error:
            self._journal.event(self._now, "lie_failed", device=step.device, lie=step.lie, reason=str(error))
            raise

    def _died(self, device: DeviceProcess, code: int) -> None:
        self._journal.event(self._now, "device_died", device=device.name, code=code)
        if self._plant.restart_after is not None:
            self._later(self._start(device, self._plant.restart_after))

    async def _start(self, device: DeviceProcess, pause: float = 0.0) -> None:
        await asyncio.sleep(pause)
        try:
            started = await device.start(self._died)
        except DeviceError as error:
            self._journal.event(self._now, "device_failed", device=device.name, reason=str(error))
            return
        if started:
            self._journal.event(self._now, "device_started", device=device.name, address=device.address, pid=device.pid)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _tried(work: Coroutine[None, None, None]) -> None:
    with contextlib.suppress(DeviceError):  # it is in the journal
        await work


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _show(console: Console, plant: Plant, addresses: Mapping[str, str]) -> None:
    table = Table(title=f"Plant {plant.name}", title_justify="left")
    table.add_column("device")
    table.add_column("kind")
    table.add_column("address", overflow="fold")
    for name, address in addresses.items():
        table.add_row(name, plant.devices[name].kind, address)
    console.print(table)
