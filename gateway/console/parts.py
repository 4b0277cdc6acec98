"""Small pieces that every page is made of: plain elements, patched only where they change.

Text goes into elements as text, never as markup, and attribute names are always our own: what a record says can
neither become HTML nor, by beginning with a colon, a script.
"""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from nicegui import context
from nicegui.elements.mixins.text_element import TextElement

from gateway.languages import Words
from gateway.views.readings import Reading, Status
from gateway.views.rooms import RoomState

Attribute = str | int | float | bool | None


class Tag(TextElement):
    """A plain HTML or SVG element. Attribute names are written with `_` for `-`, reserved words with a last `_`."""

    def __init__(self, name: str, classes: str = "", text: str = "", **attributes: Attribute) -> None:
        super().__init__(tag=name, text=text)
        self.classes(classes)
        self.set(**attributes)

    def set(self, **attributes: Attribute) -> "Tag":
        """Set attributes, or with None take them away; only what differs travels to the browser."""
        for name, value in attributes.items():
            key = name.removesuffix("_").replace("_", "-")
            if value is None:
                self.props.pop(key, None)
            elif self.props.get(key) != value:
                self.props[key] = value
        return self

    def look(self, classes: str) -> "Tag":
        """Replace the classes."""
        self.classes(replace=classes)
        return self


class Row(Protocol):
    """What `Rows` keeps for one key: its outermost element."""

    @property
    def root(self) -> Tag:
        """The element that stands in the list."""
        ...


Item = TypeVar("Item")
Shown = TypeVar("Shown", bound=Row)


class Rows(Generic[Item, Shown]):
    """A list that follows its items: rows stay for as long as their key does, so focus and place survive."""

    def __init__(self, box: Tag, make: Callable[[Item], Shown], show: Callable[[Shown, Item], None]) -> None:
        self._box, self._make, self._show = box, make, show
        self._rows: dict[str, Shown] = {}

    def show(self, items: Iterable[tuple[str, Item]]) -> None:
        """Make, patch, move and remove rows so that they stand as the items do. Keys are distinct."""
        wanted = dict(items)
        for key in [key for key in self._rows if key not in wanted]:
            self._rows.pop(key).root.delete()
        for place, (key, item) in enumerate(wanted.items()):
            if key not in self._rows:
                with self._box:
                    self._rows[key] = self._make(item)
            row = self._rows[key]
            children = self._box.default_slot.children
            if children.index(row.root) != place:
                row.root.move(self._box, place)
            self._show(row, item)


SHAPES = {"action": "■", "alert": "▲", "data": "?", "none": "–", "held": "⊘", "good": "", "checked": "✓"}
OUTLINES = {"action": "□", "alert": "△"}
TONES = {
    Status.GOOD: "good", Status.ACTION: "action", Status.ALERT: "alert", Status.DELAYED: "alert",
    Status.HELD: "held", Status.UNCERTAIN: "data", Status.NO_READING: "data", Status.STALE: "data",
    Status.NOT_LIVE: "data",
}  # fmt: skip
ROOM_TONES = {
    RoomState.IN_LIMITS: "good", RoomState.ACTION: "action", RoomState.ALERT: "alert", RoomState.HELD: "held",
    RoomState.UNKNOWN: "data",
    RoomState.NOT_MONITORED: "none",
}  # fmt: skip


class Mark(Tag):
    """Status as shape, word and colour together; the word is for screen readers where the text beside says it."""

    def __init__(self, tone: str = "good", word: str = "") -> None:
        super().__init__("span", f"mark {tone}")
        with self:
            self._shape = Tag("span", "shape", aria_hidden="true")
            self._word = Tag("span", "sr")
        self.show(tone, word)

    def show(self, tone: str, word: str, *, outline: bool = False) -> None:
        """Filled is not acknowledged, outline is acknowledged."""
        self.look(f"mark {tone}")
        self._shape.set_text((OUTLINES if outline else SHAPES).get(tone, SHAPES[tone]))
        self._word.set_text(f"{word} " if word else "")


class Value(Tag):
    """A reading: its mark, its value or `?`, a word for screen readers and the reason on hover."""

    def __init__(self, classes: str = "") -> None:
        super().__init__("span", f"value {classes}")
        self._classes_of_place = classes
        with self:
            self._mark = Mark()
            self._number = Tag("span", "number fades")

    def show(self, reading: Reading, text: str, say: Words, why: str = "") -> None:
        """Show the reading in these words."""
        tone = TONES[reading.status]
        self.look(f"value {self._classes_of_place} {tone}")
        mark = reading.tone or ("good" if tone == "data" else tone)
        mark = "good" if mark == "data" and reading.value is None else mark
        word = "" if reading.status is Status.GOOD else say(f"status.{reading.status}")
        self._mark.show(mark, word, outline=reading.acknowledged)
        self._number.set_text(text)
        self.set(title=why or None)


def link(text: str, href: str, classes: str = "", **attributes: Attribute) -> Tag:
    """A link within the console; `href` is made by us."""
    return Tag("a", classes, text, href=href, **attributes)


def frame_of(classes: str) -> Tag:
    """The outermost element of a page; the one that Quasar puts around it is no second landmark `main` by it."""
    (around,) = context.client.page_container.default_slot.children
    around.props["role"] = "presentation"
    return Tag("div", classes)


class Table(Tag):
    """A table with named columns; on a phone its rows become cards with the column's name beside each value."""

    def __init__(self, label: str, *columns: str, classes: str = "") -> None:
        super().__init__("table", f"table {classes}", aria_label=label)
        self._columns = columns
        with self:
            with Tag("thead"), Tag("tr"):
                for column in columns:
                    Tag("th", "", column, scope="col")
            self.body = Tag("tbody")

    def line(self) -> "Line":
        """A row at the place where it is made."""
        return Line(self._columns)


class Line(Tag):
    """A row of a table, filled cell by cell."""

    def __init__(self, columns: Iterable[str]) -> None:
        super().__init__("tr")
        self._columns = iter(columns)

    def cell(self, classes: str = "") -> Tag:
        """The next cell."""
        with self:
            return Tag("td", classes, data_label=next(self._columns))
