"""An archive made anew from the topics, beside the node's own: read to their ends, inspected and stored as by a node.

Nothing is sent: no receipt, no request. What was sent again on request is kept aside until it is known what is missing,
since nobody believes what was not asked for; a node asks its sender, and here the answers are already in the topic.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, replace

from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspector
from gateway.intake.message import Batch, Message
from gateway.link.receiver import MOST, Receiver
from gateway.proof.note import SigningKey, VerifierKey
from gateway.proof.standing import Limits

PATIENCE = Limits().patience + 1
"""Seconds after which the verifiers say what is missing."""


@dataclass(frozen=True, slots=True)
class Far:
    """How many of the messages that were in the topics are read, and stored."""

    read: int
    of: int


class Rebuilding:
    """All that `parties` (origin, recipient) exchange, into an archive that has nothing of it yet."""

    def __init__(
        self,
        parties: tuple[str, str],
        trusted: Collection[VerifierKey],
        node: SigningKey,
        archive: Archive,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._archive, self._clock = archive, clock
        self._inspector = Inspector(parties, trusted, node, archive.leaf, archive.memory().between(*parties))
        self._aside: list[Message] = []
        self._since: float | None = None

    async def run(self, receiver: Receiver) -> AsyncIterator[Far]:
        """After each batch; ends when everything is stored that was there."""
        async for batch in receiver.batches({}):
            done = await asyncio.to_thread(self.take, batch)
            yield Far(*receiver.far)
            if done:
                return

    def take(self, batch: Batch) -> bool:
        """Store a batch; whether everything that can be had is in the archive."""
        self._aside += batch.resent
        now = self._clock()
        self._keep(replace(batch, resent=()), now)
        if self._since is None and not batch.caught_up:
            return False
        if self._proven() and not self._aside:
            return True
        self._since = now if self._since is None else self._since
        if now - self._since < PATIENCE:
            return False
        if not self._aside:
            return True
        for first in range(0, len(self._aside), MOST):
            self._keep(Batch(resent=tuple(self._aside[first : first + MOST]), caught_up=True), now)
        self._aside, self._since = [], None
        return False

    def _keep(self, batch: Batch, now: float) -> None:
        self._archive.store_inspected(self._inspector.inspect(batch, now))

    def _proven(self) -> bool:
        """Whether seals prove all that came, so that nothing more can be learnt by waiting."""
        return all(one.verified == one.received for one in self._archive.standings().values())
