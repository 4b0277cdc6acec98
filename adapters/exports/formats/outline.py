"""What a file with a tree holds: a proposal of where its rows are, and the columns that they could have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.exports.formats.json_tree import json_read
from adapters.exports.formats.paths import ROOT
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.tree import DEPTH, Read
from adapters.exports.formats.xml_tree import xml_read
from adapters.exports.mapping import Format

_PATHS = 4_096
"""Most paths that are looked at; others are passed over."""
_READS: dict[str, tuple[Read, str]] = {
    "xml": (xml_read, "/"),
    "b2mml": (xml_read, "/"),
    "animl": (xml_read, "/"),
    "json": (json_read, "."),
    "asm": (json_read, "."),
}
TREES = frozenset(_READS)
"""Formats that have a tree."""
Way = tuple[str, ...]


@dataclass(slots=True)
class Outline:
    """Hears of a tree and counts its paths. `leaves` have text or are attributes."""

    counts: dict[Way, int] = field(default_factory=dict)
    leaves: dict[Way, None] = field(default_factory=dict)
    _way: Way = ()

    def hear(self, place: Callable[[], int], since: Callable[[int], bytes]) -> None:
        """Places and octets are nothing to it."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """A node begins. Raises FileRefusedError where it is too deep."""
        if len(self._way) == DEPTH:
            raise FileRefusedError(f"has more than {DEPTH} nodes within each other")
        self._way = (*self._way, name)
        if self._way in self.counts or len(self.counts) < _PATHS:
            self.counts[self._way] = self.counts.get(self._way, 0) + 1
            if len(self.leaves) < 2 * _PATHS:
                self.leaves |= {(*self._way, f"@{one}"): None for one in attributes}

    def text(self, text: str) -> None:
        """A part of the text of the node that began last."""
        if text.strip() and self._way in self.counts:
            self.leaves[self._way] = None

    def nothing(self) -> None:
        """A nil node is as good as one with text."""

    def takes_whole(self, name: str, *, many: bool) -> bool:
        """Every node is counted."""
        del name, many
        return False

    def whole(self, name: str, value: Any) -> None:
        """An empty list has no nodes."""

    def end(self, name: str = "") -> None:
        """The node that began last ends."""
        del name
        self._way = self._way[:-1]

    def rows(self) -> Way:
        """The path that repeats and has the most leaves right below; the whole tree where none repeats."""
        own = dict.fromkeys(self.counts, 0)
        for leaf in self.leaves:
            if leaf[:-1] in own:
                own[leaf[:-1]] += 1
        return max(own, key=lambda way: (self.counts[way] > 1 and own[way] > 0, own[way], self.counts[way]))

    def columns(self, rows: Way, separator: str) -> list[str]:
        """The leaves below rows, and those right below what stands above them."""
        below = [separator.join(leaf[len(rows) :]) or "." for leaf in self.leaves if leaf[: len(rows)] == rows]
        above = [
            f"ancestor::{leaf[-2]}{separator}{leaf[-1]}"
            for leaf in self.leaves
            if 2 <= len(leaf) <= len(rows) and leaf[:-1] == rows[: len(leaf) - 1]
        ]
        return below + above


def outline_of(path: Path, written: Format) -> tuple[str, list[str]]:
    """Where rows could be, and their columns, as a mapping has them. Raises FileRefusedError."""
    read, separator = _READS[written.type]
    outline = Outline()
    for _ in read(path, written, outline):
        pass
    rows = outline.rows()
    columns = outline.columns(rows, separator)
    if separator == "/":
        return "/" + "/".join(rows), columns
    steps = [f"{name}[]" if outline.counts[rows[: at + 1]] > 1 else name for at, name in enumerate(rows)]
    return ".".join(steps[1:] if steps[0] == ROOT and len(steps) > 1 else steps), columns
