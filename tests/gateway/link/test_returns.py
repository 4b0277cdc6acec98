"""Receipts come home over a real Kafka: what a trusted node confirms goes from the journal, and nothing else does."""

import time
from functools import partial
from pathlib import Path

import pytest

from gateway.link.topics import RECEIPTS, SEALS, topic
from gateway.proof.checkpoint import Checkpoint, countersign, write_seal
from gateway.proof.keys import Role, generate
from gateway.proof.note import SigningKey
from tests.gateway.link.uplinks import KEY, Line, new_name, node_key, numbers, running, say, whole
from tests.support.eventually import eventually
from tests.support.kafka import create_topic

pytestmark = pytest.mark.kafka
NOW = int(time.time())


async def test_a_receipt_lets_entries_go(kafka: str, tmp_path: Path) -> None:
    """Its topic may come after the agent; a later receipt counts too."""
    recipient = new_name()
    node = node_key(recipient)
    line = Line(kafka, recipient, tmp_path / "j.db", node=node)
    back = topic(recipient, "cmo-a", RECEIPTS)
    async with running(line):
        for end, count in ((12, 10), (17, 5)):
            line.offer_frames(range(count))
            await line.drained()
            line.seal()
            seal = await eventually(partial(seal_of, kafka, line, end), within=60, every=0.3)
            if end == 12:
                await create_topic(kafka, back)
            await say(kafka, back, line.stream.name.encode(), countersign(seal, node, NOW + end))
            await eventually(partial(confirmed, line, end, NOW + end), within=60)
            await eventually(lambda: not line.journal.entries(line.stream.name, 0, 10), within=60)
    assert line.uplink.receipts.refused == 0
    assert line.uplink.status()["streams"][line.stream.name]["confirmed"] == 17


def confirmed(line: Line, number: int, at: int) -> bool:
    return line.journal.confirmed(line.stream.name) == (number, at)


async def seal_of(kafka: str, line: Line, size: int) -> bytes:
    """The seal of so many measurements, once it is published."""
    seals = await whole(kafka, topic("cmo-a", line.stream.recipient, SEALS))
    head = f"{line.stream.name}\n{size}\n".encode()
    return next((raw.value for raw in seals if raw.value.startswith(head)), b"")


async def test_what_is_no_receipt_changes_nothing(kafka: str, tmp_path: Path) -> None:
    """Forged, foreign or contradicting: said and counted. That of another sender is not ours to judge."""
    recipient, other = new_name(), new_name()
    node, back = node_key(recipient), topic(recipient, "cmo-a", RECEIPTS)
    line = Line(kafka, recipient, tmp_path / "j.db", node=node)
    await create_topic(kafka, back)
    name = line.stream.name.encode()
    async with running(line):
        line.offer_frames(range(10))
        await line.drained()
        line.seal()
        seal = await eventually(lambda: seal_of(kafka, line, 12), within=60, every=0.3)
        root = line.journal.heads()[line.stream.name].root

        def of(size: int, root: bytes, by: SigningKey = KEY) -> bytes:
            return countersign(write_seal(Checkpoint(line.stream.name, size, root), by, NOW), node, NOW)

        receipt = countersign(seal, node, NOW)
        bad = [
            b"no note",
            seal,
            countersign(seal, node_key(recipient), NOW),
            countersign(seal, node_key(other), NOW),
            receipt[:-20] + b"AAAA" + receipt[-16:],
            of(12, bytes(32)),
            of(13, root),
            of(12, root, generate("cmo-a", Role.SENDER, "line-3")),
        ]
        for value in bad:
            await say(kafka, back, name, value)
        await say(kafka, back, f"cmo-a.line-3.{other}.measurements.v1".encode(), receipt)
        await say(kafka, back, f"cmo-a.line-4.{recipient}.measurements.v1".encode(), b"another agent's")
        await eventually(lambda: line.uplink.receipts.refused == len(bad) + 1, within=60)
        assert line.journal.confirmed(line.stream.name) == (0, 0)
        assert len(line.journal.entries(line.stream.name, 0, 100)) == 12
        await say(kafka, back, name, receipt)
        await eventually(lambda: line.journal.confirmed(line.stream.name) == (12, NOW), within=60)
    assert line.uplink.status()["refused"]["receipts"] == len(bad) + 1
    assert await numbers(kafka, line.stream) == list(range(1, 13))
