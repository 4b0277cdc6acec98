"""The selected room: its values against their limits, the last hour of each, its doors and its open alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.archive.archive import Trend
from gateway.archive.withheld import not_sent, taken_back
from gateway.console.pages.batch_tables import address_of, when
from gateway.console.pages.withheld import withheld_list
from gateway.console.parts import ROOM_TONES, Mark, Tag, Value, link
from gateway.console.record_chip import ReadingLink
from gateway.console.visit import Visit
from gateway.context.archived import assignments
from gateway.views import spark
from gateway.views.display import HOUR, quantity
from gateway.views.readings import Reading
from gateway.views.rooms import Cascade, DoorState, DoorView, RoomView
from gateway.views.texts import monitored_text, value_text, why_text
from schemas.context import Assignment, PlaceKind

SPARK = (132.0, 28.0)
"""Width and height of a small trend, drawing units."""
BATCHES = 5
"""How many of its batches are named."""
POINTS = 66
"""Buckets of a small trend."""


@dataclass(frozen=True, slots=True)
class Past:
    """The last hour of one tag."""

    begin: int
    end: int
    trend: Trend


class RoomPanel:
    """What stands beside the plan: rebuilt when another room is selected, patched while the same one is shown."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._box = Tag("div")
        self._sheet: _Sheet | None = None

    async def select(self, room: str, area: Cascade) -> None:
        """Show that room; reads its last hour from the archive."""
        visit, view = self._visit, area.room(room)
        tags = [] if view is None else [reading.tag for reading, _ in labelled(area, view, visit)]
        begin, end = area.now - HOUR, area.now
        trends = await visit.desk.ask(lambda archive: archive.trends(tags, begin, end, POINTS))
        there = await visit.desk.ask(lambda archive: assignments(archive, place_kind=PlaceKind.ROOM, place=room))
        kept = await visit.desk.ask(lambda archive: not_sent(archive, begin, end, room))
        back = await visit.desk.ask(lambda archive: taken_back(archive, begin, end, room))
        pasts = {tag: Past(begin, end, trend) for tag, trend in trends.items()}
        self._box.clear()
        with self._box:
            self._sheet = None if view is None else _Sheet(visit, area, view, pasts)
            _batches(visit, there[-BATCHES:])
            withheld_list(visit, kept, back)
            if view is None:
                Tag("p", "lead", visit.say("rooms.unknown", room=room))
        self.show(area)

    def show(self, area: Cascade) -> None:
        """The room as it stands."""
        if self._sheet is not None:
            self._sheet.show(area)


def _batches(visit: Visit, there: Sequence[Assignment]) -> None:
    """Which batches were in the room, the newest first, with their time."""
    if not there:
        return
    Tag("h3", "", visit.say("rooms.batches"))
    with Tag("ul", "plain"):
        for one in reversed(there):
            with Tag("li", "lines"):
                link(one.batch, address_of(visit, one.batch, product=one.product))
                span = visit.say("batches.piece", what=one.product or "", begin=when(visit, one.began),
                                 end=when(visit, one.ended, "batches.lasts"))  # fmt: skip
                Tag("span", "quiet", span)


class _Sheet:
    """One room."""

    def __init__(self, visit: Visit, area: Cascade, view: RoomView, pasts: dict[str, Past]) -> None:
        self._visit, self._id = visit, view.room.id
        say = visit.say
        with Tag("div", "room-head"):
            Tag("h2", "", f"{view.room.id} {say.name(view.room.name)}")
            Tag("span", "", say("room.grade", grade=view.room.grade))
            with Tag("span", "room-state"):
                self._mark, self._state = Mark(), Tag("span")
        with Tag("ul", "values"):
            self._rows = [_Row(visit, found, label, pasts[found.tag]) for found, label in labelled(area, view, visit)]
        with Tag("ul", "doors"):
            self._doors = [_DoorRow(visit, door) for door in area.doors_of(view.room.id)]

    def show(self, area: Cascade) -> None:
        view = area.room(self._id)
        if view is None:
            return
        self._mark.show(ROOM_TONES[view.state], "")
        self._state.set_text(self._visit.say(f"room.{view.state}"))
        for row, (found, _) in zip(self._rows, labelled(area, view, self._visit), strict=True):
            row.show(found, area.now)
        for door, of_door in zip(self._doors, area.doors_of(self._id), strict=True):
            door.show(of_door)


def labelled(area: Cascade, view: RoomView, visit: Visit) -> list[tuple[Reading, str]]:
    """The room's readings with their names: its own differentials, those against it, then the other quantities."""
    flows = [(flow.reading, visit.name(flow.reading.tag)) for flow in (*view.flows, *area.beside(view.room.id))]
    return flows + [(reading, visit.say(f"quantity.{name}")) for name, reading in view.values.items()]


class _Row:
    """One tag: name, value, limit, the last hour, and the way to its trend."""

    def __init__(self, visit: Visit, found: Reading, label: str, past: Past) -> None:
        self._visit = visit
        say = visit.say
        with Tag("li"):
            link(label, visit.trend(found.tag), "label")
            self._value = Value("figure-value")
            Tag("span", "limit", monitored_text(found, say))
            _spark(visit, found, label, past)
            self._record = ReadingLink(visit)
            self._why = Tag("span", "why")

    def show(self, found: Reading, now: int) -> None:
        say = self._visit.say
        why = why_text(found, say, self._visit.clock, now)
        self._value.show(found, value_text(found, say), say)
        self._why.set_text(why)
        self._record.show(found.tag, found.time)


def _spark(visit: Visit, found: Reading, label: str, past: Past) -> None:
    bounds = spark.bounds(past.trend)
    if bounds is None:
        Tag("span", "spark-none", visit.say("rooms.no_history"))
        return
    limits = [bound for bound in (found.limit.low, found.limit.high) if bound is not None] if found.limit else []
    low, high = min(*bounds, *limits), max(*bounds, *limits)
    texts = [quantity(bound, found.unit, *limits) for bound in bounds]
    span = visit.say("rooms.lowest", low=texts[0], high=texts[1])
    width, height = SPARK
    words = f"{label}, {visit.say('rooms.hour')}: {span}"
    with Tag("svg", "spark", viewBox=f"-1 -2 {width + 2:g} {height + 4:g}", role="img", aria_label=words):
        Tag("title", "", words)
        for limit in limits:
            y = height - (limit - low) / (high - low or 1) * height
            Tag("path", "limit-line", d=f"M0 {y:.1f}H{width:g}")
        Tag("path", "trace", d=spark.path(past.trend, (past.begin, past.end), (low, high), SPARK))


class _DoorRow:
    """One door with its state."""

    def __init__(self, visit: Visit, door: DoorView) -> None:
        self._visit = visit
        with Tag("li"):
            link(visit.name(door.tag), visit.trend(door.tag), "label")
            with Tag("span", "value"):
                self._mark, self._state = Mark(), Tag("span", "fades")

    def show(self, door: DoorView) -> None:
        unknown = door.state is DoorState.UNKNOWN
        self._mark.show("data" if unknown else "good", "")
        self._state.set_text(self._visit.say("door.unknown_word" if unknown else f"door.{door.state}"))
