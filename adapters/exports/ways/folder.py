"""A watched folder: which files are there, whole and not yet taken. It only looks; names are anything but trusted.

Where the folder is, is a tree's matter: `local_tree.py` and `sftp_tree.py`.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from adapters.exports.settings import WatchSettings
from adapters.exports.ways.way import AwayError


class ShareAwayError(AwayError):
    """The folder is not what it should be: not there, not mounted, not readable. The message says so in a line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a folder. A file has a `signature` that changes with it, octets, and the time of its last change;
    a link is neither file nor folder.
    """

    name: str
    is_folder: bool = False
    signature: str | None = None
    size: int = 0
    modified: int = 0


class Tree(Protocol):
    """Folders and files below a root; paths are relative to it. Calls raise OSError and AwayError."""

    @property
    def root(self) -> str:
        """Where it is, for people."""

    def is_there(self) -> bool:
        """Whether the root is a folder."""

    def has(self, name: str) -> bool:
        """Whether this stands in the root."""

    def entries(self, path: str) -> list[Entry]:
        """What stands in a folder."""

    def chunks(self, path: str, signature: str) -> Iterator[bytes]:
        """A file's content. Raises UnsettledError unless it is the expected one to its end, and UnreadableError."""

    def close(self) -> None:
        """Give back what it holds. Never raises."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that is whole. `path` is below the folder, with octets that are no text as Python escapes them."""

    path: str
    signature: str
    size: int
    modified: int

    @property
    def seen(self) -> tuple[bytes, str]:
        """As `Found`."""
        return os.fsencode(self.path), self.signature

    @property
    def name(self) -> str:
        """As `Found`."""
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    depth: int


class Folder:
    """Remembers since when each new file stands still; `known` gives the signature under which one was taken."""

    def __init__(
        self,
        settings: WatchSettings,
        tree: Tree,
        known: Callable[[bytes], str | None],
        had_files: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`had_files` says whether there ever were any. `clock` is monotonic, in seconds."""
        self._settings, self._known, self._had_files, self._clock = settings, known, had_files, clock
        self._tree = tree
        self._since: dict[str, tuple[str, float]] = {}
        self._unreadable: dict[str, str] = {}

    @property
    def waiting(self) -> int:
        """Files that were seen and are not whole yet."""
        return len(self._since)

    @property
    def more(self) -> bool:
        """As `Way`."""
        return False

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Folders within it that could not be looked into."""
        return self._unreadable

    def chunks(self, found: FoundFile) -> Iterator[bytes]:
        """As `Way`."""
        return self._tree.chunks(found.path, found.signature)

    def close(self) -> None:
        """As `Way`."""
        self._tree.close()

    def check(self) -> None:
        """Raises ShareAwayError where the folder or its mark is missing."""
        marker = self._settings.mount_marker
        if not self._tree.is_there():
            raise ShareAwayError(f"{self._tree.root} is no folder; is the share mounted?")
        if marker is not None and not self._tree.has(marker):
            raise ShareAwayError(f"{self._tree.root} has no {marker}: the share is not mounted")

    def look(self) -> list[FoundFile]:
        """Whole files that were not taken, oldest first. Raises ShareAwayError; then nothing that was seen counts."""
        self.check()
        now, count, ready, since = self._clock(), 0, [], dict[str, tuple[str, float]]()
        self._unreadable = {}
        for found in self._files():
            count += 1
            if count > self._settings.most_files:
                raise ShareAwayError(f"{self._tree.root} has more than {self._settings.most_files} files (most_files)")
            if self._known(found.seen[0]) == found.signature:
                continue
            before, began = self._since.get(found.path, (found.signature, now))
            began = began if before == found.signature else now
            since[found.path] = found.signature, began
            if now - began >= self._settings.quiet:
                ready.append(found)
        self.check()  # a share that went away meanwhile looked empty from there on
        if not count and self._settings.mount_marker is None and self._had_files():
            raise ShareAwayError(f"{self._tree.root} is empty, and there were files; is the share mounted?")
        self._since = since
        return sorted(ready, key=lambda one: (one.modified, one.path))

    def taken(self, found: FoundFile) -> None:
        """It does not wait any more."""
        self._since.pop(found.path, None)

    def _files(self) -> Iterator[FoundFile]:
        places = [_Place("", 0)]
        while places:
            place = places.pop()
            entries = self._entries(place)
            names = {entry.name for entry in entries}
            for entry in entries:
                if self._never(entry.name):
                    continue
                path = f"{place.path}/{entry.name}" if place.path else entry.name
                if entry.is_folder and place.depth < self._settings.subfolders:
                    places.append(_Place(path, place.depth + 1))
                elif entry.signature is not None and self._finished(entry.name, names):
                    yield FoundFile(path, entry.signature, entry.size, entry.modified)

    def _entries(self, place: _Place) -> list[Entry]:
        try:
            return self._tree.entries(place.path)
        except OSError as error:
            if place.depth and isinstance(error, FileNotFoundError):
                return []
            if place.depth and isinstance(error, PermissionError):
                self._unreadable[shown(place.path)] = "the folder cannot be read"
                return []
            raise ShareAwayError(f"{self._tree.root} cannot be read: {error.strerror}") from error

    def _never(self, name: str) -> bool:
        if name == self._settings.mount_marker:
            return True
        return any(fnmatchcase(name, pattern) for pattern in self._settings.unfinished)

    def _finished(self, name: str, names: set[str]) -> bool:
        ending = self._settings.finished_by
        return ending is None or (not name.endswith(ending) and name + ending in names)


def shown(path: str) -> str:
    """Octets that are no text, line breaks and controls are escaped, and no two paths look the same."""
    text = path.replace("\\", r"\\")
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
