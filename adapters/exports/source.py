"""A source of files, as the agent drives it: portions of records, and frames that count what became of the rows."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from adapters.contract import Adapter, NotAskedError, Portion, Report, SourceError, now, tag_table
from adapters.exports import ledger_file
from adapters.exports.accounting import Account
from adapters.exports.intake import Intake, Progress
from adapters.exports.ledger import Ledger, Written
from adapters.exports.ledger_file import NAME, LedgerError, Reading, State
from adapters.exports.originals import Originals
from adapters.exports.settings import ExportSettings, FolderSettings, WatchSettings
from adapters.exports.ways.folder import Folder, FoundFile, Tree
from adapters.exports.ways.local_tree import LocalTree
from adapters.exports.ways.way import AwayError, Way
from adapters.exports.worker import Worker
from schemas.frame import Frame, TagTable, frame_of
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

_T = TypeVar("_T")
_COUNTED = ("read", "records", "corrections", "repeats", "refused")
"""Fields of an account, in the order of the tags."""
TOLD = 1.0
"""Seconds between two frames while files are read."""
NAMED = 20
"""Refused files that are named."""
CLOSING = 2.0
"""Seconds that a thread has to give the ledger back."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How a source of files stands: all rows ever read, files, and the one under way. Refused are those that wait for a
    person; of the oldest of them, name and reason.
    """

    account: Account
    files_read: int = 0
    files_waiting: int = 0
    files_refused: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    progress: Progress | None = None

    def counts(self) -> tuple[int, ...]:
        """In the order of the tags."""
        rows = (getattr(self.account, name) for name in _COUNTED)
        return (*rows, self.files_read, self.files_waiting, self.files_refused, self.account.unaccounted)


class ExportSource:
    """What all ways in share: ledger, originals, and a thread for them. Without a journal's mark it only looks."""

    def __init__(self, settings: ExportSettings, pause: float) -> None:
        """`pause` is from one look to the next while nothing is under way, seconds."""
        self._settings, self._pause = settings, pause
        self._table = tag_table(settings)
        self._worker = Worker(settings.name)
        self._mark: Callable[[], Awaitable[str | None]] | None = None
        self._intake: Intake | None = None
        self._ledger: Ledger | None = None
        self._way: Way[Any] | None = None
        self._tally = Tally(Account())
        self._tallied = self._look_at = 0.0
        self._idle = False
        self._more = asyncio.Event()

    @property
    def tags(self) -> TagTable:
        """What is counted."""
        return self._table

    @property
    def files(self) -> Mapping[str, Any]:
        """As `TakesFiles`."""
        return asdict(self._tally)

    def resume(self, mark: Callable[[], Awaitable[str | None]]) -> None:
        """As `TakesFiles`."""
        self._mark = mark

    async def connect(self) -> None:
        """Open the ledger, and take back what the journal does not have. Raises SourceError."""
        await self._do(self._open)
        mark = None if self._mark is None else await self._mark()
        await self._do(lambda: self._settle(mark))
        self._tallied = self._look_at = 0.0

    async def frames(self) -> AsyncIterator[Report]:
        """Portions, and frames with the counts. Raises SourceError."""
        told, said = None, 0.0
        while True:
            counts, moment = self._tally.counts(), time.monotonic()
            if told is None or moment >= said + (self._pause if counts == told else min(TOLD, self._pause)):
                yield self._frame(counts, told)
                told, said = counts, moment
            written = await self._do(self._step)
            if written is not None:
                yield Portion(self._settings.name, written.records, written.mark)
            elif self._idle:
                await self._wait()

    async def acknowledge(self, frame: Frame) -> None:
        """Counts are nothing to keep."""

    async def close(self) -> None:
        """Give the ledger back; a thread that hangs is left to itself."""
        with suppress(SourceError):
            await self._do(self._shut, silence=CLOSING)

    async def again(self, file: str) -> int:
        """As `TakesFiles`."""
        return await self._asked(file, lambda intake, _, found: intake.again(found))

    async def dismiss(self, file: str, reason: str) -> int:
        """As `TakesFiles`."""

        def dismissed(_: Intake, ledger: Ledger, found: Sequence[Reading]) -> int:
            refused = [one for one in found if one.state is State.REFUSED or ledger.account(one.number).refused]
            for one in refused:
                ledger.dismiss(one, now(), reason)
            return len(refused)

        return await self._asked(file, dismissed)

    def way(self, ledger: Ledger | None) -> Way[Any] | None:  # noqa: ARG002 - what those ask for that look
        """Where files are looked for, with what the ledger remembers of it; None where they are brought."""
        return None

    async def _asked(self, file: str, work: Callable[[Intake, Ledger, Sequence[Reading]], int]) -> int:
        if self._intake is None or self._ledger is None:
            raise NotAskedError(f"source {self._settings.name!r} is not connected; see `cmo-edge status`")
        intake, ledger = self._intake, self._ledger
        try:
            count = await self._do(lambda: work(intake, ledger, ledger.named(file)))
        except SourceError as error:
            raise NotAskedError(error.detail) from error
        self._tallied = 0.0
        self._more.set()
        return count

    def _open(self) -> None:
        self._shut()
        if self._mark is not None:
            self._ledger = Ledger(self._settings.keep / NAME)
        self._way = self.way(self._ledger)
        if self._way is not None:
            self._way.check()
        if self._ledger is not None:
            originals = Originals(self._settings.keep)
            self._intake = Intake(self._settings, self._ledger, originals, self._way, alive=self._worker.alive)

    def _settle(self, mark: str | None) -> None:
        if self._ledger is not None and self._intake is not None:
            self._ledger.settle(mark)
            self._tally = self._stand(self._intake)
        else:
            self._tally = self._seen()

    def _shut(self) -> None:
        if self._way is not None:
            self._way.close()
        if self._ledger is not None:
            self._ledger.close()
        self._ledger = self._intake = self._way = None

    def _step(self) -> Written | None:
        """In the thread: one step of the intake, and how things stand behind it."""
        intake, moment = self._intake, time.monotonic()
        if intake is None:
            self._idle, self._tally = True, self._seen()
            return None
        if intake.idle and (intake.more or moment >= self._look_at):
            intake.look()
            after = time.monotonic()
            self._look_at = after + max(self._pause, 9 * (after - moment))  # a tenth of the time at most
        written = intake.step()
        self._idle = written is None and intake.idle and not intake.more
        if self._idle or moment >= self._tallied + TOLD:
            self._tallied, self._tally = moment, self._stand(intake)
        return written

    def _stand(self, intake: Intake) -> Tally:
        if self._ledger is None:
            return self._tally
        refused = [(one.name, one.reason or "") for one in self._ledger.refused_files()]
        refused += intake.unreadable.items()
        total, read = replace(self._ledger.total), self._ledger.files_read()
        return Tally(total, read, intake.waiting, len(refused), tuple(refused[:NAMED]), intake.progress)

    def _seen(self) -> Tally:
        """What the agent, which may be running, has written."""
        with ledger_file.looking(self._settings.keep) as db:
            if db is None:
                return Tally(Account())
            return Tally(ledger_file.total(db), files_refused=len(ledger_file.refused_files(db)))

    def _frame(self, counts: Sequence[int], told: Sequence[int] | None) -> Frame:
        """The counts that are others than those told."""
        moment, good = now(), int(StatusCode.GOOD)
        changed = [(row, float(count)) for row, count in enumerate(counts) if told is None or told[row] != count]
        rows = [(row, count, good, Reason.NONE, moment) for row, count in changed]
        return frame_of(self._settings.name, self._table, rows, received=moment)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._more.wait(), min(TOLD, self._pause))
        self._more.clear()

    async def _do(self, work: Callable[[], _T], silence: float | None = None) -> _T:
        """In the thread. Raises SourceError for what the file system, the share or the ledger does."""
        silence = silence or self._settings.silence
        try:
            return await self._worker.do(work, silence)
        except AwayError as error:
            raise SourceError(error.cause, str(error), pause=error.pause) from error
        except LedgerError as error:
            raise SourceError(GapCause.OTHER, str(error)) from error
        except TimeoutError as error:
            detail = f"no sign of life for {silence:g} s"
            raise SourceError(GapCause.DEVICE_SILENT, detail) from error
        except sqlite3.Error as error:
            detail = f"the ledger in {self._settings.keep} cannot be used: {error}"
            raise SourceError(GapCause.OTHER, detail) from error
        except OSError as error:
            raise SourceError(GapCause.DEVICE_UNREACHABLE, f"files cannot be read or kept: {error}") from error


def watched(settings: WatchSettings, tree: Tree, ledger: Ledger | None) -> Way[FoundFile]:
    """The folder at the root of a tree; without a ledger nothing of it was ever taken."""
    if ledger is None:
        return Folder(settings, tree, lambda _: None, lambda: False)
    return Folder(settings, tree, ledger.signature, ledger.had_files)


class FolderSource(ExportSource):
    """Looks for files by itself."""

    def __init__(self, settings: FolderSettings) -> None:
        super().__init__(settings, settings.poll_interval)
        self._watched = settings

    def way(self, ledger: Ledger | None) -> Way[FoundFile]:
        """The watched folder."""
        return watched(self._watched, LocalTree(self._watched.folder), ledger)


FOLDER = Adapter(settings=FolderSettings, source=FolderSource, waits=True)
