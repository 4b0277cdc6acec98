"""From Kafka to the holder's node: every topic of one CMO to one recipient, from where the archive ends.

Positions are the archive's, not a consumer group's, so that a message is stored once and none is left out. What cannot
be read is handed on as a message without record, with the reason and its bytes.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from gateway.link.admin import partitions
from gateway.link.settings import KafkaSettings
from gateway.link.topics import SCHEMAS, topic, topics
from gateway.message import Message, Place
from schemas.catalogue import Schema, schema_of
from schemas.codec import HEAD, DecodeError, Record, decode

log = structlog.get_logger(__name__)

BATCH = 2000
"""Messages handed on at once."""
FETCH_OCTETS = 8 * 1024 * 1024
"""From one partition at once."""
REMEMBERED = 50_000
"""Ids of messages that are remembered, to know a repeat."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one repeats."""


class Receiver:
    """Reads what `origin` sends to `recipient`."""

    def __init__(self, kafka: KafkaSettings, *, origin: str, recipient: str) -> None:
        self._kafka = kafka
        self._schemas_topic = topic(origin, recipient, SCHEMAS)
        self._topics = topics(origin, recipient)
        self._published: dict[bytes, Schema] = {}
        self._seen: OrderedDict[tuple[bytes, bytes], None] = OrderedDict()
        self.repeats = 0
        self.connected = False

    async def batches(self, positions: Mapping[Place, int]) -> AsyncIterator[Sequence[Message]]:
        """Batches of messages until cancelled, reconnecting as needed. Asking for the next means the last is safe."""
        ends = dict(positions)
        failures = 0
        while True:
            try:
                async for batch in self._connected(ends):
                    failures = 0
                    yield batch
                    ends |= {message.place: message.offset + 1 for message in batch}
            except (
                KafkaError,
                OSError,
                TimeoutError,
                ValueError,
            ) as error:  # ValueError: aiokafka, bootstrap unresolved
                log.warning("kafka away", bootstrap=self._kafka.bootstrap, problem=" ".join(str(error).split()))
                self.connected = False
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    async def _connected(self, ends: Mapping[Place, int]) -> AsyncIterator[Sequence[Message]]:
        options = self._kafka.client_options()
        consumer = AIOKafkaConsumer(
            **options,
            enable_auto_commit=False,
            auto_offset_reset="none",  # a position that the topic no longer has is said, never skipped
            request_timeout_ms=10_000,
            max_partition_fetch_bytes=FETCH_OCTETS,
        )
        try:
            await consumer.start()
            places: set[TopicPartition] = set()
            look_again = 0.0
            while True:
                if time.monotonic() >= look_again:
                    places = await self._assign(consumer, options, places, ends)
                    look_again = time.monotonic() + (30 if len({p.topic for p in places}) > len(self._topics) else 0.5)
                if not places:  # the sender has not made the topics yet, and a client without partitions would hang
                    await asyncio.sleep(0.5)
                    continue
                fetched = await consumer.getmany(timeout_ms=200, max_records=BATCH)
                batch = await self._messages(consumer, [record for part in fetched.values() for record in part])
                if batch:
                    yield batch
        finally:
            await consumer.stop()

    async def _assign(
        self,
        consumer: AIOKafkaConsumer,
        options: Mapping[str, Any],
        known: set[TopicPartition],
        ends: Mapping[Place, int],
    ) -> set[TopicPartition]:
        """Read all partitions of our topics that there are by now, each from its position."""
        places = await partitions(options, [self._schemas_topic, *self._topics])
        if places == known:
            return known
        consumer.assign(sorted(places))
        for place in places:
            consumer.seek(place, ends.get(Place(*place), 0))
        await self._read_schemas(consumer)
        self.connected = True
        log.info("kafka connected", bootstrap=self._kafka.bootstrap, partitions=len(places))
        return places

    async def _read_schemas(self, consumer: AIOKafkaConsumer) -> None:
        """Read the topic of schemas to its present end; a sender publishes a schema before it uses it."""
        places = [place for place in consumer.assignment() if place.topic == self._schemas_topic]
        for place, end in (await consumer.end_offsets(places)).items():
            while await consumer.position(place) < end:
                fetched = await consumer.getmany(place, timeout_ms=200)
                self._learn(fetched.get(place, ()))

    def _learn(self, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            try:
                published = schema_of((record.value or b"").decode())
                self._published[record.key or b""] = replace(published, fingerprint=record.key)
            except ValueError as error:
                log.warning("schema not usable", topic=record.topic, offset=record.offset, problem=str(error))

    async def _messages(self, consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> list[Message]:
        self._learn([record for record in records if record.topic == self._schemas_topic])
        entries = [record for record in records if record.topic != self._schemas_topic]
        if any((record.value or b"")[2:HEAD] not in self._published for record in entries):
            await self._read_schemas(consumer)
        arrived = time.time_ns() // 1000
        return [self._message(record, arrived) for record in entries if not self._is_repeat(record)]

    def _is_repeat(self, record: ConsumerRecord) -> bool:
        """CloudEvents: source and id together name the event."""
        attributes = dict(record.headers)
        event = (attributes.get("ce_source", b""), attributes.get("ce_id", b""))
        if event in self._seen:
            self.repeats += 1
            return True
        if all(event):
            self._seen[event] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _message(self, record: ConsumerRecord, arrived: int) -> Message:
        entry = record.value or b""
        known: Record | None = None
        problem = None
        try:
            known = decode(entry, self._published)
        except DecodeError as error:
            problem = str(error)
            log.warning("quarantined", topic=record.topic, offset=record.offset, problem=problem)
        stream = dict(record.headers).get("ce_source", b"").decode(errors="replace")
        place = Place(record.topic, record.partition)
        return Message(place, record.offset, stream, entry, known, problem, record.timestamp * 1000, arrived)
