"""Files in, portions of records out, a step at a time: what a source of files does in its thread.

A step takes a quarter of a second or so: it looks for files, keeps one, goes on checking one, or makes a portion of its
rows. A file is checked to its end before the first portion, so a damaged one gives nothing. What is under way is in the
ledger; a new intake goes on where the last portion that the journal has ends.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

import structlog

from adapters.contract import now
from adapters.exports.accounting import Account, Candidate, Refused, candidates
from adapters.exports.converting import Converter
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import Export
from adapters.exports.ledger import Arrival, Ledger, Written
from adapters.exports.ledger_file import Reading
from adapters.exports.mapping import MappingError, parse
from adapters.exports.originals import (
    Original,
    Originals,
    TooLargeError,
    UnreadableError,
    UnsettledError,
)
from adapters.exports.settings import ExportSettings, MappedFiles
from adapters.exports.ways.way import Found, Way

log = structlog.get_logger(__name__)
_T = TypeVar("_T")

PORTION = 500
"""Rows that go into the journal with one commit."""
SLICE = 0.25
"""Seconds of a step, about."""
TOLD = 10.0
"""Seconds between two lines about a long file in the log."""
UNMAPPED = "no mapping fits its name"


@dataclass(frozen=True, slots=True)
class Progress:
    """A file that is being read: rows behind it, and rows that it has as far as is known; while it is checked none
    is behind. `seconds` it took so far.
    """

    name: str
    size: int
    checked: int
    behind: int
    seconds: float


@dataclass(slots=True)
class _Work:
    """One reading under way."""

    reading: Reading
    converter: Converter
    export: Export
    checks: Iterator[int] | None
    """Rows that are found on the way to the file's end, until it is reached."""
    began: float
    skip: int
    checked: int = 0
    behind: int = 0
    told: float = 0.0
    candidates: Iterator[Candidate | Refused | None] = field(default_factory=lambda: iter(()))

    def progress(self) -> Progress:
        """For people."""
        behind = self.skip + self.behind
        seconds = time.monotonic() - self.began
        return Progress(self.reading.name, self.reading.size, self.checked, behind, seconds)


class Intake:
    """Not safe for concurrent use. Calls may raise sqlite3.Error, OSError and, with a way in, AwayError."""

    def __init__(
        self,
        settings: ExportSettings,
        ledger: Ledger,
        originals: Originals,
        way: Way[Any] | None = None,
        *,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """`alive` is called whenever the file system gave something."""
        self._settings, self._ledger, self._originals, self._way = settings, ledger, originals, way
        self._alive = alive
        self._found: deque[Found] = deque()
        self._unreadable: dict[str, str] = {}
        self._work: _Work | None = None
        self._ends: Reading | None = None

    @property
    def waiting(self) -> int:
        """Files that are there and not begun."""
        return len(self._found) if self._way is None else max(len(self._found), self._way.waiting)

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Files and folders that could not be read since the last look, with the reason. They are tried again."""
        return self._unreadable | dict({} if self._way is None else self._way.unreadable)

    @property
    def more(self) -> bool:
        """Whether another look gives more at once."""
        return self._way is not None and self._way.more

    @property
    def progress(self) -> Progress | None:
        """The file under way."""
        return self._work.progress() if self._work else None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do but to look for files."""
        return self._work is None and not self._found and self._ledger.open_reading() is None

    def look(self) -> None:
        """See which files are whole by now."""
        if self._way is not None and not self._found:
            self._unreadable.clear()
            self._found.extend(self._way.look())

    def step(self) -> Written | None:
        """Go on; whoever calls again says by this that the journal has the portion that came before."""
        if self._ends is not None:
            self._ledger.end(self._ends.number)
            self._told(self._ends, self._ledger.account(self._ends.number))
            self._ends = None
        if self._work is None:
            self._begin()
        if self._work is None:
            return None
        try:
            if self._work.checks is None:
                return self._portion(self._work)
            self._check(self._work, self._work.checks)
        except FileRefusedError as error:
            self._refuse(self._work.reading, str(error))
        return None

    def keep(self, chunks: Iterable[bytes]) -> Original:
        """Keep a file. Raises TooLargeError, and UnsettledError as the chunks do; then it never was."""
        return self._originals.keep(self._signs(chunks), self._settings.largest_mib * 1024 * 1024)

    def enter(self, name: str, original: Original, seen: tuple[bytes, str]) -> None:
        """A kept file came under this name: it is to be read by each mapping that fits, or is refused."""
        self._enter(self._arrivals(name, original.sha, original.size), seen)

    def again(self, readings: Iterable[Reading]) -> int:
        """Read kept files once more, by the mappings as they are now; gives how many readings that makes."""
        names = {(one.name, one.sha, one.size) for one in readings if one.sha is not None}
        came = [one for name, sha, size in sorted(names) for one in self._arrivals(name, sha, size)]
        for one in came:
            if one.refused is None:
                self._ledger.again(one, now())
            else:
                self._ledger.arrived([one], now())
        return len(came)

    def _signs(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._alive()
            yield chunk

    def _enter(self, came: Sequence[Arrival], seen: tuple[bytes, str]) -> None:
        self._ledger.arrived(came, now(), seen)
        for one in came:
            if one.refused is not None:
                log.warning("file refused", source=self._settings.name, file=one.name, why=one.refused)

    def _arrivals(self, name: str, sha: str, size: int) -> list[Arrival]:
        """One for each mapping that fits."""
        fitting = [one for one in self._settings.mappings if one.fit(name)]
        return [_arrival(name, sha, size, one) for one in fitting] or [Arrival(name, sha, size, refused=UNMAPPED)]

    def _begin(self) -> None:
        """The next reading: one that is open, or of the next file."""
        reading = self._ledger.open_reading()
        while reading is None and self._found and self._way is not None:
            found = self._found.popleft()
            try:
                original = self.keep(self._way.chunks(found))
                self.enter(found.name, original, found.seen)
            except UnsettledError:
                continue  # it is looked at again
            except UnreadableError as error:
                self._unreadable[found.name] = f"cannot be read: {error}"
                continue
            except TooLargeError:
                why = f"is larger than {self._settings.largest_mib} MiB (largest_mib)"
                self._enter([Arrival(found.name, None, found.size, refused=why)], found.seen)
            self._way.taken(found)
            reading = self._ledger.open_reading()
        if reading is not None:
            self._work = self._begun(reading)

    def _begun(self, reading: Reading) -> _Work | None:
        account = self._ledger.account(reading.number)
        text = self._ledger.mapping_text(reading.mapping_sha or "")
        try:
            mapping = parse(text, reading.mapping or "")
        except MappingError as error:  # an older program understood it
            self._refuse(reading, str(error))
            return None
        path = self._originals.path(reading.sha or "")

        export = Export(path, mapping.format, mapping.columns)
        log.info("file begun", source=self._settings.name, file=reading.name, sha256=reading.sha)
        moment = time.monotonic()
        return _Work(
            reading, Converter(mapping, reading.sha), export, _guarded(export.check(), reading), moment,
            account.read + account.trailers, told=moment,
        )  # fmt: skip

    def _check(self, work: _Work, checks: Iterator[int]) -> None:
        """A slice of the first pass: is the file whole, and as its mapping says?"""
        until = time.monotonic() + SLICE
        for count in checks:
            work.checked += count
            if time.monotonic() > until:
                break
        else:
            rest = islice(candidates(work.export.blocks(), work.converter), work.skip, None)
            work.checks, work.candidates = None, _guarded(rest, work.reading)
        self._tell(work)

    def _portion(self, work: _Work) -> Written:
        some = list(islice(work.candidates, PORTION))
        last = len(some) < PORTION
        written = self._ledger.write(work.reading, some, last=last)
        work.behind += len(some)
        self._tell(work)
        if last:
            self._work, self._ends = None, work.reading
        return written

    def _tell(self, work: _Work) -> None:
        self._alive()
        if time.monotonic() >= work.told + TOLD:
            work.told = time.monotonic()
            progress = work.progress()
            log.info("file under way", source=self._settings.name, file=progress.name, rows=progress.behind,
                     of=progress.checked)  # fmt: skip

    def _told(self, reading: Reading, account: Account) -> None:
        log.info("file read", source=self._settings.name, file=reading.name, account=str(account))
        if not account.read + account.trailers:
            log.warning("file has no rows", source=self._settings.name, file=reading.name, mapping=reading.mapping)

    def _refuse(self, reading: Reading, why: str) -> None:
        self._work = None
        self._ledger.end(reading.number, refused=why)
        log.warning("file refused", source=self._settings.name, file=reading.name, why=why)


def _guarded(rows: Iterator[_T], reading: Reading) -> Iterator[_T]:
    """The rows; a fault of ours that only this file brings out must not stop the others. Raises FileRefusedError."""
    try:
        yield from rows
    except FileRefusedError:
        raise
    except Exception as error:  # whatever it is, it is said, and the file can be read again
        log.exception("reader failed", file=reading.name, sha256=reading.sha)
        raise FileRefusedError(f"the reader failed: {type(error).__name__}: {error}") from error


def _arrival(name: str, sha: str, size: int, mapped: MappedFiles) -> Arrival:
    """With the mapping as it is now; a fault in it refuses the file, until it is read again."""
    path = str(mapped.mapping)
    try:
        text = mapped.mapping.read_text(encoding="utf-8")
        parse(text, path)
    except (OSError, UnicodeError) as error:
        return Arrival(name, sha, size, path, refused=f"{path}: cannot be read: {error}")
    except MappingError as error:
        return Arrival(name, sha, size, path, refused=str(error))
    return Arrival(name, sha, size, path, sha256(text.encode()).hexdigest(), text)
