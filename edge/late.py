"""What turned out later to be a holder's, sent out of what is kept beside the journal, in portions."""

import asyncio
from collections.abc import Iterator
from itertools import islice

import structlog

from edge.agreed_route import AgreedRoute, Belated
from edge.recent import Recent
from gateway.journal.committer import Committer
from schemas.catalogue import KINDS, schema
from schemas.codec import DecodeError, Record
from schemas.reading import Reader

log = structlog.get_logger(__name__)

LOOK = 0.5
"""Seconds between two looks whether anything was learnt."""
PORTION = 50
"""Records that are looked at between two turns of the others."""


class Late:
    """One at a time, in the order in which it was learnt."""

    def __init__(self, route: AgreedRoute, recent: Recent, committer: Committer) -> None:
        self._route, self._recent, self._committer = route, recent, committer
        self._reader = Reader()
        self._published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.catch_up()

    async def catch_up(self) -> None:
        """Send all that was learnt so far."""
        while self._route.belated:
            one = self._route.belated[0]
            records = self._records(one)
            while portion := await asyncio.to_thread(lambda: list(islice(records, PORTION))):  # noqa: B023 - awaited
                drafts = [draft for record in portion for draft in self._route.late(record, one)]
                if drafts:
                    await self._committer.offer(drafts)
            self._route.sent(one)

    def _records(self, one: Belated) -> Iterator[Record]:
        for kept in self._recent.between(one.begin, one.end, one.until):
            try:
                yield self._reader.decode(kept.octets, self._published)
            except DecodeError as error:  # kept by another version
                log.error("a record that was kept cannot be read", why=str(error))  # noqa: TRY400 - it says all
