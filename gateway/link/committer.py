"""Into the journal, in groups: what came while one commit was on its way goes with the next.

`offer` returns at once with a future that is done when the records are on the disk. While the journal cannot be written
(a full disk, one that became read-only) records wait in memory and the fault is said; beyond `WAITING` of them the
oldest measurements are given up and counted. Alarms and gaps are kept.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from gateway.link.journal import MEASUREMENT, Draft, Journal
from gateway.link.lost import Lost, lost_by_source

log = structlog.get_logger(__name__)

WAITING = 5000
"""Records that may wait for a journal that cannot be written."""
RETRY = 1.0
"""Seconds between attempts to write."""
WARNINGS = (0.7, 0.9)
"""Parts of the limit at which a filling journal is said."""


@dataclass(slots=True)
class _Batch:
    drafts: list[Draft]
    done: asyncio.Future[None]
    whole: bool = True
    """False once a part was given up: then it is never done, and its source not acknowledged."""


@dataclass(slots=True)
class Committer:
    """One task writes; `committed` is called after each commit."""

    journal: Journal
    committed: Callable[[], None]
    problem: str | None = None
    """Why the journal cannot be written, while it cannot."""
    _queue: list[_Batch] = field(default_factory=list)
    _writing: list[_Batch] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _given_up: list[bytes] = field(default_factory=list)
    _warned: int = 0

    def offer(self, drafts: Sequence[Draft]) -> asyncio.Future[None]:
        """Queue records that belong together. The future is never cancelled by the committer; it may stay open."""
        batch = _Batch(list(drafts), asyncio.get_running_loop().create_future())
        self._queue.append(batch)
        self._more.set()
        return batch.done

    @property
    def waiting(self) -> int:
        """Records that are not on the disk yet."""
        return sum(len(batch.drafts) for batch in (*self._writing, *self._queue))

    def take_lost(self) -> dict[str, Lost]:
        """Measurements that had to make room since the last call, by source."""
        given_up, self._given_up = self._given_up, []
        return lost_by_source(given_up)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._more.wait()
            self._more.clear()
            self._writing, self._queue = self._queue, []
            try:
                await self._write([draft for batch in self._writing for draft in batch.drafts])
            except sqlite3.Error as error:
                self._failed(error)
                await asyncio.sleep(RETRY)
                continue
            for batch in self._writing:
                if batch.whole and not batch.done.done():
                    batch.done.set_result(None)
            self._writing = []
            self.committed()

    async def _write(self, drafts: Sequence[Draft]) -> None:
        evicted = await asyncio.to_thread(self.journal.append, drafts)
        self._given_up += [entry.octets for entry in evicted if entry.octets]
        if self.problem:
            log.info("journal is written again")
            self.problem = None
        self._warn()

    def _failed(self, error: sqlite3.Error) -> None:
        self._queue, self._writing = [*self._writing, *self._queue], []
        self._more.set()
        if self.problem is None:
            log.error("journal cannot be written", problem=str(error))
        self.problem = str(error)
        excess = self.waiting - WAITING
        for batch in self._queue:
            for draft in [draft for draft in batch.drafts if draft.kind == MEASUREMENT][: max(0, excess)]:
                batch.drafts.remove(draft)
                batch.whole = False
                self._given_up.append(draft.octets)
                excess -= 1

    def _warn(self) -> None:
        passed = sum(self.journal.filled >= warning for warning in WARNINGS)
        if passed > self._warned:
            log.warning("journal fills up", filled=f"{self.journal.filled:.0%}", waiting=self.journal.waiting)
        self._warned = passed
