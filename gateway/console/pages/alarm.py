"""One alarm: its life, its rule, and half an hour before and after."""

from dataclasses import dataclass
from uuid import UUID

from gateway.archive.archive import Archive
from gateway.archive.lives import ASIDE, AlarmLife, alarm_lives
from gateway.console.pages.alarms import AlarmLine, acknowledged, alarm_table, room_state
from gateway.console.pages.batch_tables import address_of
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.record_chip import reading_link, record_link
from gateway.console.shell import not_found, shell
from gateway.console.trend_chart import TrendChart
from gateway.console.visit import Visit
from gateway.deviations.archived import doors_open, draft_for
from gateway.deviations.draft import DoorOpen
from gateway.views.alarms import AlarmRow, alarm_row
from gateway.views.display import MINUTE, SECOND, age, quantity
from gateway.views.texts import alarm_number, alarm_title, limit_of
from gateway.views.trend import Window, read, subject
from schemas.records import Alarm

AROUND = 30 * MINUTE
"""How much is shown before its begin and after its end, microseconds."""
FOLLOW = 2 * SECOND
"""How often the chart of an open alarm is read anew, microseconds."""


async def build(visit: Visit) -> None:
    """The page; nothing here where the id is none."""
    steps = await _steps(visit)
    if not steps:
        not_found(visit)
        return
    row = _row(steps, visit.desk.now())
    about = subject(row.tag, visit.desk.site, visit.desk.live)
    window, now = around(row), visit.desk.now()
    view = await visit.desk.ask(lambda archive: read(archive, about, window, now))
    linked = await visit.desk.ask(lambda archive: _linked(archive, visit, row, now))
    with shell(visit, "alarms", visit.data(f"/alarms/{row.alarm}")):
        Tag("h1", "", alarm_title(row, visit.name(row.tag), visit.say))
        with Tag("div", "block"):
            page = _Page(visit, steps, linked)
        _consequences(visit, linked)
        with Tag("section", "block", aria_label=visit.say("alarm.around")):
            Tag("h2", "", visit.say("alarm.around"))
            page.chart = TrendChart(visit, about, view)
            link(visit.say("alarm.open_trend"), visit.trend(row.tag, **window.query(visit.clock)))
    visit.desk.pushed.subscribe(page.follow)


async def _steps(visit: Visit) -> list[Alarm]:
    try:
        alarm = UUID(visit.parts["alarm"])
    except ValueError:
        return []
    return await visit.desk.ask(lambda archive: archive.alarm_steps(alarm))


def _row(steps: list[Alarm], now: int) -> AlarmRow:
    for life in alarm_lives(steps).values():
        return alarm_row(life, now)
    last = steps[-1]  # was put aside before any alarm
    return alarm_row(AlarmLife(last, raised=steps[0].time, returned=last.since), now)


@dataclass(frozen=True, slots=True)
class _Linked:
    """What belongs to the alarm: what followed from it, doors, its draft deviation."""

    followed: list[AlarmRow]
    doors: list[DoorOpen]
    draft: UUID | None


def _linked(archive: Archive, visit: Visit, row: AlarmRow, now: int) -> _Linked:
    followed = [alarm_row(life, now) for life in archive.consequences(row.alarm)]
    doors = doors_open(archive, visit.site, row.room, row.since, row.since + row.duration)
    return _Linked(followed, doors, draft_for(archive, row.alarm, now))


def _consequences(visit: Visit, linked: _Linked) -> None:
    """What followed, beneath the first of its group."""
    if not linked.followed:
        return
    with Tag("section", "block followed", aria_label=visit.say("alarm.consequences")):
        Tag("h2", "", visit.say("alarm.consequences"))
        table = alarm_table(visit, "alarm.consequences")
        with table.body:
            for row in linked.followed:
                AlarmLine(visit, table, row).show((row, False))


def around(row: AlarmRow) -> Window:
    """From half an hour before the limit was broken to half an hour after it held again."""
    return Window(row.since - AROUND, row.since + row.duration + AROUND)


class _Page:
    """Facts and steps; an open alarm is followed until it is over."""

    chart: TrendChart

    def __init__(self, visit: Visit, steps: list[Alarm], linked: _Linked) -> None:
        self._visit, self._steps, self._drawn = visit, steps, visit.desk.now()
        row = _row(steps, self._drawn)
        say = visit.say
        with Tag("dl", "figures"):
            self._mark, self._state = self._marked("state")
            self._farthest = self._fact(say("alarm.farthest"))
            self._duration = self._fact(say("alarm.duration"))
            self._acknowledged = self._fact(say("alarms.acknowledged"))
            self._fact(say("alarm.rule")).set_text(rule(row, visit))
            self._circumstances(row, linked)
        Tag("h2", "later", say("alarm.life"))
        columns = [say(f"alarm.{name}") for name in ("when", "event", "value", "who", "meaning", "comment", "record")]
        self._table = Table(say("alarm.life"), *columns)
        self._show(steps)

    def _circumstances(self, row: AlarmRow, linked: _Linked) -> None:
        """What was in force, and where; the alarm that it followed from, and its draft deviation."""
        visit, say = self._visit, self._visit.say
        self._fact(say("alarm.limits")).set_text(row.profile or say("alarm.not_told"))
        if row.room is not None:
            self._fact(say("alarm.room")).set_text(row.room)
            self._fact(say("alarm.room_state")).set_text(room_state(row.room_state, visit))
            self._batch(row)
            names = ", ".join(dict.fromkeys(visit.name(door.tag) for door in linked.doors))
            self._fact(say("alarm.doors")).set_text(names or say("alarm.no_doors"))
        if row.head is not None and row.head != row.alarm:
            with self._fact(say("alarm.caused_by")):
                link(str(row.head)[:8], visit.href(f"/alarms/{row.head}"))
        if linked.draft is not None:
            with self._fact(say("alarm.draft")):
                link(str(linked.draft)[:8], visit.href(f"/deviations/{linked.draft}"))

    def _batch(self, row: AlarmRow) -> None:
        """A link where who looks may open it; an alarm may have touched several."""
        fact = self._fact(self._visit.say("alarm.batch"))
        if row.batch is None or not self._visit.may("/batches"):
            fact.set_text(row.batch or self._visit.say("alarm.no_batch"))
            return
        with fact:
            for batch in row.batch.split(", "):
                link(batch, address_of(self._visit, batch), "apart")

    def _marked(self, key: str) -> tuple[Mark, Tag]:
        with Tag("div"):
            Tag("dt", "", self._visit.say(f"alarms.{key}"))
            with Tag("dd"):
                return Mark(), Tag("span")

    def _fact(self, label: str) -> Tag:
        with Tag("div"):
            Tag("dt", "", label)
            return Tag("dd")

    async def follow(self) -> None:
        """Show how long it lasts, and what happened since."""
        now = self._visit.desk.now()
        row = _row(self._steps, now)
        self._duration.set_text(age(row.duration, self._visit.say))
        if not row.open or now - self._drawn < FOLLOW:
            return
        self._drawn = now
        steps = await _steps(self._visit)
        if len(steps) > len(self._steps):
            self._show(steps)
        if row.active:
            await self.chart.show(around(row))

    def _show(self, steps: list[Alarm]) -> None:
        self._steps = steps
        visit, say = self._visit, self._visit.say
        row = _row(steps, visit.desk.now())
        self._mark.show(tone_of(row), "", outline=row.acknowledged is not None)
        retrospective = f" · ↶ {say('alarms.retrospective')}" if row.retrospective else ""
        self._state.set_text(say(f"alarms.states.{row.state}") + retrospective)
        self._farthest.set_text(alarm_number(row.extreme, row, say))
        self._duration.set_text(age(row.duration, say))
        self._acknowledged.set_text(acknowledged(row, visit))
        self._table.body.clear()
        with self._table.body:
            self._line(row, "SINCE", row.since, None, None)
            for step in steps:
                self._line(row, step.event, step.time, step.value, step)

    def _line(self, row: AlarmRow, event: str, time: int, value: float | None, step: Alarm | None) -> None:
        say = self._visit.say
        texts = [self._visit.clock.stamp(time), say(f"alarm.events.{event}")]
        number = "" if value is None else quantity(value, row.unit, row.limit)
        texts.append(f"{number} ({say(f'reason.{step.doubt}')})" if step and step.doubt else number)
        texts.append((step and step.actor) or say("alarm.line_engine"))
        texts.append(say(f"signature.{step.meaning}") if step and step.meaning else "")
        texts.append((step and step.comment) or "")
        line = self._table.line()
        for text in texts:
            with line.cell():
                Tag("span", "", text)
        with line.cell():
            if step is None:
                reading_link(self._visit, row.tag, time)
            else:
                record_link(self._visit, step.id)


def tone_of(row: AlarmRow) -> str:
    """Its shape and colour as it stands: that of its priority while it is open, ⊘ while it is put aside."""
    if row.state in ASIDE:
        return "held"
    return row.tone if row.open else "good"


def rule(row: AlarmRow, visit: Visit) -> str:
    """The rule that raised it, in words."""
    say = visit.say
    delay, deadband = age(int(row.on_delay * SECOND), say), quantity(row.deadband, row.unit)
    if not row.numeric:
        return say("alarm.rule_plain", delay=delay)
    return say("alarm.rule_text", limit=limit_of(row, say), delay=delay, deadband=deadband)
