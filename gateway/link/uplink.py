"""The agent's link to one recipient: the publisher, and what comes back to it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord

from gateway.journal.journal import Journal
from gateway.link.following import Follower
from gateway.link.publisher import Life, Publisher, client_id
from gateway.link.resending import Resending
from gateway.link.returns import Receipts
from gateway.link.settings import KafkaSettings
from gateway.link.topics import RECEIPTS, RESENDS, SEALS, Stream
from gateway.link.wanted import besides, leading_back
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey, VerifierKey


class Uplink:
    """Publishes the streams of one sender to a recipient, and takes receipts, requests and the starts of others with
    the sender's name.
    """

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
        life: Life | None = None,
    ) -> None:
        """`trusted` are the keys of the recipients' nodes, `statements` signed notes about the sender's own keys.

        `life` is what the uplinks of a sender share.
        """
        self._journal, self.streams = journal, streams
        self.receipts = Receipts(journal, streams, public_keys(key), trusted)
        self.resending = Resending(journal, streams, trusted)
        self.publisher = Publisher(
            kafka, journal, streams, key, exactly_once=exactly_once, statements=statements, resending=self.resending,
            life=life,
        )  # fmt: skip
        self.resending.look = self.publisher.look
        back = dict.fromkeys(leading_back(streams, RECEIPTS), self.receipts.take)
        requests = dict.fromkeys(leading_back(streams, RESENDS), self.resending.take)
        starts = dict.fromkeys(besides(streams, SEALS), self._take_starts)
        self._takers = back | requests | starts
        self._follower = Follower(kafka, self._takers, self._take, f"{client_id(streams[0])}.back")

    async def run(self) -> None:
        """Publish and follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.publisher.run())
            tasks.create_task(self._follower.run())

    def status(self) -> dict[str, Any]:
        """How far each stream is published and confirmed (by when: POSIX seconds), and what is wrong."""
        publisher, waiting = self.publisher, self.publisher.waiting
        confirmed = {stream.name: self._journal.confirmed(stream.name) for stream in self.streams}
        return {
            "connected": publisher.connected, "problem": publisher.problem, "waiting": waiting,
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
