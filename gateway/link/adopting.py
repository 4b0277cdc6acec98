"""After a salvage: what the topic has of a stream and the journal lost, as far as a seal of the own key proves it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.envelope import key_of, time_of
from gateway.journal.journal import MEASUREMENT, Journal, NotOursError, Numbered
from gateway.link.readback import ForkError
from gateway.link.starts import FURTHEST
from gateway.link.tail import Last, backwards, reading, written_ends
from gateway.link.topics import SEALS, Stream, number_of, stream_of, topic
from gateway.proof.checkpoint import Seal, open_seal
from gateway.proof.eviction import is_signed
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import NoteError, VerifierKey
from schemas.catalogue import KINDS, schema
from schemas.codec import DecodeError, decode, kind_of
from schemas.records import Evicted

log = structlog.get_logger(__name__)

Chunks = AsyncIterator[list[ConsumerRecord]]
"""Messages of a partition, the last chunk first."""


async def adopt(
    options: Mapping[str, Any],
    journal: Journal,
    own: Collection[VerifierKey],
    places: Mapping[Stream, TopicPartition],
    found: Mapping[Stream, Last],
    *,
    every: Sequence[Stream],
) -> None:
    """Bring streams of the salvaged journal up to their topics; then their numbers are final, and those of the journal
    once that was done with `every` stream of the sender.

    Raises ForkError where a topic has more than a seal proves, KafkaError, and sqlite3.Error.
    """
    open_ = {stream: place for stream, place in places.items() if journal.provisional(stream.name)}
    async with reading(options) as consumer:
        for stream, place in open_.items():
            anchor, last = journal.anchor(stream.name), found[stream].number
            if last > anchor:
                seals = TopicPartition(topic(stream.origin, stream.recipient, SEALS), 0)
                seal = await _newest_seal(_from_the_end(options, consumer, seals), stream, own, last)
                if seal is None or seal.size < last:
                    raise _unproven(stream, anchor, last, seal)
                back = await _entries(_from_the_end(options, consumer, place), stream, anchor, own)
                await _adopted(journal, stream, back, seal)
    await asyncio.to_thread(journal.settle, [stream.name for stream in open_])
    if not any(journal.provisional(stream.name) for stream in every):
        await asyncio.to_thread(journal.settled)


async def _adopted(journal: Journal, stream: Stream, entries: Sequence[Numbered], seal: Seal) -> None:
    try:
        await asyncio.to_thread(journal.adopt, stream.name, entries, seal.size, seal.root)
    except NotOursError as error:
        raise ForkError(
            f"{stream.topic} does not hold what this agent sealed of {stream.name} ({error}): the journal was damaged "
            "and cannot be brought up to it. Give this agent a new `sender` and key"
        ) from error
    log.warning("read back what the damaged journal lost", stream=stream.name, numbers=len(entries))


def _unproven(stream: Stream, anchor: int, last: int, seal: Seal | None) -> ForkError:
    proven = max(anchor, seal.size if seal else 0)
    return ForkError(
        f"{stream.topic} has number {last} of {stream.name}; the damaged journal has {anchor}, and this agent's seals "
        f"prove {proven}: the rest cannot be told from what others may have written. Give this agent a new `sender` "
        "and key; the records that wait in the journal stay there"
    )


async def _newest_seal(chunks: Chunks, stream: Stream, own: Collection[VerifierKey], last: int) -> Seal | None:
    """The newest own seal that counts no more than the topic has."""
    async for records in chunks:
        for record in reversed(records):
            if record.key == stream.name.encode():
                try:
                    seal = open_seal(record.value or b"", stream.name, own)
                except NoteError:
                    continue
                if seal.size <= last:
                    return seal
    return None


async def _entries(chunks: Chunks, stream: Stream, anchor: int, own: Collection[VerifierKey]) -> list[Numbered]:
    """The stream's entries behind number `anchor`, each once, in their order."""
    found: dict[int, Numbered] = {}
    async for records in chunks:
        ours = [record for record in records if stream_of(record.headers) == stream.name]
        found |= {entry.number: entry for record in reversed(ours) for entry in _numbered(stream, record, own)}
        if anchor + 1 in found:
            break
    return [found[number] for number in sorted(found) if number > anchor]


async def _from_the_end(options: Mapping[str, Any], consumer: AIOKafkaConsumer, place: TopicPartition) -> Chunks:
    consumer.assign([place])
    begins, ends = await consumer.beginning_offsets([place]), await written_ends(options, [place])
    span = (max(begins[place], ends[place] - FURTHEST), ends[place])
    async for records in backwards(consumer, place, span):
        yield records


def _numbered(stream: Stream, record: ConsumerRecord, own: Collection[VerifierKey]) -> Iterator[Numbered]:
    """The entries that a message tells of; key and time are made anew, since no seal covers its headers."""
    number, octets = number_of(record.headers), record.value or b""
    try:
        known = decode(octets, {schema(kind).fingerprint: schema(kind) for kind in KINDS})
    except DecodeError:
        return
    if number is None:
        return
    if isinstance(known, Evicted):
        if not is_signed(known.note, stream.name, known.first, known.leaves, own):
            return
        for index, leaf in enumerate(known.leaves):
            yield Numbered(stream.name, number + index, MEASUREMENT, b"", 0, leaf, None)
        return
    key, time = key_of(stream.name, known), time_of(known)
    yield Numbered(stream.name, number, kind_of(known), key, time, leaf_hash(octets), octets)
