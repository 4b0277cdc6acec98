"""Trend: one tag over a range, with its limit, alarms, gaps and doors."""

import asyncio
from collections.abc import Callable

from nicegui import background_tasks

from gateway.archive.trends import Trend
from gateway.console.pages.trend_parts import Chosen, Readings, Strip, strip
from gateway.console.pages.trend_within import Files, Within
from gateway.console.parts import Tag, link
from gateway.console.record_chip import ReadingLink
from gateway.console.shell import shell
from gateway.console.trend_chart import TrendChart
from gateway.console.visit import Visit, replace_address
from gateway.views.display import SECOND, age, quantity
from gateway.views.texts import levels_text
from gateway.views.trend import (
    BUCKETS,
    MOST_TAGS,
    RANGES,
    Subject,
    TrendView,
    Window,
    following,
    read,
    subject,
    window,
)

REFRESH = 2 * SECOND
"""How often a chart that follows the present is read anew at most, microseconds; long ranges less often."""


async def build(visit: Visit) -> None:
    """The page: a tag's trend, or the list of tags."""
    asked_for = list(dict.fromkeys(visit.every("tag")))
    known = set(visit.names) | set(visit.desk.live.readings)
    tags = [tag for tag in asked_for if tag in known][:MOST_TAGS]
    if not tags:
        with shell(visit, ""):
            _pick(visit, asked_for[0] if asked_for else None)
        return
    now = visit.desk.now()
    try:
        asked, fault = window(visit.query, visit.clock, now), ""
    except ValueError:
        asked, fault = following("1h", now), visit.say("trend.bad_range")
    about, *beside = (subject(tag, visit.desk.site, visit.desk.live) for tag in tags)
    view = await visit.desk.ask(lambda archive: read(archive, about, asked, now, beside))
    year = await visit.desk.ask(lambda archive: strip(archive, about.tag, now))
    data = visit.data("/trend", tag=tags, **asked.query(visit.clock))
    with shell(visit, "", data):
        _Page(visit, (about, *beside), view, fault, year)


def _pick(visit: Visit, unknown: str | None) -> None:
    say = visit.say
    Tag("h1", "", say("trend.pick"))
    if unknown is not None:
        Tag("p", "lead", say("trend.unknown", tag=unknown))
    others = sorted(set(visit.desk.live.readings) - set(visit.names))
    with Tag("ul", "block tags"):
        for tag in [*visit.names, *others]:
            with Tag("li"):
                link(visit.name(tag), visit.trend(tag))
                Tag("span", "aside", tag)


class _Page:
    """Follows the present until somebody looks at a window of their own."""

    def __init__(self, visit: Visit, subjects: tuple[Subject, ...], view: TrendView, fault: str, year: Trend) -> None:
        about, *beside = subjects
        self._visit, self._tags = visit, [one.tag for one in subjects]
        self._window, self._read = view.window, view.now
        self._busy = asyncio.Lock()
        with Tag("div", "trend-head"):
            Tag("h1", "", visit.name(about.tag))
            Tag("span", "aside", about.tag if about.tag in visit.names else "")
            self._span = Tag("span", "span")
        if fault:
            Tag("p", "notice", fault, role="status")
        self._buttons()
        self._chosen = Chosen(visit, self._tags)
        with Tag("div", "block"):
            self._facts = Facts(visit)
            self._chart = TrendChart(visit, about, view, self._go, beside)
            self._strip = Strip(visit, year, view.now, self._go)
            Tag("p", "legend", visit.say("trend.help"))
            self._files = Files(visit)
            self._table = Readings(visit)
        self._within = Within(visit)
        self._tell(view)
        visit.desk.pushed.subscribe(self._follow)

    def _buttons(self) -> None:
        visit, tags = self._visit, self._tags
        with Tag("div", "buttons", role="group", aria_label=visit.say("trend.range")):
            self._ranges = {
                name: link(visit.say(f"ranges.{name}"), visit.trend(*tags, range=name), "btn") for name in RANGES
            }
            self._button("‹", "earlier", "[ ArrowLeft", lambda: self._window.moved(-0.5))
            self._button("›", "later", "] ArrowRight", lambda: self._window.moved(0.5))
            self._button("+", "closer", "+ =", lambda: self._window.scaled(0.5))
            self._button("−", "wider", "- _", lambda: self._window.scaled(2))
            live = visit.trend(*tags, range=self._window.range or "1h")
            self._back = link(visit.say("trend.back"), live, "btn", data_key="l")

    def _button(self, text: str, key: str, keys: str, wanted: Callable[[], Window]) -> None:
        words = self._visit.say(f"trend.{key}")
        button = Tag("button", "btn", text, type="button", title=words, aria_label=words, data_key=keys)
        button.on("click", lambda: self._go(wanted()))

    def _go(self, wanted: Window) -> None:
        self._window = wanted
        replace_address(self._visit.trend(*self._tags, **wanted.query(self._visit.clock)))
        background_tasks.create(self._show(wanted))

    async def _follow(self) -> None:
        name = self._window.range
        now = self._visit.desk.now()
        if name is None or self._busy.locked() or now - self._read < max(REFRESH, RANGES[name] // BUCKETS):
            return
        self._window = following(name, now)
        await self._show(self._window)

    async def _show(self, wanted: Window) -> None:
        async with self._busy:
            if wanted is not self._window:
                return  # a later zoom waits already
            view = await self._chart.show(wanted)
            self._read = view.now
        self._tell(view)

    def _tell(self, view: TrendView) -> None:
        visit = self._visit
        begin, end = visit.clock.stamp(view.window.begin), visit.clock.stamp(view.window.end)
        self._span.set_text(visit.say("trend.span", begin=begin, end=end))
        for name, button in self._ranges.items():
            button.set(aria_current="true" if name == view.window.range else None)
        self._back.set(hidden=view.window.range is not None or None)
        self._facts.show(view)
        self._chosen.show(view)
        self._strip.show(view)
        self._files.show(view)
        self._table.show(view)
        self._within.show(view)


class Facts:
    """What the chart says, in words."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("p", "facts"):
            self._detail, self._limit = Tag("span"), Tag("span")
            self._low, low = Tag("span"), ReadingLink(visit)
            self._high, high = Tag("span"), ReadingLink(visit)
        self._records = low, high
        self._empty = Tag("p", "quiet")

    def show(self, view: TrendView) -> None:
        """The view in words."""
        say, clock = self._visit.say, self._visit.clock
        width = age(max(SECOND, (view.window.end - view.window.begin) // BUCKETS), say)
        self._detail.set_text(say("trend.exact") if view.trend.exact else say("trend.coarse", width=width))
        limit = view.limit
        levels = levels_text(view.levels, limit.unit if limit else view.unit, say)
        self._limit.set_text(say("trend.limit_now", limit=levels) if levels else say("trend.no_limit"))
        extremes = view.extremes()
        shown = (None, None) if extremes is None or view.switch else extremes
        self._empty.set_text("" if extremes else say("trend.empty"))
        bounds = (limit.low, limit.high) if limit else ()
        for element, key, found in zip((self._low, self._high), ("lowest", "highest"), shown, strict=True):
            text = "" if found is None else say(
                f"trend.{key}", value=quantity(found[0], view.unit, *bounds), time=clock.stamp(found[1])
            )  # fmt: skip
            element.set_text(text)
        for record, found in zip(self._records, shown, strict=True):
            record.show(view.tag, None if found is None else found[1])
