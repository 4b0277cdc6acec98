"""Following topics from a little before their ends: for what leads back, and for what others say beside the records.

Not in a consumer group. Topics may come later, Kafka may be away: both are normal. What is handed on twice after a
reconnection must do no harm.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.link.admin import TIMEOUT_MS, partitions
from gateway.link.closing import closed
from gateway.link.faults import CLIENT_FAULTS, told
from gateway.link.settings import KafkaSettings

log = structlog.get_logger(__name__)

BACK = 1000
"""Messages before the end of a partition that are read first."""
BATCH = 500
"""Messages handed on at once."""
LOOK_AGAIN = 30.0
"""Seconds until it is looked again whether there are more partitions."""
MISSING = 2.0
"""The same while a topic is not there yet."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one repeats."""

Take = Callable[[Sequence[ConsumerRecord]], Awaitable[None]]
"""Takes messages, in the order of each partition."""


class Follower:
    """Hands on what comes in some topics, committed messages only."""

    def __init__(self, kafka: KafkaSettings, topics: Iterable[str], take: Take, client: str | None = None) -> None:
        """`client` is the id by which brokers know it, where quotas are by client."""
        self._kafka, self._client = kafka, client
        self._topics = list(dict.fromkeys(topics))
        self._take = take
        self._positions: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Follow until cancelled, reconnecting as needed."""
        failures = 0
        while True:
            try:
                async with aclosing(self._connected()) as batches:
                    async for messages in batches:
                        failures = 0
                        await self._take(messages)
            except CLIENT_FAULTS as error:
                if not failures:
                    log.info("not followed", topics=self._topics, problem=told(error))
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    async def _connected(self) -> AsyncGenerator[Sequence[ConsumerRecord], None]:
        options = self._kafka.client_options(self._client)
        consumer = AIOKafkaConsumer(
            **options,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # a topic that was made anew is read from its begin
            isolation_level="read_committed",
            request_timeout_ms=TIMEOUT_MS,
        )
        try:
            await consumer.start()
            places: set[TopicPartition] = set()
            look_again = 0.0
            while True:
                if time.monotonic() >= look_again:
                    places = await self._assign(consumer, options, places)
                    complete = {place.topic for place in places} == set(self._topics)
                    look_again = time.monotonic() + (LOOK_AGAIN if complete else MISSING)
                if not places:  # a client without partitions would hang
                    await asyncio.sleep(MISSING)
                    continue
                fetched = await consumer.getmany(timeout_ms=500, max_records=BATCH)
                for place, messages in fetched.items():
                    yield messages
                    self._positions[place] = messages[-1].offset + 1
        finally:
            await closed(consumer.stop())

    async def _assign(
        self, consumer: AIOKafkaConsumer, options: Mapping[str, Any], known: set[TopicPartition]
    ) -> set[TopicPartition]:
        places = await partitions(options, self._topics)
        if places and places != known:
            consumer.assign(sorted(places))
            begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            for place in places:
                before = self._positions.get(place, -1)
                goes_on = begins[place] <= before <= ends[place]
                consumer.seek(place, before if goes_on else max(begins[place], ends[place] - BACK))
        return places
