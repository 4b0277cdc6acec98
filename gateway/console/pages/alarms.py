"""Alarms: what is open, what is not in force, and what was in a range."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from nicegui import background_tasks

from gateway.archive.lives import ASIDE
from gateway.console.pages.alarm_filter import alarm_filter
from gateway.console.parts import Line, Mark, Row, Rows, Table, Tag, link
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.alarms import AlarmRow, HeldRow, alarm_rows, beneath, held_rows
from gateway.views.display import age
from gateway.views.texts import alarm_title, beyond_text
from gateway.views.wanted_alarms import Wanted, unfiltered, wanted
from schemas.records import AlarmState

SHOWN = 200
"""How many ended alarms are listed."""
COLUMNS = ("state", "what", "value", "since", "duration", "acknowledged")
HELD_COLUMNS = ("state", "what", "since", "until", "by_whom")
TABS = (("list", "/alarms"), ("performance", "/alarms/performance"), ("deviations", "/deviations"))
Item = TypeVar("Item")
Shown = TypeVar("Shown", bound=Row)


async def build(visit: Visit) -> None:
    """The page."""
    now = visit.desk.now()
    try:
        asked, fault = wanted(visit.query, visit.clock, now), ""
    except ValueError:
        asked, fault = unfiltered(now), visit.say("alarms.filter.bad")
    with shell(visit, "alarms", visit.data("/alarms", **asked.window.query(visit.clock), **asked.query)):
        page = _Page(visit, asked, fault)
    await page.read()
    visit.desk.pushed.subscribe(page.show)


def tabs(visit: Visit, active: str) -> None:
    """Links to what else there is about alarms."""
    with Tag("nav", "buttons tabs", aria_label=visit.say("alarms.tabs.label")):
        for name, path in TABS:
            current = "page" if name == active else None
            link(visit.say(f"alarms.tabs.{name}"), visit.href(path), "btn", aria_current=current)


class _Page:
    """Open alarms follow the live view; ended ones are read again when the open ones change.

    Which ones are shown at all is for the archive to say.
    """

    def __init__(self, visit: Visit, asked: Wanted, fault: str) -> None:
        self._visit, self._asked = visit, asked
        self._seen: frozenset[tuple[object, object]] = frozenset()
        self._standing: frozenset[UUID] = frozenset()
        say = visit.say
        Tag("h1", "", say("alarms.title"))
        tabs(visit, "list")
        if fault:
            Tag("p", "notice", fault, role="alert")
        alarm_filter(visit, asked)
        self._open, self._none_open = self._alarms("open")
        self._hidden = Tag("p", "notice", role="status")
        self._held, self._none_held = self._section(
            "held", HELD_COLUMNS, lambda table, row: _HeldRow(visit, table, row), _HeldRow.show
        )
        self._past, self._none_past = self._alarms("past")
        self._more = Tag("p", "quiet")

    def _alarms(self, key: str) -> "tuple[Rows[tuple[AlarmRow, bool], AlarmLine], Tag]":
        visit = self._visit
        return self._section(key, COLUMNS, lambda table, item: AlarmLine(visit, table, item[0]), AlarmLine.show)

    def _section(
        self,
        key: str,
        columns: tuple[str, ...],
        make: Callable[[Table, Item], Shown],
        show: Callable[[Shown, Item], None],
    ) -> tuple[Rows[Item, Shown], Tag]:
        visit = self._visit
        with Tag("section", f"block alarms-{key}", aria_label=visit.say(f"alarms.{key}")):
            Tag("h2", "", visit.say(f"alarms.{key}"))
            none = Tag("p", "quiet", visit.say("alarms.filter.none" if self._asked.query else f"alarms.none_{key}"))
            table = alarm_table(visit, f"alarms.{key}", columns)
        return Rows(table.body, lambda row: make(table, row), show), none

    async def read(self) -> None:
        """Ask the archive for the ended ones."""
        desk = self._visit.desk
        now, signature, chosen = desk.now(), self._signature(), self._asked.chosen(desk.site)
        begin, end = self._asked.span(now)
        lives = await desk.ask(lambda archive: archive.alarms(begin, end, chosen))
        if self._asked.query:
            self._standing = await desk.ask(lambda archive: archive.standing_alarms(chosen))
        rows = [row for row in alarm_rows(lives, now) if not row.open and row.state not in ASIDE]
        self._past.show((str(row.alarm), (row, False)) for row in rows[:SHOWN])
        self._none_past.set(hidden=bool(rows) or None)
        self._more.set_text(self._visit.say("alarms.more", n=SHOWN) if len(rows) > SHOWN else "")
        self._seen = signature
        self.show()

    def show(self) -> None:
        desk = self._visit.desk
        every = alarm_rows(desk.live.alarms.values(), desk.now())
        rows = beneath(row for row in every if self._wants(row.alarm))
        self._open.show((str(row.alarm), (row, follows)) for row, follows in rows)
        self._none_open.set(hidden=bool(rows) or None)
        hidden = len(every) - len(rows)
        self._hidden.set_text(self._visit.say("alarms.filter.hidden", n=hidden) if hidden else "")
        self._hidden.set(hidden=None if hidden else True)
        held = held_rows(step for step in desk.live.held.values() if self._wants(step.alarm))
        self._held.show((str(row.alarm), row) for row in held)
        self._none_held.set(hidden=bool(held) or None)
        if self._seen != self._signature():
            self._seen = self._signature()
            background_tasks.create(self.read())

    def _wants(self, alarm: UUID) -> bool:
        return not self._asked.query or alarm in self._standing

    def _signature(self) -> frozenset[tuple[object, object]]:
        live = self._visit.desk.live
        open_ = ((id_, life.last.state) for id_, life in live.alarms.items())
        return frozenset([*open_, *((id_, step.state) for id_, step in live.held.items())])


def alarm_table(visit: Visit, label: str, columns: tuple[str, ...] = COLUMNS) -> Table:
    """A table for `AlarmLine`."""
    return Table(visit.say(label), *(visit.say(f"alarms.{name}") for name in columns), classes="alarm-table")


class AlarmLine:
    """One alarm as a row; what and state are known by their words, shape and place."""

    def __init__(self, visit: Visit, table: Table, row: AlarmRow) -> None:
        self._visit = visit
        say = visit.say
        self.root: Line = table.line()
        with self.root.cell("wide"):
            self._mark, self._state = Mark(), Tag("span")
        with self.root.cell("wide"), Tag("span", "lines"):
            link(alarm_title(row, visit.name(row.tag), say), visit.href(f"/alarms/{row.alarm}"))
            Tag("span", "quiet", f"↶ {say('alarms.retrospective')}" if row.retrospective else "")
            Tag("span", "quiet", f"{say('alarms.batch')} {row.batch}" if row.batch else "")
            self._follows = Tag("span", "quiet")
        self._value, self._since, self._duration, self._acknowledged = (self._plain() for _ in range(4))

    def _plain(self) -> Tag:
        with self.root.cell():
            return Tag("span")

    def show(self, item: tuple[AlarmRow, bool]) -> None:
        """The alarm as it stands; whether it follows from the one above."""
        row, follows = item
        say, clock = self._visit.say, self._visit.clock
        self.root.look("follows" if follows else "")
        self._follows.set_text(f"└ {say('alarms.follows')}" if follows else "")
        self._mark.show(row.tone if row.open else "good", "", outline=row.acknowledged is not None)
        self._state.set_text(say(f"alarms.states.{row.state}"))
        self._value.set_text(beyond_text(row, say))
        self._since.set_text(clock.stamp(row.since))
        self._duration.set_text(age(row.duration, say))
        self._acknowledged.set_text(acknowledged(row, self._visit))


class _HeldRow:
    """A condition that raises no alarm for now, with its end."""

    def __init__(self, visit: Visit, table: Table, row: HeldRow) -> None:
        self._visit = visit
        self.root: Line = table.line()
        with self.root.cell("wide"):
            self._mark, self._state = Mark("held"), Tag("span")
        with self.root.cell("wide"):
            link(alarm_title(row, visit.name(row.tag), visit.say), visit.href(f"/alarms/{row.alarm}"))
        self._cells = [self._plain() for _ in HELD_COLUMNS[2:]]

    def _plain(self) -> Tag:
        with self.root.cell():
            return Tag("span")

    def show(self, row: HeldRow) -> None:
        """The condition as it stands."""
        say = self._visit.say
        self._state.set_text(say(f"alarms.states.{row.state}"))
        texts = (self._visit.clock.stamp(row.time), held_until(row, self._visit), _why(row, self._visit))
        for cell, text in zip(self._cells, texts, strict=True):
            cell.set_text(text)


def held_until(row: HeldRow, visit: Visit) -> str:
    """When it is in force again."""
    if row.until is not None:
        return visit.clock.stamp(row.until)
    return visit.say("alarms.ends_with_state" if row.state is AlarmState.SUPPRESSED else "alarms.no_end")


def _why(row: HeldRow, visit: Visit) -> str:
    """Who and why as told; of a suppressed one the state of its room."""
    if row.state is AlarmState.SUPPRESSED:
        return room_state(row.why, visit)
    return row.why or ""


def room_state(state: str | None, visit: Visit) -> str:
    """A state of a room in words; as it was told where it is none of ours."""
    known = {"at_rest", "in_operation", "cleaning", "out_of_use", "unknown"}
    return visit.say(f"room_state.{state}") if state in known else state or visit.say("alarm.not_told")


def acknowledged(row: AlarmRow, visit: Visit) -> str:
    """By whom and when, or that nobody did."""
    if row.acknowledged is None:
        return visit.say("alarms.nobody")
    who = row.acknowledged_by or visit.say("alarms.someone")
    return visit.say("alarms.by", who=who, time=visit.clock.stamp(row.acknowledged))
