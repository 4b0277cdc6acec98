"""The processes of the demo, started in their order and ended in the opposite one.

Everything they write stands in one folder, which is emptied at the start. They are the product's own commands with the
configurations of the plant's folder; only addresses come from here, through the environment.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

from simulators.broker import KafkaBroker, MockBroker, open_broker
from simulators.child import Child
from simulators.demo import agreed
from simulators.ports import free_port, is_free

START = 90.0
"""Seconds that a part has to come up on a busy machine."""
STOP = 15.0
"""Seconds that a part has to end: an agent may give Kafka half of them to take what waits."""

PACE = 40.0
"""Seconds in which the exports of a whole batch come."""
ALARMS = "cmo-a.line-3.{}.alarms.v1"
"""The stream of a holder that is exported at the end."""
HOLDER = "holder-b"
"""Who gets everything where no agreements decide."""
CMO = "cmo-a"
"""The manufacturer, whose own node has everything; where agreements decide it runs beside those of the holders."""


@dataclass(frozen=True)
class Story:
    """What is told: a scenario, its holders where agreements decide, and batches by number with their recipes."""

    scenario: Path
    holders: Sequence[str] = ()
    batches: Mapping[str, str] = field(default_factory=dict)
    running: Mapping[str, str] = field(default_factory=dict)
    """Operations by the number of a batch that is in the midst of it now."""


class DemoError(Exception):
    """The demo cannot go on; the message names the part, in a line."""


class Parts:
    """Broker, plant, agent and node. Methods block; `close` ends what was started."""

    def __init__(
        self, plant: Path, story: Story, folder: Path, *, console_port: int, once: bool, batch: bool = False
    ) -> None:
        self._plant = plant
        self._story = story
        self._folder = folder
        self._once = once
        self._batch = batch
        self._stack = ExitStack()
        self._children: dict[str, Child] = {}
        self._environment: dict[str, str] = {}
        self._ports = dict[str, int]()
        for holder in story.holders or (HOLDER,):
            wanted = console_port + len(self._ports) if console_port else 0
            self._ports[holder] = wanted if wanted and is_free(wanted) else free_port()
        self._own_port = free_port()
        self._begun = 0.0
        self.events = folder / "events.jsonl"
        self.broker: KafkaBroker | MockBroker

    @property
    def consoles(self) -> dict[str, str]:
        """Address of each holder's console."""
        return {holder: f"http://127.0.0.1:{port}" for holder, port in self._ports.items()}

    def start_broker(self) -> str:
        """Empty the folder and start the broker; gives a line that says what it cannot do, or nothing."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        notes: list[str] = []
        self.broker = open_broker(self._folder / "kafka", tell=notes.append)
        self.broker.start()
        self._stack.callback(self.broker.stop)
        return "; ".join(notes)

    def start_plant(self) -> dict[str, str]:
        """Start the plant; gives its devices' addresses once all listen. The scenario's clock runs from then on."""
        if self._batch:
            self._start_batch()
        ready = self._folder / "ready.json"
        options = {"--scenario": self._story.scenario, "--events": self.events, "--ready-file": ready}
        options["--pty-dir"] = self._folder / "pty"
        words = [word for pair in options.items() for word in pair]
        self._start("plant", "cmo-sim", "run", self._plant, *words, *(() if self._once else ("--stay",)))
        self._wait("plant", ready.exists)
        self._begun = time.time()
        addresses: dict[str, str] = json.loads(ready.read_text())
        return addresses

    def start_product(self, addresses: dict[str, str]) -> None:
        """Start agent and node."""
        transmitter, counter = (addresses[name].split(":") for name in ("transmitter-m1", "particles-f1"))
        self._environment = {
            "KAFKA": self.broker.bootstrap,
            "EMS": addresses["ems"],
            "TRANSMITTER_HOST": transmitter[0],
            "TRANSMITTER_PORT": transmitter[1],
            "COUNTER_HOST": counter[0],
            "COUNTER_PORT": counter[1],
            "BALANCE": addresses["balance-w1"],
            "AGENT_SOCKET": self._in_folder("agent.sock"),
            "AGENT_KEY": self._in_folder("agent.key"),
            "AGENT_VKEY": self._in_folder("agent.vkey"),
            "NODE_VKEY": self._in_folder(f"{HOLDER}.vkey"),
            "JOURNAL": self._in_folder("journal.db"),
            "EXPORTS": self._in_folder("batch"),
        }
        if self._story.holders:
            self._agree()
        self._run("cmo-edge", "keygen", self._plant / "edge.yaml")
        for party in self._parties:
            self._run("cmo-gateway", "keygen", self._node(party), env=self._of(party))
        self._start("agent", "cmo-edge", "run", self._plant / "edge.yaml", env=self._environment)
        for party in self._parties:
            self._start(party, "cmo-gateway", "run", self._node(party), env=self._of(party))

    @property
    def _parties(self) -> list[str]:
        """Those that have a node."""
        return [*self._ports, *([CMO] if self._story.holders else [])]

    @property
    def own_console(self) -> str | None:
        """Address of the manufacturer's own console, where it has one."""
        return f"http://127.0.0.1:{self._own_port}" if self._story.holders else None

    def _in_folder(self, name: str) -> str:
        return str(self._folder.resolve() / name)

    def _of(self, holder: str) -> dict[str, str]:
        """What the node of a holder is told."""
        own = {
            "HOLDER": holder,
            "CONSOLE_PORT": str(self._ports.get(holder, self._own_port)),
            "ARCHIVE": self._in_folder(f"{holder}.duckdb"),
        }
        own |= {"NODE_KEY": self._in_folder(f"{holder}.key"), "NODE_VKEY": self._in_folder(f"{holder}.vkey")}
        return self._environment | own

    def _node(self, holder: str) -> Path:
        return self._plant / (f"{holder}.yaml" if self._story.holders else "holder.yaml")

    def _agree(self) -> None:
        """Sign the agreements; the agent goes by all of them, each node has its own."""
        trust = dict[str, None]()
        for holder in self._ports:
            folder = self._folder.resolve() / "agreements" / holder
            folder.mkdir(parents=True)
            file = Path(shutil.copy(self._plant / "agreements" / f"{holder}.yaml", folder))
            keys = agreed.write_keys(file, self._folder.resolve())
            for private, public in keys:
                self._run("cmo-gateway", "agreement", "sign", file, "--key", private)
                trust[str(public)] = None
            own = {"agreements": str(folder), "trust": [str(public) for _, public in keys]}
            agreed.change(self._plant / "holder.yaml", self._node(holder), **own)
        every = self._folder.resolve() / "agreements" / "all"
        every.mkdir()
        for one in every.parent.glob("holder-*/*"):
            shutil.copy(one, every)
        own = {"agreements": str(every), "trust": list(trust)}
        agreed.change(self._plant / "holder.yaml", self._node(CMO), **own)
        nodes = [self._in_folder(f"{party}.vkey") for party in self._parties]
        edge = self._plant / "edge.yaml"
        agreed.change(edge, edge, drop=["recipients"], agreements=str(every), trust=[*nodes, *trust])

    def _start_batch(self) -> None:
        """Let the site's systems export a batch; agent and node get the configuration for that, in a copy.

        Waits until the batch is reckoned, so that the scenario's clock does not run meanwhile.
        """
        copy, made = self._folder / self._plant.name, self._folder.resolve() / "batch"
        shutil.copytree(self._plant, copy)
        with (copy / "edge.yaml").open("a", encoding="utf-8") as edge:
            edge.write((copy / "exports" / "sources.yaml").read_text(encoding="utf-8"))
        with (copy / "holder.yaml").open("a", encoding="utf-8") as node:
            node.write("masters: masters.yaml\n")
        for number, recipe in self._story.batches.items():
            choice = ("--number", number, "--recipe", recipe)
            self._start(f"batch {number}", "cmo-sim", "batch", copy, "--out", made, "--pace", f"{PACE:g}", *choice)
        if not self._story.batches:
            self._start("batch", "cmo-sim", "batch", copy, "--out", made, "--pace", f"{PACE:g}")
        for number, operation in self._story.running.items():
            now = ("--number", number, "--running", operation)
            self._start(f"batch {number}", "cmo-sim", "batch", copy, "--out", made, *now)
        for name in (name for name in self._children if name.startswith("batch")):
            self._wait(name, partial(self._has_said, name))  # the first of its files is there
        self._plant = copy

    def _has_said(self, name: str) -> bool:
        return self._log(name).stat().st_size > 0

    @property
    def happening(self) -> bool:
        """Whether the scenario, or the batch, still goes on."""
        return any(self.running(name) for name in self._children if name.startswith(("plant", "batch")))

    def verify(self, holder: str) -> tuple[bool, list[str]]:
        """Check all that a holder's topics hold against the agent's seals: whether it holds, and what is said."""
        trust = self._folder / "agent.vkey"
        words = ("verify", self._node(holder), "--trust", trust)
        done = self._run("cmo-gateway", *words, check=False, env=self._of(holder))
        return done.returncode == 0, (done.stdout + done.stderr).splitlines()

    def export(self, holder: str) -> tuple[bool, list[str]]:
        """Export the alarms with their proofs and check the bundle with no network: whether it holds, what is said."""
        bundle = self._folder / "bundle"
        trust = [word for name in ("agent", holder) for word in ("--trust", self._folder / f"{name}.vkey")]
        choice = ("--stream", ALARMS.format(holder), "--out", bundle, *trust)
        made = self._run("cmo-gateway", "export", self._node(holder), *choice, check=False, env=self._of(holder))
        if made.returncode:
            return False, made.stderr.splitlines()
        done = self._run("cmo-gateway", "verify", bundle, *trust, check=False)
        return done.returncode == 0, (done.stdout + done.stderr).splitlines()

    def why(self, tag: str, at: float, holder: str) -> tuple[bool, list[str]]:
        """Whether a holder gets what was measured so many seconds after the begin, and by which clause, in words.

        The manufacturer's own node ends for it: its archive is asked.
        """
        if self.running(CMO):
            self._children[CMO].stop(STOP)
        moment = datetime.fromtimestamp(self._begun + at, UTC).isoformat(timespec="seconds")
        every = self._folder.resolve() / "agreements" / "all"
        trust = [word for file in sorted(self._folder.glob("*-signatory-*.vkey")) for word in ("--trust", file)]
        words = ("why", self._node(CMO), f"{tag}@{moment}", holder, "--agreements", every, *trust)
        told = self._run("cmo-gateway", *words, env=self._of(CMO)).stdout
        plain = json.loads(self._run("cmo-gateway", *words, "--json", env=self._of(CMO)).stdout)
        return bool(plain[0]["sent"]), told.splitlines()

    def running(self, name: str) -> bool:
        """Whether the part still runs."""
        return self._children[name].exit_code is None

    def check(self) -> None:
        """Raises DemoError when agent or a node ended by themselves."""
        for name in ("agent", *self._parties):
            if not self.running(name):
                raise self._ended(name)

    def close(self) -> None:
        """End everything that was started, the last first."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(
        self, command: str, *arguments: str | Path, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        program, environment = Path(sys.executable).with_name(command), {**os.environ, **(env or self._environment)}
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise DemoError(f"{command} {arguments[0]}: {done.stderr.strip()}")
        return done

    def _start(self, name: str, command: str, *arguments: str | Path, env: Mapping[str, str] | None = None) -> None:
        program = Path(sys.executable).with_name(command)
        child = Child([program, *arguments], log=self._log(name), env={**os.environ, **(env or {})})
        self._children[name] = child
        self._stack.callback(child.stop, STOP)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START
        while not ready():
            if not self.running(name):
                raise self._ended(name)
            if time.monotonic() > deadline:
                raise DemoError(f"the {name} did not come up within {START:g} s (log: {self._log(name)})")
            time.sleep(0.1)

    def _ended(self, name: str) -> DemoError:
        said = self._log(name).read_text(errors="replace").strip().splitlines() or ["it said nothing"]
        return DemoError(f"the {name} ended by itself: {said[-1]} (log: {self._log(name)})")

    def _log(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.log"
