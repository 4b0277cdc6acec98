"""Files of this machine, or of a share that is mounted."""

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.exports.originals import chunks_of, signature
from adapters.exports.ways.folder import Entry


class LocalTree:
    """As `Tree`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def root(self) -> str:
        """As `Tree`."""
        return str(self._root)

    def is_there(self) -> bool:
        """As `Tree`."""
        return self._root.is_dir()

    def has(self, name: str) -> bool:
        """As `Tree`."""
        return (self._root / name).exists()

    def entries(self, path: str) -> list[Entry]:
        """As `Tree`."""
        with os.scandir(self._root / path) as entries:
            return [_entry(one) for one in entries]

    def chunks(self, path: str, signature: str) -> Iterator[bytes]:
        """As `Tree`."""
        return chunks_of(self._root / path, signature)

    def close(self) -> None:
        """Nothing is held."""


def _entry(one: os.DirEntry[str]) -> Entry:
    if one.is_dir(follow_symlinks=False):
        return Entry(one.name, is_folder=True)
    try:
        if one.is_file(follow_symlinks=False):
            of = one.stat(follow_symlinks=False)
            return Entry(one.name, signature=signature(of), size=of.st_size, modified=of.st_mtime_ns)
    except OSError:  # gone meanwhile
        pass
    return Entry(one.name)
