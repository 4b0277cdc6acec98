"""Whole topics, from their begin to the end they had when the reading began. For checking, not for following."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from gateway.link.admin import partitions
from gateway.link.closing import closed
from gateway.link.reasons import reason
from gateway.link.settings import KafkaSettings
from gateway.link.tail import written_ends
from schemas.errors import ToldError

FETCH_OCTETS = 8 * 1024 * 1024
"""From one partition at once."""


class UnreachableError(ToldError):
    """Kafka does not answer, or refuses; the message says which cluster and why."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A message as it stands in its topic. `appended` is Kafka's time of it, UTC seconds."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, bytes]
    appended: float


async def read_whole(kafka: KafkaSettings, topics: Sequence[str]) -> AsyncIterator[list[Raw]]:
    """Messages of all partitions of those of the topics that are there, in the order of each partition, in batches.

    Of topics that grow meanwhile, what is read of a later named one tells nothing that is not read of an earlier one:
    name the entries first, then their seals, then the receipts.
    Raises UnreachableError.
    """
    try:
        async for batch in _batches(kafka, topics):
            yield [_raw(record) for record in batch]
    except KafkaError as error:
        raise UnreachableError(f"kafka at {kafka.bootstrap}: {await reason(kafka, error)}") from error


def _raw(record: ConsumerRecord) -> Raw:
    head = {name: value or b"" for name, value in record.headers}
    return Raw(record.topic, record.key or b"", record.value or b"", head, record.timestamp / 1000)


async def _batches(kafka: KafkaSettings, topics: Sequence[str]) -> AsyncIterator[list[ConsumerRecord]]:
    options = kafka.client_options()
    places = await partitions(options, topics)
    if not places:
        return
    consumer = AIOKafkaConsumer(
        **options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_OCTETS,
    )
    try:
        await consumer.start()
        consumer.assign(sorted(places))
        late_first = sorted(places, key=lambda place: topics.index(place.topic), reverse=True)
        ends = await written_ends(options, late_first)  # a transaction that is open there is waited for
        await consumer.seek_to_beginning()
        while unread := [place for place, end in ends.items() if await consumer.position(place) < end]:
            fetched = await consumer.getmany(*unread, timeout_ms=500)
            yield [record for place, records in fetched.items() for record in records if record.offset < ends[place]]
    finally:
        await closed(consumer.stop())
