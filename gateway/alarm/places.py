"""Where the tags of a frame stand in columns of our own."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from schemas.frame import TagTable


class Places:
    """A place for each of the tags; the last one, `others`, is that of all that have none."""

    def __init__(self, tags: Iterable[str]) -> None:
        self.of = {tag: at for at, tag in enumerate(dict.fromkeys(tags))}
        self.others = len(self.of)
        self._known: dict[TagTable, NDArray[np.intp]] = {}

    def __len__(self) -> int:
        """With the last one."""
        return self.others + 1

    def along(self, tags: TagTable) -> NDArray[np.intp]:
        """The places of a table's tags, shape (len(tags),)."""
        places = self._known.get(tags)
        if places is None:
            places = np.array([self.of.get(name, self.others) for name in tags.names], dtype=np.intp)
            self._known[tags] = places
        return places


def turns(tag: NDArray[np.int32]) -> Iterator[NDArray[np.intp]]:
    """Rows in parts in which no tag stands twice, in their order: mostly one part."""
    if (tag[1:] > tag[:-1]).all():
        yield np.arange(len(tag))
        return
    order = np.argsort(tag, kind="stable")
    first = np.flatnonzero(np.diff(tag[order], prepend=-1))
    turn = np.empty(len(tag), dtype=np.intp)
    turn[order] = np.arange(len(tag)) - np.repeat(first, np.diff(np.append(first, len(tag))))
    for number in range(int(turn.max()) + 1):
        yield np.flatnonzero(turn == number)
