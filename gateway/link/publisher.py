"""From the journal to Kafka: in order per stream, idempotent, rebuilt after any client error. Never waited for.

One task takes what the journal holds behind the last number that Kafka has, sends it and waits until the brokers have
it. After a start, and after every error, it reads the last number of each stream back from the topic and goes on from
there, so nothing is left out, and nothing is sent twice unless a lost request lands late: then a byte-identical repeat
with the same number follows, which readers drop.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import groupby

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError

from gateway.link.admin import TIMEOUT_MS, create_topics
from gateway.link.closing import closed
from gateway.link.journal import Journal, Numbered
from gateway.link.settings import KafkaSettings
from gateway.link.tail import last_numbers
from gateway.link.topics import SCHEMAS, SEALS, Stream, headers, topic
from schemas.catalogue import FAMILIES, KINDS, schema
from schemas.codec import encode
from schemas.records import Evicted

log = structlog.get_logger(__name__)

BATCH = 500
"""Entries of a stream that are under way at once."""
MAX_OCTETS = 2 * 1024 * 1024
"""Largest entry."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one repeats."""


FORKED = 30.0
"""Seconds until a publisher that found another's numbers looks again."""


class ForkError(Exception):
    """The topic holds numbers that this journal never gave; the message names the stream."""


class Publisher:
    """Publishes the streams of one sender. The first ones named are sent first."""

    def __init__(self, kafka: KafkaSettings, journal: Journal, streams: Sequence[Stream]) -> None:
        self._kafka = kafka
        self._journal = journal
        self._streams = streams
        self._places: dict[Stream, TopicPartition] = {}
        self._sent: dict[Stream, int] = {}
        self._seals: dict[Stream, tuple[int, bytes]] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self.connected = False
        self.problem: str | None = None
        """Why nothing is published although Kafka is there, while that is so."""

    def wake(self) -> None:
        """There is more in the journal."""
        self._idle.clear()
        self._wake.set()

    def offer_seal(self, stream: Stream, size: int, note: bytes) -> None:
        """Publish a seal once the topic has the entries it counts; one that still waits makes way for it."""
        self._seals[stream] = (size, note)
        self._wake.set()

    async def drained(self) -> None:
        """Wait until Kafka has all that the journal holds."""
        await self._idle.wait()

    async def run(self) -> None:
        """Publish until cancelled. What is found forked is not published, and said; acquisition goes on."""
        failures = 0
        while True:
            try:
                await self._publish()
            except ForkError as error:
                self.problem, self.connected = str(error), False
                log.warning("not publishing", problem=self.problem)
                await asyncio.sleep(FORKED)
            except (
                KafkaError,
                OSError,
                TimeoutError,
                ValueError,
            ) as error:  # ValueError: aiokafka, bootstrap unresolved
                problem = " ".join(str(error).split()) or type(error).__name__
                log.warning(
                    "kafka away", bootstrap=self._kafka.bootstrap, waiting=self._journal.waiting, problem=problem
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
            await self._read_back(producer)
            self.connected, self.problem = True, None
            log.info("kafka connected", bootstrap=self._kafka.bootstrap, waiting=self._journal.waiting)
            while True:
                self._wake.clear()
                sent = [await self._send(producer, stream) for stream in self._streams]
                await self._send_seals(producer)
                if not any(sent):
                    self._idle.set()
                    await self._wake.wait()
        finally:
            await closed(producer.stop())

    async def _read_back(self, producer: AIOKafkaProducer) -> None:
        """Go on behind what the topics have. Raises ForkError when they have more than the journal ever gave."""
        for stream in self._streams:
            count = len(await producer.partitions_for(stream.topic))
            self._places[stream] = TopicPartition(stream.topic, stream.partition(count))
        for stream, number in (await last_numbers(self._kafka.client_options(), self._places)).items():
            given = self._journal.size(stream.name)
            if number > given:
                raise ForkError(
                    f"{stream.topic} has number {number} of {stream.name}, this journal gave {given}: another agent "
                    "sends under this name, or the journal was replaced; stop the other or give this one a new `sender`"
                )
            if number < self._journal.cursor(stream.name):
                log.error("topic lost what it had confirmed", stream=stream.name, has=number)
            self._sent[stream] = number

    async def _send(self, producer: AIOKafkaProducer, stream: Stream) -> bool:
        """The next entries of the stream; False when there are none."""
        entries = await asyncio.to_thread(self._journal.unpublished, stream.name, self._sent[stream], BATCH)
        if not entries:
            return False
        place = self._places[stream]
        confirmations = [
            await producer.send(place.topic, octets, key=key, partition=place.partition, headers=head)
            for octets, key, head in _messages(entries)
        ]
        for answer in await asyncio.gather(*confirmations, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
        self._sent[stream] = entries[-1].number
        self._journal.published({stream.name: entries[-1].number})
        return True

    async def _send_seals(self, producer: AIOKafkaProducer) -> None:
        due = {stream: seal for stream, seal in self._seals.items() if seal[0] <= self._sent[stream]}
        for stream, (size, note) in due.items():
            place = topic(stream.origin, stream.recipient, SEALS)
            await producer.send_and_wait(place, note, key=stream.name.encode())
            if self._seals.get(stream) == (size, note):
                del self._seals[stream]

    async def _publish_schemas(self, producer: AIOKafkaProducer) -> None:
        for name in self._schema_topics():
            for one in map(schema, KINDS):
                await producer.send_and_wait(name, one.text.encode(), key=one.fingerprint)

    def _topics(self) -> list[NewTopic]:
        kept = {"retention.ms": "-1", "max.message.bytes": str(MAX_OCTETS)}
        seals = (topic(stream.origin, stream.recipient, SEALS) for stream in self._streams)
        names = dict.fromkeys([*(stream.topic for stream in self._streams), *seals])
        topics = [NewTopic(name, 1, 1, topic_configs=kept) for name in names]
        return topics + [
            NewTopic(name, 1, 1, topic_configs={"cleanup.policy": "compact"}) for name in self._schema_topics()
        ]

    def _schema_topics(self) -> list[str]:
        return list(dict.fromkeys(topic(stream.origin, stream.recipient, SCHEMAS) for stream in self._streams))


def streams_of(origin: str, sender: str, recipients: Sequence[str]) -> dict[str, list[Stream]]:
    """The streams of a sender by family; those that are not measurements first."""
    families = sorted(FAMILIES, key=lambda family: family == "measurements")
    return {family: [Stream(origin, sender, recipient, family) for recipient in recipients] for family in families}


def _messages(entries: Sequence[Numbered]) -> Iterator[tuple[bytes, bytes, Sequence[tuple[str, bytes]]]]:
    """Octets, key and headers of each message; a run of entries that had to make room becomes one."""
    for gone, run in groupby(entries, key=lambda entry: entry.octets is None):
        if not gone:
            yield from ((e.octets or b"", e.key, headers(e.stream, e.kind, e.number, e.time)) for e in run)
            continue
        evicted = list(run)
        first = evicted[0]
        octets = encode(Evicted(first=first.number, leaves=tuple(entry.leaf for entry in evicted)))
        yield octets, first.key, headers(first.stream, "Evicted", first.number, first.time)
