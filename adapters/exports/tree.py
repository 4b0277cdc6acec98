"""A tree that is told as it is read becomes rows. Nothing is held but the way to the place that is being read, the
values that the mapping names, and what stands behind rows that need it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.exports.mapping import Format
from adapters.exports.paths import NAME, POSITION, Alternative, Paths, Spot
from adapters.exports.row import Cell, FileRefusedError, Row

DEPTH = 64
"""Most nodes within each other."""
_LATE = 100_000
"""Most nodes with values behind their rows; about 50 MB."""


class Follower(Protocol):
    """What hears of a tree while it is read."""

    def begin(self, name: str, attributes: dict[str, str], place: int) -> None:
        """A node begins at a place in the file."""

    def text(self, text: str) -> None:
        """A part of the text of the node that began last."""

    def nothing(self) -> None:
        """The node that began last is nil: whatever its text, it says nothing."""

    def end(self, since: Callable[[int], bytes]) -> None:
        """The node that began last ends; `since` gives the octets from a place on to its end."""


Read = Callable[[Path, Format, Follower], Iterator[None]]
"""Reads a file and tells it, a part at a time. Raises FileRefusedError."""


def walked(read: Read, path: Path, written: Format, paths: Paths) -> Iterator[Row]:
    """The rows of a file, as they end. Raises FileRefusedError.

    Where rows need what stands above them, the file is read before: it may stand behind them.
    """
    late: Late = {}
    if paths.above:
        first = Walk(paths, written, {})
        for _ in read(path, written, first):
            first.taken()
        late = first.late
    walk = Walk(paths, written, late)
    for _ in read(path, written, walk):
        yield from walk.taken()


@dataclass(slots=True)
class _Scope:
    """The values found below one node, by path. `spots` tells at which node each place was found first."""

    number: int = 0
    values: dict[str, str] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    spots: dict[Spot, int] = field(default_factory=dict)
    used: bool = False
    changed: bool = False


Late = dict[int, _Scope]
"""Nodes with values that stand behind their rows, by the number of the node."""


_Wanted = tuple[_Scope, Spot, tuple[tuple[Spot, int], ...]]
"""A place, the scope in which it is wanted, and the way to it there with the numbers of the nodes."""


@dataclass(slots=True)
class _Node:
    """A node that is open. `wanted` are the places that it stands at."""

    wanted: list[_Wanted]
    above: _Scope | None = None
    row: _Scope | None = None
    began: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    text: list[str] | None = None
    size: int = 0


_NOTHING = _Node([])
"""Stands for every node that nobody asks for."""


class Walk:
    """Makes rows of nodes that begin and end. Give it what an earlier walk over the same file found to stand late."""

    def __init__(self, paths: Paths, written: Format, late: Late) -> None:
        self._paths, self._written, self._known = paths, written, late
        self._names = paths.rows.keys() | paths.above.keys()
        self._way: list[str] = []
        self._nodes: list[_Node] = []
        self._number = 0
        self._position = 0
        self._rows: list[Row] = []
        self.late: Late = {}

    def taken(self) -> list[Row]:
        """The rows that ended since the last time."""
        if not self._rows:
            return []
        rows, self._rows = self._rows, []
        return rows

    def begin(self, name: str, attributes: dict[str, str], place: int) -> None:
        """A node begins. Raises FileRefusedError where it is too deep."""
        if len(self._way) == DEPTH:
            raise FileRefusedError(f"has more than {DEPTH} nodes within each other")
        self._number += 1
        self._way.append(name)
        above = self._nodes[-1] if self._nodes else None
        if name not in self._names and (above is None or not any(name in one[1].below for one in above.wanted)):
            self._nodes.append(_NOTHING)
        else:
            self._nodes.append(self._wanted(name, attributes, place))

    def _wanted(self, name: str, attributes: dict[str, str], place: int) -> _Node:
        """A node that may stand at a place that is wanted."""
        count, above = self._counted(name)
        node = _Node(
            [
                (scope, below, (*trail, (below, self._number)))
                for scope, spot, trail in above
                for step, below in spot.below.get(name, ())
                if step.takes(count, attributes)
            ]
        )
        if (spots := self._paths.above.get(name)) is not None:
            known = self._known.get(self._number, _Scope())
            node.above = _Scope(self._number, dict(known.values), set(known.twice))
            node.wanted.append((node.above, spots, ()))
        if self._paths.is_row(self._way):
            node.row, node.began = _Scope(values={NAME: name, POSITION: str(count)}), place
            node.wanted.append((node.row, self._paths.row, ()))
        for scope, spot, trail in node.wanted:
            for attribute, key in spot.attributes.items():
                self._found(scope, key, attributes.get(attribute, ""), trail)
            if spot.key is not None and node.text is None:
                node.text = []
        return node

    def _counted(self, name: str) -> tuple[int, list[_Wanted]]:
        """Which of its name the node is below its parent, from 1; and the places that its parent stands at."""
        if not self._nodes:
            return 1, []
        if self._nodes[-1] is _NOTHING:
            self._nodes[-1] = _Node([])
        above = self._nodes[-1]
        above.counts[name] = above.counts.get(name, 0) + 1
        return above.counts[name], above.wanted

    def text(self, text: str) -> None:
        """Text of the node that began last. Raises FileRefusedError where it is longer than a cell may be."""
        node = self._nodes[-1]
        if node.text is None:
            return
        node.size += len(text)
        if node.size > self._written.cell:
            raise FileRefusedError(f"{'/'.join(self._way)}: is longer than {self._written.cell} characters")
        node.text.append(text)

    def nothing(self) -> None:
        """The node that began last is nil: whatever its text, it says nothing."""
        if self._nodes[-1] is not _NOTHING:
            self._nodes[-1].text = None

    def end(self, since: Callable[[int], bytes]) -> None:
        """The node that began last ends. Raises FileRefusedError where too much stands behind its rows."""
        node = self._nodes.pop()
        if node is _NOTHING:
            self._way.pop()
            return
        if node.text:
            text = "".join(node.text)
            for scope, spot, trail in node.wanted:
                if spot.key is not None:
                    self._found(scope, spot.key, text, trail)
        if node.row is not None:
            self._give(node.row, since(node.began))
        if node.above is not None and node.above.changed:
            if len(self.late) == _LATE:
                raise FileRefusedError(f"has values behind the rows that they belong to, at more than {_LATE} nodes")
            node.above.spots.clear()
            self.late[node.above.number] = node.above
        self._way.pop()

    def _found(self, scope: _Scope, key: str, text: str, trail: tuple[tuple[Spot, int], ...]) -> None:
        """A value at a path. Where another node on the path gave a value before, nobody says which is meant."""
        if not text.strip():
            return
        if any(scope.spots.setdefault(spot, number) != number for spot, number in trail):
            scope.twice.add(key)
        elif key not in scope.values:
            scope.values[key] = text
        scope.changed = scope.changed or scope.used

    def _give(self, row: _Scope, raw: bytes) -> None:
        self._position += 1
        cells: dict[str, Cell] = {}
        for column, alternatives in self._paths.columns.items():
            for one in alternatives:
                scope = self._scope(one, row)
                if scope is not None and one.key in scope.twice:
                    cells[""] = f"{column}: stands more than once; the mapping has to say which"
                    break
                if scope is not None and one.key in scope.values:
                    cells[column] = scope.values[one.key]
                    break
        self._rows.append(Row(self._position, cells, raw))

    def _scope(self, wanted: Alternative, row: _Scope) -> _Scope | None:
        """Where the path goes from; None where nothing of that name stands above."""
        if wanted.ancestor is None:
            return row
        left = wanted.nth
        for name, node in zip(reversed(self._way[:-1]), reversed(self._nodes), strict=True):
            left -= name == wanted.ancestor
            if left == 0 and node.above is not None:
                node.above.used = True
                return node.above
        return None
