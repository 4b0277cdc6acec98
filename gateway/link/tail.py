"""Ends of topics: the last number of each stream, read back.

Agents share partitions, so the last message of a partition may be another stream's: it is read backwards, chunk by
chunk, until every stream that is asked for was met or the beginning is reached. Only committed messages count; of
another sender's open transaction the end is waited for, which is bounded by its timeout.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.link.closing import closed
from gateway.link.topics import Stream, number_of, stream_of
from gateway.proof.merkle import leaf_hash
from schemas.catalogue import schema
from schemas.codec import DecodeError, decode
from schemas.records import Evicted

CHUNK = 500
"""Messages read at once, going backwards."""
SETTLE = 0.5
"""Seconds in which nothing of the streams may come: a predecessor's last request may still be on its way."""

PATIENCE = 60.0
"""Seconds without a step after which reading is given up; the transaction of a dead sender ends sooner."""

Ends = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Last:
    """The last number of a stream in its topic, and the leaf hashes of the messages that have it.

    None of a message that tells of a run of numbers.
    """

    number: int
    leaves: frozenset[bytes]


@asynccontextmanager
async def reading(options: Mapping[str, Any], isolation: str = "read_committed") -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, positioned by its user. Raises KafkaError."""
    consumer = AIOKafkaConsumer(
        **options, enable_auto_commit=False, auto_offset_reset="earliest", isolation_level=isolation
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await closed(consumer.stop())


async def written_ends(options: Mapping[str, Any], places: Iterable[TopicPartition]) -> Ends:
    """Where the partitions end, asked one after the other, what is not committed yet included. Raises KafkaError."""
    async with reading(options, "read_uncommitted") as consumer:
        return {place: (await consumer.end_offsets([place]))[place] for place in places}


async def last_numbers(
    options: Mapping[str, Any], streams: Mapping[Stream, TopicPartition], *, settled: bool
) -> dict[Stream, Last]:
    """The last of each stream that has messages; `settled`: once nothing of them has come for a while, and what is
    open is committed or aborted. Raises KafkaError, TimeoutError.
    """
    places, names = sorted(set(streams.values())), {stream.name: stream for stream in streams}
    found: dict[str, Last] = {}
    async with reading(options) as consumer:
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        if settled:
            ends = await written_ends(options, places)
        for place in places:
            here = {stream.name for stream, at in streams.items() if at == place}
            found |= await _last(consumer, place, (begins[place], ends[place]), here)
        while settled:
            await asyncio.sleep(SETTLE)
            before, ends = ends, await written_ends(options, places)
            late = [record for place in places for record in await read(consumer, place, before[place], ends[place])]
            news = _lasts(late, names)
            found = _merged(found, news)
            settled = bool(news)
    return {names[name]: last for name, last in found.items()}


async def backwards(
    consumer: AIOKafkaConsumer, place: TopicPartition, span: tuple[int, int], chunk: int = CHUNK
) -> AsyncIterator[list[ConsumerRecord]]:
    """The messages of an assigned partition in chunks, the last chunk first, each in its order."""
    begin, end = span
    while end > begin:
        start = max(begin, end - chunk)
        yield await read(consumer, place, start, end)
        end = start


async def read(consumer: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> list[ConsumerRecord]:
    """The committed messages of an assigned partition between two offsets.

    Offsets may hold no message: markers of transactions, and what was aborted. The position passes them.
    Raises TimeoutError where it gets no further, as in a topic that was made anew.
    """
    records: list[ConsumerRecord] = []
    if start >= end:
        return records
    consumer.seek(place, start)
    position, patience = start, time.monotonic() + PATIENCE
    while position < end:
        fetched = await consumer.getmany(place, timeout_ms=500)
        records += [record for record in fetched.get(place, ()) if record.offset < end]
        before, position = position, await consumer.position(place)
        if position > before:
            patience = time.monotonic() + PATIENCE
        elif time.monotonic() > patience:
            raise TimeoutError(f"{place.topic} cannot be read on from {position} to {end}")
    return records


async def _last(
    consumer: AIOKafkaConsumer, place: TopicPartition, span: tuple[int, int], names: set[str]
) -> dict[str, Last]:
    found: dict[str, Last] = {}
    async for records in backwards(consumer, place, span):
        found |= _lasts(records, names - found.keys())
        if found.keys() == names:
            break
    return found


def _lasts(records: Sequence[ConsumerRecord], names: Iterable[str]) -> dict[str, Last]:
    found: dict[str, Last] = {}
    for record in records:
        name, last = stream_of(record.headers), _last_of(record)
        if name in names and last is not None:
            found = _merged(found, {name: last})
    return found


def _merged(before: dict[str, Last], news: Mapping[str, Last]) -> dict[str, Last]:
    merged = dict(before)
    for name, last in news.items():
        known = merged.get(name)
        if known is None or known.number < last.number:
            merged[name] = last
        elif known.number == last.number:
            merged[name] = Last(last.number, known.leaves | last.leaves)
    return merged


def _last_of(record: ConsumerRecord) -> Last | None:
    """The last number that a message tells of."""
    number, octets = number_of(record.headers), record.value or b""
    if number is None:
        return None
    alone = Last(number, frozenset([leaf_hash(octets)]))
    if octets.startswith(schema("Evicted").marker):
        try:
            run = decode(octets, {schema("Evicted").fingerprint: schema("Evicted")})
        except DecodeError:
            return alone
        if isinstance(run, Evicted):
            return Last(number + max(0, len(run.leaves) - 1), frozenset())
    return alone
