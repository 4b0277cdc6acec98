"""The access log of a node: every look of a person is a record in a journal of its own, numbered and in a Merkle tree.

A record is noted in memory and written a moment later, with whatever came in the meantime, so that no page waits for
the disk. Where it cannot be written nothing more is shown (`stuck`): no look goes unrecorded.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator

import structlog

from gateway.access.wanted import KeptAccess, WantedAccess
from gateway.journal.entries import Draft, Numbered
from gateway.link.topics import Stream
from gateway.outbox import Outbox
from schemas.access import Access
from schemas.catalogue import KINDS, schema
from schemas.codec import decode, encode

MOST_WAITING = 1000
"""Records that may wait for the disk; with more of them nobody is shown anything."""
AGAIN_AFTER = 1.0
"""Seconds until writing is tried again."""
CHUNK = 500
log = structlog.get_logger(__name__)


class AccessLog:
    """One node's. Made, told and run on the event loop; `find` blocks and may be called from any thread."""

    def __init__(
        self, outbox: Outbox, node: str, peer: str, concerned: Callable[[Access], Iterable[str]] = lambda _: ()
    ) -> None:
        """`peer` is the other side; the node itself where it is the manufacturer's, whose log stays at home.

        `concerned` gives the holders that a look is about: each gets a copy of the record.
        """
        self._outbox, self._node, self._concerned = outbox, node, concerned
        self.stream = Stream(node, node, peer, "access").name
        self._waiting: list[Access] = []
        self._told, self._settled = asyncio.Event(), asyncio.Event()
        self._writing = asyncio.Lock()

    def tell(self, access: Access) -> None:
        """Note an access; it is on the disk a moment later."""
        self._waiting.append(access)
        self._settled.clear()
        self._told.set()

    async def settled(self) -> None:
        """Wait until all that was told is on the disk."""
        if self._waiting:
            await self._settled.wait()

    @property
    def stuck(self) -> bool:
        """Whether so many wait for the disk that nothing more may be shown."""
        return len(self._waiting) >= MOST_WAITING

    async def run(self) -> None:
        """Write until cancelled; then what waits is written."""
        try:
            while True:
                await self._told.wait()
                self._told.clear()
                await asyncio.shield(asyncio.create_task(self._write()))
        finally:
            await self._write()

    async def _write(self) -> None:
        async with self._writing:
            while some := self._waiting[:CHUNK]:
                try:
                    await self._outbox.append(await asyncio.to_thread(self._drafts, some))
                except sqlite3.Error as error:
                    log.warning("accesses cannot be recorded", waiting=len(self._waiting), error=str(error))
                    asyncio.get_running_loop().call_later(AGAIN_AFTER, self._told.set)
                    return
                del self._waiting[: len(some)]
            self._settled.set()

    def _drafts(self, some: Iterable[Access]) -> list[Draft]:
        """For the log itself, and copies for those who are concerned."""
        return [draft_of(stream, one) for one in some for stream in (self.stream, *self._copies(one))]

    def _copies(self, access: Access) -> list[str]:
        return [Stream(self._node, self._node, holder, "access").name for holder in self._concerned(access)]

    def find(self, wanted: WantedAccess, count: int) -> list[KeptAccess]:
        """The newest of these accesses, newest first, at most so many."""
        found: list[KeptAccess] = []
        for kept in self._newest_first():
            if len(found) == count or kept.access.time < wanted.begin:
                break
            if wanted.fits(kept.access):
                found.append(kept)
        return found

    def _newest_first(self) -> Iterator[KeptAccess]:
        journal = self._outbox.journal
        last = journal.size(self.stream)
        while last > 0:
            first = max(0, last - CHUNK)
            for entry in reversed(journal.entries(self.stream, first, last - first)):
                if (access := _access(entry)) is not None:
                    yield KeptAccess(entry.number, access, self.stream)
            last = first


def draft_of(stream: str, access: Access) -> Draft:
    """The record on its way into the stream."""
    return Draft(stream, "Access", access.node.encode(), access.time, encode(access))


def _access(entry: Numbered) -> Access | None:
    if entry.octets is None:
        return None
    record = decode(entry.octets, {schema(kind).fingerprint: schema(kind) for kind in KINDS})
    return record if isinstance(record, Access) else None
