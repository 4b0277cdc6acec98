"""Lives that end anywhere, over a real Kafka: never a hole; identical repeats at most, in transactions none."""

import asyncio
import random
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from gateway.link.messages import messages
from gateway.link.outlet import Outlet
from gateway.link.tail import last_numbers
from tests.gateway.link.uplinks import Line, entries, new_name, new_sender, numbers, running
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka

pytestmark = pytest.mark.kafka


@pytest.mark.parametrize("exactly_once", [True, False])
async def test_lives_that_end_anywhere_leave_no_hole(kafka: str, tmp_path: Path, exactly_once: bool) -> None:
    """Each life is cut off at a random moment; the last one ends the work."""
    recipient, key, chance = new_name(), new_sender(), random.Random(4)
    for life in range(5):
        line = Line(kafka, recipient, tmp_path / "j.db", key=key, exactly_once=exactly_once)
        async with running(line):
            line.offer_frames(range(1000 * life, 1000 * life + 1000))
            if life < 4:
                await eventually(partial(getattr, line.publisher, "connected"), within=60, every=0.005)
                await asyncio.sleep(chance.uniform(0, 0.1))
            else:
                await line.drained(60)
        line.journal.close()
    found = await entries(kafka, line.stream)
    assert [number for number, _ in dict.fromkeys(found)] == list(range(1, 5003))
    if exactly_once:
        assert len(found) == 5002


async def test_what_a_predecessor_did_not_commit_is_never_read(kafka: str, tmp_path: Path) -> None:
    """The successor ends its transaction, goes on from what is committed, and fences it."""
    recipient, key = new_name(), new_sender()
    line = Line(kafka, recipient, tmp_path / "j.db", key=key, exactly_once=True)
    options = {"bootstrap_servers": kafka}
    async with running(line):
        line.offer_frames(range(10))
        await line.drained()
    line.offer_frames(range(10, 20))
    predecessor = Outlet(options, f"cmo-a.{line.stream.sender}.{recipient}")
    await predecessor.start()
    place = await predecessor.place(line.stream.topic, line.stream.name.encode())
    late = list(messages(line.journal.entries(line.stream.name, 12, 10), new_sender()))
    await predecessor._producer.begin_transaction()
    await predecessor._send_to(place, late)
    try:
        async with running(line):
            await line.drained(60)
            assert await numbers(kafka, line.stream) == list(range(1, 23))
            with pytest.raises(KafkaError):
                await predecessor._producer.commit_transaction()
    finally:
        await predecessor.stop()
    assert await numbers(kafka, line.stream) == list(range(1, 23))


async def test_an_aborted_transaction_at_the_end_does_not_hide_the_last_number(kafka: str, tmp_path: Path) -> None:
    """Markers and aborted messages take offsets that no reader is given."""
    line = Line(kafka, new_name(), tmp_path / "j.db", key=new_sender(), exactly_once=True)
    async with running(line):
        line.offer_frames(range(10))
        await line.drained()
    options = {"bootstrap_servers": kafka}
    other = Outlet(options, f"cmo-a.{new_sender().name[-13:]}")
    await other.start()
    place = await other.place(line.stream.topic, line.stream.name.encode())
    for _ in range(3):
        await other._producer.begin_transaction()
        await other._send_to(place, list(messages(line.journal.entries(line.stream.name, 0, 600), new_sender())))
        await other._producer.abort_transaction()
    await other.stop()
    last = await last_numbers(options, {line.stream: place}, settled=True)
    assert last[line.stream].number == 12
    assert await numbers(kafka, line.stream) == list(range(1, 13))


@pytest.mark.parametrize("exactly_once", [True, False])
async def test_a_request_that_lands_late_is_at_most_an_identical_repeat(
    private_kafka: PrivateKafka, tmp_path: Path, exactly_once: bool
) -> None:
    """The agent dies while the broker is frozen with its request unread; in transactions it is never committed."""
    broker, key = private_kafka(), new_sender()
    file, recipient = tmp_path / "j.db", new_name()
    line = Line(broker.bootstrap, recipient, file, key=key, exactly_once=exactly_once)
    async with running(line):
        line.offer_frames(range(10))
        await line.drained()
        broker.freeze()
        line.offer_frames(range(10, 500))
        await asyncio.sleep(0.3)  # its request is in the broker's socket
    line.journal.close()
    again = Line(broker.bootstrap, recipient, file, key=key, exactly_once=exactly_once)
    async with running(again):
        broker.thaw()
        again.offer_frames(range(500, 510))
        await again.drained(60)
    found = await entries(broker.bootstrap, again.stream)
    assert [number for number, _ in dict.fromkeys(found)] == list(range(1, 513))
    if exactly_once:
        assert len(found) == 512


@pytest.mark.parametrize("exactly_once", [True, False])
async def test_brokers_that_leave_while_the_client_starts_are_waited_for(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exactly_once: bool
) -> None:
    """The client then raises an AssertionError of its own, here made: the moment cannot be met with a real broker."""
    left = ["once", "twice"]

    class Leaving(AIOKafkaProducer):  # type: ignore[misc]
        async def start(self) -> None:
            if left:
                raise AssertionError(left.pop())
            await super().start()

    monkeypatch.setattr("gateway.link.outlet.AIOKafkaProducer", Leaving)
    line = Line(kafka, new_name(), tmp_path / "j.db", key=new_sender(), exactly_once=exactly_once)
    async with running(line):
        line.offer_frames(range(10))
        await line.drained(60)
    assert left == []
    assert await numbers(kafka, line.stream) == list(range(1, 13))
