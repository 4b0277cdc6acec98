"""One tag over a range: what was read, what was broken, what is missing. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gateway.archive.archive import Archive, Trend
from gateway.archive.assigned import RoomStay, stays_in
from gateway.archive.limits_told import LimitTold, limits_told
from gateway.archive.lives import AlarmLife
from gateway.archive.withheld import TakenBack, taken_back
from gateway.cleanroom.levels import Levels, Limit
from gateway.cleanroom.site import Site
from gateway.intake.live import Live
from gateway.views import spark
from gateway.views.alarms import AlarmRow, alarm_row
from gateway.views.display import DAY, HOUR, SECOND, Clock
from gateway.views.gaps import GapRow, gap_row
from gateway.views.readings import NO_LEVELS
from schemas.records import Gap

RANGES = {"1h": HOUR, "8h": 8 * HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "1y": 366 * DAY}
SHORTEST, LONGEST = 5 * SECOND, 10 * RANGES["1y"]
MOST_TAGS = 8
"""Tags in one trend."""
BUCKETS = 600
"""A trend has at most two points for each, which is about one a pixel."""


@dataclass(frozen=True, slots=True)
class Window:
    """What part of time is asked for, UTC microseconds. `range` is its name while it follows the present."""

    begin: int
    end: int
    range: str | None = None

    def query(self, clock: Clock) -> dict[str, str]:
        """The window as it stands in an address; fixed ones in plant time."""
        if self.range is not None:
            return {"range": self.range}
        return {
            name: clock.local(moment).isoformat(timespec="milliseconds")
            for name, moment in (("from", self.begin), ("to", self.end))
        }

    def moved(self, shares: float) -> "Window":
        """Earlier (negative) or later by so many of its own lengths."""
        step = int(shares * (self.end - self.begin))
        return Window(self.begin + step, self.end + step)

    def scaled(self, factor: float) -> "Window":
        """Around its middle, longer or shorter."""
        half = int(min(max((self.end - self.begin) * factor, SHORTEST), LONGEST) / 2)
        middle = (self.begin + self.end) // 2
        return Window(middle - half, middle + half)


def window(query: Mapping[str, str], clock: Clock, now: int) -> Window:
    """The window that an address asks for: `from` and `to`, or `range`, or the last hour. Raises ValueError."""
    if "from" in query or "to" in query:
        try:
            begin, end = clock.instant(query["from"]), clock.instant(query["to"])
        except (KeyError, OverflowError) as error:
            raise ValueError("give both from and to, as ISO 8601 times of this age") from error
        if not SHORTEST <= end - begin <= LONGEST:
            raise ValueError("from must lie before to, by 5 s to 10 years")
        return Window(begin, end)
    name = query.get("range", "1h")
    if name not in RANGES:
        raise ValueError(f"range {name!r} is not one of {', '.join(RANGES)}")
    return following(name, now)


def following(name: str, now: int) -> Window:
    """The named range up to now."""
    return Window(now - RANGES[name], now, name)


@dataclass(frozen=True, slots=True)
class Beside:
    """A further tag, drawn with the first."""

    tag: str
    unit: str
    trend: Trend
    switch: bool = False

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Lowest and highest value drawn."""
        return spark.bounds(self.trend)


@dataclass(frozen=True, slots=True)
class TrendView:
    """A tag over a window. Spans are (begin, end) in UTC microseconds; `doors` are open spans by the door's tag.

    `batches` are those that were in the tag's room, or in one that it protects; `told` are the limits that records
    named up to its end; `withdrawn` are times of the room that are not the reader's own any more; `beside` are further
    tags in the same window.
    """

    tag: str
    unit: str
    limit: Limit | None
    window: Window
    now: int
    trend: Trend
    alarms: tuple[AlarmRow, ...]
    gaps: tuple[GapRow, ...]
    unreadable: tuple[tuple[int, int], ...]
    doors: Mapping[str, tuple[tuple[int, int], ...]]
    switch: bool = False
    levels: Levels = NO_LEVELS
    batches: tuple[RoomStay, ...] = ()
    told: tuple[LimitTold, ...] = ()
    withdrawn: tuple[TakenBack, ...] = ()
    beside: tuple[Beside, ...] = ()

    def steps(self, *, low: bool) -> list[tuple[int, float]]:
        """The action limit of one side over the window, as (from when, limit): what was told, and now what is set.

        What was in force before anything was told is taken to be what was told first.
        """
        told = [(one.time, one.limit) for one in self.told if one.action and one.low is low]
        set_now = None if self.limit is None else self.limit.low if low else self.limit.high
        if set_now is not None and (not told or told[-1][1] != set_now):
            told.append((told[-1][0] if told else self.window.begin, set_now))
        found: list[tuple[int, float]] = []
        for time, limit in told:
            if time <= self.window.begin or not found:
                found = [(self.window.begin, limit)]
            elif time < self.window.end:
                found.append((time, limit))
        return found

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Lowest and highest value drawn."""
        return spark.bounds(self.trend)

    def extremes(self) -> tuple[tuple[float, int], tuple[float, int]] | None:
        """Lowest and highest value with their times; None where nothing was read."""
        if self.bounds is None:
            return None
        value = spark.drawable(self.trend)
        low, high = int(np.nanargmin(value)), int(np.nanargmax(value))
        time = self.trend.time
        return (float(value[low]), int(time[low])), (float(value[high]), int(time[high]))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a trend is asked about. A switch keeps its value until the next reading."""

    tag: str
    unit: str
    source: str | None
    limit: Limit | None
    doors: tuple[str, ...]
    switch: bool = False
    levels: Levels = NO_LEVELS
    rooms: tuple[str, ...] = ()
    """The tag's room, and those that it protects."""


def subject(tag: str, site: Site, live: Live) -> Subject:
    """The tag with its limit, and the doors of the room that it protects."""
    latest = live.readings.get(tag)
    unit, source = (latest.unit, latest.source) if latest else ("", None)
    found = next((d for d in site.differentials if d.tag == tag), None)
    if found is None:
        levels = next((one.levels for one in site.watched() if one.tag == tag), NO_LEVELS)
        switch, room = tag in {door.tag for door in site.doors}, dict(site.tagged_rooms()).get(tag)
        return Subject(tag, unit, source, None, (), switch=switch, levels=levels, rooms=() if room is None else (room,))
    doors = tuple(door.tag for door in site.doors if found.room in door.between)
    rooms = (found.room, *site.protected_by(found.room))
    return Subject(tag, unit, source, found.bound, doors, levels=found.levels, rooms=rooms)


def read(archive: Archive, about: Subject, asked: Window, now: int, beside: Sequence[Subject] = ()) -> TrendView:
    """The view, from the archive, with further tags `beside`. Blocks."""
    begin, end = asked.begin, asked.end
    trend = archive.trend(about.tag, begin, end, BUCKETS)
    others = archive.trends([one.tag for one in beside], begin, end, BUCKETS)
    known = min(end, now)
    doors = {tag: _open(archive.trend(tag, begin, end, BUCKETS), known) for tag in about.doors}
    return TrendView(
        about.tag, about.unit, about.limit, asked, now, trend,
        tuple(alarm_row(life, now) for life in archive.alarms(begin, end) if _concerns(life, about)),
        tuple(gap_row(gap, now) for gap in archive.gaps(begin, end) if _speaks_of(gap, about)),
        tuple(spark.unreadable(trend, known)), {tag: spans for tag, spans in doors.items() if spans}, about.switch,
        about.levels, tuple(stays_in(archive.rows, about.rooms, begin, end)),
        tuple(limits_told(archive, about.tag, end)),
        tuple(taken_back(archive, begin, end, about.rooms[0])) if about.rooms else (),
        tuple(Beside(one.tag, one.unit, others[one.tag], one.switch) for one in beside),
    )  # fmt: skip


def _concerns(life: AlarmLife, about: Subject) -> bool:
    return life.last.tag == about.tag


def _speaks_of(gap: Gap, about: Subject) -> bool:
    return about.tag in gap.tags or (not gap.tags and gap.source == about.source)


def _open(trend: Trend, end: int) -> tuple[tuple[int, int], ...]:
    """When a door was open: from a reading that says so to the next one that does not."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], spark.drawable(trend) > 0, [False]])))
    times = np.append(trend.time, end)
    return tuple((int(times[a]), int(times[b])) for a, b in zip(edges[::2], edges[1::2], strict=True))
