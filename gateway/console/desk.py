"""All that pages may see, and the one event that tells them to look again."""

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from nicegui import Event

from gateway.agreement.in_force import Signed
from gateway.agreement.shelf import Shelf
from gateway.archive.archive import Archive
from gateway.batches.listed import EVERYTHING, Known, ListedPage, Wanted, listed
from gateway.bundle.archived import Proofs
from gateway.cleanroom.site import Site
from gateway.configuration import ConfigurationError
from gateway.console.pieces import CountedPieces
from gateway.console.shared import Shared
from gateway.console.verifying import Verifying
from gateway.console.views.known import Proof, Work
from gateway.console.work import Working, proof_of
from gateway.intake.live import Live
from gateway.masters import NO_MASTERS, Masters
from gateway.review.settings import Agreed

PUSH_EVERY = 0.4
"""Seconds between two pushes at least: a few per second, however many messages arrive."""
BEAT_EVERY = 1.0
"""Seconds between two pushes at most, so that ages grow and a page knows that its line to the node is alive."""
MEASUREMENTS = "measurements"
"""The family whose records come all the time, and change nothing of what there is to do."""
Answer = TypeVar("Answer")


def utc_now() -> int:
    """This node's time, UTC microseconds."""
    return time.time_ns() // 1000


class Desk:
    """Site, archive and live view as the pages see them. Not thread-safe: for the node's event loop only."""

    def __init__(
        self,
        site: Site,
        archive: Archive,
        live: Live,
        *,
        masters: Masters = NO_MASTERS,
        agreed: Agreed | None = None,
        agreements: Shelf | None = None,
        now: Callable[[], int] = utc_now,
        certificates: Callable[[], list[dict[str, Any]]] = list,
        proofs: Proofs | None = None,
    ) -> None:
        self.site = site
        self.masters = masters
        self.agreed = Agreed(masters=masters) if agreed is None else agreed
        """What records are judged by; of the master batch records alone where nothing else is given."""
        self.agreements = agreements
        self.archive = archive
        self.live = live
        self.now = now
        self.certificates = certificates
        """What the node's certificates are, and when they expire."""
        self.proofs = proofs
        """What proves records to others; None where the console has no key to sign with."""
        self.verifying = Verifying(self)
        self.reporting = asyncio.Lock()
        """Held while a report is computed: one at a time, so that memory and threads are left for the pages."""
        self._working, self._counting = Working(masters, self.agreed, ZoneInfo(site.zone)), asyncio.Lock()
        self.work: Shared[Work] = Shared(
            lambda: self.ask(lambda archive: self._working.read(archive, self.agreements, self.now())),
            self._marks,
            least=1.0,
            most=5.0,
        )
        """What there is to do, for the first page."""
        self._pieces = CountedPieces(masters)
        self.proof: Shared[Proof] = Shared(lambda: self.ask(proof_of), self._proof_marks, least=1.0, most=60.0)
        """What the archive knows of numbers and doubts, for the head of every page."""
        self.pushed: Event[[]] = Event()
        self._waiting: asyncio.TimerHandle | None = None
        self._last = float("-inf")

    def changed(self) -> None:
        """To be called after each batch of messages; pages follow at most `PUSH_EVERY` seconds later."""
        if self._waiting is None:
            loop = asyncio.get_running_loop()
            self._waiting = loop.call_at(max(loop.time(), self._last + PUSH_EVERY), self._push)

    async def beat(self) -> None:
        """Push once a second although nothing came, until cancelled."""
        while True:
            await asyncio.sleep(BEAT_EVERY)
            if asyncio.get_running_loop().time() - self._last >= BEAT_EVERY:
                self.changed()

    async def keep_counting(self) -> None:
        """Count missing pieces whenever something came that may change them, until cancelled."""
        counted: Hashable = None
        while True:
            marks = self._marks()
            if marks != counted and not await self.ask(lambda archive: self._pieces.count(archive, self.now())):
                counted = marks
            await asyncio.sleep(BEAT_EVERY)

    async def listed_batches(self, wanted: Wanted, *, count: int = EVERYTHING, first: int = 0) -> ListedPage:
        """The batches that are wanted, as `listed` gives them, with the missing pieces that were counted so far."""
        known = Known(self.masters.same(), self._pieces.pieces)
        return await self.ask(lambda archive: listed(archive, known, wanted, count=count, first=first))

    async def ask(self, query: Callable[[Archive], Answer]) -> Answer:
        """The answer of the archive, without holding up the event loop."""
        return await asyncio.to_thread(query, self.archive)

    async def to_do(self) -> Work:
        """What there is to do, with what was counted of its batches so far."""
        return replace(await self.work.latest(), tallies=self._working.tallies)

    async def count(self, work: Work) -> None:
        """Count the rules of one more batch that needs it, unless somebody else does."""
        if not self._counting.locked():
            async with self._counting:
                if await self.ask(lambda archive: self._working.count(archive, work)):
                    self.changed()

    def forget(self) -> None:
        """Nothing of what was asked holds any more: there is another archive."""
        self.work.forget()
        self.proof.forget()
        self._working.forget()
        self._pieces.forget()

    async def signed(self) -> Signed:
        """The agreements that both signed; none where they cannot be read, which their own page says."""
        if self.agreements is None:
            return Signed(())
        try:
            return await asyncio.to_thread(self.agreements.signed)
        except ConfigurationError:
            return Signed(())

    def _marks(self) -> Hashable:
        beside = ((name, last) for name, last in self.live.last_numbers.items() if MEASUREMENTS not in name.split("."))
        return id(self.archive), self.live.findings, tuple(beside)

    def _proof_marks(self) -> Hashable:
        return id(self.archive), self.live.findings

    def _push(self) -> None:
        self._waiting = None
        self._last = asyncio.get_running_loop().time()
        self.pushed.emit()
