"""The agent's link to its recipients: the publisher, and what comes back to it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord

from gateway.journal.journal import Journal
from gateway.link.following import Follower
from gateway.link.publisher import Publisher
from gateway.link.resending import Resending
from gateway.link.returns import Receipts
from gateway.link.settings import KafkaSettings
from gateway.link.starts import SupersededError
from gateway.link.topics import RECEIPTS, RESENDS, SEALS, Stream
from gateway.link.wanted import besides, leading_back
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey, VerifierKey


class Uplink:
    """Publishes the streams of one sender, and takes receipts, requests and the starts of others with its name."""

    def __init__(
        self,
        kafka: KafkaSettings,
        journal: Journal,
        streams: Sequence[Stream],
        key: SigningKey,
        trusted: Sequence[VerifierKey],
        *,
        exactly_once: bool = False,
        statements: Sequence[bytes] = (),
    ) -> None:
        """`trusted` are the keys of the recipients' nodes, `statements` signed notes about the sender's own keys."""
        self._journal, self._streams = journal, streams
        self.receipts = Receipts(journal, streams, public_keys(key), trusted)
        self.resending = Resending(journal, streams, trusted)
        self.publisher = Publisher(
            kafka, journal, streams, key, exactly_once=exactly_once, statements=statements, resending=self.resending
        )
        self.resending.look = self.publisher.look
        back = dict.fromkeys(leading_back(streams, RECEIPTS), self.receipts.take)
        requests = dict.fromkeys(leading_back(streams, RESENDS), self.resending.take)
        starts = dict.fromkeys(besides(streams, SEALS), self._take_starts)
        self._takers = back | requests | starts
        self._follower = Follower(kafka, self._takers, self._take)

    async def run(self) -> None:
        """Publish and follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.publisher.run())
            tasks.create_task(self._follower.run())

    def status(self) -> dict[str, Any]:
        """How far each stream is published and confirmed (by when: POSIX seconds), and what is wrong."""
        waiting, publisher = self._journal.waiting, self.publisher
        confirmed = {stream.name: self._journal.confirmed(stream.name) for stream in self._streams}
        return {
            "connected": publisher.connected, "problem": publisher.problem,
            "rate": publisher.progress.rate, "seconds": publisher.progress.seconds(waiting),
            "streams": {
                name: {
                    "size": self._journal.size(name), "published": self._journal.cursor(name),
                    "confirmed": number, "confirmed_at": at or None,
                }
                for name, (number, at) in confirmed.items()
            },
            "refused": {"receipts": self.receipts.refused, "requests": self.resending.refused},
        }  # fmt: skip

    async def _take(self, records: Sequence[ConsumerRecord]) -> None:
        await self._takers[records[0].topic](records)

    async def _take_starts(self, records: Sequence[ConsumerRecord]) -> None:
        self.publisher.starts.take(records)
        try:
            self.publisher.starts.check()
        except SupersededError:
            self.publisher.look()
