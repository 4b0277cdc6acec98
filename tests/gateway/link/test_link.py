"""Publisher and receiver over a real Kafka: in order, nothing lost while the broker is away, nothing dropped unread."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from edge.route import Route
from gateway.intake.inspection import Inspected, Inspector, Memory, Standing
from gateway.intake.message import Batch, Message, Place
from gateway.journal.journal import Journal
from gateway.link import receiver
from gateway.link.publisher import Publisher, streams_of
from gateway.link.receiver import Receiver
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Headers, headers
from gateway.proof.keys import Role, generate, public_keys
from schemas.codec import Record, encode
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmState, Evicted, Gap, Schema
from simulators.broker import MockBroker
from tests.gateway.messages import alarm, frame, gap
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka

MIB = 1024 * 1024
KEY = generate("cmo-a", Role.SENDER, "line-3")


def name() -> str:
    return f"holder-{uuid4().hex[:8]}"


class Sender:
    """A journal and the publisher that empties it, as the agent joins them."""

    def __init__(self, kafka: str, recipient: str, file: Path, *, limit: int = 64 * MIB) -> None:
        self.journal = Journal(file, limit=limit)
        streams = streams_of("cmo-a", "line-3", [recipient])
        self._route = Route(streams)
        settings = KafkaSettings(bootstrap=kafka, security="plaintext")
        all_streams = [one for some in streams.values() for one in some]
        self.publisher = Publisher(settings, self.journal, all_streams, KEY)

    async def run(self) -> None:
        await self.publisher.run()

    def offer(self, *given: Record) -> None:
        self.journal.append([draft for record in given for draft in self._route(record)])
        self.publisher.wake()


class Collector:
    """A receiver and an inspector, and what they handed on; `leaves` stands for the archive's."""

    def __init__(
        self, kafka: str, recipient: str, positions: dict[Place, int] | None = None, state: bytes = b""
    ) -> None:
        settings = KafkaSettings(bootstrap=kafka, security="plaintext")
        self.receiver = Receiver(settings, origin="cmo-a", recipient=recipient)
        stream = f"cmo-a.line-3.{recipient}.measurements.v1"
        memory = Memory({stream: state} if state else {})
        node = generate(recipient, Role.NODE, recipient)
        trusted = public_keys(KEY)
        self.inspector = Inspector(
            ("cmo-a", recipient), trusted, node, lambda _stream, number: self.leaves[number], memory
        )
        self.positions = positions or {}
        self.messages: list[Message] = []
        self.leaves: dict[int, bytes] = {}
        self.inspected = Inspected(Batch())
        self.states: dict[str, bytes] = {}
        self.standings: dict[str, Standing] = {}

    async def run(self) -> None:
        async for batch in self.receiver.batches(self.positions):
            self.inspected = self.inspector.inspect(batch, time.time())
            self.messages += self.inspected.messages
            self.states |= self.inspected.states
            self.standings |= self.inspected.standings

    def received(self) -> list[int]:
        return [m.record.received for m in self.messages if isinstance(m.record, Frame)]


@asynccontextmanager
async def running(*parts: Sender | Collector) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def offer_frames(to: Sender, numbers: Sequence[int]) -> None:
    to.offer(*(frame({"dp": float(number)}, received=number) for number in numbers))


@pytest.mark.kafka
async def test_records_of_every_kind_arrive_in_the_order_of_their_streams(kafka: str, tmp_path: Path) -> None:
    """The holder may be there before the topics are."""
    recipient = name()
    sender, collector = Sender(kafka, recipient, tmp_path / "j.db"), Collector(kafka, recipient)
    async with running(sender, collector):
        offer_frames(sender, range(1, 1501))
        sender.offer(alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 5, alarm=uuid4()))
        sender.offer(gap(1, None))
        await asyncio.wait_for(sender.publisher.drained(), 60)
        await eventually(lambda: len(collector.messages) == 1502 + 2 * 3, within=60)
    assert collector.received() == list(range(1, 1501))
    assert {type(m.record) for m in collector.messages} == {Frame, Alarm, Gap, Schema}
    assert {m.stream for m in collector.messages} == {
        f"cmo-a.line-3.{recipient}.{family}.v1" for family in ("measurements", "alarms", "gaps")
    }


@pytest.mark.kafka
async def test_a_receiver_goes_on_where_the_archive_ends(kafka: str, tmp_path: Path) -> None:
    """Positions are given, not taken from a consumer group."""
    recipient = name()
    sender = Sender(kafka, recipient, tmp_path / "j.db")
    async with running(sender):
        offer_frames(sender, range(10))
        await asyncio.wait_for(sender.publisher.drained(), 60)
    topic = f"cmo-a.{recipient}.measurements.v1"
    stream = f"cmo-a.line-3.{recipient}.measurements.v1"
    first = Collector(kafka, recipient)
    async with running(first):
        await eventually(lambda: len(first.received()) == 10, within=60)
    later = Collector(kafka, recipient, {Place(topic, 0): 9}, first.states[stream])
    async with running(later):
        await eventually(lambda: later.inspector.repeats == 3, within=60)
    assert later.received() == []
    assert later.standings[stream].received == 12


@pytest.mark.kafka
async def test_a_killed_broker_costs_nothing(private_kafka: PrivateKafka, tmp_path: Path) -> None:
    """What was offered while it was away arrives afterwards, once, in order; offering never waits."""
    broker, recipient = private_kafka(), name()
    sender, collector = Sender(broker.bootstrap, recipient, tmp_path / "j.db"), Collector(broker.bootstrap, recipient)
    async with running(sender, collector):
        offer_frames(sender, range(100))
        await eventually(lambda: len(collector.received()) == 100, within=60)
        broker.kill()
        offer_frames(sender, range(100, 600))
        await eventually(lambda: not sender.publisher.connected, within=60)
        offer_frames(sender, range(600, 700))
        await asyncio.to_thread(broker.restart)
        await asyncio.wait_for(sender.publisher.drained(), 60)
        await eventually(lambda: len(collector.received()) == 700, within=60)
    assert collector.received() == list(range(700))


async def say(kafka: str, topic: str, octets: bytes, head: Headers) -> None:
    stranger = AIOKafkaProducer(bootstrap_servers=kafka)
    await stranger.start()
    await stranger.send_and_wait(topic, octets, headers=list(head))
    await stranger.stop()


@pytest.mark.kafka
async def test_a_receiver_survives_the_end_of_its_own_client(
    private_kafka: PrivateKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopping aiokafka's consumer while it waits for a broker raises a cancellation that nobody asked for."""
    monkeypatch.setattr(receiver, "LOOK_AGAIN", 0.5)
    broker, recipient = private_kafka(), name()
    sender, collector = Sender(broker.bootstrap, recipient, tmp_path / "j.db"), Collector(broker.bootstrap, recipient)
    async with running(sender, collector):
        offer_frames(sender, range(10))
        await eventually(lambda: len(collector.received()) == 10, within=60)
        broker.kill()
        await eventually(lambda: not collector.receiver.connected, within=60)
        offer_frames(sender, range(10, 20))
        await asyncio.to_thread(broker.restart)
        await eventually(lambda: collector.received() == list(range(20)), within=60)


@pytest.mark.kafka
async def test_what_cannot_be_read_is_handed_on_with_its_bytes_and_the_reason(kafka: str, tmp_path: Path) -> None:
    """Others go on."""
    recipient = name()
    sender, collector = Sender(kafka, recipient, tmp_path / "j.db"), Collector(kafka, recipient)
    topic = f"cmo-a.{recipient}.measurements.v1"
    async with running(sender, collector):
        offer_frames(sender, [1])
        await asyncio.wait_for(sender.publisher.drained(), 60)
        unknown = b"\xc3\x01" + bytes(8) + b"body"
        stream = f"cmo-a.stranger.{recipient}.measurements.v1"
        await say(kafka, topic, b"not a record", headers(stream, "Frame", 1, 0))
        await say(kafka, topic, unknown, headers(stream, "Frame", 2, 0))
        await say(kafka, topic, b"without number", [])
        offer_frames(sender, [2])
        await eventually(lambda: collector.received() == [1, 2], within=60)
    problems = [(m.entry, m.problem) for m in collector.messages if m.record is None]
    assert [entry for entry, _ in problems] == [b"not a record", unknown, b"without number"]
    assert "marker" in str(problems[0][1])
    assert "0000000000000000 is not published" in str(problems[1][1])
    assert "no number" in str(problems[2][1])


@pytest.mark.kafka
async def test_a_repeat_is_left_out_and_a_rival_is_kept_apart(kafka: str, tmp_path: Path) -> None:
    """The same entry again is counted; another content for a number that is taken goes to quarantine."""
    recipient = name()
    sender, collector = Sender(kafka, recipient, tmp_path / "j.db"), Collector(kafka, recipient)
    topic, stream = f"cmo-a.{recipient}.measurements.v1", f"cmo-a.line-3.{recipient}.measurements.v1"
    async with running(sender, collector):
        offer_frames(sender, [1, 2])
        await eventually(lambda: collector.received() == [1, 2], within=60)
        again = collector.messages[-1].entry
        await say(kafka, topic, again, headers(stream, "Frame", 4, 0))
        await say(kafka, topic, encode(frame({"dp": 9.0}, received=9)), headers(stream, "Frame", 4, 0))
        await eventually(lambda: len(collector.messages) == 5, within=60)
    assert collector.inspector.repeats == 1
    assert (collector.messages[-1].record, collector.received()) == (None, [1, 2])
    assert "another content" in str(collector.messages[-1].problem)


@pytest.mark.kafka
async def test_an_agent_that_starts_again_goes_on_where_the_topic_ends(kafka: str, tmp_path: Path) -> None:
    """Also when the cursor in the journal is older: no hole, no repeat."""
    recipient, file = name(), tmp_path / "j.db"
    collector = Collector(kafka, recipient)
    async with running(collector):
        for begin in (0, 1000):
            sender = Sender(kafka, recipient, file)
            async with running(sender):
                offer_frames(sender, range(begin, begin + 1000))
                await asyncio.wait_for(sender.publisher.drained(), 60)
            sender.journal.published({f"cmo-a.line-3.{recipient}.measurements.v1": 5})
            sender.journal.close()
        await eventually(lambda: len(collector.received()) == 2000, within=60)
    assert collector.received() == list(range(2000))
    assert collector.inspector.repeats == 0
    assert (
        collector.standings[f"cmo-a.line-3.{recipient}.measurements.v1"].received == collector.messages[-1].last_number
    )


@pytest.mark.kafka
async def test_a_replaced_journal_does_not_fork_the_stream(kafka: str, tmp_path: Path) -> None:
    """Numbers that the topic has are not given to other records; it is said, and nothing is published."""
    recipient = name()
    first = Sender(kafka, recipient, tmp_path / "j.db")
    async with running(first):
        offer_frames(first, range(10))
        await asyncio.wait_for(first.publisher.drained(), 60)
    other, collector = Sender(kafka, recipient, tmp_path / "other.db"), Collector(kafka, recipient)
    async with running(other, collector):
        offer_frames(other, range(100, 105))
        await eventually(lambda: other.publisher.problem, within=60)
        await eventually(lambda: collector.received() == list(range(10)), within=60)
    assert "another agent sends under this name" in str(other.publisher.problem)
    assert other.journal.waiting == 7


@pytest.mark.kafka
async def test_what_had_to_make_room_is_told_by_its_leaves(kafka: str, tmp_path: Path) -> None:
    """The numbers have no hole, and each entry that is gone left its hash."""
    recipient = name()
    sender, collector = Sender(kafka, recipient, tmp_path / "j.db", limit=30_000), Collector(kafka, recipient)
    for number in range(100):
        offer_frames(sender, [number])
    async with running(sender, collector):
        await asyncio.wait_for(sender.publisher.drained(), 60)
        await eventually(lambda: collector.received()[-1:] == [99], within=60)
    runs = [m.record for m in collector.messages if isinstance(m.record, Evicted)]
    assert sum(len(run.leaves) for run in runs) + len(collector.received()) == 100
    assert len(runs) >= 1
    assert collector.inspector.repeats == 0
    assert (
        collector.standings[f"cmo-a.line-3.{recipient}.measurements.v1"].received == collector.messages[-1].last_number
    )


async def test_the_stand_in_broker_carries_a_first_look(tmp_path: Path) -> None:
    """Without Java the demo runs on librdkafka's mock cluster, which makes topics only by itself."""
    broker, recipient = MockBroker(), name()
    broker.start()
    collector = Collector(broker.bootstrap, recipient)
    sender = Sender(broker.bootstrap, recipient, tmp_path / "j.db")
    try:
        async with running(sender, collector):
            offer_frames(sender, range(50))
            await eventually(lambda: collector.received() == list(range(50)), within=60)
    finally:
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
