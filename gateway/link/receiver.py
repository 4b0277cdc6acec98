"""From Kafka to the holder's node: every topic of one CMO to one recipient, from where the archive ends.

Positions are the archive's, not a consumer group's, so that a message is stored once and none is left out. What cannot
be read is handed on as a message without record, with the reason and its bytes. Where a topic no longer has a position,
because it was cut or made anew, that is said, and reading goes on at its begin; the verifiers find what is missing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from gateway.intake.message import Batch, Message, Place, SealNote
from gateway.link.admin import partitions
from gateway.link.closing import closed
from gateway.link.faults import CLIENT_FAULTS
from gateway.link.reasons import reason
from gateway.link.settings import KafkaSettings
from gateway.link.topics import RESENT, SCHEMAS, SEALS, number_of, stream_of, topic
from schemas import records
from schemas.catalogue import KINDS, families_to, schema, schema_of
from schemas.codec import HEAD, DecodeError, Record
from schemas.reading import Reader
from schemas.withheld_fields import commitments_in, shown

log = structlog.get_logger(__name__)

MOST, LEAST = 2000, 50
"""Messages handed on at once: so many that each transaction of the archive is worth it,"""
BATCH_OCTETS = 8 * 1024 * 1024
"""and no more than have about so many octets: a batch is held in memory, and what comes meanwhile waits for it."""
FETCH_OCTETS = 8 * 1024 * 1024
"""From one partition at once."""
FETCH_WAIT_MS = 100
"""How long the broker may hold a request for which it has nothing. A partition that was just drained is in the next
request only, so this delays its messages, too (the library's own: 500 ms)."""
LOOK_AGAIN = 30.0
"""Seconds until it is looked again whether there are more partitions."""
MISSING = 2.0
"""The same while a topic is not there yet."""
PACE = 0.2
"""Seconds between two batches that are not full: each costs the archive a transaction."""
QUIET = 1.0
"""Seconds after which it is looked whether all is read, and an empty batch says that nothing came."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one repeats."""


class Receiver:
    """Reads what `origin` sends to `recipient`. `schemas` are those that came in streams before."""

    def __init__(
        self,
        kafka: KafkaSettings,
        *,
        origin: str,
        recipient: str,
        schemas: Iterable[records.Schema] = (),
        families: Sequence[str] | None = None,
    ) -> None:
        """`families` are those that are sent; without it all that may be."""
        self._kafka = kafka
        self._schemas_topic = topic(origin, recipient, SCHEMAS)
        self._seals_topic = topic(origin, recipient, SEALS)
        self._resent_topic = topic(origin, recipient, RESENT)
        sent = families_to(origin, recipient) if families is None else families
        beside = (self._schemas_topic, self._seals_topic, self._resent_topic)
        self._all_topics = [*beside, *(topic(origin, recipient, family) for family in sent)]
        self._published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
        self._reader = Reader()
        self._most = LEAST
        self.connected = False
        self.problem: str | None = None
        """What was last done to a topic, as far as reading it shows it."""
        self.far = (0, 0)
        """Of the messages in all partitions how many were read, and how many there are; as of a moment ago."""
        for one in schemas:
            self._publish(one)

    async def finds_topics(self) -> bool:
        """Whether there is any of its topics by now. Raises what the client raises."""
        return bool(await partitions(self._kafka.client_options(), self._all_topics))

    async def batches(self, positions: Mapping[Place, int]) -> AsyncIterator[Batch]:
        """What comes, until cancelled, reconnecting as needed; an empty batch at least every `QUIET` seconds.

        Asking for the next batch means that the last is safe. `positions` are the next offsets, as the archive has
        them.
        """
        ends = dict(positions)
        failures = 0
        while True:
            try:
                async for batch in self._connected(ends):
                    failures = 0
                    yield batch
                    ends |= batch.ends()
            except CLIENT_FAULTS as error:
                log.warning("kafka away", bootstrap=self._kafka.bootstrap, problem=await reason(self._kafka, error))
                self.connected = False
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    async def _connected(self, ends: Mapping[Place, int]) -> AsyncIterator[Batch]:
        options = self._kafka.client_options()
        consumer = AIOKafkaConsumer(
            **options,
            enable_auto_commit=False,
            auto_offset_reset="none",  # a position that the topic no longer has is said, never skipped
            isolation_level="read_committed",
            request_timeout_ms=10_000,
            max_partition_fetch_bytes=FETCH_OCTETS,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        try:
            await consumer.start()
            places: set[TopicPartition] = set()
            look_again = quiet = 0.0
            while True:
                if time.monotonic() >= look_again:
                    places = await self._assign(consumer, options, places, ends)
                    complete = len({place.topic for place in places}) == len(self._all_topics)
                    look_again = time.monotonic() + (LOOK_AGAIN if complete else MISSING)
                if not places:  # the sender has not made the topics yet, and a client without partitions would hang
                    await asyncio.sleep(0.5)
                    look_again = 0.0
                    continue
                begun, most = time.monotonic(), self._most
                batch = await self._next(consumer, compare=begun >= quiet)
                if begun >= quiet or batch.size:
                    yield batch
                quiet = begun + QUIET if begun >= quiet else quiet
                if batch.size < most:
                    await asyncio.sleep(begun + PACE - time.monotonic())
        finally:
            await closed(consumer.stop())

    async def _next(self, consumer: AIOKafkaConsumer, *, compare: bool) -> Batch:
        """What is there now. `compare` it with the ends of the topics: that nothing came does not say that there is
        nothing, since a broker may be slow, and a live topic is never empty.
        """
        ends = await consumer.end_offsets(consumer.assignment()) if compare else {}
        try:
            fetched = await consumer.getmany(timeout_ms=200, max_records=self._most)
            changed: Mapping[TopicPartition, int] = {}
        except OffsetOutOfRangeError as error:
            fetched, changed = {}, error.args[0]
        if changed:
            await self._begin_anew(consumer, changed)
        records_ = [record for part in fetched.values() for record in part]
        self._resize(records_)
        batch = await self._batch(consumer, records_)
        at_ends = all([await _at_end(consumer, place, end) for place, end in ends.items()])
        if compare:
            self.far = (sum([await consumer.position(place) for place in ends]), sum(ends.values()))
        return replace(batch, caught_up=compare and at_ends and not changed)

    def _resize(self, fetched: Sequence[ConsumerRecord]) -> None:
        """How many messages the next batch may have, going by the size of these."""
        octets = sum(len(record.value or b"") for record in fetched)
        if octets:
            self._most = min(MOST, max(LEAST, BATCH_OCTETS * len(fetched) // octets))

    async def _begin_anew(self, consumer: AIOKafkaConsumer, changed: Mapping[TopicPartition, int]) -> None:
        for place, position in changed.items():
            self.problem = (
                f"topic {place.topic} no longer has offset {position}: it was cut or made anew, and is read again from "
                "its begin; ask who administers the broker"
            )
            log.error("topic changed", topic=place.topic, partition=place.partition, problem=self.problem)
        await consumer.seek_to_beginning(*changed)

    async def _assign(
        self,
        consumer: AIOKafkaConsumer,
        options: Mapping[str, Any],
        known: set[TopicPartition],
        ends: Mapping[Place, int],
    ) -> set[TopicPartition]:
        """Read all partitions of our topics that there are by now, each from its position."""
        places = await partitions(options, self._all_topics)
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

    def _learn(self, messages: Sequence[ConsumerRecord]) -> None:
        for message in messages:
            text = (message.value or b"").decode(errors="replace")
            self._publish(records.Schema(fingerprint=message.key or b"", text=text))

    async def _batch(self, consumer: AIOKafkaConsumer, fetched: Sequence[ConsumerRecord]) -> Batch:
        besides = {self._schemas_topic, self._seals_topic, self._resent_topic}
        self._learn([record for record in fetched if record.topic == self._schemas_topic])
        entries = [record for record in fetched if record.topic not in besides]
        resent = [record for record in fetched if record.topic == self._resent_topic]
        if any((record.value or b"")[2:HEAD] not in self._published for record in [*entries, *resent]):
            await self._read_schemas(consumer)
        arrived = time.time_ns() // 1000
        seals = tuple(_seal(record) for record in fetched if record.topic == self._seals_topic)
        messages = await asyncio.to_thread(self._messages, entries, arrived)  # forms that are new take a second a batch
        return Batch(messages, seals, self._messages(resent, arrived))

    def _messages(self, fetched: Sequence[ConsumerRecord], arrived: int) -> tuple[Message, ...]:
        return tuple(self._message(record, arrived) for record in fetched)

    def _message(self, record: ConsumerRecord, arrived: int) -> Message:
        entry, number = record.value or b"", number_of(record.headers)
        known: Record | None = None
        problem = None if number else "the message has no number (header ce_id)"
        try:
            known = self._reader.decode(entry, self._published) if number else None
        except DecodeError as error:
            problem = str(error)
        if problem:
            log.warning("quarantined", topic=record.topic, offset=record.offset, problem=problem)
        if isinstance(known, records.Schema):
            self._publish(known)
        place = Place(record.topic, record.partition)
        stream, appended = stream_of(record.headers), record.timestamp * 1000
        key, headers = record.key or b"", {name: value or b"" for name, value in record.headers}
        held = {} if known is None else commitments_in(known)
        said = shown(known, held) if known and held else known
        return Message(
            place, record.offset, stream, number, entry, said, problem, appended, arrived, key, headers, held
        )

    def _publish(self, given: records.Schema) -> None:
        """A schema that stands in the stream itself is there before its first use.

        The first text of a fingerprint counts, this version's own before all: who may write into a topic must not be
        able to give the octets of entries another meaning.
        """
        if given.fingerprint in self._published:
            return
        try:
            self._published[given.fingerprint] = replace(schema_of(given.text), fingerprint=given.fingerprint)
        except ValueError as error:
            log.warning("schema not usable", fingerprint=given.fingerprint.hex(), problem=str(error))


def _seal(record: ConsumerRecord) -> SealNote:
    name = (record.key or b"").decode(errors="replace")
    return SealNote(Place(record.topic, record.partition), record.offset, name, record.value or b"")


async def _at_end(consumer: AIOKafkaConsumer, place: TopicPartition, end: int) -> bool:
    """Whether the partition is read to `end` and nothing stands behind it that an open transaction still hides."""
    highest = consumer.highwater(place)
    return highest is not None and bool(await consumer.position(place) >= max(end, highest))
