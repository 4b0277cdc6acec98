"""From the journal to Kafka: in order per stream, rebuilt after any client error. Never waited for.

One task takes what the journal holds behind the last number that Kafka has, in rounds: of each stream some entries,
alarms and gaps first, so that they never wait behind a backlog of measurements. A round ends when the brokers have it.
After a start, and after every error, the last number of each stream is read back from the topic (`readback.py`), so
nothing is left out, and nothing is sent twice unless a lost request lands late: then a byte-identical repeat with the
same number follows, which readers drop. With `exactly_once` a round is a transaction, and there are no repeats.

Before its first entry it states its start, and it stops for good when a later start of the same sender appears.
"""

import asyncio
import sqlite3
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import TopicPartition

from gateway.journal.journal import Journal, Numbered
from gateway.link.admin import create_topics
from gateway.link.adopting import adopt
from gateway.link.faults import CLIENT_FAULTS
from gateway.link.messages import Outgoing, messages, some_entries
from gateway.link.outlet import Outlet
from gateway.link.progress import BACKLOG, Progress
from gateway.link.readback import ForkError, compare, lost, placed, read_back
from gateway.link.reasons import reason
from gateway.link.resending import Resending
from gateway.link.settings import KafkaSettings
from gateway.link.starts import REPEAT, Starts, SupersededError
from gateway.link.topics import RESENT, SCHEMAS, SEALS, Stream, topic
from gateway.link.wanted import besides, wanted_topics
from gateway.proof.note import SigningKey
from gateway.proof.statement import Sender
from schemas.catalogue import FAMILIES, KINDS, families_to, schema

log = structlog.get_logger(__name__)

ROUND_OCTETS = 2 * 1024 * 1024
"""Octets of a stream that are under way at once."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one repeats."""
FORKED = 30.0
"""Seconds until a publisher that found another's numbers looks again."""
STALLED = 8.0
"""Seconds without an answer after which Kafka counts as away."""
GIVEN_UP = 90.0
"""Seconds without an answer after which the client is replaced."""


@dataclass(frozen=True, slots=True)
class Life:
    """What all publishers of one sender share: its starts, and all of its streams."""

    starts: Starts
    streams: Sequence[Stream]


class Publisher:
    """Publishes streams of one sender to one cluster. The first ones named are sent first."""

    def __init__(
        self,
        kafka: KafkaSettings,
        journal: Journal,
        streams: Sequence[Stream],
        key: SigningKey,
        *,
        exactly_once: bool = False,
        statements: Sequence[bytes] = (),
        resending: Resending | None = None,
        life: Life | None = None,
    ) -> None:
        """`statements` are signed notes about the sender's keys; they are published at each start, before it.

        `life` is shared by all publishers of the sender, where it has several clusters or recipients.
        """
        self._kafka, self._journal, self._streams, self._key = kafka, journal, streams, key
        self._sender = Sender(streams[0].origin, streams[0].sender)
        self._client = client_id(streams[0])
        self._transactional_id = self._client if exactly_once else None
        self._statements = [Outgoing(note, str(self._sender).encode()) for note in statements]
        self._resending = resending
        self._life = life or Life(Starts(self._sender, key), streams)
        self.starts = self._life.starts
        self.starts.watchers.append(self.look)
        self._places: dict[Stream, TopicPartition] = {}
        self._resent: dict[Stream, TopicPartition] = {}
        self._sent: dict[Stream, int] = {}
        self._seals: dict[Stream, tuple[int, bytes]] = {}
        self._stated = 0.0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self.progress = Progress()
        self.connected = False
        self.problem: str | None = None
        """Why nothing is published although Kafka is there, or what cannot be published any more."""

    @property
    def waiting(self) -> int:
        """Entries of its streams that Kafka has not confirmed."""
        return sum(self._journal.size(one.name) - self._journal.cursor(one.name) for one in self._streams)

    def wake(self) -> None:
        """There is more in the journal."""
        self._idle.clear()
        self._wake.set()

    def look(self) -> None:
        """There is something else to look at: a later start, something to send again."""
        self._wake.set()

    def offer_seal(self, stream: Stream, size: int, note: bytes) -> None:
        """Publish a seal once the topic has the entries it counts; one that still waits makes way for it."""
        self._seals[stream] = (size, note)
        self._wake.set()

    async def drained(self) -> None:
        """Wait until Kafka has all that the journal holds."""
        await self._idle.wait()

    async def run(self) -> None:
        """Publish until cancelled, or until another agent with this identity was started later."""
        failures = 0
        while True:
            try:
                await self._publish()
            except SupersededError as error:
                self._says(error)
                with suppress(sqlite3.Error):  # the next life begins after it, whichever cluster answers first
                    await asyncio.to_thread(self._journal.begin, self.starts.latest)
                return
            except ForkError as error:
                self._says(error)
                await asyncio.sleep(FORKED)
            except sqlite3.Error as error:
                self._says(f"journal: {error}")
                await asyncio.sleep(PAUSES[-1])
            except CLIENT_FAULTS as error:
                self._away(await reason(self._kafka, error))
                failures = 0 if self.connected else failures + 1
                self.connected = False
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    def _says(self, problem: object) -> None:
        self.problem, self.connected = str(problem), False
        log.error("not publishing", client=self._client, problem=self.problem)

    def _away(self, problem: str) -> None:
        waiting = self.waiting
        log.warning(
            "kafka away", client=self._client, bootstrap=self._kafka.bootstrap, waiting=waiting, problem=problem
        )

    async def _publish(self) -> None:
        options = self._kafka.client_options(self._client)
        await create_topics(options, wanted_topics(self._streams))
        seals = [TopicPartition(name, 0) for name in besides(self._streams, SEALS)]
        await self.starts.look_back(options, seals)
        self.starts.check()
        self._places = await placed(options, {one: one.topic for one in self._streams})
        self._resent = await placed(options, {one: topic(one.origin, one.recipient, RESENT) for one in self._streams})
        found = await read_back(options, self._places, settled=False)
        await asyncio.to_thread(compare, self._journal, found)  # who cannot go on stops nobody
        outlet = Outlet(options, self._transactional_id)
        try:
            await self._answered(outlet.start())
            await self._open(outlet, options, seals)
            log.info("kafka connected", client=self._client, bootstrap=self._kafka.bootstrap, waiting=self.waiting)
            self.connected = True
            while True:
                await self._round(outlet)
        finally:
            await outlet.stop()

    async def _open(self, outlet: Outlet, options: Mapping[str, Any], seals: Sequence[TopicPartition]) -> None:
        """Say who begins, and find out where to go on. Raises ForkError."""
        if not self.starts.epoch:
            epoch = self.starts.begin(time.time_ns() // 1000, self._journal.epoch)
            await asyncio.to_thread(self._journal.begin, epoch)
        statements = [*self._statements, self._start()]
        await self._answered(outlet.send(dict.fromkeys(seals, statements)))
        await self._publish_schemas(outlet)
        found = await read_back(options, self._places, settled=True)
        await asyncio.to_thread(compare, self._journal, found)
        if self._journal.salvaged:
            await adopt(options, self._journal, self.starts.own, self._places, found, every=self._life.streams)
            self._seals.clear()
        self._sent = {one: max(last.number, self._journal.confirmed(one.name)[0]) for one, last in found.items()}
        self.problem = lost(self._journal, found)

    async def _round(self, outlet: Outlet) -> None:
        """Send some entries of each stream, then the seals that count no more than the topics have."""
        self._wake.clear()
        self.starts.check()
        more = [one for one in self._streams if self._journal.size(one.name) > self._sent[one]]
        resending = self._resending if self._resending and self._resending.waiting else None
        entries, again = await asyncio.to_thread(self._some, more, resending) if more or resending else ({}, None)
        parcels = dict[TopicPartition, list[Outgoing]]()
        for stream, some in entries.items():
            parcels.setdefault(self._places[stream], []).extend(messages(some, self._key))
        if again:
            parcels[self._resent[again[0]]] = list(messages(again[1], self._key))
        if any(parcels.values()):
            await self._answered(outlet.send(parcels))
        for stream, some in entries.items():
            self._sent[stream] = some[-1].number
        self._journal.published({stream.name: some[-1].number for stream, some in entries.items()})
        if again and self._resending:
            self._resending.sent(again[1])
        await self._send_seals(outlet)
        self.connected = True
        self._tell(sum(map(len, entries.values())))
        if not entries and not again:
            self._idle.set()
            await self._wake.wait()

    def _some(
        self, more: Sequence[Stream], resending: Resending | None
    ) -> tuple[dict[Stream, list[Numbered]], tuple[Stream, list[Numbered]] | None]:
        """The next entries of the streams that have any, and the next that were asked for again."""
        found = {one: some_entries(self._journal, one.name, self._sent[one], ROUND_OCTETS) for one in more}
        again = resending.some(ROUND_OCTETS) if resending else None
        return {stream: some for stream, some in found.items() if some}, again

    async def _send_seals(self, outlet: Outlet) -> None:
        due = {stream: seal for stream, seal in self._seals.items() if seal[0] <= self._sent[stream]}
        again = [self._start()] if due and time.monotonic() - self._stated > REPEAT else []
        parcels = dict[TopicPartition, list[Outgoing]]()
        for stream, (_, note) in due.items():
            place = TopicPartition(topic(stream.origin, stream.recipient, SEALS), 0)
            parcels.setdefault(place, [*again]).append(Outgoing(note, stream.name.encode()))
        if parcels:
            await self._answered(outlet.send(parcels))
        for stream, seal in due.items():
            if self._seals.get(stream) == seal:
                del self._seals[stream]

    def _start(self) -> Outgoing:
        self._stated = time.monotonic()
        return Outgoing(self.starts.statement(int(time.time())), self.starts.key)

    async def _answered(self, sending: Coroutine[Any, Any, None]) -> None:
        """Wait for an answer; say when it stays away, and give up at last: an unanswered client never ends by itself.

        Raises KafkaError, TimeoutError.
        """
        async with asyncio.timeout(GIVEN_UP):
            task = asyncio.ensure_future(sending)
            try:
                if not (await asyncio.wait({task}, timeout=STALLED))[0]:
                    self.connected = False
                    self._away("no answer")
                await task
            finally:
                task.cancel()

    def _tell(self, count: int) -> None:
        if self.progress.sent(count, time.monotonic()) and (waiting := self.waiting) > BACKLOG:
            rate, seconds = self.progress.rate, self.progress.seconds(waiting)
            log.info(
                "backlog drains",
                client=self._client,
                waiting=waiting,
                rate=f"{rate:.0f}/s",
                seconds=seconds and round(seconds),
            )

    async def _publish_schemas(self, outlet: Outlet) -> None:
        texts = [Outgoing(one.text.encode(), one.fingerprint) for one in map(schema, KINDS)]
        places = [await outlet.place(name, b"") for name in besides(self._streams, SCHEMAS)]
        await self._answered(outlet.send(dict.fromkeys(places, texts)))


def client_id(stream: Stream) -> str:
    """By which brokers know the publisher of a stream; also its id in transactions."""
    return f"{stream.origin}.{stream.sender}.{stream.recipient}"


def streams_of(origin: str, sender: str, recipients: Sequence[str]) -> dict[str, list[Stream]]:
    """The streams of a sender by family; those that are not measurements first. What stays at home has none abroad."""
    families = sorted(FAMILIES, key=lambda family: family == "measurements")
    return {
        family: [Stream(origin, sender, one, family) for one in recipients if family in families_to(origin, one)]
        for family in families
    }
