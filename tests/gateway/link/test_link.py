"""Publisher and receiver over a real Kafka: in order, nothing lost while the broker is away, nothing dropped unread."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from gateway.link.publisher import Publisher
from gateway.link.receiver import Receiver
from gateway.link.settings import KafkaSettings
from gateway.message import Message, Place
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmState, Gap
from simulators.broker import MockBroker
from tests.gateway.messages import alarm, frame, gap
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka

MIB = 1024 * 1024


def name() -> str:
    return f"holder-{uuid4().hex[:8]}"


def publisher(kafka: str, recipient: str, octets: int = 64 * MIB) -> Publisher:
    settings = KafkaSettings(bootstrap=kafka, security="plaintext")
    return Publisher(settings, origin="cmo-a", sender="line-3", recipients=[recipient], octets=octets)


class Collector:
    """A receiver and what it handed on."""

    def __init__(self, kafka: str, recipient: str, positions: dict[Place, int] | None = None) -> None:
        settings = KafkaSettings(bootstrap=kafka, security="plaintext")
        self.receiver = Receiver(settings, origin="cmo-a", recipient=recipient)
        self.positions = positions or {}
        self.messages: list[Message] = []

    async def run(self) -> None:
        async for batch in self.receiver.batches(self.positions):
            self.messages += batch

    def received(self) -> list[int]:
        return [m.record.received for m in self.messages if isinstance(m.record, Frame)]


@asynccontextmanager
async def running(*parts: Publisher | Collector) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def offer_frames(to: Publisher, numbers: Sequence[int]) -> None:
    for number in numbers:
        to.offer(frame({"dp": float(number)}, received=number))


@pytest.mark.kafka
async def test_records_of_every_kind_arrive_in_the_order_of_their_streams(kafka: str) -> None:
    """The holder may be there before the topics are."""
    recipient = name()
    sender, collector = publisher(kafka, recipient), Collector(kafka, recipient)
    async with running(sender, collector):
        offer_frames(sender, range(1, 1501))
        sender.offer(alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 5, alarm=uuid4()))
        sender.offer(gap(1, None))
        await asyncio.wait_for(sender.drained(), 30)
        await eventually(lambda: len(collector.messages) == 1502, within=30)
    assert collector.received() == list(range(1, 1501))
    assert {type(m.record) for m in collector.messages} == {Frame, Alarm, Gap}
    assert {m.stream for m in collector.messages} == {
        f"cmo-a.line-3.{recipient}.{family}.v1" for family in ("measurements", "alarms", "gaps")
    }


@pytest.mark.kafka
async def test_a_receiver_goes_on_where_the_archive_ends(kafka: str) -> None:
    """Positions are given, not taken from a consumer group."""
    recipient = name()
    sender = publisher(kafka, recipient)
    async with running(sender):
        offer_frames(sender, range(10))
        await asyncio.wait_for(sender.drained(), 30)
    later = Collector(kafka, recipient, {Place(f"cmo-a.{recipient}.measurements.v1", 0): 7})
    async with running(later):
        await eventually(lambda: later.received() == [7, 8, 9], within=20)


@pytest.mark.kafka
async def test_a_killed_broker_costs_nothing(private_kafka: PrivateKafka) -> None:
    """What was offered while it was away arrives afterwards, once, in order; offering never waits."""
    broker, recipient = private_kafka(), name()
    sender, collector = publisher(broker.bootstrap, recipient), Collector(broker.bootstrap, recipient)
    async with running(sender, collector):
        offer_frames(sender, range(100))
        await eventually(lambda: len(collector.messages) == 100, within=30)
        broker.kill()
        offer_frames(sender, range(100, 600))
        await eventually(lambda: not sender.connected, within=30)
        offer_frames(sender, range(600, 700))
        await asyncio.to_thread(broker.restart)
        await asyncio.wait_for(sender.drained(), 60)
        await eventually(lambda: len(collector.messages) == 700, within=30)
    assert collector.received() == list(range(700))


@pytest.mark.kafka
async def test_what_cannot_be_read_is_handed_on_with_its_bytes_and_the_reason(kafka: str) -> None:
    """Others go on."""
    recipient = name()
    sender, collector = publisher(kafka, recipient), Collector(kafka, recipient)
    async with running(sender, collector):
        offer_frames(sender, [1])
        await asyncio.wait_for(sender.drained(), 30)
        stranger = AIOKafkaProducer(bootstrap_servers=kafka)
        await stranger.start()
        topic = f"cmo-a.{recipient}.measurements.v1"
        for octets in (b"not a record", b"\xc3\x01" + bytes(8) + b"body", b""):
            await stranger.send_and_wait(topic, octets)
        await stranger.stop()
        offer_frames(sender, [2])
        await eventually(lambda: collector.received() == [1, 2], within=20)
    problems = [(m.entry, m.problem) for m in collector.messages if m.record is None]
    assert [entry for entry, _ in problems] == [b"not a record", b"\xc3\x01" + bytes(8) + b"body", b""]
    assert "marker" in str(problems[0][1])
    assert "0000000000000000 is not published" in str(problems[1][1])


@pytest.mark.kafka
async def test_an_event_that_comes_twice_is_handed_on_once(kafka: str) -> None:
    """Same source and id: a repeat, counted."""
    recipient = name()
    sender, collector = publisher(kafka, recipient), Collector(kafka, recipient)
    async with running(sender, collector):
        record = frame({"dp": 1.0}, received=1)
        sender.offer(record)
        sender.offer(record)
        offer_frames(sender, [2])
        await eventually(lambda: collector.received() == [1, 2], within=30)
    assert collector.receiver.repeats == 1


async def test_a_full_buffer_drops_measurements_and_says_so() -> None:
    """With Kafka away for good; the alarm stays."""
    sender = publisher("127.0.0.1:9", name(), octets=20_000)
    offer_frames(sender, range(100))
    sender.offer(alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 5, alarm=uuid4()))
    offer_frames(sender, range(100, 200))
    lost = sender.take_lost()["ems"]
    assert sender.octets <= 20_000
    assert lost.began == 0
    assert lost.samples + sender.waiting - 1 == 200


async def test_the_stand_in_broker_carries_a_first_look() -> None:
    """Without Java the demo runs on librdkafka's mock cluster, which makes topics only by itself."""
    broker, recipient = MockBroker(), name()
    broker.start()
    sender, collector = publisher(broker.bootstrap, recipient), Collector(broker.bootstrap, recipient)
    try:
        async with running(sender, collector):
            offer_frames(sender, range(50))
            await eventually(lambda: sorted(collector.received()) == list(range(50)), within=40)
    finally:
        with suppress(Exception):
            broker.stop()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"bootstrap": "kafka.example:9092", "security": "plaintext"}, "loopback only"),
        ({"bootstrap": "127.0.0.1", "security": "plaintext"}, "not host:port"),
        ({"bootstrap": "kafka.example:9092", "security": "sasl-tls"}, "needs user and password_file"),
        ({"bootstrap": "kafka.example:9092", "certificate_file": "c.pem"}, "belong together"),
    ],
)
def test_settings_that_would_be_unsafe_or_useless_are_refused(given: dict[str, str], fault: str) -> None:
    """Before anything connects."""
    with pytest.raises(ValueError, match=fault):
        KafkaSettings.model_validate(given)
