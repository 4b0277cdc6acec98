"""One run: a load server, one agent, a window of time; then what the broker has."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulators.broker import KafkaBroker
from simulators.child import Child
from tests.bench.compare import agents, topic
from tests.bench.compare.counting import Counted, Window, count, count_polls
from tests.bench.compare.proc import Usage, threads, usage
from tests.bench.compare.profiled import BEGIN, END
from tests.bench.compare.scenarios import Scenario, Side
from tests.bench.compare.server import Place, Server

FLOWS_WITHIN = 180.0
"""Seconds until the first samples: thousands of items are asked for before."""
FLOWING, BESIDES = 6, 4096
"""Octets per variable, some two cycles, and those of schemas, from which on samples flow."""
STOPS_WITHIN = 30.0
DRAINS_WITHIN, QUIET = 30.0, 1.0
SETTLE = 2.0
"""Seconds after the window in which what was made in it may still arrive."""

Tell = Callable[[str], None]


class RunError(Exception):
    """Why a run gave no result; one line."""


@dataclass(frozen=True, slots=True)
class Programs:
    """What was built; `telegraf` is None where it could not be."""

    opcua: Path | None
    modbus: Path | None
    telegraf: Path | None


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of a run."""

    warm: float
    measured: float


@dataclass(frozen=True, slots=True)
class Run:
    """What one agent did in one window."""

    scenario: str
    side: Side
    rate: float
    """Samples per second that the broker got."""
    cpu: float
    """CPU seconds of the agent per 10,000 samples."""
    share: float
    """Of one core, while it was measured."""
    rss: float
    """Largest resident memory until the end of the window, MiB."""
    p50: float
    """Source time to broker append, ms."""
    p99: float
    lost: int
    duplicated: int
    expected: int
    octets: float
    """Of the topic's segments, per sample."""
    threads: dict[str, float]
    """CPU seconds of each thread in the window."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the agent used in the window."""

    window: Window
    used: Usage
    threads: dict[str, float]


class Bench:
    """A broker and a folder to work in, for many runs."""

    def __init__(self, broker: KafkaBroker, data: Path, folder: Path, programs: Programs, tell: Tell) -> None:
        self._broker, self._data, self._folder, self._programs, self.tell = broker, data, folder, programs, tell
        self._runs = 0

    def run(self, scenario: Scenario, side: Side, lengths: Lengths, profile: Path | None = None) -> Run:
        """Raises RunError."""
        self._runs += 1
        folder = self._folder / f"{self._runs:03}-{scenario.name}-{side}"
        folder.mkdir(parents=True)
        program = self._programs.opcua if scenario.protocol == "opcua" else self._programs.modbus
        if program is None:
            raise RunError(f"no load server for {scenario.protocol}")
        try:
            server = Server(program, scenario, folder / "server")
            try:
                agent = self._prepared(scenario, side, server.place, folder, profile)
                watched = self._watched(agent, scenario, server, lengths, profiled=profile is not None)
            finally:
                server.end()
        except OSError as error:
            raise RunError(str(error)) from error
        self.tell("counting")
        samples = topic.read(self._broker.bootstrap, agent.topic, topic.reader_of(side))
        if scenario.protocol == "opcua":
            counted = count(samples, server.cycles(), scenario.variables, watched.window)
        else:
            counted = count_polls(samples, scenario.variables, watched.window, scenario.interval)
        size = topic.octets(self._data, agent.topic) / max(1, len(samples.variable))
        topic.delete_all(self._broker.bootstrap)
        return _result(scenario, side, counted, watched, size)

    def _prepared(
        self, scenario: Scenario, side: Side, server: Place, folder: Path, profile: Path | None
    ) -> agents.Agent:
        bootstrap, name = self._broker.bootstrap, f"{self._runs:03}"
        if side == "product":
            return agents.product(scenario, server, bootstrap, folder, run=name, profile=profile)
        if self._programs.telegraf is None:
            raise RunError("Telegraf is not there")
        agent = agents.telegraf(self._programs.telegraf, scenario, server, bootstrap, folder, run=name)
        topic.create(bootstrap, agent.topic)
        return agent

    def _watched(
        self, agent: agents.Agent, scenario: Scenario, server: Server, lengths: Lengths, *, profiled: bool
    ) -> Watched:
        """Start the agent, measure, end the load, let the agent send what it has, stop it."""
        folder = server.place.folder.parent
        with _running(agent, folder) as child:
            self._until_flowing(child, agent, scenario, folder)
            self._wait("warming up", lengths.warm, child, folder)
            began, before, at_first = _now(), usage(child.pid), threads(child.pid)
            if profiled:
                os.kill(child.pid, BEGIN)
            self._wait("measuring", lengths.measured, child, folder)
            ended, after = _now(), usage(child.pid)
            by_thread = {name: cpu - at_first.get(name, 0.0) for name, cpu in threads(child.pid).items()}
            if profiled:
                os.kill(child.pid, END)
            self._wait("letting the rest arrive", SETTLE, child, folder)
            server.end()
            self._drained(agent)
        return Watched((began, ended), Usage(after.cpu - before.cpu, after.rss), by_thread)

    def _until_flowing(self, child: Child, agent: agents.Agent, scenario: Scenario, folder: Path) -> None:
        """Until the topic holds more than an agent says of a device that it has not reached yet."""
        begun, enough = time.monotonic(), FLOWING * scenario.variables + BESIDES
        while topic.octets(self._data, agent.topic) < enough:
            waited = time.monotonic() - begun
            self.tell(f"waiting for the first samples, {waited:.0f} s")
            if waited > FLOWS_WITHIN:
                raise RunError(f"no samples within {FLOWS_WITHIN:g} s (log: {folder / 'agent.log'})")
            _check(child, folder)
            time.sleep(0.25)

    def _drained(self, agent: agents.Agent) -> None:
        """Wait until the topic grows no more: Telegraf, stopped while samples come, ends without sending its own."""
        size, until = -1, time.monotonic() + DRAINS_WITHIN
        while time.monotonic() < until and (now := topic.octets(self._data, agent.topic)) != size:
            self.tell("draining")
            size = now
            time.sleep(QUIET)

    def _wait(self, what: str, seconds: float, child: Child, folder: Path) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.tell(f"{what}, {left:.0f} s")
            time.sleep(min(left, 1.0))
        _check(child, folder)


@contextmanager
def _running(agent: agents.Agent, folder: Path) -> Iterator[Child]:
    child = Child(agent.command, log=folder / "agent.log", cwd=folder)
    try:
        yield child
    finally:
        child.stop(STOPS_WITHIN)


def _check(child: Child, folder: Path) -> None:
    if child.exit_code is not None:
        lines = (folder / "agent.log").read_text(errors="replace").strip().splitlines()
        raise RunError(f"the agent ended with {child.exit_code}: {lines[-1] if lines else 'it said nothing'}")


def _now() -> int:
    return time.time_ns() // 1000


def _result(scenario: Scenario, side: Side, counted: Counted, watched: Watched, size: float) -> Run:
    seconds = (watched.window[1] - watched.window[0]) / 1e6
    return Run(
        scenario=scenario.name, side=side, rate=counted.appended / seconds,
        cpu=watched.used.cpu / max(1, counted.appended) * 10_000, share=watched.used.cpu / seconds,
        rss=watched.used.rss, p50=counted.p50, p99=counted.p99, lost=counted.lost, duplicated=counted.duplicated,
        expected=counted.expected, octets=size, threads=watched.threads,
    )  # fmt: skip
