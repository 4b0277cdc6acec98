"""A device that tells the truth, the agent and the holder's node, each a process that a test may kill.

The device is `truth.py`; agent and node are `cmo-edge run` and `cmo-gateway run`. What they write stands in the test's
folder: configurations, keys, `journal.db`, `archive.duckdb`, and a log for each.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import yaml

from gateway.link.topics import stream_named
from gateway.proof import keys
from simulators.child import Child
from simulators.ports import free_port
from tests.support import truth
from tests.support.disk import SmallDisk
from tests.support.eventually import eventually
from tests.support.evidence import Committed, entries_of, from_archive, from_topics, sizes
from tests.support.judge import Evidence, Verdict, judge

ROOT = Path(__file__).parents[2]
CMO, SENDER, HOLDER = "cmo-t", "line-t", "holder-t"
SOURCE = "truth"
LIMIT = 10
"""A level below it is an alarm, Pa."""
STOP = 20.0
"""Seconds that a part has to end by itself."""


class Line:
    """One line with one holder. Streams are unique to the holder's name, so a broker may be shared."""

    def __init__(self, folder: Path, bootstrap: str, *, holder: str = HOLDER, on_delay: float = 2, **edge: Any) -> None:
        """`on_delay` is that of the alarm, seconds; `edge` are settings of the agent beside the usual ones."""
        self.folder, self.bootstrap, self.holder = folder, bootstrap, holder
        self.journal, self.archive = folder / "journal.db", folder / "archive.duckdb"
        self.committed = Committed()
        self.exactly_once = bool(edge.get("exactly_once"))
        self._console = free_port()
        self._edge, self._on_delay = edge, on_delay
        self._children: dict[str, Child] = {}
        self._before_agent: list[str] = []

    @property
    def measurements(self) -> str:
        """The name of their stream."""
        return f"{CMO}.{SENDER}.{self.holder}.measurements.v1"

    def put_journal_on(self, disk: SmallDisk) -> None:
        """Before `prepare`: the agent is started so that it sees the disk."""
        self._edge["journal"] = str(disk.path / "journal.db")
        self.journal, self._before_agent = disk.seen / "journal.db", disk.command

    async def prepare(self) -> None:
        """Keys, configurations, and the device, once it listens."""
        for key, name in (
            (keys.generate(CMO, keys.Role.SENDER, SENDER), "agent"),
            (keys.generate(self.holder, keys.Role.NODE, self.holder), "node"),
        ):
            keys.save(key, self.folder / f"{name}.key")
            keys.save_public(key, self.folder / f"{name}.vkey")
        self._start("device", [sys.executable, "-m", "tests.support.truth", self.folder])
        await eventually((self.folder / "port").exists, within=60, what="the device listens")
        port = int((self.folder / "port").read_text())
        for name, content in (
            ("site", _site(self._on_delay)),
            ("edge", self._edge_settings(port)),
            ("holder", self._node_settings()),
        ):
            (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(content))

    def start_agent(self, **environment: str) -> None:
        """As a supervisor would, at once."""
        self._start("agent", [*self._before_agent, program("cmo-edge"), "run", self.folder / "edge.yaml"], environment)

    def start_node(self) -> None:
        """The holder's node."""
        self._start("node", [program("cmo-gateway"), "run", self.folder / "holder.yaml"])

    def kill(self, name: str) -> None:
        """End a part at once, as a power cut would. It must have been running."""
        child = self._children.pop(name)
        code = child.exit_code
        child.kill()
        assert code is None, f"the {name} had ended by itself with {code}: {self.tail(name)}"
        if name == "agent":
            self.committed.look(self.journal)

    def stop(self, name: str) -> None:
        """Ask a part to end, and see that it does."""
        child = self._children.pop(name)
        child.stop(STOP)
        assert child.exit_code == 0, f"the {name} ended with {child.exit_code}: {self.tail(name)}"
        if name == "agent":
            self.committed.look(self.journal)

    def close(self) -> None:
        """End whatever still runs."""
        for child in self._children.values():
            child.kill()
        self._children.clear()

    def running(self, name: str) -> bool:
        """Whether the part runs."""
        return name in self._children and self._children[name].exit_code is None

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a part."""
        os.kill(self._children[name].pid, number)

    def level(self, value: int) -> None:
        """Let the device measure another level, Pa."""
        part = self.folder / "level.part"
        part.write_text(str(value))
        part.rename(self.folder / "level")

    def said(self, name: str) -> list[dict[str, Any]]:
        """What a part logged so far."""
        lines = self._log(name).read_text(errors="replace").split("\n")[:-1] if self._log(name).exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def times(self, name: str, event: str) -> int:
        """How often a part logged an event."""
        return sum(line.get("event") == event for line in self.said(name))

    def tail(self, name: str) -> str:
        """The end of a part's log."""
        return self._log(name).read_text(errors="replace")[-1500:]

    async def ask(self, path: str) -> Any:
        """What the node's API answers; None while it does not."""
        url = f"http://127.0.0.1:{self._console}/api/{path}"
        try:
            return json.loads(await asyncio.to_thread(lambda: urlopen(url, timeout=60).read()))
        except (URLError, OSError):
            return None

    async def received(self) -> Mapping[str, int]:
        """The last number of each stream that the node has without a hole."""
        return await self._streams("received")

    async def alarms(self) -> dict[str, str]:
        """State by condition of the alarms that the node shows."""
        return {row["condition"]: row["state"] for row in await self.ask("alarms") or ()}

    async def _streams(self, field: str) -> Mapping[str, int]:
        answer = await self.ask("evidence")
        return {row["stream"]: row[field] for row in answer["streams"]} if answer else {}

    async def flowing(self, within: float = 60) -> None:
        """Wait until measurements that are made from now on reach the node."""
        made = await self.made()

        async def more() -> bool:
            return (await self.received()).get(self.measurements, 0) > made

        await eventually(more, within=within, every=0.2, what=f"more than {made} measurements at the holder")

    async def made(self) -> int:
        """The last number of the measurements that the running agent's journal gave."""
        if not self._before_agent:
            return (await asyncio.to_thread(sizes, self.journal)).get(self.measurements, 0)
        command = [*self._before_agent, sys.executable, "-c", _SIZE, self._edge["journal"], self.measurements]
        asked = await create_subprocess_exec(
            *command, stdout=PIPE, stderr=DEVNULL
        )  # SQLite does not open a file through /proc
        return int((await asked.communicate())[0] or 0)

    async def makes(self, count: int) -> None:
        """Wait until the agent has committed so many more measurements."""
        before = await self.made()

        async def more() -> bool:
            return await self.made() >= before + count

        await eventually(more, within=60, every=0.2, what=f"{count} more measurements in the journal")

    async def complete(self, within: float = 120) -> None:
        """Wait until the node has everything that the agent, which is stopped, has committed, and a seal proves it."""

        async def all_there() -> bool:
            verified = await self._streams("verified")
            missing = {
                s: (verified.get(s), size) for s, size in self.committed.sizes.items() if verified.get(s) != size
            }
            assert not missing, missing
            return True

        await eventually(all_there, within=within, every=0.3, what="everything committed is verified at the holder")

    async def finish(self, within: float = 120) -> Verdict:
        """Stop the agent, let the node take what is left, stop it too, and judge."""
        self.stop("agent")
        await self.complete(within)
        self.stop("node")
        return judge(await self.evidence())

    async def evidence(self) -> Evidence:
        """What the run left behind; nothing of it runs any more but broker and device."""
        found = await from_topics(self.bootstrap, CMO, self.holder, committed=self.exactly_once)
        evidence = Evidence(
            served=truth.served(self.folder), committed=self.committed.leaves, sizes=self.committed.sizes,
            topic=entries_of(found),
        )  # fmt: skip
        await asyncio.to_thread(from_archive, self.archive, evidence)
        assert all(stream_named(stream) for stream, _ in dict(evidence.topic))
        return evidence

    def _start(self, name: str, command: list[str | Path], environment: Mapping[str, str] | None = None) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        self._children[name] = Child(command, log=self._log(name), cwd=self.folder, env=env)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _edge_settings(self, port: int) -> dict[str, Any]:
        source = {
            "type": "modbus", "name": SOURCE, "host": "127.0.0.1", "port": port, "poll_interval": 0.05,
            "timeout": 5, "silence": 10, "proof": "none-available", "tags": truth.tags(),
        }  # fmt: skip
        usual = {
            "cmo": CMO, "sender": SENDER, "recipients": [self.holder], "site": "site.yaml",
            "kafka": {"bootstrap": self.bootstrap, "security": "plaintext"}, "journal": str(self.journal),
            "key": "agent.key", "trust": ["node.vkey"], "seal_interval": 1, "sources": [source],
        }  # fmt: skip
        return usual | self._edge

    def _node_settings(self) -> dict[str, Any]:
        return {
            "name": self.holder, "cmo": CMO, "site": "site.yaml",
            "kafka": {"bootstrap": self.bootstrap, "security": "plaintext"}, "trust": ["agent.vkey"],
            "key": "node.key", "archive": str(self.archive), "console": {"port": self._console},
        }  # fmt: skip


_SIZE = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(*db.execute("SELECT size FROM streams WHERE name = ?", sys.argv[2:]).fetchone())
"""


def _site(on_delay: float) -> dict[str, Any]:
    rooms = [
        {"id": room, "name": {"en": room, "zh": room}, "grade": "C", "at": [at, 0, 2, 2]}
        for at, room in ((0, "R1"), (3, "R2"))
    ]
    limit = {"low": LIMIT, "on_delay": on_delay}
    return {
        "site": "plant-t", "name": {"en": "Plant T", "zh": "测试厂"}, "line": "line-t", "zone": "Etc/UTC",
        "rooms": rooms, "differentials": [{"tag": "T.Level", "room": "R1", "against": "R2", "limit": limit}],
    }  # fmt: skip


def program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


@asynccontextmanager
async def line(folder: Path, bootstrap: str, *, disk: SmallDisk | None = None, **settings: Any) -> AsyncIterator[Line]:
    """A line with its device; agent and node are started by the test. Ends what still runs."""
    one = Line(folder, bootstrap, **settings)
    try:
        if disk is not None:
            one.put_journal_on(disk)
        await one.prepare()
        yield one
    finally:
        one.close()
