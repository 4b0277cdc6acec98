"""Where things stand on the plan, in drawing units. Pure.

Rooms are boxes on the site file's grid. A differential and a door belong to the wall between their two rooms: beside
each other, above each other, or, for rooms that do not touch, halfway between their middles.
"""

from dataclasses import dataclass
from typing import Literal

from gateway.cleanroom.rooms import Room
from gateway.cleanroom.site import Site

COLUMN, ROW = 74, 54
"""Size of a grid unit, drawing units."""
INSET = 4
"""Half the thickness of a wall, drawing units."""
ARROW = 36
"""Length of an arrow, drawing units."""
ARROW_AT = {"x": 0.5, "y": 0.4}
DOOR_AT = {"x": 0.78, "y": 0.14}
"""Where on a wall they stand, so that the arrow's value has its place beside it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Wall:
    """What two rooms share. Air crosses it along `axis`, from `a` to `b`: `sign` is 1 where b lies right or below.

    `across` is the middle between the rooms on that axis and `thickness` their distance; `begin` to `end` is the
    stretch of wall on the other axis.
    """

    axis: Literal["x", "y"]
    sign: int
    across: float
    thickness: float
    begin: float
    end: float

    def at(self, share: float) -> tuple[float, float]:
        """The point in the middle of the wall at this share of its length."""
        along = self.begin + share * (self.end - self.begin)
        return (self.across, along) if self.axis == "x" else (along, self.across)


def box(room: Room) -> Box:
    """The room's rectangle, less half a wall on each side."""
    column, row, width, height = room.at
    return Box(
        column * COLUMN + INSET, row * ROW + INSET, width * COLUMN - 2 * INSET, height * ROW - 2 * INSET
    )  # fmt: skip


def size(site: Site) -> tuple[int, int]:
    """Width and height of the whole plan."""
    return (
        max(room.at[0] + room.at[2] for room in site.rooms) * COLUMN,
        max(room.at[1] + room.at[3] for room in site.rooms) * ROW,
    )


def wall(a: Box, b: Box) -> Wall:
    """The wall between two rooms."""
    top, bottom = max(a.y, b.y), min(a.bottom, b.bottom)
    left, right = max(a.x, b.x), min(a.right, b.right)
    if bottom > top:
        first, second = (a, b) if a.x <= b.x else (b, a)
        return _wall("x", 1 if a is first else -1, first.right, second.x, (top, bottom))
    if right > left:
        first, second = (a, b) if a.y <= b.y else (b, a)
        return _wall("y", 1 if a is first else -1, first.bottom, second.y, (left, right))
    middle = ((left + right) / 2, (top + bottom) / 2)
    return Wall("y", 1 if a.y <= b.y else -1, middle[1], abs(top - bottom), middle[0], middle[0])


def _wall(axis: Literal["x", "y"], sign: int, near: float, far: float, span: tuple[float, float]) -> Wall:
    return Wall(axis, sign, (near + far) / 2, far - near, *span)


def arrow(found: Wall, *, forward: bool | None) -> str:
    """An SVG path through the wall, from a to b when `forward`; without a head where that is not known."""
    x, y = found.at(ARROW_AT[found.axis])
    half = ARROW / 2
    towards = found.sign * (1 if forward is None or forward else -1)
    head = 7 * towards
    if found.axis == "x":
        start, tip = x - half * towards, x + half * towards
        path = f"M{start:g} {y:g}H{tip:g}"
        return path if forward is None else f"{path}M{tip - head:g} {y - 5:g}L{tip:g} {y:g}L{tip - head:g} {y + 5:g}"
    start, tip = y - half * towards, y + half * towards
    path = f"M{x:g} {start:g}V{tip:g}"
    return path if forward is None else f"{path}M{x - 5:g} {tip - head:g}L{x:g} {tip:g}L{x + 5:g} {tip - head:g}"
