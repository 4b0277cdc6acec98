"""The simulated plant as a child process, and the product's configurations for it, for tests of the whole way."""

import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.proof import keys
from tests.support.eventually import eventually

ROOT = Path(__file__).parents[2]
LINE_3 = ROOT / "simulators" / "line-3"


@dataclass(frozen=True)
class RunningPlant:
    """`addresses` by device; `events` and `truth` grow while it runs."""

    process: Process
    addresses: Mapping[str, str]
    folder: Path

    def events(self) -> list[dict[str, Any]]:
        """What happened so far, oldest first."""
        return _json_lines(self.folder / "events.jsonl")

    def event(self, action: str) -> dict[str, Any] | None:
        """The first event of that action."""
        return next((event for event in self.events() if event["action"] == action), None)

    def truth(self) -> list[dict[str, Any]]:
        """What the sensors said at each tick so far."""
        return _json_lines(self.folder / "truth.jsonl")

    def environment(self) -> dict[str, str]:
        """The variables of `edge.yaml` in the plant's folder."""
        counter, transmitter = (self.addresses[name].split(":") for name in ("particles-f1", "transmitter-m1"))
        return {
            "EMS": self.addresses["ems"],
            "TRANSMITTER_HOST": transmitter[0],
            "TRANSMITTER_PORT": transmitter[1],
            "COUNTER_HOST": counter[0],
            "COUNTER_PORT": counter[1],
            "BALANCE": self.addresses["balance-w1"],
            "JOURNAL": str(self.folder / "journal.db"),
            "AGENT_KEY": str(self.folder / "agent.key"),
            "NODE_VKEY": str(self.folder / "node.vkey"),
        }


def _json_lines(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    lines = file.read_text().split("\n")[:-1]
    return [json.loads(line) for line in lines]


@asynccontextmanager
async def running_plant(
    folder: Path, scenario: Mapping[str, Any], *options: str, plant: Path = LINE_3
) -> AsyncIterator[RunningPlant]:
    """A plant, line 3 if none is named, with a scenario, once all devices listen; ended afterwards."""
    (folder / "scenario.yaml").write_text(yaml.safe_dump(dict(scenario)))
    files = {name: folder / f"{name}.jsonl" for name in ("events", "truth")}
    ready = folder / "ready.json"
    arguments = [
        "run",
        plant,
        *options,
        "--scenario",
        folder / "scenario.yaml",
        "--ready-file",
        ready,
        "--pty-dir",
        folder / "pty",
    ]
    arguments += [text for name, file in files.items() for text in (f"--{name}", file)]
    process = await create_subprocess_exec(
        sys.executable,
        "-m",
        "simulators.cli",
        *map(str, arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        await eventually(lambda: ready.exists() or process.returncode is not None, within=90, what="the plant is ready")
        assert process.returncode is None, "the plant ended at once"
        yield RunningPlant(process, json.loads(ready.read_text()), folder)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()


def plant_document(folder: Path, *, keep: Collection[str], **changes: Any) -> Path:
    """Writes line 3 with only these of its devices, and with other settings where they are given; gives its folder."""
    document = yaml.safe_load((LINE_3 / "plant.yaml").read_text())
    document["devices"] = {name: device for name, device in document["devices"].items() if name in keep}
    target = folder / "plant"
    target.mkdir()
    (target / "plant.yaml").write_text(yaml.safe_dump(document | changes, sort_keys=False))
    return target


def line_3_files(folder: Path, *, on_delay: float) -> Path:
    """Copies of the product's configurations for line 3, with another on-delay; gives their folder."""
    target = folder / "line-3"
    shutil.copytree(LINE_3, target)
    site = yaml.safe_load((target / "site.yaml").read_text())
    for differential in site["differentials"]:
        if "limit" in differential:
            differential["limit"]["on_delay"] = on_delay
    (target / "site.yaml").write_text(yaml.safe_dump(site, allow_unicode=True))
    for key, name in (
        (keys.generate("cmo-a", keys.Role.SENDER, "line-3"), "agent"),
        (keys.generate("holder-b", keys.Role.NODE, "holder-b"), "node"),
    ):
        keys.save(key, folder / f"{name}.key")
        keys.save_public(key, folder / f"{name}.vkey")
    return target
