"""Into the journal, in groups: what came while one commit was on its way goes with the next.

`offer` returns at once with a future that is done when the records are on the disk. While the journal cannot be written
(a disk that became read-only, an I/O error) records wait in memory and the fault is said; beyond `WAITING` of them the
oldest measurements are given up and counted. Alarms and gaps are kept.

On a full disk the journal's reserve is given up, and alarms and gaps are written in its place while measurements and
records of other systems wait. They go on when the disk has room for the reserve and as much again, or the journal has
that room inside its file.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from gateway.journal.entries import EXPORTED
from gateway.journal.journal import MEASUREMENT, Draft, Journal
from gateway.journal.lost import Lost, lost_by_source
from gateway.journal.reserve import disk_full

log = structlog.get_logger(__name__)

WAITING = 5000
"""Records that may wait for a journal that cannot be written."""
RETRY = 1.0
"""Seconds between attempts to write, or to find the disk no longer full."""
WARNINGS = (0.7, 0.9)
"""Parts of the limit at which a filling journal is said."""
ON_RESERVE = (
    "the disk is full: alarms and gaps go into the reserve, measurements wait; free space on the journal's disk"
)
USED_UP = "the disk is full and the reserve is used up: alarms and gaps wait too; free space on the journal's disk"
DAMAGED = "restart the agent: it then keeps what is good of the journal"


WAIT = EXPORTED | {MEASUREMENT}
"""Kinds that wait while the disk is full."""


@dataclass(slots=True)
class _Batch:
    drafts: list[Draft]
    done: asyncio.Future[None]
    mark: tuple[str, str] | None = None
    """Of a source, with its name; written with the last of the drafts."""
    whole: bool = True
    """False once a part was given up: then it is never done, and its source not acknowledged."""

    def going(self, *, roomy: bool) -> list[Draft]:
        """What can be written now."""
        return self.drafts if roomy else [draft for draft in self.drafts if draft.kind not in WAIT]

    def written(self, *, roomy: bool) -> None:
        """What could be written is; what is left waits."""
        self.drafts = [] if roomy else [draft for draft in self.drafts if draft.kind in WAIT]
        if roomy:
            self.mark = None
        if not self.waits and self.whole and not self.done.done():
            self.done.set_result(None)

    @property
    def waits(self) -> bool:
        """Whether anything is left."""
        return bool(self.drafts) or self.mark is not None


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
    _looked: float = 0.0

    def offer(self, drafts: Sequence[Draft], mark: tuple[str, str] | None = None) -> asyncio.Future[None]:
        """Queue records that belong together. The future is never cancelled by the committer; it may stay open.

        With a `mark`, of the source that is named first, all of them are of kinds that wait: they go with one commit.
        """
        batch = _Batch(list(drafts), asyncio.get_running_loop().create_future(), mark)
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
            await self._anything()
            self._writing, self._queue = self._queue, []
            try:
                await self._write(roomy=await self._roomy())
            except sqlite3.Error as error:
                self._put_back()
                await self._failed(error)
                continue
            self._put_back()
            self.committed()

    async def _anything(self) -> None:
        """Wait for something to write; what waits for the disk is tried again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY if self._queue else None):
                await self._more.wait()
        self._more.clear()

    async def _roomy(self) -> bool:
        """Whether the disk has room for measurements; looked at anew not more often than each `RETRY`."""
        now = asyncio.get_running_loop().time()
        if self.journal.reserve.held:
            return True
        if now < self._looked + RETRY:
            return False
        self._looked = now
        return await asyncio.to_thread(self.journal.has_space)

    async def _write(self, *, roomy: bool) -> None:
        drafts = [draft for batch in self._writing for draft in batch.going(roomy=roomy)]
        marks = dict(batch.mark for batch in self._writing if batch.mark and roomy)
        if drafts or roomy:
            evicted = await asyncio.to_thread(self.journal.append, drafts, marks)
            self._given_up += [entry.octets for entry in evicted if entry.octets]
        for batch in self._writing:
            batch.written(roomy=roomy)
        if roomy and self.problem:
            log.info("journal is written again")
        if not roomy and drafts:
            self._say(ON_RESERVE)
        if roomy:
            self.problem = None
        self._warn()

    async def _failed(self, error: sqlite3.Error) -> None:
        if disk_full(error) and self.journal.reserve.held:
            self.journal.reserve.release()
            self._looked = asyncio.get_running_loop().time()
            self._say(ON_RESERVE)
            self._more.set()
            return
        damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT
        self._say(USED_UP if disk_full(error) else f"{error}; {DAMAGED}" if damaged else str(error))
        await asyncio.sleep(RETRY)

    def _say(self, problem: str) -> None:
        if self.problem != problem:
            log.error("journal cannot be written", problem=problem)
        self.problem = problem

    def _put_back(self) -> None:
        """What is not written waits on, up to a bound."""
        self._queue = [*(batch for batch in self._writing if batch.waits), *self._queue]
        self._writing = []
        excess = self.waiting - WAITING
        for batch in self._queue if excess > 0 else ():
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
