"""A plant of every kind of device, and the agent and the node that belong to it, each a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from edge.control import ControlError, ask
from simulators.child import Child
from simulators.ports import free_port
from tests.soak.vitals import Vitals, least, vitals
from tests.support.eventually import eventually
from tests.support.plant import LINE_3, ROOT, RunningPlant, line_3_files, plant_document, running_plant
from tests.support.simulated import Remote

CMO, SENDER, HOLDER = "cmo-a", "line-3", "holder-b"
DIALECTS = ("mt-sics", "sartorius-sbi", "and-standard", "ohaus", "radwag")
ROOM = {"room": "M1", "against": "C1"}
DEVICES: dict[str, dict[str, Any]] = {
    "ems": {"kind": "opcua", "history": 5000, "alarm_below": 11},
    "tcp": {"kind": "transmitter", **ROOM},
    "rtu": {"kind": "transmitter", "framing": "rtu", **ROOM},
    "ascii": {"kind": "transmitter", "framing": "ascii", **ROOM},
    "counter": {"kind": "particle-counter", "room": "F1", "sample_seconds": 6},
    **{dialect: {"kind": "balance", "dialect": dialect, "room": "W1", "settling": 0.2} for dialect in DIALECTS},
}
RECOVERY = 240.0
"""s in which everything is connected again: the longest pause between two attempts, a few of them, a busy machine."""
LOOKS = 5


class Site:
    """What runs. The agent is started by `start`."""

    def __init__(self, folder: Path, plant: RunningPlant, bootstrap: str) -> None:
        self.folder, self.plant, self.bootstrap = folder, plant, bootstrap
        self.remote = Remote.of(plant)
        self.files = line_3_files(folder, on_delay=2)
        self._children: dict[str, Child] = {}
        self._socket = folder / "agent.sock"
        self._write("edge", self._edge())
        self._write("holder", self._holder())

    @property
    def holder(self) -> Path:
        """The node's configuration."""
        return self.files / "holder.yaml"

    def start(self) -> None:
        """The agent and the node."""
        tasks, edge = self.folder / "tasks.json", self.files / "edge.yaml"
        self._start("agent", [sys.executable, "-m", "tests.soak.counted", tasks, edge])
        self._start("node", [Path(sys.executable).with_name("cmo-gateway"), "run", self.holder])

    def stop(self, name: str) -> None:
        """Ask a part to end, and see that it does."""
        child = self._children.pop(name)
        child.stop(30)
        assert child.exit_code == 0, f"the {name} ended with {child.exit_code}: {self.tail(name)}"

    def close(self) -> None:
        """End what still runs."""
        for child in self._children.values():
            child.kill()

    def tail(self, name: str) -> str:
        """The end of a part's log."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-1500:]

    async def status(self) -> dict[str, Any]:
        """What the agent tells of itself."""
        with suppress(ControlError):
            answer: dict[str, Any] = await asyncio.to_thread(ask, self._socket, "status", patience=30)
            return answer
        raise AssertionError(f"the agent does not answer: {self.tail('agent')}")

    async def quiet(self) -> Vitals:
        """What the agent holds while every source is connected and goes on: the least of some looks that found the same
        tasks. Otherwise a loss is found late, or a break is being filled, and it is waited for.
        """
        held = await eventually(self._steady, within=2 * RECOVERY, every=1, what="the agent holds the same for a while")
        assert held is not None
        return held

    async def _steady(self) -> Vitals | None:
        await eventually(self._well, within=RECOVERY, every=1, what="every source is connected")
        before = {one["name"]: one["frames"] for one in (await self.status())["sources"]}

        async def on() -> bool:
            return all(one["frames"] > before[one["name"]] + 2 for one in (await self.status())["sources"])

        await eventually(on, within=RECOVERY, every=1, what="every source goes on")
        looks = []
        for _ in range(LOOKS):
            looks.append(await vitals(self._children["agent"].pid, self.folder / "tasks.json"))
            await asyncio.sleep(1)
        return least(looks) if all(look.tasks == looks[0].tasks for look in looks) else None

    async def clients(self) -> dict[str, int]:
        """How many connections or sessions each device has that can know it."""
        told = await self.remote.ask("GET", "devices")
        return {name: one["clients"] for name, one in told.items() if one["clients"] is not None}

    async def verified(self) -> tuple[int, str]:
        """Exit code and output of `cmo-gateway verify`."""
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("cmo-gateway"), "verify", self.holder,
            "--trust", self.folder / "agent.vkey", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode(errors="replace")

    async def _well(self) -> bool:
        sources = (await self.status())["sources"]
        problems = {one["name"]: one["problem"] for one in sources if not one["connected"] or one["problem"]}
        assert not problems, problems
        return True

    def _start(self, name: str, command: list[str | Path]) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._children[name] = Child(command, log=self.folder / f"{name}.log", cwd=self.folder, env=env)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        (self.files / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))

    def _edge(self) -> dict[str, Any]:
        return {
            "cmo": CMO, "sender": SENDER, "recipients": [HOLDER], "site": "site.yaml", "kafka": self._kafka(),
            "journal": str(self.folder / "journal.db"), "key": str(self.folder / "agent.key"),
            "trust": [str(self.folder / "node.vkey")], "control_socket": str(self._socket),
            "sources": list(_sources(self.plant.addresses)),
        }  # fmt: skip

    def _holder(self) -> dict[str, Any]:
        return {
            "name": HOLDER, "cmo": CMO, "site": "site.yaml", "kafka": self._kafka(),
            "trust": [str(self.folder / "agent.vkey")], "key": str(self.folder / "node.key"),
            "archive": str(self.folder / "archive.duckdb"), "console": {"port": free_port()},
        }  # fmt: skip

    def _kafka(self) -> dict[str, str]:
        return {"bootstrap": self.bootstrap, "security": "plaintext"}


def _sources(addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    ems = {
        "type": "opcua", "name": "ems", "endpoint": addresses["ems"], "security": "none", "history": True,
        "events": {}, "compare": 5, "publishing_interval": 0.5, "sampling_interval": 0.5, "timeout": 15,
        "tags_file": str(LINE_3 / "ems-tags.csv"),
    }  # fmt: skip
    return [
        ems,
        _transmitter("tcp", "M1", _tcp(addresses["tcp"])),
        _transmitter("rtu", "RTU", {"framing": "rtu", "line": {"path": addresses["rtu"]}, "worst_delay": 0.8}),
        _transmitter("ascii", "ASCII", {"framing": "ascii", "line": {"path": addresses["ascii"]}, "worst_delay": 0.8}),
        _counter(_tcp(addresses["counter"])),
        *(_balance(dialect, addresses[dialect]) for dialect in DIALECTS),
    ]


def _tcp(address: str) -> dict[str, Any]:
    host, port = address.split(":")
    return {"host": host, "port": int(port)}


def _transmitter(name: str, prefix: str, place: Mapping[str, Any]) -> dict[str, Any]:
    kind = {"type": "float32", "word_order": "little", "no_value": [float("nan")]}
    points = (("Humidity", 0, "%"), ("Temperature", 2, "Cel"), ("DP.C1", 4, "Pa"))
    return {
        "type": "modbus", "name": name, **place, "poll_interval": 0.5, "timeout": 0.6, "silence": 4,
        "proof": [{"address": 7936, "type": "int16", "value": -12345}, {"address": 7937, "value": -123.45,
                  "type": "float32", "word_order": "little"}],
        "tags": [{"name": f"{prefix}.{point}", "unit": unit, "address": at, **kind} for point, at, unit in points],
    }  # fmt: skip


def _counter(place: Mapping[str, Any]) -> dict[str, Any]:
    good = [{"table": "input", "address": 7, "bad_bits": 3}]
    tags = [
        {
            "name": f"F1.Particles{size}",
            "unit": "{#}/m3",
            "scale": 35.336,
            "table": "input",
            "address": at,
            "type": "uint32",
        }
        for size, at in (("05", 8), ("50", 10))
    ]
    return {
        "type": "modbus", "name": "counter", **place, "poll_interval": 1.0, "timeout": 0.6, "silence": 4,
        "proof": "none-available", "tags": [{**tag, "status_registers": good} for tag in tags],
    }  # fmt: skip


def _balance(dialect: str, port: str) -> dict[str, Any]:
    return {
        "type": dialect, "name": dialect, "port": port, "data_bits": 8, "parity": "none", "silence": 4,
        "tag": {"name": f"W1.{dialect}", "unit": "g"},
    }  # fmt: skip


@asynccontextmanager
async def site(folder: Path, bootstrap: str) -> AsyncIterator[Site]:
    """A plant whose devices all listen. Ends everything that still runs."""
    document = plant_document(folder, keep=(), devices=DEVICES, tick=0.25)
    async with running_plant(folder, {"title": "a day"}, "--control", "0", plant=document) as plant:
        one = Site(folder, plant, bootstrap)
        try:
            yield one
        finally:
            one.close()
