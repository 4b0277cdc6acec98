"""The agent's links to all of its recipients, each with clients of its own: who is away, or answers what no Kafka does,
holds up nobody else.

What they share is the journal and the sender's life: one epoch, stated in each recipient's topics. A later start of
the same sender in any of them stops all; a fork stops the publishing to its recipient alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from gateway.journal.journal import Journal
from gateway.link.faults import told
from gateway.link.publisher import Life
from gateway.link.settings import KafkaSettings
from gateway.link.starts import Starts
from gateway.link.topics import Stream
from gateway.link.uplink import Uplink
from gateway.proof.note import SigningKey, VerifierKey
from gateway.proof.statement import Sender

AGAIN = 30.0
"""Seconds until a link that fell over is set up again."""
log = structlog.get_logger(__name__)


class Uplinks:
    """An uplink for each recipient of one sender's streams."""

    def __init__(
        self,
        clusters: Mapping[str, KafkaSettings],
        journal: Journal,
        streams: Sequence[Stream],
        key: SigningKey,
        trusted: Sequence[VerifierKey],
        *,
        exactly_once: bool = False,
        statements: Sequence[bytes] = (),
    ) -> None:
        """`clusters` by recipient; the others as for an `Uplink`."""
        life = Life(Starts(Sender(streams[0].origin, streams[0].sender), key), streams)
        self.by_recipient = {
            recipient: Uplink(
                kafka, journal, [one for one in streams if one.recipient == recipient], key, trusted,
                exactly_once=exactly_once, statements=statements, life=life,
            )
            for recipient, kafka in clusters.items()
        }  # fmt: skip

    async def run(self) -> None:
        """Publish and follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for uplink in self.by_recipient.values():
                tasks.create_task(_kept_up(uplink))

    def wake(self) -> None:
        """There is more in the journal."""
        for uplink in self.by_recipient.values():
            uplink.publisher.wake()

    def offer_seal(self, stream: Stream, size: int, note: bytes) -> None:
        """As `Publisher.offer_seal`, to the one that publishes the stream."""
        self.by_recipient[stream.recipient].publisher.offer_seal(stream, size, note)

    @property
    def refused(self) -> bool:
        """Whether one recipient's cluster is there and nothing is published to it, or what it lost is lost."""
        return any(uplink.publisher.problem is not None for uplink in self.by_recipient.values())

    def status(self) -> dict[str, Any]:
        """By recipient, what its uplink says."""
        return {recipient: uplink.status() for recipient, uplink in self.by_recipient.items()}


async def _kept_up(uplink: Uplink) -> None:
    """Run a link until cancelled.

    Its brokers may be another company's: whatever their answers make the client raise is told, and other links go on.
    """
    while True:
        try:
            await uplink.run()
        except* Exception as group:
            publisher = uplink.publisher
            publisher.problem, publisher.connected = f"fell over: {told(group.exceptions[0])}", False
            log.exception("link fell over", recipient=uplink.streams[0].recipient, problem=publisher.problem)
        await asyncio.sleep(AGAIN)
