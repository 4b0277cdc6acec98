"""Seals: every few seconds the sender signs how long each of its streams is and what its root is, also when nothing
happened. The publisher sends a seal once the topic has what it counts.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence

import structlog

from gateway.journal.journal import Head, Journal
from gateway.link.topics import Stream
from gateway.proof.checkpoint import Checkpoint, write_seal
from gateway.proof.merkle import EMPTY_ROOT
from gateway.proof.note import SigningKey

log = structlog.get_logger(__name__)

EMPTY = Head(0, EMPTY_ROOT, 0)

Offer = Callable[[Stream, int, bytes], None]
"""Takes a seal to be published: its stream, how many entries it counts, the note."""


class Sealer:
    """Seals the streams of one sender, each `interval` seconds."""

    def __init__(
        self,
        journal: Journal,
        key: SigningKey,
        streams: Sequence[Stream],
        offer: Offer,
        *,
        interval: float,
        earliest: int = 0,
    ) -> None:
        """`earliest`, POSIX seconds: the key seals nothing before, as the rotation that brought it says."""
        self._journal = journal
        self._key = key
        self._streams = streams
        self._offer = offer
        self._interval = interval
        self._earliest = earliest
        self._last: dict[Stream, int] = {}

    async def run(self) -> None:
        """Seal until cancelled."""
        while True:
            try:
                self.seal(int(time.time()))
            except sqlite3.Error as error:
                problem = f"the journal cannot be read: {error}"
                log.warning("not sealed", problem=problem)
            await asyncio.sleep(self._interval)

    def seal(self, now: int, streams: Sequence[Stream] | None = None) -> None:
        """One seal for each stream, or for these. Its time is later than that of the one before, whatever the clock
        does. None where the numbers of a salvaged journal are provisional. Raises sqlite3.Error.
        """
        heads = self._journal.heads()
        for stream in self._streams if streams is None else streams:
            if self._journal.provisional(stream.name):
                continue
            head = heads.get(stream.name, EMPTY)
            moment = max(now, self._earliest, head.sealed + 1, self._last.get(stream, 0) + 1)
            self._last[stream] = moment
            if head.size:
                self._journal.sealed(stream.name, moment)
            self._offer(stream, head.size, write_seal(Checkpoint(stream.name, head.size, head.root), self._key, moment))
