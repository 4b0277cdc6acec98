"""Around the chart of a trend: which tags are in it, the year beneath it, and its readings as a table."""

from collections.abc import Callable, Sequence
from itertools import islice
from math import nan

import numpy as np
from nicegui.events import GenericEventArguments

from gateway.archive.archive import Archive
from gateway.archive.trends import Trend
from gateway.console.parts import Tag, link
from gateway.console.record_chip import reading_link, record_chip
from gateway.console.visit import Visit
from gateway.views import spark
from gateway.views.display import DAY, quantity
from gateway.views.texts import levels_text
from gateway.views.trend import MOST_TAGS, RANGES, TrendView, Window
from schemas.status import is_good, severity

WIDTH, HEIGHT = 1000.0, 40.0
"""The strip, drawing units."""
DAYS = 366
LISTED = 60
"""Readings in the table at most."""
_SHARE = "(e) => { const box = e.currentTarget.getBoundingClientRect(); emit((e.clientX - box.left) / box.width) }"
"""Where within the strip somebody clicked."""


class Chosen:
    """The tags that are drawn: each can be left out, and others added."""

    def __init__(self, visit: Visit, tags: Sequence[str]) -> None:
        self._visit, self._tags = visit, list(tags)
        self._links: list[tuple[Tag, list[str]]] = []
        self._query: dict[str, str] = {}
        self._filled = False
        with Tag("div", "buttons chosen-tags", role="group", aria_label=visit.say("trend.tags.label")):
            for tag in self._tags if len(self._tags) > 1 else ():
                words = visit.say("trend.tags.remove", name=visit.name(tag))
                self._way(f"{visit.name(tag)} ×", [one for one in self._tags if one != tag], "btn", words)
            if len(self._tags) < MOST_TAGS:
                self._others()

    def _others(self) -> None:
        """Filled when it is opened first: a plant has hundreds of tags."""
        with Tag("details") as details:
            Tag("summary", "", self._visit.say("trend.tags.add"))
            box = Tag("div")
        details.on("toggle", lambda: self._fill(box))

    def _fill(self, box: Tag) -> None:
        if self._filled:
            return
        self._filled, visit = True, self._visit
        with box, Tag("ul", "tags"):
            for tag in dict.fromkeys([*visit.names, *sorted(visit.desk.live.readings)]):
                if tag not in self._tags:
                    with Tag("li"):
                        self._way(visit.name(tag), [*self._tags, tag], "", None)
                        Tag("span", "aside", tag)

    def _way(self, text: str, tags: list[str], classes: str, words: str | None) -> None:
        way = link(text, self._visit.trend(*tags, **self._query), classes, aria_label=words)
        self._links.append((way, tags))

    def show(self, view: TrendView) -> None:
        """The same window with the other tags."""
        self._query = view.window.query(self._visit.clock)
        for one, tags in self._links:
            one.set(href=self._visit.trend(*tags, **self._query))


def strip(archive: Archive, tag: str, now: int) -> Trend:
    """The tag over the last year: the lowest and the highest of each day. Blocks."""
    return archive.trend(tag, now - DAYS * DAY, now, DAYS)


class Strip:
    """The year up to now, with the window in it; a click goes there. The buttons do the same by keyboard."""

    def __init__(self, visit: Visit, year: Trend, now: int, go: Callable[[Window], None]) -> None:
        self._begin, self._go, self._window = now - RANGES["1y"], go, Window(now - 1, now)
        self._end = now
        label = visit.say("trend.strip")
        with Tag("svg", "strip", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", preserveAspectRatio="none", role="img",
                 aria_label=label) as self._svg:  # fmt: skip
            Tag("title", "", label)
            Tag("path", "trace", d=_days(year, self._begin, now))
            self._shown = Tag("rect", "shown", y=0, height=HEIGHT)
        self._svg.on("click", self._clicked, js_handler=_SHARE)

    def show(self, view: TrendView) -> None:
        """Where the window is."""
        self._window = view.window
        scale = WIDTH / (self._end - self._begin)
        begin, end = ((moment - self._begin) * scale for moment in (view.window.begin, view.window.end))
        begin, end = max(0.0, min(begin, WIDTH)), max(0.0, min(end, WIDTH))
        self._shown.set(x=f"{begin:.1f}", width=f"{max(3.0, end - begin):.1f}")

    def _clicked(self, event: GenericEventArguments) -> None:
        share = float(event.args) if isinstance(event.args, int | float) else nan
        if not 0 <= share <= 1:
            return
        half = max(1, min(self._window.end - self._window.begin, 7 * DAY) // 2)
        middle = self._begin + int(share * (self._end - self._begin))
        self._go(Window(middle - half, middle + half))


def _days(year: Trend, begin: int, end: int) -> str:
    """From the lowest to the highest of each day as an upright line; nothing where nothing was read."""
    bounds = spark.bounds(year)
    if bounds is None:
        return ""
    value = spark.drawable(year)
    known = ~np.isnan(value)
    day = (year.time[known] - begin) // DAY
    low, high = (np.full(DAYS + 1, fill) for fill in (np.inf, -np.inf))
    np.minimum.at(low, np.clip(day, 0, DAYS), value[known])
    np.maximum.at(high, np.clip(day, 0, DAYS), value[known])
    span, width = (bounds[1] - bounds[0]) or 1.0, WIDTH * DAY / (end - begin)
    lines = []
    for at in np.flatnonzero(np.isfinite(low)):
        top, bottom = (HEIGHT - 3 - (one[at] - bounds[0]) / span * (HEIGHT - 6) for one in (high, low))
        lines.append(f"M{(at + 0.5) * width:.1f} {top:.1f}V{max(bottom, top + 1):.1f}")
    return "".join(lines)


class Readings:
    """What is drawn, as a table that opens: each reading with its record, and the limits as records named them."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._open = visit, False
        self._view: TrendView | None = None
        with Tag("details") as details:
            Tag("summary", "", visit.say("trend.table.title"))
            self._box = Tag("div")
        details.on("toggle", self._toggled, js_handler="(e) => emit(e.currentTarget.open)")

    def show(self, view: TrendView) -> None:
        """Of this view, where it is open."""
        self._view = view
        if self._open:
            self._fill()

    def _toggled(self, event: GenericEventArguments) -> None:
        self._open = bool(event.args)
        if self._open:
            self._fill()

    def _fill(self) -> None:
        view, say = self._view, self._visit.say
        if view is None:
            return
        self._box.clear()
        with self._box:
            self._limits(view)
            exact = "trend.table.exact" if view.trend.exact else "trend.table.coarse"
            shown, count = min(LISTED, len(view.trend.time)), len(view.trend.time)
            Tag("p", "quiet", say(exact, shown=shown, n=count))
            with Tag("ol", "readings"):
                for time, value, status in islice(_latest(view.trend), LISTED):
                    self._reading(view, time, value, status)

    def _reading(self, view: TrendView, time: int, value: float, status: int) -> None:
        visit = self._visit
        with Tag("li"):
            Tag("span", "", visit.clock.stamp(time))
            Tag("span", "number", "?" if np.isnan(value) else quantity(value, view.unit))
            if not bool(is_good(np.array([status], dtype=np.uint32))[0]):
                Tag("span", "data", f"{severity(status)} {status:#010x}")
            if any(one.began <= time < one.ended for one in view.withdrawn):
                Tag("span", "data", visit.say("trend.table.withdrawn"))
            reading_link(visit, view.tag, time)

    def _limits(self, view: TrendView) -> None:
        """Which limit which record named, from when on."""
        visit = self._visit
        if view.told:
            Tag("p", "quiet", visit.say("trend.table.limits"))
            with Tag("ul", "readings"):
                for one in view.told[-LISTED:]:
                    with Tag("li"):
                        Tag("span", "", visit.clock.stamp(one.time))
                        sign = "≥" if one.low else "≤"
                        kind = visit.say("trend.table.action" if one.action else "trend.table.alert")
                        Tag("span", "", f"{kind} {sign} {quantity(one.limit, view.unit)} {one.profile or ''}".strip())
                        record_chip(visit, one.stream, one.number)
        now = levels_text(view.levels, view.limit.unit if view.limit else view.unit, visit.say)
        if now:
            Tag("p", "quiet", visit.say("trend.limit_now", limit=now))


def _latest(trend: Trend) -> "zip[tuple[int, float, int]]":
    """The newest first."""
    return zip(trend.time[::-1].tolist(), trend.value[::-1].tolist(), trend.status[::-1].tolist(), strict=True)
