"""Paths that name what a file with a tree holds: where its rows are, and where the cells of a row stand.

Theory of operation. XML elements and JSON values are nodes with names; a namespace is no part of a name. Rows are the
nodes at one path: of XML its end (`SegmentResponse/MaterialActual`), whole where it begins with `/`; of JSON whole
(`batches[].steps[]`). `*` stands for one name before the last. Columns are paths from the row on:

    Quantity/QuantityString     a node below the row; `.` is the row itself
    name(), position()          the row's name; which of that name it is below its parent, from 1
    @name, Value/@unit          an attribute
    EquipmentID[2]              the second of that name; in JSON they count from 0
    Parameter[@name=Mass]/Value the one with that attribute
    ancestor::Batch/LotID       from the nearest node of that name above the row; `ancestor::Batch[2]` is the one above
    BatchID | LotID             the first of these that is not empty

Words are those of XPath 1.0; the separator of JSON is a dot and its root is `$`. A node without an index that stands
more than once cannot be meant: nobody says which.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from adapters.exports.formats.row import FileRefusedError

ROOT = "$"
_STEP = re.compile(r"(?P<name>[^\[\]@|]+)(?:\[(?:(?P<index>\d{1,6})|@(?P<attribute>[^\[\]=]+)=(?P<value>[^\[\]]*))\])?")
_ANCESTOR = "ancestor::"
NAME, POSITION = "name()", "position()"
_OUTSIDE = r"(?![^\[]*\])"
"""Not within brackets."""


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a path. `index` counts from 1; without one, and without an attribute, only one node may stand."""

    name: str
    index: int | None = None
    attribute: tuple[str, str] | None = None
    plain: bool = field(init=False, compare=False)
    """Whether the name alone counts."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.index is None and self.attribute is None)

    def takes(self, count: int, attributes: dict[str, str]) -> bool:
        """Whether it means the node of its name that is the count-th below its parent."""
        if self.attribute is not None:
            return attributes.get(self.attribute[0]) == self.attribute[1]
        return self.index is None or self.index == count


@dataclass(eq=False, slots=True)
class Spot:
    """A place in the tree of wanted paths; `key` is the path that ends here."""

    key: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    below: dict[str, list[tuple[Step, "Spot"]]] = field(default_factory=dict)

    def at(self, step: Step) -> "Spot":
        """The place one step below; it is made where there is none."""
        for known, spot in self.below.setdefault(step.name, []):
            if known == step:
                return spot
        spot = Spot()
        self.below[step.name].append((step, spot))
        return spot


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the paths of a column. It goes from the row, or the nth node above it that is named `ancestor`."""

    key: str
    ancestor: str | None = None
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """Names on the way to a row, the row's own first; `whole` when the last of them is the root."""

    names: tuple[str, ...]
    whole: bool

    def fits(self, way: list[str]) -> bool:
        """Whether the last of these names, from the root on, is a row."""
        if len(way) < len(self.names) or (self.whole and len(way) != len(self.names)):
            return False
        return all(wanted in ("*", name) for wanted, name in zip(self.names, reversed(way), strict=False))

    def leads(self, way: list[str]) -> bool:
        """Whether a row can stand below the last of these names, from the root on."""
        if not self.whole:
            return True
        wanted = reversed(self.names)
        return len(way) < len(self.names) and all(one in ("*", name) for one, name in zip(wanted, way, strict=False))


@dataclass(slots=True)
class Paths:
    """What a mapping wants of a tree."""

    rows: dict[str, list[Pattern]]
    columns: dict[str, list[Alternative]]
    row: Spot = field(default_factory=Spot)
    above: dict[str, Spot] = field(default_factory=dict)

    def is_row(self, way: list[str]) -> bool:
        """Whether the last of these names, from the root on, is a row."""
        return any(one.fits(way) for one in self.rows.get(way[-1], ()))

    def holders(self) -> set[str]:
        """Names of what rows stand in, where the mapping tells them."""
        return {one.names[1] for some in self.rows.values() for one in some if len(one.names) > 1} - {"*", ROOT}

    def holds(self, way: list[str]) -> bool:
        """Whether rows stand right in the last of these names, from the root on."""
        patterns = [one for some in self.rows.values() for one in some]
        return any(
            way[-1] == one.names[1] and Pattern(one.names[1:], one.whole).fits(way)
            for one in patterns
            if len(one.names) > 1
        )

    def is_above(self, way: list[str]) -> bool:
        """Whether rows can stand below the last of these names, from the root on."""
        return any(one.leads(way) for some in self.rows.values() for one in some)


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a format writes its paths."""

    separator: str
    first_index: int
    named: Callable[[str], str] = str
    """A name as the format has it."""

    def compiled(self, rows: str, columns: Iterable[str]) -> Paths:
        """The paths. Raises FileRefusedError where one cannot be read."""
        paths = Paths({}, {})
        for one in _parts(rows, r" \| "):
            pattern = self._pattern(one)
            paths.rows.setdefault(pattern.names[0], []).append(pattern)
        for column in columns:
            paths.columns[column] = [self._alternative(one, paths) for one in _parts(column, r" \| ")]
        return paths

    def _pattern(self, text: str) -> Pattern:
        names = [self.named(one.removesuffix("[]")) for one in text.removeprefix("/").split(self.separator)]
        if not all(names) or names[-1] == "*":
            raise FileRefusedError(f"the mapping's rows {text!r} are no path")
        if self.separator == "/":
            return Pattern(tuple(reversed(names)), text.startswith("/"))
        return Pattern(tuple(reversed(names if names[0] == ROOT else [ROOT, *names])), whole=True)

    def _alternative(self, text: str, paths: Paths) -> Alternative:
        """One path of a column; the places on its way are made."""
        if text in (NAME, POSITION):
            return Alternative(text)
        spot, ancestor, nth, rest = paths.row, None, 1, text
        if text.startswith(_ANCESTOR):
            head, _, rest = text.removeprefix(_ANCESTOR).partition(self.separator)
            above = self._step(head, text)
            if not rest or above.attribute:
                raise FileRefusedError(f"the mapping's column {text!r} is no path")
            ancestor, nth = above.name, 1 if above.index is None else above.index + self.first_index - 1
            spot = paths.above.setdefault(ancestor, Spot())
        *steps, last = [rest] if rest == "." else _parts(rest, re.escape(self.separator))
        for step in steps:
            spot = spot.at(self._step(step, text))
        if last.startswith("@"):
            return Alternative(spot.attributes.setdefault(last[1:], text), ancestor, nth)
        if last != ".":
            spot = spot.at(self._step(last, text))
        spot.key = spot.key or text
        return Alternative(spot.key, ancestor, nth)

    def _step(self, text: str, path: str) -> Step:
        match = _STEP.fullmatch(text)
        if match is None:
            raise FileRefusedError(f"the mapping's column {path!r} is no path")
        name = self.named(match["name"])
        if match["attribute"]:
            return Step(name, None, (match["attribute"], match["value"].strip("'\"")))
        return Step(name, None if match["index"] is None else int(match["index"]) + 1 - self.first_index)


def _parts(text: str, separator: str) -> list[str]:
    return [one.strip() for one in re.split(separator + _OUTSIDE, text)]
