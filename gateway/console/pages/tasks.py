"""What waits for whoever looks: its clock, what, of which batch, from whom, and the next step."""

from gateway.access.roles import Role
from gateway.agreement.due import AgreedDue
from gateway.console.leading import lead
from gateway.console.parts import Line, Mark, Rows, Table, Tag
from gateway.console.visit import Visit
from gateway.views.display import age, number
from gateway.views.texts import alarm_title
from gateway.views.today import Today
from gateway.views.waiting import Task, Urgency, Wait

COLUMNS = ("clock", "what", "subject", "from", "step")
TONES = {Urgency.LATE: "action", Urgency.SOON: "alert"}


class Tasks:
    """The most urgent ones, and how many there are."""

    def __init__(self, visit: Visit) -> None:
        self._visit, say = visit, visit.say
        with Tag("section", "block", aria_label=say("today.waiting")):
            self._title = Tag("h2")
            self._none = Tag("p", "quiet")
            columns = (say(f"today.columns.{name}") for name in COLUMNS)
            table = self._table = Table(say("today.waiting"), *columns, classes="tasks")
            self._more = Tag("p", "quiet")
        self._rows: Rows[tuple[Wait, int], _Row] = Rows(
            table.body, lambda item: _Row(visit, table, item[0]), lambda row, item: row.show(*item)
        )

    def show(self, view: Today, now: int) -> None:
        """As it stands now."""
        say = self._visit.say
        self._title.set_text(say("today.waiting_n", n=view.waits))
        self._none.set_text("" if view.waits else f"{say('today.nothing_waits')} {self._next(view)}")
        self._table.set(hidden=not view.waits or None)
        rest = view.waits - len(view.waiting)
        self._more.set_text(say("today.more_waits", n=rest) if rest else "")
        self._rows.show((one.key, (one, now)) for one in view.waiting)

    def _next(self, view: Today) -> str:
        """What comes next, for a person with nothing to do."""
        say, viewer = self._visit.say, self._visit.viewer
        if viewer is not None and viewer.roles == {Role.INSPECTOR}:
            return say("today.next_inspector")
        running = next((one.running.number for one in view.lines if one.running is not None), None)
        return say("today.next") if running is None else say("today.next_batch", batch=running)


class _Row:
    """One task; what it is stays, its clock runs."""

    def __init__(self, visit: Visit, table: Table, one: Wait) -> None:
        self._visit, say = visit, visit.say
        self.root: Line = table.line()
        with self.root.cell("clock"), Tag("span"):
            self._mark, self._clock = Mark(), Tag("span", "fades")
        with self.root.cell():
            self._what = lead(visit, one.path, "", "what")
        with self.root.cell():
            self._of = Tag("span")
        with self.root.cell():
            Tag("span", "", say(f"today.sources.{one.task}"))
        with self.root.cell():
            Tag("span", "", say(f"today.steps.{one.task}"))

    def show(self, one: Wait, now: int) -> None:
        """As it stands now."""
        say = self._visit.say
        self._mark.show(TONES.get(one.urgency, "good"), "")
        self._clock.set_text(clock_text(one, now, self._visit))
        self._clock.set(title=None if one.due is None else due_source(one.due, self._visit))
        self._what.set_text(what_text(one, self._visit))
        self._of.set_text(" · ".join(part for part in (one.product, one.batch) if part) or say("today.of_none"))


def clock_text(one: Wait, now: int, visit: Visit) -> str:
    """Time left, how late, or, without a term, how long it waits."""
    say = visit.say
    if one.due is not None:
        left = one.due.due.moment - now
        return say("today.late", age=age(-left, say)) if left < 0 else say("today.left", age=age(left, say))
    if one.task is Task.CERTIFICATE:
        (days,) = one.counts
        return say("today.expired") if days < 0 else say("today.left", age=say("unit.days", n=days))
    return say("today.no_clock") if one.since is None else say("today.waits", age=age(now - one.since, say))


def due_source(due: AgreedDue, visit: Visit) -> str:
    """`agreement v4, §11.4: 5 days`, and what of it is not certain."""
    say, told = visit.say, due.due
    term = (
        say("today.at_once") if told.term.amount is None else say(f"today.terms.{told.term.unit}", n=told.term.amount)
    )
    key = "today.source_profile" if ": " in told.clause else "today.source"
    doubts = [say(f"today.{name}") for name in ("estimated", "unverified") if getattr(told, name)]
    text = say(key, agreement=due.agreement, version=due.version, clause=told.clause, term=term)
    return "; ".join([text, say("today.until", time=visit.clock.stamp(told.moment)), *doubts])


def what_text(one: Wait, visit: Visit) -> str:
    """What is to be done about what."""
    say = visit.say
    match one.task, one.alarm:
        case Task.ALARM, row if row is not None:
            name = visit.name(row.tag)
            return alarm_title(row, name, say) if row.active else say("overview.ended", name=name)
        case Task.DEVIATION, row if row is not None:
            return say("today.what.DEVIATION", what=alarm_title(row, visit.name(row.tag), say))
        case Task.FINDINGS, _:
            actions, alerts = one.counts
            return say("today.what.FINDINGS", actions=actions, alerts=alerts)
        case Task.MISSING, _:
            count, first, last = (number(value, "{#}") for value in one.counts)
            return say("today.what.MISSING", n=count, stream=one.subject, first=first, last=last)
        case Task.AGREEMENT, _:
            words = "" if one.words is None else say.name(one.words)
            return say("today.what.AGREEMENT", file=one.subject, why=words)
    return say("today.what.CERTIFICATE", subject=one.subject)
