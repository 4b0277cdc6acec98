"""Alarm performance: how many alarms, how often, and how soon somebody answered."""

from collections.abc import Iterable

from gateway.console.pages.alarms import tabs
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.ranges import DAY, range_links, window_form, window_of
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.display import age
from gateway.views.performance import Performance, performance
from gateway.views.texts import alarm_title
from gateway.views.trend import following

PATH = "/alarms/performance"


async def build(visit: Visit) -> None:
    """The page; it says when it was made, and does not follow."""
    now = visit.desk.now()
    try:
        asked, fault = window_of(visit.query, visit.clock, now), ""
    except ValueError:
        asked, fault = following(DAY, now), visit.say("period.bad")
    view = await visit.desk.ask(lambda archive: performance(archive, asked, now))
    with shell(visit, "alarms", visit.data(PATH, **asked.query(visit.clock))):
        Tag("h1", "", visit.say("performance.title"))
        tabs(visit, "performance")
        if fault:
            Tag("p", "notice", fault, role="alert")
        with Tag("div", "period"):
            range_links(visit, PATH, asked.range)
            window_form(visit, PATH, asked)
        if view is None or not view.figures.raised:
            Tag("p", "quiet", visit.say("performance.none"))
        if view is not None:
            _Figures(visit, view)


def _rate(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


class _Figures:
    """The figures of one period."""

    def __init__(self, visit: Visit, view: Performance) -> None:
        self._visit, self._view = visit, view
        with Tag("section", "block performance", aria_label=visit.say("performance.title")), Tag("dl", "figures"):
            self._rates()
            self._waits()
        if view.figures.top:
            self._top()
        self._names("chattering", view.figures.chattering)
        self._names("standing", view.figures.standing)
        self._floods()

    def _rates(self) -> None:
        say, view = self._visit.say, self._view
        self._fact("raised", str(view.figures.raised))
        self._fact("per_hour", _rate(view.per_hour))
        self._fact("per_day", _rate(view.per_day))
        rate, persons = view.per_operator_hour, len(view.figures.answered)
        text = say("performance.no_operator")
        if rate is not None:
            key = "performance.operators_one" if persons == 1 else "performance.operators"
            text = say(key, rate=_rate(rate), n=persons)
        self._fact("per_operator", text)
        self._fact("most", str(view.figures.most_in_ten_minutes))

    def _waits(self) -> None:
        say, found = self._visit.say, self._view.figures
        text = say("performance.no_wait")
        if found.time_to_acknowledge is not None and found.slow_to_acknowledge is not None:
            median, slow = age(found.time_to_acknowledge, say), age(found.slow_to_acknowledge, say)
            text = say("performance.wait_text", median=median, p95=slow)
        self._fact("wait", text)
        self._fact("unacknowledged", str(found.unacknowledged))

    def _fact(self, name: str, text: str) -> None:
        with Tag("div"):
            Tag("dt", "", self._visit.say(f"performance.{name}"))
            Tag("dd", "", text)

    def _top(self) -> None:
        say = self._visit.say
        with self._section("top"):
            table = Table(say("performance.top"), say("performance.condition"), say("performance.count"))
            with table.body:
                for condition, count in self._view.figures.top:
                    line = table.line()
                    with line.cell("wide"):
                        self._link(condition)
                    with line.cell():
                        Tag("span", "", str(count))

    def _names(self, name: str, conditions: Iterable[str]) -> None:
        with self._section(name):
            self._means(name, any_=bool(conditions))
            with Tag("ul", "plain"):
                for condition in conditions:
                    with Tag("li"):
                        Mark("alert")
                        self._link(condition)

    def _floods(self) -> None:
        visit, floods = self._visit, self._view.figures.floods
        with self._section("floods"):
            self._means("floods", any_=bool(floods))
            with Tag("ul", "plain"):
                for begin, end in floods:
                    with Tag("li"):
                        Mark("alert")
                        span = visit.say("trend.span", begin=visit.clock.stamp(begin), end=visit.clock.stamp(end))
                        Tag("span", "", span)

    def _section(self, name: str) -> Tag:
        section = Tag("section", f"block {name}", aria_label=self._visit.say(f"performance.{name}"))
        with section:
            Tag("h2", "", self._visit.say(f"performance.{name}"))
        return section

    def _means(self, name: str, *, any_: bool) -> None:
        say = self._visit.say
        means = say(f"performance.means.{name}")
        Tag("p", "quiet", means if any_ else f"{say('performance.nothing')} · {means}")

    def _link(self, condition: str) -> None:
        """To the latest alarm of the condition, by what it is called."""
        visit, row = self._visit, self._view.named.get(condition)
        if row is None:
            Tag("span", "", condition)
            return
        link(alarm_title(row, visit.name(row.tag), visit.say), visit.href(f"/alarms/{row.alarm}"))
