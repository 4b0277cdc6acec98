"""The last number of each stream, read back from its topic.

Agents share partitions, so the last message of a partition may be another stream's: it is read backwards, chunk by
chunk, until every stream that is asked for was met or the beginning is reached.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.link.closing import closed
from gateway.link.topics import Stream, number_of, stream_of

CHUNK = 500
"""Messages read at once, going backwards."""
SETTLE = 0.5
"""Seconds for which the end of a partition must stand still: a predecessor's last request may still be on its way."""


async def last_numbers(options: Mapping[str, Any], streams: Mapping[Stream, TopicPartition]) -> dict[Stream, int]:
    """The last number of each stream; 0 for one that has no message. Raises KafkaError."""
    consumer = AIOKafkaConsumer(**options, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = sorted(set(streams.values()))
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await _settled_ends(consumer, places)
        found: dict[Stream, int] = dict.fromkeys(streams, 0)
        for place in places:
            names = {stream.name: stream for stream, at in streams.items() if at == place}
            last = await _last(consumer, place, (begins[place], ends[place]), names)
            found |= {names[name]: number for name, number in last.items()}
        return found
    finally:
        await closed(consumer.stop())


async def _last(
    consumer: AIOKafkaConsumer, place: TopicPartition, span: tuple[int, int], names: Iterable[str]
) -> dict[str, int]:
    (begin, end), found, missing = span, dict[str, int](), set(names)
    while missing and end > begin:
        start = max(begin, end - CHUNK)
        for record in await _read(consumer, place, start, end):
            name, number = stream_of(record.headers), number_of(record.headers)
            if name in missing and number is not None:
                found[name] = max(found.get(name, 0), number)
        missing -= found.keys()
        end = start
    return found


async def _settled_ends(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    ends: dict[TopicPartition, int] = {}
    while ends != (now := await consumer.end_offsets(places)):
        ends = now
        await asyncio.sleep(SETTLE)
    return ends


async def _read(consumer: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> list[ConsumerRecord]:
    consumer.seek(place, start)
    records: list[ConsumerRecord] = []
    while await consumer.position(place) < end:
        fetched = await consumer.getmany(place, timeout_ms=500)
        records += [record for record in fetched.get(place, ()) if record.offset < end]
    return records
