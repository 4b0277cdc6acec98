"""What the recipient's node says back to the sender: receipts, and requests to send numbers again.

Kafka away is normal, and nobody waits for it: of each stream the newest receipt waits until it can be sent, requests
that wait make way for newer ones.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from aiokafka import TopicPartition

from gateway.link.admin import create_topics
from gateway.link.faults import CLIENT_FAULTS
from gateway.link.messages import Outgoing
from gateway.link.outlet import Outlet
from gateway.link.reasons import reason
from gateway.link.settings import KafkaSettings
from gateway.link.topics import RECEIPTS, RESENDS, topic
from gateway.link.wanted import answer_topics

log = structlog.get_logger(__name__)

PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts; the last one repeats."""
PATIENCE = 20.0
"""Seconds for one sending, after which the connection is given up: a client repeats a hung request for ever."""


class Replies:
    """From `recipient` back to `origin`."""

    def __init__(self, kafka: KafkaSettings, *, origin: str, recipient: str) -> None:
        self._kafka = kafka
        self._parties = recipient, origin
        self._receipts_topic = topic(recipient, origin, RECEIPTS)
        self._requests_topic = topic(recipient, origin, RESENDS)
        self._receipts: dict[str, bytes] = {}
        self._requests: dict[str, Sequence[bytes]] = {}
        self._wake = asyncio.Event()
        self._failures = 0

    def confirm(self, receipts: Mapping[str, bytes]) -> None:
        """Send these receipts, by stream; one of the stream that still waits makes way."""
        self._receipts |= receipts
        self._wake.set()

    def ask(self, requests: Mapping[str, Sequence[bytes]]) -> None:
        """Send these requests, by stream; those of the stream that still wait make way."""
        self._requests |= requests
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled, reconnecting as needed."""
        while True:
            try:
                await self._connected()
            except CLIENT_FAULTS as error:
                if not self._failures:
                    log.warning("nothing sent back", problem=await reason(self._kafka, error))
                await asyncio.sleep(PAUSES[min(self._failures, len(PAUSES) - 1)])
                self._failures += 1

    async def _connected(self) -> None:
        """Send what waits and what comes, until something fails."""
        await self._something()
        options = self._kafka.client_options()
        await create_topics(options, answer_topics(*self._parties))
        outlet = Outlet(options)
        try:
            await outlet.start()
            while True:
                async with asyncio.timeout(PATIENCE):
                    await self._send(outlet)
                self._failures = 0
                await self._something()
        finally:
            await outlet.stop()

    async def _something(self) -> None:
        """Wait until something is to be sent."""
        while not (self._receipts or self._requests):
            self._wake.clear()
            await self._wake.wait()

    async def _send(self, outlet: Outlet) -> None:
        receipts, requests = dict(self._receipts), dict(self._requests)
        parcels: dict[TopicPartition, list[Outgoing]] = {}
        waiting = [(self._receipts_topic, stream, [note]) for stream, note in receipts.items()]
        waiting += [(self._requests_topic, stream, list(notes)) for stream, notes in requests.items()]
        for name, stream, notes in waiting:
            key = stream.encode()
            place = await outlet.place(name, key)
            parcels.setdefault(place, []).extend(Outgoing(note, key) for note in notes)
        await outlet.send(parcels)
        self._receipts = {stream: note for stream, note in self._receipts.items() if receipts.get(stream) is not note}
        self._requests = {stream: some for stream, some in self._requests.items() if requests.get(stream) is not some}
