"""The node's way in and back on a real Kafka: receipts, requests, and what an administrator may do to a topic."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from gateway.archive.archive import Archive
from gateway.intake.intake import Intake
from gateway.intake.message import Message
from gateway.link.settings import KafkaSettings
from gateway.link.topics import RECEIPTS, RESENDS, RESENT, SEALS, topic
from gateway.proof.checkpoint import Checkpoint, open_receipt, write_seal
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.merkle import Tree, leaf_hash
from gateway.proof.resend import open_resend
from tests.gateway.messages import SECOND, frame, sent
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka, create_topic

pytestmark = pytest.mark.kafka
SENDER = generate("cmo-a", Role.SENDER, "line-3")
TRUSTED = public_keys(SENDER)
WITHIN = 60.0
"""Seconds that a busy machine may take."""


class Plant:
    """A sender that a test moves by hand, and what comes back to it."""

    def __init__(self, kafka: str, producer: AIOKafkaProducer) -> None:
        self.kafka, self._producer = kafka, producer
        self.holder = f"holder-{uuid4().hex[:8]}"
        self.stream = f"cmo-a.line-3.{self.holder}.measurements.v1"
        self.topic = topic("cmo-a", self.holder, "measurements")
        self.messages: list[Message] = []
        self._time = int(time.time())

    async def prepare(self) -> None:
        """The topics that a sender makes."""
        for name in (self.topic, self.to(SEALS), self.to(RESENT)):
            await create_topic(self.kafka, name, retention_ms="-1")

    def to(self, kind: str) -> str:
        return topic("cmo-a", self.holder, kind)

    def back(self, kind: str) -> str:
        return topic(self.holder, "cmo-a", kind)

    def make(self, count: int) -> list[Message]:
        """The next entries of the stream, not sent yet."""
        begin = len(self.messages) + 1
        made = [
            sent(self.stream, n, frame({"dp": float(n)}, received=n * SECOND), 0) for n in range(begin, begin + count)
        ]
        self.messages += made
        return made

    async def say(self, messages: list[Message], name: str | None = None) -> None:
        for message in messages:
            head = list(message.headers.items())
            await self._producer.send_and_wait(name or self.topic, message.entry, key=message.key, headers=head)

    async def seal(self) -> None:
        """A seal of all entries that were made."""
        await self.note(*self.messages)

    async def note(self, *messages: Message) -> None:
        """A seal of these, which are all of their stream."""
        tree, stream = Tree(), messages[0].stream
        for message in messages:
            tree.append(leaf_hash(message.entry))
        self._time += 1
        note = write_seal(Checkpoint(stream, tree.size, tree.root()), SENDER, self._time)
        await self._producer.send_and_wait(self.to(SEALS), note, key=stream.encode())

    async def answers(self, kind: str) -> list[bytes]:
        """All that came back in a topic so far."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, enable_auto_commit=False)
        await consumer.start()
        try:
            place = TopicPartition(self.back(kind), 0)
            if self.back(kind) not in await consumer.topics():
                return []
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            end, found = (await consumer.end_offsets([place]))[place], list[bytes]()
            while await consumer.position(place) < end:
                fetched = await consumer.getmany(place, timeout_ms=200)
                found += [record.value or b"" for record in fetched.get(place, ())]
            return found
        finally:
            await consumer.stop()


class Node:
    """A holder's node without its console."""

    def __init__(self, plant: Plant, file: Path) -> None:
        settings = KafkaSettings(bootstrap=plant.kafka, security="plaintext")
        self.key = generate(plant.holder, Role.NODE, plant.holder)
        self._stream = plant.stream
        self.archive = Archive(file)
        self.intake = Intake(settings, ("cmo-a", plant.holder), TRUSTED, self.key, self.archive)
        self.codes: set[str] = set()

    async def run(self) -> None:
        async def receive() -> None:
            async for inspected in self.intake.batches():
                self.codes |= {finding.code.value for finding in inspected.findings if finding.alarms}

        await asyncio.gather(self.intake.answer(), receive())

    def confirmed(self) -> int:
        standing = self.intake.live.streams.get(self._stream)
        return standing.confirmed if standing else 0

    def values(self) -> list[float]:
        return [value for (value,) in self.archive.rows("SELECT value FROM samples ORDER BY number")]


@asynccontextmanager
async def plant_at(kafka: str, **options: str) -> AsyncIterator[Plant]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, **options)
    await producer.start()
    try:
        plant = Plant(kafka, producer)
        await plant.prepare()
        yield plant
    finally:
        await producer.stop()


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[Node]:
    task = asyncio.create_task(node.run())
    try:
        yield node
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(node.archive.close)


async def until(predicate: Callable[[], object], what: str) -> None:
    await eventually(predicate, within=WITHIN, what=what)


async def test_receipts_come_back_and_a_missing_entry_is_asked_for(kafka: str, tmp_path: Path) -> None:
    """No receipt passes the hole until the answer has come; then one covers everything."""
    async with plant_at(kafka) as plant, running(Node(plant, tmp_path / "a.duckdb")) as node:
        await plant.say(plant.make(3))
        await plant.seal()
        await until(lambda: node.confirmed() == 3, "a receipt for three")
        lost, *later = plant.make(4)
        await plant.say(later)
        await plant.seal()
        requests = await eventually(lambda: plant.answers(RESENDS), within=WITHIN, every=1, what="a request")
        request, _ = open_resend(requests[0], public_keys(node.key))
        assert (request.stream, request.first, request.last) == (plant.stream, 4, 4)
        assert node.confirmed() == 3
        await plant.say([lost], plant.to(RESENT))
        await until(lambda: node.confirmed() == 7, "a receipt for all")

        async def last() -> int:
            receipts = await plant.answers(RECEIPTS)
            nodes = public_keys(node.key)
            sizes = [open_receipt(note, plant.stream, TRUSTED, nodes)[0].seal.size for note in receipts]
            assert sizes == sorted(sizes)
            return sizes[-1]

        async def all_confirmed() -> bool:
            return await last() == 7

        await eventually(all_confirmed, within=WITHIN, every=1, what="the receipt in the topic")
        assert node.values() == [float(number) for number in range(1, 8)]
        assert node.codes == {"missing"}


async def test_a_node_that_starts_again_offers_its_receipts_again(kafka: str, tmp_path: Path) -> None:
    """It may have been killed between the commit and the sending."""
    async with plant_at(kafka) as plant:
        await plant.say(plant.make(2))
        await plant.seal()
        async with running(Node(plant, tmp_path / "a.duckdb")) as node:
            await until(lambda: node.confirmed() == 2, "a receipt")

        async def came(count: int) -> bool:
            return len(await plant.answers(RECEIPTS)) >= count

        before = len(await plant.answers(RECEIPTS))
        async with running(Node(plant, tmp_path / "a.duckdb")):
            await eventually(lambda: came(before + 1), within=WITHIN, every=1, what="the receipt once more")
        notes = await plant.answers(RECEIPTS)
        assert len(set(notes)) == 1


async def test_a_topic_that_was_made_anew_is_said_and_read_from_its_begin(
    private_kafka: PrivateKafka, tmp_path: Path
) -> None:
    """What the archive has stays; what comes in the new topic is received."""
    kafka = private_kafka().bootstrap
    async with plant_at(kafka) as plant, running(Node(plant, tmp_path / "a.duckdb")) as node:
        await plant.say(plant.make(20))
        await plant.seal()
        await until(lambda: node.confirmed() == 20, "a receipt")
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_topics([plant.topic])
        await admin.close()

        async def made() -> bool:
            await create_topic(kafka, plant.topic)
            return True

        await eventually(made, within=WITHIN, every=0.5, what="the topic is made anew")
        await plant.say(plant.make(3))
        await plant.seal()
        await until(lambda: node.confirmed() == 23, "a receipt for all")
        assert plant.topic in str(node.intake.live.problem)
        assert node.values() == [float(number) for number in range(1, 24)]


async def test_what_a_transaction_took_back_is_never_received(kafka: str, tmp_path: Path) -> None:
    """And its markers, which bear offsets and no messages, hold nothing up: missing numbers are still noticed."""
    async with (
        plant_at(kafka, transactional_id=uuid4().hex) as plant,
        plant_at(kafka) as other,
        running(Node(plant, tmp_path / "a.duckdb")) as node,
    ):
        producer = plant._producer
        first = plant.make(2)
        await producer.begin_transaction()
        await plant.say([sent(plant.stream, 1, frame({"dp": -1.0}, received=1), 0)])
        await producer.abort_transaction()
        await producer.begin_transaction()
        await plant.say(first)
        await producer.commit_transaction()
        plant.make(1)
        plant._producer = other._producer
        await plant.seal()
        await until(lambda: "missing" in node.codes, "the missing entry is noticed")
        assert node.values() == [1.0, 2.0]
        assert node.codes == {"missing"}
