"""A tree that is told as it is read becomes rows. Nothing is held but the way to the place that is being read, the
values that the mapping names, and what stands behind rows that need it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from adapters.exports.formats.paths import NAME, POSITION, Alternative, Paths, Spot
from adapters.exports.formats.row import Cell, FileRefusedError, Row
from adapters.exports.mapping import Format

DEPTH = 64
"""Most nodes within each other."""
_LATE = 100_000
"""Most nodes with values behind their rows; about 50 MB."""

_PLACES = 1024
"""Most places of which it is remembered whether they are told whole."""


class Follower(Protocol):
    """What hears of a tree while it is read."""

    def hear(self, place: Callable[[], int], since: Callable[[int], bytes]) -> None:
        """A reading begins. `place` gives the place in the file where the node that began last begins; `since`, when a
        node ends, the octets from a place on to its end.
        """

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """A node begins."""

    def text(self, text: str) -> None:
        """A part of the text of the node that began last."""

    def nothing(self) -> None:
        """The node that began last is nil: whatever its text, it says nothing."""

    def end(self, name: str = "") -> None:
        """The node that began last ends."""

    def takes_whole(self, name: str, *, many: bool) -> bool:
        """Whether a node of this name, or a list of them, may be told by `whole`, below the node that began last."""

    def whole(self, name: str, value: Any) -> None:
        """A node with all that is in it: objects are tuples of names and values, lists are lists. Each empty list comes
        so.
        """


Read = Callable[[Path, Format, Follower], Iterator[None]]
"""Reads a file and tells it, a part at a time. Raises FileRefusedError."""


@dataclass(slots=True)
class Behind:
    """What a first reading of a file found behind the rows that it belongs to; None before."""

    late: "Late | None" = None


def checked(read: Read, path: Path, written: Format, paths: Paths, behind: Behind) -> Iterator[int]:
    """Rows, as they are found; what the next reading needs is noted. Raises FileRefusedError, also where there are none
    and not even what they would stand in: a file of another layout must not look like a day without results.
    """
    walk, found = Walk(paths, written, {}), 0
    for _ in read(path, written, walk):
        count = len(walk.taken())
        found += count
        yield count
    if not found and not walk.met:
        raise FileRefusedError(f"nothing stands at the mapping's rows: {written.rows or written.type}"[:400])
    behind.late = walk.late


def walked(read: Read, path: Path, written: Format, paths: Paths, behind: Behind) -> Iterator[Row]:
    """The rows of a file, as they end. Raises FileRefusedError.

    Where rows need what stands above them, the file is read before, unless it was checked: it may stand behind them.
    """
    if paths.above and behind.late is None:
        first = Walk(paths, written, {})
        for _ in read(path, written, first):
            first.taken()
        behind.late = first.late
    walk = Walk(paths, written, behind.late or {})
    for _ in read(path, written, walk):
        yield from walk.taken()


_Trail = tuple[tuple[Spot, int], ...]
"""The way to a place in its scope, with the numbers of the nodes."""


class _Scope:
    """The values found below one node, by path. `spots` tells at which node each place was found first."""

    __slots__ = ("changed", "number", "spots", "twice", "used", "values")

    def __init__(self, number: int, values: dict[str, str], twice: set[str]) -> None:
        self.number, self.values, self.twice = number, values, twice
        self.spots: dict[Spot, int] = {}
        self.used = self.changed = False

    def found(self, key: str, text: str, trail: _Trail) -> None:
        """A value at a path. Where another node on the path gave a value before, nobody says which is meant."""
        if not text or text.isspace():
            return
        other = False
        for spot, number in trail:
            if self.spots.setdefault(spot, number) != number:
                other = True
        if other:
            self.twice.add(key)
        elif key not in self.values:
            self.values[key] = text
        self.changed = self.changed or self.used


Late = dict[int, _Scope]
"""Nodes with values that stand behind their rows, by the number of the node."""


class _Node:
    """A node that is open. `wanted` are the places that it stands at, `below` the names that are wanted below it."""

    __slots__ = ("above", "began", "below", "counts", "row", "size", "text", "wanted")

    def __init__(self, wanted: list[tuple[_Scope, Spot, _Trail]]) -> None:
        self.wanted = wanted
        self.below: Collection[str] = ()
        self.above: _Scope | None = None
        self.row: _Scope | None = None
        self.began = self.size = 0
        self.counts: dict[str, int] = {}
        self.text: list[str] | None = None

    def ready(self) -> "_Node":
        """All places are known."""
        for _, spot, _ in self.wanted:
            if spot.key is not None:
                self.text = []
            self.below = {*self.below, *spot.below} if self.below else spot.below
        return self


_NOTHING = _Node([])
"""Stands for every node that nobody asks for."""


class Walk:
    """Makes rows of nodes that begin and end. Give it what an earlier walk over the same file found to stand late."""

    def __init__(self, paths: Paths, written: Format, late: Late) -> None:
        self._paths, self._written, self._known = paths, written, late
        self._names = paths.rows.keys() | paths.above.keys() | paths.holders()
        self._way: list[str] = []
        self._nodes: list[_Node] = [_Node([])]
        self._number = 0
        self._position = 0
        self._rows: list[Row] = []
        self._place: Callable[[], int] = int
        self._since: Callable[[int], bytes] = bytes
        self._whole: dict[tuple[bool | str, ...], bool] = {}
        self.late: Late = {}
        self.met = False
        """Whether there was anything that rows stand in, were it empty."""

    def hear(self, place: Callable[[], int], since: Callable[[int], bytes]) -> None:
        """As `Follower`."""
        self._place, self._since = place, since

    def taken(self) -> list[Row]:
        """The rows that ended since the last time."""
        if not self._rows:
            return []
        rows, self._rows = self._rows, []
        return rows

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """A node begins. Raises FileRefusedError where it is too deep."""
        way, nodes = self._way, self._nodes
        if len(way) == DEPTH:
            raise FileRefusedError(f"has more than {DEPTH} nodes within each other")
        self._number += 1
        way.append(name)
        if name in self._names:
            nodes.append(self._wanted(name, attributes))
        elif name in nodes[-1].below:
            nodes.append(self._plainly(nodes[-1], name, attributes) or self._wanted(name, attributes))
        else:
            nodes.append(_NOTHING)

    def _plainly(self, above: _Node, name: str, attributes: dict[str, str]) -> _Node | None:
        """As `_wanted`, in half the time, for what most nodes are: wanted at one place, by the name alone. None for
        others.
        """
        if attributes or len(above.wanted) != 1:
            return None
        ((scope, spot, trail),) = above.wanted
        if len(steps := spot.below[name]) != 1 or not steps[0][0].plain:
            return None
        spot = steps[0][1]
        node = _Node([(scope, spot, (*trail, (spot, self._number)))])
        node.below = spot.below
        node.text = None if spot.key is None else []
        return node

    def _wanted(self, name: str, attributes: dict[str, str]) -> _Node:
        """A node that may stand at a place that is wanted."""
        above = self._nodes[-1]
        if above is _NOTHING:
            above = self._nodes[-1] = _Node([])
        above.counts[name] = count = above.counts.get(name, 0) + 1
        node = _Node(_places(above.wanted, name, count, attributes, self._number))
        if name in self._names:
            self._scoped(node, name, count)
        if attributes:
            for scope, spot, trail in node.wanted:
                for attribute, key in spot.attributes.items():
                    scope.found(key, attributes.get(attribute, ""), trail)
        return node.ready()

    def _scoped(self, node: _Node, name: str, count: int) -> None:
        """What begins here if it is a row, or stands above some."""
        row = self._paths.is_row(self._way)
        self.met = self.met or row or self._paths.holds(self._way)
        if (spots := self._paths.above.get(name)) is not None:
            known = self._known.get(self._number)
            node.above = _Scope(self._number, dict(known.values) if known else {}, set(known.twice) if known else set())
            node.wanted.append((node.above, spots, ()))
        if row:
            node.row, node.began = _Scope(0, {NAME: name, POSITION: str(count)}, set()), self._place()
            node.wanted.append((node.row, self._paths.row, ()))

    def text(self, text: str) -> None:
        """Text of the node that began last. Raises FileRefusedError where it is longer than a cell may be."""
        node = self._nodes[-1]
        if node.text is not None:
            node.size += len(text)
            self._fits(node.size)
            node.text.append(text)

    def _fits(self, size: int) -> None:
        if size > self._written.cell:
            raise FileRefusedError(f"{'/'.join(self._way)}: is longer than {self._written.cell} characters")

    def nothing(self) -> None:
        """The node that began last is nil: whatever its text, it says nothing."""
        if self._nodes[-1] is not _NOTHING:
            self._nodes[-1].text = None

    def end(self, name: str = "") -> None:
        """The node that began last ends. Raises FileRefusedError where too much stands behind its rows."""
        del name
        node = self._nodes.pop()
        if node is not _NOTHING:
            self._ended(node)
        self._way.pop()

    def _ended(self, node: _Node) -> None:
        if node.text:
            text = "".join(node.text)
            for scope, spot, trail in node.wanted:
                if spot.key is not None:
                    scope.found(spot.key, text, trail)
        if node.row is not None:
            self._give(node.row, self._since(node.began))
        if node.above is not None and node.above.changed:
            if len(self.late) == _LATE:
                raise FileRefusedError(f"has values behind the rows that they belong to, at more than {_LATE} nodes")
            node.above.spots.clear()
            self.late[node.above.number] = node.above

    def takes_whole(self, name: str, *, many: bool) -> bool:
        """Where no row can stand within it; rows of a list come one by one."""
        place: tuple[bool | str, ...] = (many, name, *self._way)
        if place not in self._whole:
            if len(self._whole) == _PLACES:
                self._whole.clear()
            way = [*self._way, name]
            self._whole[place] = not self._paths.is_above(way) and not (many and self._paths.is_row(way))
        return self._whole[place]

    def whole(self, name: str, value: Any) -> None:
        """As it would be told node by node."""
        if isinstance(value, list):
            way = [*self._way, name]
            self.met = self.met or self._paths.is_row(way) or (len(way) > 1 and self._paths.is_above(way))
            if name in self._nodes[-1].below or name in self._names:
                for one in value:
                    self.whole("" if isinstance(one, list) else name, one)
            return
        self.begin(name, {})
        node = self._nodes[-1]
        if isinstance(value, tuple):
            for scope, spot, trail in node.wanted:
                self._gather(scope, spot, trail, value)
        elif value is not None:
            self.text(_plain(value))
        self.end()

    def _gather(self, scope: _Scope, spot: Spot, trail: _Trail, value: tuple[tuple[str, Any], ...]) -> None:
        """Values at and below a place, of an object."""
        counts: dict[str, int] = {}
        for name, members in value:
            if (steps := spot.below.get(name)) is None:
                continue
            for member in members if isinstance(members, list) else (members,):
                if isinstance(member, list):
                    continue
                counts[name] = count = counts.get(name, 0) + 1
                self._number += 1
                for step, below in steps:
                    if not (step.plain or step.takes(count, {})):
                        continue
                    way = (*trail, (below, self._number))
                    if isinstance(member, tuple):
                        self._gather(scope, below, way, member)
                    elif below.key is not None and member is not None:
                        text = member if isinstance(member, str) else _plain(member)
                        self._fits(len(text))
                        scope.found(below.key, text, way)

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
        for name, node in zip(reversed(self._way[:-1]), reversed(self._nodes), strict=False):  # below is the bottom
            left -= name == wanted.ancestor
            if left == 0 and node.above is not None:
                node.above.used = True
                return node.above
        return None


def _places(
    above: list[tuple[_Scope, Spot, _Trail]], name: str, count: int, attributes: dict[str, str], number: int
) -> list[tuple[_Scope, Spot, _Trail]]:
    """Where a node stands, by where the one above it does."""
    return [
        (scope, below, (*trail, (below, number)))
        for scope, spot, trail in above
        for step, below in spot.below.get(name, ())
        if step.plain or step.takes(count, attributes)
    ]


def _plain(value: str | bool) -> str:
    """A scalar as JSON writes it; digits are text already."""
    return value if isinstance(value, str) else str(value).lower()
