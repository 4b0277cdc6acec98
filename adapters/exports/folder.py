"""A watched folder: which files are there, whole and not yet taken. It only looks; names are anything but trusted."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from adapters.exports.originals import signature
from adapters.exports.settings import FolderSettings


class ShareAwayError(Exception):
    """The folder is not what it should be: not there, not mounted, not readable. The message says so in a line."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is whole. `path` is below the folder, with octets that are no text as Python escapes them."""

    path: str
    signature: str
    size: int
    modified: int

    @property
    def seen(self) -> tuple[bytes, str]:
        """What the ledger remembers of it."""
        return os.fsencode(self.path), self.signature

    @property
    def name(self) -> str:
        """The path as text for people, and for the patterns."""
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    depth: int


class Folder:
    """Remembers since when each new file stands still; `known` gives the signature under which one was taken."""

    def __init__(
        self,
        settings: FolderSettings,
        known: Callable[[bytes], str | None],
        had_files: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`had_files` says whether there ever were any. `clock` is monotonic, in seconds."""
        self._settings, self._known, self._had_files, self._clock = settings, known, had_files, clock
        self._root = settings.folder
        self._since: dict[str, tuple[str, float]] = {}
        self.unreadable: list[str] = []
        """Folders within it that could not be looked into."""

    @property
    def waiting(self) -> int:
        """Files that were seen and are not whole yet."""
        return len(self._since)

    def path(self, found: Found) -> Path:
        """Where it is."""
        return self._root / found.path

    def check(self) -> None:
        """Raises ShareAwayError where the folder or its mark is missing."""
        marker = self._settings.mount_marker
        if not self._root.is_dir():
            raise ShareAwayError(f"{self._root} is no folder; is the share mounted?")
        if marker is not None and not (self._root / marker).exists():
            raise ShareAwayError(f"{self._root} has no {marker}: the share is not mounted")

    def look(self) -> list[Found]:
        """Whole files that were not taken, oldest first. Raises ShareAwayError; then nothing that was seen counts."""
        self.check()
        now, count, ready, since = self._clock(), 0, [], dict[str, tuple[str, float]]()
        self.unreadable = []
        for found in self._files():
            count += 1
            if count > self._settings.most_files:
                raise ShareAwayError(f"{self._root} has more than {self._settings.most_files} files (most_files)")
            if self._known(found.seen[0]) == found.signature:
                continue
            before, began = self._since.get(found.path, (found.signature, now))
            began = began if before == found.signature else now
            since[found.path] = found.signature, began
            if now - began >= self._settings.quiet:
                ready.append(found)
        self.check()  # a share that went away meanwhile looked empty from there on
        if not count and self._settings.mount_marker is None and self._had_files():
            raise ShareAwayError(f"{self._root} is empty, and there were files; is the share mounted?")
        self._since = since
        return sorted(ready, key=lambda one: (one.modified, one.path))

    def taken(self, found: Found) -> None:
        """It does not wait any more."""
        self._since.pop(found.path, None)

    def _files(self) -> Iterator[Found]:
        places = [_Place("", 0)]
        while places:
            place = places.pop()
            try:
                entries = self._entries(place)
            except OSError as error:
                if place.depth and isinstance(error, FileNotFoundError):
                    continue
                if place.depth and isinstance(error, PermissionError):
                    self.unreadable.append(shown(place.path))
                    continue
                raise ShareAwayError(f"{self._root} cannot be read: {error.strerror}") from error
            names = {entry.name for entry in entries}
            for entry in entries:
                if self._never(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if place.depth < self._settings.subfolders:
                        places.append(_Place(_below(place, entry), place.depth + 1))
                elif entry.is_file(follow_symlinks=False) and self._finished(entry.name, names):
                    yield from _found(place, entry)

    def _entries(self, place: _Place) -> list[os.DirEntry[str]]:
        with os.scandir(self._root / place.path) as entries:
            return list(entries)

    def _never(self, name: str) -> bool:
        if name == self._settings.mount_marker:
            return True
        return any(fnmatchcase(name, pattern) for pattern in self._settings.unfinished)

    def _finished(self, name: str, names: set[str]) -> bool:
        ending = self._settings.finished_by
        return ending is None or (not name.endswith(ending) and name + ending in names)


def _below(place: _Place, entry: os.DirEntry[str]) -> str:
    return f"{place.path}/{entry.name}" if place.path else entry.name


def _found(place: _Place, entry: os.DirEntry[str]) -> Iterator[Found]:
    try:
        of = entry.stat(follow_symlinks=False)
    except OSError:  # gone meanwhile
        return
    yield Found(_below(place, entry), signature(of), of.st_size, of.st_mtime_ns)


def shown(path: str) -> str:
    """Octets that are no text, line breaks and controls are escaped, and no two paths look the same."""
    text = path.replace("\\", r"\\")
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
