"""Kills at moments that nobody chose: what the short tests and the long ones share."""

import asyncio
import base64
import shutil
from pathlib import Path
from random import Random

from aiokafka import ConsumerRecord

from gateway.link.topics import RECEIPTS
from gateway.proof.merkle import Tree
from tests.support.eventually import eventually
from tests.support.evidence import back, from_archive, messages
from tests.support.judge import Evidence, Verdict
from tests.support.line import CMO, Line

CONNECTED = "kafka connected"
EARLY, SOON, LATER = (0.0, 1.5), (0.0, 0.1), (0.0, 1.2)
"""Seconds: from the start on; from the moment that Kafka is reached, when all that waited goes out; further on."""


async def kill_agent_at_random(line: Line, kills: int, seed: int) -> Verdict:
    """Kill the agent again and again while it starts, drains and publishes; start it anew at once, as systemd would."""
    random = Random(seed)
    line.start_node()
    line.start_agent()
    await line.flowing()
    for _ in range(kills):
        line.kill("agent")
        before = line.times("agent", CONNECTED)
        line.start_agent()
        await _some_moment(line, "agent", before, random)
    await line.flowing()
    return await line.finish()


async def kill_node_at_random(line: Line, kills: int, seed: int) -> Verdict:
    """Kill the holder's node again and again; each time, what it has confirmed must be in its archive."""
    random = Random(seed)
    line.start_node()
    line.start_agent()
    await line.flowing()
    for _ in range(kills):
        line.kill("node")
        await confirmed_is_archived(line)
        before = line.times("node", CONNECTED)
        line.start_node()
        await _some_moment(line, "node", before, random)
    await line.flowing()
    return await line.finish()


async def _some_moment(line: Line, name: str, before: int, random: Random) -> None:
    span = random.choice([EARLY, SOON, LATER])
    if span is not EARLY:
        await eventually(
            lambda: line.times(name, CONNECTED) > before, within=60, what=f"the {name} reaches Kafka again"
        )
    await asyncio.sleep(random.uniform(*span))


async def confirmed_is_archived(line: Line) -> int:
    """Every receipt in the topic counts only what the archive of the killed node has; gives how many there are."""
    receipts = await messages(line.bootstrap, [back(CMO, line.holder, RECEIPTS)])
    evidence = Evidence()
    await asyncio.to_thread(_from_copy, line.archive, line.folder / "copy", evidence)
    leaves = dict(evidence.archived)
    for stream, size, root in map(_parsed, receipts):
        tree = Tree()
        for number in range(1, size + 1):
            tree.append(leaves[stream, number])
        assert tree.root() == root, f"a receipt for {size} entries of {stream}, and the archive has others"
    return len(receipts)


def _from_copy(archive: Path, folder: Path, evidence: Evidence) -> None:
    """What a killed node left, read from a copy: opening the file would repair it."""
    folder.mkdir()
    for suffix in ("", ".wal"):
        if (file := archive.with_name(archive.name + suffix)).exists():
            shutil.copy(file, folder / file.name)
    from_archive(folder / archive.name, evidence)
    shutil.rmtree(folder)


def _parsed(receipt: ConsumerRecord) -> tuple[str, int, bytes]:
    """Stream, size and root of a countersigned checkpoint (C2SP tlog-checkpoint)."""
    origin, size, root, *_ = (receipt.value or b"").decode().split("\n")
    return origin, int(size), base64.b64decode(root)
