"""From the outbox to Kafka: in order per stream, idempotent, rebuilt after any client error. Never waited for.

`offer` returns at once, whatever Kafka does. One task takes entries out of the outbox, sends them and waits until the
brokers have them; when that fails the entries go back to their places and a new producer is made after a pause. A
batch whose answer got lost may then be sent a second time: same source, same id, so that readers can drop it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import product

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError

from gateway.link.admin import TIMEOUT_MS, create_topics
from gateway.link.outbox import Entry, Lost, Outbox
from gateway.link.settings import KafkaSettings
from gateway.link.topics import SCHEMAS, Stream, headers, topic
from schemas.catalogue import KINDS, family_of, schema
from schemas.codec import Record, decode, encode, kind_of
from schemas.frame import Frame
from schemas.records import Alarm, Gap

log = structlog.get_logger(__name__)

BATCH = 500
"""Entries that are under way at once."""
MAX_OCTETS = 2 * 1024 * 1024
"""Largest entry."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one repeats."""


class Publisher:
    """Publishes the records of one sender to its recipients."""

    def __init__(
        self, kafka: KafkaSettings, *, origin: str, sender: str, recipients: Sequence[str], octets: int
    ) -> None:
        self._kafka = kafka
        self._origin = origin
        self._sender = sender
        self._recipients = recipients
        self._outbox = Outbox(octets=octets, decode=_frame_of)
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self.connected = False

    def offer(self, record: Record) -> None:
        """Queue a record. Raises ValueError when it does not fit its schema."""
        self._outbox.put(_entry(record))
        self._drained.clear()
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Records not yet confirmed by the brokers."""
        return len(self._outbox)

    @property
    def octets(self) -> int:
        """Octets held in memory for them."""
        return self._outbox.octets

    def take_lost(self) -> Mapping[str, Lost]:
        """Measurements that had to make room since the last call, by source."""
        return self._outbox.take_lost()

    async def drained(self) -> None:
        """Wait until nothing waits."""
        await self._drained.wait()

    async def run(self) -> None:
        """Publish until cancelled."""
        failures = 0
        while True:
            try:
                await self._publish()
            except (
                KafkaError,
                OSError,
                TimeoutError,
                ValueError,
            ) as error:  # ValueError: aiokafka, bootstrap unresolved
                self._outbox.give_back()
                log.warning(
                    "kafka away", bootstrap=self._kafka.bootstrap, waiting=self.waiting, problem=_one_line(error)
                )
                failures = 0 if self.connected else failures + 1
                self.connected = False
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    async def _publish(self) -> None:
        options = self._kafka.client_options()
        await create_topics(options, self._topics())
        producer = AIOKafkaProducer(
            **options,
            enable_idempotence=True,
            compression_type="zstd",
            max_request_size=MAX_OCTETS,
            request_timeout_ms=TIMEOUT_MS,
        )
        try:
            await producer.start()
            await self._publish_schemas(producer)
            self.connected = True
            log.info("kafka connected", bootstrap=self._kafka.bootstrap, waiting=self.waiting)
            while True:
                await self._send(producer, self._outbox.take(BATCH))
                self._outbox.confirm()
                await self._more()
        finally:
            await _stopped(producer)

    async def _more(self) -> None:
        if not self.waiting:
            self._drained.set()
            self._wake.clear()
            await self._wake.wait()

    async def _send(self, producer: AIOKafkaProducer, entries: Sequence[Entry]) -> None:
        confirmations = []
        for recipient, entry in product(self._recipients, entries):
            stream = Stream(self._origin, self._sender, recipient, entry.family)
            sent = await producer.send(
                stream.topic,
                entry.octets,
                key=entry.key,
                partition=stream.partition(len(await producer.partitions_for(stream.topic))),
                headers=headers(stream.name, entry.kind, entry.id, entry.time),
            )
            confirmations.append(sent)
        for answer in await asyncio.gather(*confirmations, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer

    async def _publish_schemas(self, producer: AIOKafkaProducer) -> None:
        used = [schema(kind) for kind in KINDS]
        for recipient in self._recipients:
            name = topic(self._origin, recipient, SCHEMAS)
            for one in used:
                await producer.send_and_wait(name, one.text.encode(), key=one.fingerprint)

    def _topics(self) -> list[NewTopic]:
        kept = {"retention.ms": "-1", "max.message.bytes": str(MAX_OCTETS)}
        records = [
            NewTopic(Stream(self._origin, self._sender, recipient, family.name).topic, 1, 1, topic_configs=kept)
            for recipient in self._recipients
            for family in {family_of(kind).name: family_of(kind) for kind in KINDS}.values()
        ]
        compacted = {"cleanup.policy": "compact"}
        schemas = [NewTopic(topic(self._origin, r, SCHEMAS), 1, 1, topic_configs=compacted) for r in self._recipients]
        return records + schemas


async def _stopped(producer: AIOKafkaProducer) -> None:
    """Stop without waiting for a broker that may be away; what was not confirmed is sent again by the next producer."""
    with suppress(KafkaError, OSError, TimeoutError):
        await asyncio.wait_for(producer.stop(), timeout=1)


def _entry(record: Record) -> Entry:
    kind = kind_of(record)
    match record:
        case Frame():
            key, time = record.source, record.received
        case Alarm():
            key, time = record.condition, record.time
        case Gap():
            key, time = record.source, record.began if record.ended is None else record.ended
    return Entry(family_of(kind).name, kind, str(record.id), key.encode(), time, encode(record))


def _frame_of(entry: bytes) -> Frame:
    record = decode(entry, {schema(kind).fingerprint: schema(kind) for kind in KINDS})
    if not isinstance(record, Frame):
        raise TypeError("only measurements are dropped")
    return record


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
