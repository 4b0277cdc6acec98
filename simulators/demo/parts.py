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
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from simulators.broker import KafkaBroker, MockBroker, open_broker
from simulators.child import Child
from simulators.ports import free_port, is_free

START = 90.0
"""Seconds that a part has to come up on a busy machine."""
STOP = 15.0
"""Seconds that a part has to end: an agent may give Kafka half of them to take what waits."""

PACE = 40.0
"""Seconds in which the exports of a whole batch come."""
STREAM = "cmo-a.line-3.holder-b.alarms.v1"
"""What is exported at the end."""


class DemoError(Exception):
    """The demo cannot go on; the message names the part, in a line."""


class Parts:
    """Broker, plant, agent and node. Methods block; `close` ends what was started."""

    def __init__(
        self, plant: Path, scenario: Path, folder: Path, *, console_port: int, once: bool, batch: bool = False
    ) -> None:
        self._plant = plant
        self._scenario = scenario
        self._folder = folder
        self._once = once
        self._batch = batch
        self._stack = ExitStack()
        self._children: dict[str, Child] = {}
        self._environment: dict[str, str] = {}
        self.console_port = console_port if console_port and is_free(console_port) else free_port()
        self.events = folder / "events.jsonl"
        self.broker: KafkaBroker | MockBroker

    @property
    def console(self) -> str:
        """Address of the holder's console."""
        return f"http://127.0.0.1:{self.console_port}"

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
        options = {"--scenario": self._scenario, "--events": self.events, "--ready-file": ready}
        options["--pty-dir"] = self._folder / "pty"
        words = [word for pair in options.items() for word in pair]
        self._start("plant", "cmo-sim", "run", self._plant, *words, *(() if self._once else ("--stay",)))
        self._wait("plant", ready.exists)
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
            "AGENT_SOCKET": str(self._folder.resolve() / "agent.sock"),
            "AGENT_KEY": str(self._folder.resolve() / "agent.key"),
            "AGENT_VKEY": str(self._folder.resolve() / "agent.vkey"),
            "NODE_KEY": str(self._folder.resolve() / "node.key"),
            "NODE_VKEY": str(self._folder.resolve() / "node.vkey"),
            "JOURNAL": str(self._folder.resolve() / "journal.db"),
            "ARCHIVE": str(self._folder.resolve() / "archive.duckdb"),
            "CONSOLE_PORT": str(self.console_port),
            "EXPORTS": str(self._folder.resolve() / "batch"),
        }
        self._run("cmo-edge", "keygen", self._plant / "edge.yaml")
        self._run("cmo-gateway", "keygen", self._plant / "holder.yaml")
        self._start("agent", "cmo-edge", "run", self._plant / "edge.yaml", env=self._environment)
        self._start("node", "cmo-gateway", "run", self._plant / "holder.yaml", env=self._environment)

    def _start_batch(self) -> None:
        """Let the site's systems export a batch; agent and node get the configuration for that, in a copy.

        Waits until the batch is reckoned, so that the scenario's clock does not run meanwhile.
        """
        copy, made = self._folder / self._plant.name, self._folder.resolve() / "batch"
        shutil.copytree(self._plant, copy)
        with (copy / "edge.yaml").open("a", encoding="utf-8") as edge:
            edge.write((copy / "exports" / "sources.yaml").read_text(encoding="utf-8"))
        with (copy / "holder.yaml").open("a", encoding="utf-8") as holder:
            holder.write("masters: masters.yaml\n")
        self._start("batch", "cmo-sim", "batch", copy, "--out", made, "--pace", f"{PACE:g}")
        self._wait("batch", (made / "truth" / "records.jsonl").exists)
        self._plant = copy

    @property
    def happening(self) -> bool:
        """Whether the scenario, or the batch, still goes on."""
        return any(self.running(name) for name in ("plant", "batch") if name in self._children)

    def verify(self) -> tuple[bool, list[str]]:
        """Check all that stands in the topics against the agent's seals: whether it holds, and what is said."""
        trust = self._folder / "agent.vkey"
        done = self._run("cmo-gateway", "verify", self._plant / "holder.yaml", "--trust", trust, check=False)
        return done.returncode == 0, (done.stdout + done.stderr).splitlines()

    def export(self) -> tuple[bool, list[str]]:
        """Export the alarms with their proofs and check the bundle with no network: whether it holds, what is said."""
        bundle, trust = self._folder / "bundle", [self._folder / f"{name}.vkey" for name in ("agent", "node")]
        trusted = [word for file in trust for word in ("--trust", file)]
        choice = ("--stream", STREAM, "--out", bundle, *trusted)
        made = self._run("cmo-gateway", "export", self._plant / "holder.yaml", *choice, check=False)
        if made.returncode:
            return False, made.stderr.splitlines()
        done = self._run("cmo-gateway", "verify", bundle, *trusted, check=False)
        return done.returncode == 0, (done.stdout + done.stderr).splitlines()

    def running(self, name: str) -> bool:
        """Whether the part still runs."""
        return self._children[name].exit_code is None

    def check(self) -> None:
        """Raises DemoError when agent or node ended by themselves."""
        for name in ("agent", "node"):
            if not self.running(name):
                raise self._ended(name)

    def close(self) -> None:
        """End everything that was started, the last first."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, command: str, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        program, environment = Path(sys.executable).with_name(command), {**os.environ, **self._environment}
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise DemoError(f"{command} {arguments[0]}: {done.stderr.strip()}")
        return done

    def _start(self, name: str, command: str, *arguments: str | Path, env: dict[str, str] | None = None) -> None:
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
        return self._folder / f"{name}.log"
