"""A node as a sender: what it has to say is numbered, sealed, published and confirmed as an agent's records are.

Its sender has the name of its party. What waits while Kafka is away goes when it is back, also after a restart.
"""

import asyncio
from collections.abc import Sequence

from gateway.journal.journal import Journal
from gateway.link.sealer import Sealer
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Stream
from gateway.link.uplinks import Uplinks
from gateway.proof.note import SigningKey, VerifierKey

ABROAD: tuple[str, ...] = ("access", "notices")
"""Families that nodes send to other parties; agents send the others."""
HOME: tuple[str, ...] = ("notices",)
"""Families that a node sends to its own party too, unredacted: both sides keep the whole conversation. Its own access
log stays in its journal."""
SEAL_EVERY = 5.0
"""Seconds between two seals of each stream."""


def sent_by(node: str, recipients: Sequence[str]) -> list[Stream]:
    """The streams of a node to these parties; home where it is among them."""
    return [Stream(node, node, one, family) for one in recipients for family in (HOME if one == node else ABROAD)]


class Sending:
    """Out of one journal to all recipients of these streams, over one Kafka."""

    def __init__(
        self,
        kafka: KafkaSettings,
        journal: Journal,
        streams: Sequence[Stream],
        key: SigningKey,
        trusted: Sequence[VerifierKey],
    ) -> None:
        """`key` is a sender's; `trusted` has the keys of the recipients' nodes, whose receipts count."""
        clusters = dict.fromkeys((one.recipient for one in streams), kafka)
        self._uplinks = Uplinks(clusters, journal, streams, key, trusted)
        self._sealer = Sealer(journal, key, streams, self._uplinks.offer_seal, interval=SEAL_EVERY)
        self.wake = self._uplinks.wake

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._uplinks.run())
            tasks.create_task(self._sealer.run())
