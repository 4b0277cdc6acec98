"""What was read of late, kept beside the journal: what turns out later to be a holder's is sent out of it.

Records stand one behind the other in files; where all of them together are larger than the limit, the oldest file goes.
They are not synced: after a cut of power the last seconds may be missing, which ends the reading of that file. A
position counts octets over all files, so that a reader knows what was kept before a moment and what after it.
"""

import json
import struct
from collections.abc import Iterator
from io import BufferedWriter
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import structlog

log = structlog.get_logger(__name__)

_HEAD = struct.Struct("<IIqq")
"""Length and checksum of the octets, first and last time that they tell of, UTC microseconds."""
FILES = 64
"""Into how many files the limit is divided."""


class Kept(NamedTuple):
    """A record's octets, where they stand, and the first and last time that they tell of."""

    position: int
    first: int
    last: int
    octets: bytes


class Recent:
    """One agent's. Never raises: without a disk nothing is kept, which is said once."""

    def __init__(self, folder: Path, limit: int, now: int) -> None:
        """Goes on with what the life before kept. `limit` is in octets."""
        self._folder, self._limit = folder, limit
        self.since = now
        """The time from which on nothing is missing of what was to be kept, UTC microseconds."""
        self.position = 0
        """Octets that were ever kept."""
        self._problem: str | None = None
        self._file: BufferedWriter | None = None
        self._files = list[tuple[int, Path]]()
        try:
            folder.mkdir(exist_ok=True)
            self._files = sorted((int(one.stem), one) for one in folder.glob("*.recent") if one.stem.isdigit())
            if self._files:
                start, path = self._files[-1]
                self.position = start + path.stat().st_size
                self.since = next((one.first for one in read_kept(*self._files[0])), now)
        except OSError as error:
            self._say(error)
        self._begin()

    def keep(self, octets: bytes, first: int, last: int) -> None:
        """A record that tells of the time from `first` to `last`."""
        if self._file is None:
            self.since = max(self.since, last)
            self._begin()
            return
        try:
            self._file.write(framed(octets, first, last))
        except OSError as error:
            self.since = max(self.since, last)
            self._say(error)
            return
        self.position += _HEAD.size + len(octets)
        if self.position - self._files[-1][0] > self._limit // FILES:
            self._begin()

    def between(self, begin: int, end: int, until: int) -> Iterator[Kept]:
        """Records of begin ≤ time < end that were kept before the position `until`. Blocks for the disk."""
        self.flush()
        for start, path in [one for one in self._files if one[0] < until]:
            for one in read_kept(start, path):
                if one.position < until and one.first < end and one.last >= begin:
                    yield one

    def note(self, pending: Any) -> None:
        """Remember what is to be sent out of it, until the next note; None for nothing."""
        file = self._folder / "pending.json"
        try:
            if pending is None:
                file.unlink(missing_ok=True)
                return
            new = file.with_suffix(".new")
            new.write_text(json.dumps(pending), encoding="utf-8")
            new.replace(file)
        except OSError as error:
            self._say(error)

    def noted(self) -> Any:
        """The last note of the life before; None where there is none, or none that can be read."""
        try:
            return json.loads((self._folder / "pending.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def flush(self) -> None:
        """All that was kept is with the system."""
        try:
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            self._say(error)

    def _begin(self) -> None:
        """Go on in a new file; the oldest goes where there is too much."""
        self.flush()
        try:
            if self._file is not None:
                self._file.close()
            path = self._folder / f"{self.position:020d}.recent"
            self._file = path.open("ab")
            if not self._files or self._files[-1][1] != path:
                self._files.append((self.position, path))
            while self.position - self._files[0][0] > self._limit and len(self._files) > 1:
                start, oldest = self._files.pop(0)
                self.since = max([self.since, *(one.last for one in read_kept(start, oldest))])
                oldest.unlink(missing_ok=True)
            self._problem = None
        except OSError as error:
            self._say(error)

    def _say(self, error: OSError) -> None:
        if self._problem is None:
            log.error("what is read cannot be kept for holders that are known later", why=str(error))
        self._problem, self._file = str(error), None


def framed(octets: bytes, first: int = 0, last: int = 0) -> bytes:
    """As `read_kept` reads it; times are UTC microseconds."""
    return _HEAD.pack(len(octets), crc32(octets), first, last) + octets


def read_kept(start: int, path: Path) -> Iterator[Kept]:
    """What stands in a file that begins at the position `start`, up to the first that is not whole."""
    try:
        with path.open("rb") as file:
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                length, checksum, first, last = _HEAD.unpack(head)
                octets = file.read(length)
                if len(octets) < length or crc32(octets) != checksum:
                    return
                yield Kept(start, first, last, octets)
                start += _HEAD.size + length
    except OSError as error:
        log.error("what was read of late cannot be read", file=str(path), why=str(error))  # noqa: TRY400 - said
