"""The agent's side of the link as the agent joins it, and what a topic holds, for tests on a real Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from edge.route import Route
from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from gateway.link.sealer import Sealer
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Stream
from gateway.link.uplink import Uplink
from gateway.link.whole import Raw, read_whole
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import SigningKey
from schemas.codec import Record
from tests.gateway.messages import frame

MIB = 1024 * 1024
KEY = generate("cmo-a", Role.SENDER, "line-3")


def new_name() -> str:
    """A recipient of its own for each test: the broker is shared."""
    return f"holder-{uuid4().hex[:8]}"


def new_sender() -> SigningKey:
    """The key of a sender of its own: the broker fences senders of one name in transactions."""
    return generate("cmo-a", Role.SENDER, f"line-{uuid4().hex[:8]}")


def node_key(recipient: str) -> SigningKey:
    return generate(recipient, Role.NODE, recipient)


class Line:
    """A journal, its uplink and its sealer."""

    def __init__(
        self,
        kafka: str | KafkaSettings,
        recipient: str,
        file: Path,
        *,
        key: SigningKey = KEY,
        node: SigningKey | None = None,
        exactly_once: bool = False,
    ) -> None:
        self.journal = Journal(file, limit=256 * MIB)
        sender = key.name.rpartition("/")[2]
        streams = streams_of("cmo-a", sender, [recipient])
        every = [one for some in streams.values() for one in some]
        self._route = Route(streams)
        settings = KafkaSettings(bootstrap=kafka, security="plaintext") if isinstance(kafka, str) else kafka
        self.uplink = Uplink(
            settings, self.journal, every, key,
            public_keys(node) if node else (), exactly_once=exactly_once,
        )  # fmt: skip
        self.publisher = self.uplink.publisher
        self.sealer = Sealer(self.journal, key, every, self.publisher.offer_seal, interval=1)
        self.stream = Stream("cmo-a", sender, recipient, "measurements")

    def offer(self, *given: Record) -> None:
        self.journal.append([draft for record in given for draft in self._route(record)])
        self.publisher.wake()

    def offer_frames(self, numbers: Iterable[int]) -> None:
        self.offer(*(frame({"dp": float(number)}, received=number) for number in numbers))

    def seal(self) -> None:
        self.sealer.seal(int(time.time()))
        self.publisher.wake()

    async def drained(self, within: float = 40) -> None:
        await asyncio.wait_for(self.publisher.drained(), within)


@asynccontextmanager
async def running(*lines: Line) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(line.uplink.run()) for line in lines]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def whole(kafka: str, *topics: str) -> list[Raw]:
    """The committed messages of topics."""
    settings = KafkaSettings(bootstrap=kafka, security="plaintext")
    return [raw async for batch in read_whole(settings, topics) for raw in batch]


async def numbers(kafka: str, stream: Stream) -> list[int]:
    """The numbers of a stream, in the order of its topic."""
    raws = await whole(kafka, stream.topic)
    return [int(raw.headers["ce_id"]) for raw in raws if raw.headers["ce_source"].decode() == stream.name]


async def entries(kafka: str, stream: Stream) -> list[tuple[int, bytes]]:
    """Numbers and octets of a stream, in the order of its topic."""
    raws = await whole(kafka, stream.topic)
    return [(int(raw.headers["ce_id"]), raw.value) for raw in raws if raw.headers["ce_source"].decode() == stream.name]


async def say(kafka: str, topic: str, key: bytes, value: bytes) -> None:
    """One message by somebody."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    await producer.send_and_wait(topic, value, key=key)
    await producer.stop()
