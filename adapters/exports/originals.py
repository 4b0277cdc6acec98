"""Files as they came, each kept once under the SHA-256 of its content, on the disk before anybody is told."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

CHUNK = 1024 * 1024
"""Octets read at once."""


class TooLargeError(Exception):
    """The file is larger than allowed."""


class UnsettledError(Exception):
    """The file changed while it was read, or is no file any more."""


class UnreadableError(Exception):
    """The file cannot be read now; the message says why."""


@dataclass(frozen=True, slots=True)
class Original:
    """A kept file: 64 hex digits, and its size in octets."""

    sha: str
    size: int


class Originals:
    """A folder of them. Raises OSError where it cannot be written."""

    def __init__(self, folder: Path) -> None:
        """What an earlier life left half written goes."""
        self._folder, self._incoming = folder / "originals", folder / "incoming"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        for left in self._incoming.iterdir():
            left.unlink()

    def path(self, sha: str) -> Path:
        """Where an original is, or would be."""
        return self._folder / sha[:2] / sha

    def keep(self, chunks: Iterable[bytes], largest: int) -> Original:
        """Keep what the chunks make up, of `largest` octets at most. Raises TooLargeError, then nothing is kept."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                original = _written(file.write, chunks, largest)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            self._put(Path(name), self.path(original.sha))
        finally:
            Path(name).unlink(missing_ok=True)
        return original

    def _put(self, written: Path, place: Path) -> None:
        if place.exists():
            return
        if not place.parent.exists():
            place.parent.mkdir()
            _sync(self._folder)
        written.rename(place)
        _sync(place.parent)


def _written(write: Callable[[bytes], object], chunks: Iterable[bytes], largest: int) -> Original:
    digest, size = sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise TooLargeError
        digest.update(chunk)
        write(chunk)
    return Original(digest.hexdigest(), size)


def signature(of: os.stat_result) -> str:
    """Changes whenever the file is written or another takes its place."""
    return f"{of.st_size}:{of.st_mtime_ns}:{of.st_ctime_ns}:{of.st_ino}"


def chunks_of(path: Path, expected: str) -> Iterator[bytes]:
    """A file's content, opened for reading only. Raises UnsettledError unless it is the expected one to its end, and
    UnreadableError.
    """
    try:
        yield from _chunks(path, expected)
    except FileNotFoundError as error:
        raise UnsettledError from error
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error


def _chunks(path: Path, expected: str) -> Iterator[bytes]:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as file:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode) or signature(before) != expected:
            raise UnsettledError
        size = 0
        while chunk := file.read(CHUNK):
            size += len(chunk)
            yield chunk
        if size != before.st_size or signature(os.fstat(handle)) != expected:
            raise UnsettledError


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
