"""Alarms: what is open, and what was in a range."""

from nicegui import background_tasks

from gateway.archive.lives import EVER
from gateway.console.parts import Line, Mark, Rows, Table, Tag, link
from gateway.console.ranges import range_links, range_of
from gateway.console.shell import shell
from gateway.console.views.alarms import AlarmRow, alarm_rows
from gateway.console.views.display import age
from gateway.console.views.texts import alarm_number, alarm_title, limit_of
from gateway.console.visit import Visit

SHOWN = 200
"""How many ended alarms are listed."""
COLUMNS = ("state", "what", "value", "since", "duration", "acknowledged")


async def build(visit: Visit) -> None:
    """The page."""
    with shell(visit, "alarms", visit.data("/alarms", range=range_of(visit.query).name)):
        page = _Page(visit)
    await page.read()
    visit.desk.pushed.subscribe(page.show)


class _Page:
    """Open alarms follow the live view; ended ones are read again when the open ones change."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._range = visit, range_of(visit.query)
        self._seen: frozenset[tuple[object, object]] = frozenset()
        say = visit.say
        Tag("h1", "", say("alarms.title"))
        self._open, self._none_open = self._section("open")
        range_links(visit, "/alarms", self._range.name)
        self._past, self._none_past = self._section("past")
        self._more = Tag("p", "quiet")

    def _section(self, key: str) -> tuple[Rows[AlarmRow, "_Row"], Tag]:
        visit = self._visit
        with Tag("section", "block", aria_label=visit.say(f"alarms.{key}")):
            Tag("h2", "", visit.say(f"alarms.{key}"))
            columns = [visit.say(f"alarms.{name}") for name in COLUMNS]
            none = Tag("p", "quiet", visit.say(f"alarms.none_{key}"))
            table = Table(visit.say(f"alarms.{key}"), *columns, classes="alarm-table")
        return Rows(table.body, lambda row: _Row(visit, table, row), _Row.show), none

    async def read(self) -> None:
        """Ask the archive for the ended ones."""
        now = self._visit.desk.now()
        lives = await self._visit.desk.ask(lambda archive: archive.alarms(now - self._range.length, EVER))
        rows = [row for row in alarm_rows(lives, now) if not row.open]
        self._past.show((str(row.alarm), row) for row in rows[:SHOWN])
        self._none_past.set(hidden=bool(rows) or None)
        self._more.set_text(self._visit.say("alarms.more", n=SHOWN) if len(rows) > SHOWN else "")
        self._seen = self._signature()
        self.show()

    def show(self) -> None:
        desk = self._visit.desk
        rows = alarm_rows(desk.live.alarms.values(), desk.now())
        self._open.show((str(row.alarm), row) for row in rows)
        self._none_open.set(hidden=bool(rows) or None)
        if self._seen != self._signature():
            self._seen = self._signature()
            background_tasks.create(self.read())

    def _signature(self) -> frozenset[tuple[object, object]]:
        return frozenset((id_, life.last.state) for id_, life in self._visit.desk.live.alarms.items())


class _Row:
    """One alarm as a row; what and state are known by their words, shape and place."""

    def __init__(self, visit: Visit, table: Table, row: AlarmRow) -> None:
        self._visit = visit
        self.root: Line = table.line()
        with self.root.cell("wide"):
            self._mark, self._state = Mark(), Tag("span")
        with self.root.cell("wide"):
            link(alarm_title(row, visit.name(row.tag), visit.say), visit.href(f"/alarms/{row.alarm}"))
        self._value, self._since, self._duration, self._acknowledged = (self._plain() for _ in range(4))

    def _plain(self) -> Tag:
        with self.root.cell():
            return Tag("span")

    def show(self, row: AlarmRow) -> None:
        say, clock = self._visit.say, self._visit.clock
        self._mark.show("action" if row.open else "good", "", outline=row.acknowledged is not None)
        self._state.set_text(say(f"alarms.states.{row.state}"))
        farthest = alarm_number(row.extreme, row, say)
        self._value.set_text(say("alarms.farthest", value=farthest, limit=limit_of(row, say)))
        self._since.set_text(clock.stamp(row.since))
        self._duration.set_text(age(row.duration, say))
        self._acknowledged.set_text(acknowledged(row, self._visit))


def acknowledged(row: AlarmRow, visit: Visit) -> str:
    """By whom and when, or that nobody did."""
    if row.acknowledged is None:
        return visit.say("alarms.nobody")
    who = row.acknowledged_by or visit.say("alarms.someone")
    return visit.say("alarms.by", who=who, time=visit.clock.stamp(row.acknowledged))
