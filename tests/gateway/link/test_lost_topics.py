"""A broker that comes back with an empty disk: what the journal still has is published again."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest

from simulators.broker import KafkaBroker
from tests.gateway.link.uplinks import Line, new_name, numbers, running
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka

pytestmark = pytest.mark.kafka


def emptied(broker: KafkaBroker) -> None:
    broker.stop()
    shutil.rmtree(broker.log.parent / "data")
    broker.start()


async def test_entries_without_a_receipt_are_published_again(private_kafka: PrivateKafka, tmp_path: Path) -> None:
    """And where the recipient's receipt let entries go, it is said which numbers the topic lost."""
    broker = private_kafka()
    line = Line(broker.bootstrap, new_name(), tmp_path / "j.db")
    async with running(line):
        line.offer_frames(range(10))
        await line.drained()
        first = line.journal.heads()[line.stream.name]
        await asyncio.to_thread(emptied, broker)
        line.offer_frames(range(10, 20))
        await line.drained(90)
        assert await numbers(broker.bootstrap, line.stream) == list(range(1, 23))
        assert line.publisher.problem is None
        line.journal.confirm(line.stream.name, first.size, first.root, int(time.time()))
        await asyncio.to_thread(emptied, broker)
        line.offer_frames(range(20, 30))
        await line.drained(90)
        await eventually(lambda: line.publisher.problem, within=60)
    assert await numbers(broker.bootstrap, line.stream) == list(range(13, 33))
    assert "lost numbers 1 to 12" in str(line.publisher.problem)
