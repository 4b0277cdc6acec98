"""The lists of the page: alarms, and the values of the rooms."""

from collections.abc import Callable

from edge.page import alarms as wording
from edge.page.visit import Visit, anchor
from gateway.cleanroom.levels import Levels, Limit
from gateway.console.parts import Line, Mark, Table, Tag, Value
from gateway.intake.live import Live
from gateway.views.display import age
from gateway.views.readings import NO_LEVELS, Reading, Why, reading
from gateway.views.texts import monitored_text, value_text, why_text
from schemas.records import Alarm

Do = Callable[[str, Alarm], None]


class AlarmRow:
    """One alarm with what can be done about it."""

    def __init__(self, visit: Visit, do: Do, alarm: Alarm) -> None:
        self._visit, self._alarm = visit, alarm
        with Tag("li") as self.root:
            self._mark = Mark()
            with Tag("div", "words"):
                self._title = Tag("b", "what")
                self._detail = Tag("span", "detail")
                self._state = Tag("span", "alarm-state")
                self._said = Tag("span", "quiet")
            with Tag("div", "since"):
                self._since, self._age = Tag("span"), Tag("b", "age")
            with Tag("div", "buttons"):
                self._buttons = {name: self._button(name, do) for name in wording.OFFERED}

    def _button(self, name: str, do: Do) -> Tag:
        button = Tag("button", "btn", self._visit.say(f"line.do.{name}") + "…", type="button", data_do=name)
        button.on("click", lambda: do(name, self._alarm))
        return button

    def show(self, alarm: Alarm) -> None:
        """The alarm as it stands."""
        visit, say, self._alarm = self._visit, self._visit.say, alarm
        tone, open_ = wording.tone(alarm), not wording.held([alarm])
        self.root.look(f"alarm {tone}" + ("" if open_ else " held") + (" answered" if wording.outlined(alarm) else ""))
        self.root.set(data_condition=alarm.condition, data_state=alarm.state.value)
        self._mark.show(tone, "", outline=wording.outlined(alarm))
        self._title.set_text(wording.title(alarm, visit.name(alarm.tag), say))
        self._detail.set_text(wording.detail(alarm, say))
        self._state.set_text(say(f"alarms.states.{alarm.state}"))
        self._said.set_text(wording.said(alarm, say, visit.clock))
        self._since.set_text(visit.clock.stamp(alarm.since))
        self._age.set_text(age(visit.feed.now() - alarm.since, say))
        can = wording.offers(alarm) if visit.feed.answered else []
        for name, button in self._buttons.items():
            button.set(hidden=None if name in can else True)


class Values:
    """What is measured in the rooms, each value with its limit, its status in words and its age."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say, site = visit.say, visit.site
        limits = {d.tag: d.bound for d in site.differentials}
        levels = {d.tag: d.levels for d in site.differentials}
        for room in site.rooms:
            levels |= {tag: room.levels.get(quantity, NO_LEVELS) for quantity, tag in room.tags.items()}
        columns = (say(f"line.columns.{name}") for name in ("tag", "value", "limit", "status", "age"))
        table = Table(say("line.values"), *columns, classes="value-table")
        with table.body:
            self._rows = [_ValueRow(visit, tag, limits.get(tag), of, table.line()) for tag, of in levels.items()]

    def show(self, live: Live) -> None:
        """As the agent said."""
        now = self._visit.feed.now()
        for row in self._rows:
            row.show(live, now)


class _ValueRow:
    def __init__(self, visit: Visit, tag: str, limit: Limit | None, levels: Levels, line: Line) -> None:
        self._visit, self._tag, self._limit, self._levels = visit, tag, limit, levels
        line.set(id=anchor(tag), tabindex=-1)
        with line.cell("wide"):
            Tag("span", "", visit.name(tag))
        with line.cell():
            self._value = Value()
        with line.cell():
            self._monitored = Tag("span")
        with line.cell("status"):
            self._status = Tag("span")
        with line.cell():
            self._age = Tag("span", "fades")

    def show(self, live: Live, now: int) -> None:
        say = self._visit.say
        found = reading(self._tag, self._limit, live, now, self._levels)
        why = self._why(found, now)
        self._monitored.set_text(monitored_text(found, say))
        self._value.show(found, value_text(found, say), say, why)
        self._status.set_text(self._words(found, why, live))
        self._age.set_text("" if found.time is None else age(now - found.time, say))

    def _words(self, found: Reading, why: str, live: Live) -> str:
        """Beyond its limit without an alarm may be that somebody put the alarm aside."""
        say = self._visit.say
        aside = wording.held(life.last for life in live.alarms.values() if life.last.tag == self._tag)
        if found.why is Why.DELAY and aside:
            return say("line.put_aside", state=say(f"alarms.states.{aside[0].state}"))
        status = say(f"status.{found.status}")
        return say("line.status", status=status, why=why) if why else status

    def _why(self, found: Reading, now: int) -> str:
        visit = self._visit
        return why_text(found, visit.say, visit.clock, now) if visit.feed.answered else visit.say("line.no_answer")
