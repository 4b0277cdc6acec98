"""Intake: what the receiver reads is inspected, stored, shown and confirmed, in this order.

A receipt goes out after the transaction that stored what it covers, never before. Nobody here waits for the way back.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence

import structlog

from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspected, Inspector
from gateway.intake.live import Live
from gateway.intake.message import Batch
from gateway.intake.requests import Requests
from gateway.link.receiver import Receiver
from gateway.link.replies import Replies
from gateway.link.settings import KafkaSettings
from gateway.proof.note import SigningKey, VerifierKey
from gateway.proof.resend import write_resend

log = structlog.get_logger(__name__)

LOOK = 1.0
"""Seconds between two looks at what is wanted again."""


class Intake:
    """All that comes from `origin` to `recipient`. `node` signs receipts and requests."""

    def __init__(
        self,
        kafka: KafkaSettings,
        parties: tuple[str, str],
        trusted: Collection[VerifierKey],
        node: SigningKey,
        archive: Archive,
        *,
        families: Sequence[str] | None = None,
        live: Live | None = None,
    ) -> None:
        """`families` are those that `origin` sends, all that it may without it; `live` is shared by several intakes."""
        origin, recipient = parties
        memory = archive.memory().between(origin, recipient)
        self.archive = archive
        self.live = live or Live.of(archive)
        self._node, self._origin = node, origin
        self._inspector = Inspector(parties, trusted, node, archive.leaf, memory)
        self._receiver = Receiver(
            kafka, origin=origin, recipient=recipient, schemas=archive.schemas(), families=families
        )
        self._replies = Replies(kafka, origin=origin, recipient=recipient)
        self._replies.confirm(memory.receipts)
        self._requests = Requests()
        self._look = 0.0

    @property
    def connected(self) -> bool:
        """Whether Kafka is there."""
        return self._receiver.connected

    async def answer(self) -> None:
        """Send receipts and requests, until cancelled."""
        await self._replies.run()

    async def batches(self) -> AsyncIterator[Inspected]:
        """Each batch once it is stored and shown, until cancelled."""
        positions, begun = await asyncio.to_thread(self.archive.positions), time.time() - time.monotonic()
        async for batch in self._receiver.batches(positions):
            now = begun + time.monotonic()
            inspected = await asyncio.to_thread(self._keep, batch, now)
            self._replies.confirm(inspected.receipts)
            await self._show(inspected)
            self._ask(now)
            yield inspected

    def _keep(self, batch: Batch, now: float) -> Inspected:
        inspected = self._inspector.inspect(batch, now)
        self.archive.store_inspected(inspected)
        return inspected

    async def _show(self, inspected: Inspected) -> None:
        self.live.apply_inspected(inspected)
        self.live.problem = self._receiver.problem or self.live.problem
        self.live.far[self._origin] = self._receiver.far
        if self.live.outdated:
            self.live.renew(await asyncio.to_thread(Live.of, self.archive))
        for finding in inspected.findings:
            if finding.alarms:
                log.warning("finding", code=finding.code.value, text=str(finding))

    def _ask(self, now: float) -> None:
        if now < self._look:
            return
        self._look = now + LOOK
        notes: dict[str, list[bytes]] = {}
        for request in self._requests.due(self._inspector.wanted(), now):
            log.info("asked to send again", stream=request.stream, first=request.first, last=request.last)
            notes.setdefault(request.stream, []).append(write_resend(request, self._node, int(now)))
        if notes:
            self._replies.ask(notes)
