"""One Kafka producer from its start to its first error: idempotent, or in transactions.

Idempotent, a request that is repeated inside one producer's life is stored once; one of a killed producer may still
land after its successor has read the topic's end, and is then a byte-identical repeat. In transactions the broker
fences the predecessor when the successor starts, and what was not committed is never read.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from gateway.link.admin import TIMEOUT_MS
from gateway.link.closing import closed
from gateway.link.messages import Outgoing

MAX_OCTETS = 2 * 1024 * 1024
"""Largest entry, and largest batch that a topic takes."""
BATCH_OCTETS = 1024 * 1024
"""Octets of a batch before it is compressed."""
TRANSACTION_MS = 15_000
"""Of a sender that died in a transaction, readers of its partition wait for this long at most."""

Parcels = Mapping[TopicPartition, Sequence[Outgoing]]
"""What goes out together: messages by partition, in order."""


class Outlet:
    """Sends parcels; after any error it has to be replaced by a new one."""

    def __init__(self, options: Mapping[str, Any], transactional_id: str | None = None) -> None:
        self._transactional = transactional_id is not None
        self._producer = AIOKafkaProducer(
            **options,
            enable_idempotence=True,
            transactional_id=transactional_id,
            transaction_timeout_ms=TRANSACTION_MS,
            compression_type="zstd",
            max_batch_size=BATCH_OCTETS,
            max_request_size=MAX_OCTETS,
            request_timeout_ms=TIMEOUT_MS,
        )

    async def start(self) -> None:
        """Connect; in transactions, also end those of the predecessor. Raises KafkaError."""
        await self._producer.start()

    async def stop(self) -> None:
        """Whatever state it is in."""
        await closed(self._producer.stop())

    async def place(self, topic: str, key: bytes) -> TopicPartition:
        """The one partition of the topic where messages of that key go. Raises KafkaError."""
        return TopicPartition(topic, crc32(key) % len(await self._producer.partitions_for(topic)))

    async def send(self, parcels: Parcels) -> None:
        """Send and wait until the brokers have all of it; in transactions all or nothing. Raises KafkaError."""
        try:
            if self._transactional:
                await self._producer.begin_transaction()
            await asyncio.gather(*(self._send_to(place, outgoing) for place, outgoing in parcels.items()))
            if self._transactional:
                await self._producer.commit_transaction()
        except AssertionError as error:  # aiokafka, of a transaction whose producer was fenced or has failed
            raise KafkaError(f"the transaction cannot go on: {error}") from error

    async def _send_to(self, place: TopicPartition, outgoing: Sequence[Outgoing]) -> None:
        answers = [
            await self._producer.send_batch(batch, place.topic, partition=place.partition)
            for batch in self._batches(outgoing)
        ]
        await asyncio.gather(*answers)

    def _batches(self, outgoing: Sequence[Outgoing]) -> Iterator[BatchBuilder]:
        batch = self._producer.create_batch()
        for one in outgoing:
            if not _appended(batch, one):
                yield batch
                batch = self._producer.create_batch()
                _appended(batch, one)  # the first one always fits
        if batch.record_count():
            yield batch


def _appended(batch: BatchBuilder, one: Outgoing) -> bool:
    return batch.append(timestamp=None, key=one.key, value=one.octets, headers=list(one.headers)) is not None
