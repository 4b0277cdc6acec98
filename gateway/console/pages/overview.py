"""Overview: what is wrong now, and how the line stands."""

from gateway.archive.lives import EVER, AlarmLife
from gateway.cleanroom.levels import Limit
from gateway.console.parts import Mark, Rows, Table, Tag, Value, link
from gateway.console.shell import shell
from gateway.console.views.display import DAY, age, limit_text, quantity
from gateway.console.views.overview import Fault, Overview, Wrong, overview
from gateway.console.views.readings import WORST, Reading
from gateway.console.views.sources import Contact
from gateway.console.views.texts import alarm_number, alarm_title, beyond_text, limit_of, value_text, why_text
from gateway.console.visit import Visit

LOOK_BACK = 30 * DAY
"""How far the page looks for the last alarm when nothing is wrong, microseconds."""


async def build(visit: Visit) -> None:
    """The page."""
    now = visit.desk.now()
    past = await visit.desk.ask(lambda archive: archive.alarms(now - LOOK_BACK, EVER))
    with shell(visit, "overview", "/api/overview"):
        _Page(visit, past)


class _Page:
    """Builds once and then follows the desk."""

    def __init__(self, visit: Visit, past: list[AlarmLife]) -> None:
        self._visit = visit
        self._last_end = max((life.returned for life in past if life.returned), default=None)
        say = visit.say
        Tag("h1", "", say("overview.title"))
        with Tag("section", "block", aria_label=say("overview.wrong")):
            Tag("h2", "", say("overview.wrong"))
            self._quiet = Tag("p", "quiet")
            self._wrong = Rows(Tag("ul", "wrong"), lambda item: _WrongRow(visit, item), _WrongRow.show)
        with Tag("section", "block", aria_label=say("overview.line")):
            Tag("h2", "", say("overview.line"))
            self._line = _Line(visit)
        with Tag("section", "block", aria_label=say("overview.limits")):
            Tag("h2", "", say("overview.limits"))
            self._limits = _Limits(visit)
        self.show()
        visit.desk.pushed.subscribe(self.show)

    def show(self) -> None:
        visit = self._visit
        state = overview(visit.desk.site, visit.desk.live, visit.desk.now())
        ends = (wrong.alarm.returned for wrong in state.wrong if wrong.alarm and wrong.alarm.returned)
        self._last_end = max([*ends, *([self._last_end] if self._last_end else [])], default=None)
        self._quiet.set_text("" if state.wrong else self._nothing(state))
        self._wrong.show((wrong.key, wrong) for wrong in state.wrong)
        self._line.show(state)
        self._limits.show(state)

    def _nothing(self, state: Overview) -> str:
        say = self._visit.say
        if state.last_data is None:
            return say("overview.no_data")
        if self._last_end is None:
            return f"{say('overview.nothing')} {say('overview.no_alarm_yet')}"
        return f"{say('overview.nothing')} {say('overview.last_alarm', time=self._visit.clock.stamp(self._last_end))}"


class _WrongRow:
    """One thing that is wrong: mark, what, value, since, how long, and the page that shows it."""

    def __init__(self, visit: Visit, wrong: Wrong) -> None:
        self._visit = visit
        with Tag("li") as self.root:
            self._mark = Mark()
            self._what = link("", _address(visit, wrong), "what")
            self._value = Tag("span", "detail fades")
            self._since = Tag("span", "since")
            self._age = Tag("span", "age fades")

    def show(self, wrong: Wrong) -> None:
        visit, now = self._visit, self._visit.desk.now()
        tone, word, outline = _tone(wrong, visit)
        self._mark.show(tone, word, outline=outline)
        over = wrong.fault is Fault.UNACKNOWLEDGED
        self.root.look(f"{tone} over" if over else tone)
        self._what.set_text(_what(wrong, visit))
        self._value.set_text(_detail(wrong, visit, now))
        self._since.set_text(
            "" if wrong.since is None else visit.say("overview.since", time=visit.clock.stamp(wrong.since))
        )
        lasting = wrong.alarm.duration if wrong.alarm else now - wrong.since if wrong.since is not None else None
        self._age.set_text("" if lasting is None else age(lasting, visit.say))


def _worst(state: Overview) -> str:
    """The tone of the worst active alarm."""
    tones = [wrong.alarm.tone for wrong in state.wrong if wrong.alarm is not None and wrong.alarm.active]
    return min(tones, key=WORST.index, default="good")


def _tone(wrong: Wrong, visit: Visit) -> tuple[str, str, bool]:
    if wrong.alarm is not None:
        return wrong.alarm.tone, visit.say(f"alarms.states.{wrong.alarm.state}"), wrong.alarm.acknowledged is not None
    if wrong.fault is Fault.BEYOND:
        return "alert", visit.say("status.DELAYED"), False
    return "data", "", False


def _address(visit: Visit, wrong: Wrong) -> str:
    if wrong.alarm is not None:
        return visit.href(f"/alarms/{wrong.alarm.alarm}")
    if wrong.reading is not None:
        return visit.trend(wrong.reading.tag)
    return visit.href("/rooms" if wrong.fault is Fault.NEVER else "/evidence")


def _what(wrong: Wrong, visit: Visit) -> str:
    say = visit.say
    if wrong.alarm is not None:
        if wrong.fault is Fault.UNACKNOWLEDGED:
            return say("overview.ended", name=visit.name(wrong.alarm.tag))
        return alarm_title(wrong.alarm, visit.name(wrong.alarm.tag), say)
    if wrong.source is not None:
        return _source(wrong, visit)
    if wrong.reading is not None:
        name = visit.name(wrong.reading.tag)
        if wrong.fault is Fault.BEYOND:
            return say("overview.delay", name=name)
        return say("overview.tag_bad", name=name, status=say(f"status.{wrong.reading.status}"))
    count = wrong.count or len(wrong.tags)
    key = {Fault.QUARANTINE: "quarantine", Fault.FINDINGS: "findings"}.get(wrong.fault, "never")
    return say(f"overview.{key}" + ("_one" if count == 1 else ""), n=count)


def _source(wrong: Wrong, visit: Visit) -> str:
    say, source = visit.say, wrong.source
    if source is None:
        return ""
    if source.gap is not None:
        return say("overview.source_gap", source=source.name, cause=say(f"cause.{source.gap.cause}"))
    if source.state is Contact.AHEAD and source.heard is not None:
        return say("overview.source_ahead", source=source.name, age=age(source.heard - visit.desk.now(), say))
    return say("overview.source_silent", source=source.name)


def _detail(wrong: Wrong, visit: Visit, now: int) -> str:
    say = visit.say
    if wrong.alarm is not None:
        row = wrong.alarm
        if wrong.fault is Fault.UNACKNOWLEDGED or not row.numeric:
            return beyond_text(row, say)
        value = value_text(wrong.reading, say) if wrong.reading else alarm_number(row.value, row, say)
        return say(
            "overview.extreme", value=value, extreme=alarm_number(row.extreme, row, say), limit=limit_of(row, say)
        )
    if wrong.reading is not None:
        if wrong.reading.value is not None:
            return value_text(wrong.reading, say)
        return why_text(wrong.reading, say, visit.clock, now)
    if wrong.source is not None and wrong.tags:
        return say("overview.reading" if len(wrong.tags) == 1 else "overview.readings", n=len(wrong.tags))
    return ", ".join(visit.name(tag) for tag in wrong.tags[:6]) + (" …" if len(wrong.tags) > 6 else "")


class _Line:
    """The line in one row of figures."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("dl", "figures"):
            self._rooms = self._figure("rooms", visit.href("/rooms"))
            self._alarms = self._figure("alarms", visit.href("/alarms"))
            self._faults = self._figure("faults", visit.href("/evidence"))
            self._complete = self._figure("complete", visit.href("/evidence"))
            self._last = self._figure("last", visit.href("/evidence"))

    def _figure(self, key: str, href: str) -> tuple[Mark, Tag, Tag]:
        with Tag("div"):
            Tag("dt", "", self._visit.say(f"overview.{key}"))
            with Tag("dd"), link("", href, "figure"):
                return Mark(), Tag("span", "fades"), Tag("span", "aside")

    def show(self, state: Overview) -> None:
        say, clock = self._visit.say, self._visit.clock
        _fill(self._rooms, "good", say("overview.rooms_value", good=state.rooms_in_limits, all=state.rooms_with_limits))
        if state.rooms_without_limits:
            self._rooms[2].set_text(say("overview.unmonitored", n=state.rooms_without_limits))
        _fill(self._alarms, _worst(state), str(state.alarms_active))
        lost = state.tags_without_reading
        _fill(self._faults, "data" if lost else "good", str(lost))
        complete = state.complete_to
        _fill(self._complete, "good", say("overview.incomplete") if complete is None else clock.stamp(complete))
        if state.last_data is None:
            _fill(self._last, "data", say("head.never"))
        else:
            _fill(self._last, "good", clock.stamp(state.last_data))
            self._last[2].set_text(age(state.now - state.last_data, say))


def _fill(figure: tuple[Mark, Tag, Tag], tone: str, text: str) -> None:
    figure[0].show(tone, "")
    figure[1].set_text(text)


class _Limits:
    """Every limit with its value and how far the two are apart."""

    def __init__(self, visit: Visit) -> None:
        columns = [visit.say(f"overview.{name}") for name in ("where", "value", "limit", "margin", "state")]
        table = Table(visit.say("overview.limits"), *columns)
        with table.body:
            limits = [(d.tag, d.bound) for d in visit.desk.site.differentials if d.bound]
            self._rows = [_LimitRow(visit, table, tag, limit) for tag, limit in limits]

    def show(self, state: Overview) -> None:
        for row, flow in zip(self._rows, state.limits, strict=True):
            row.show(flow.reading, state.now)


class _LimitRow:
    """One limit."""

    def __init__(self, visit: Visit, table: Table, tag: str, limit: Limit) -> None:
        self._visit, self._limit = visit, limit
        line = table.line()
        with line.cell():
            link(visit.name(tag), visit.trend(tag))
        with line.cell():
            self._value = Value()
        with line.cell():
            Tag("span", "", limit_text(limit, visit.say))
        with line.cell("margin"):
            self._bar = Tag("span", "bar fades", aria_hidden="true")
            self._margin = Tag("span", "fades")
        with line.cell("why"):
            self._why = Tag("span")

    def show(self, reading: Reading, now: int) -> None:
        say = self._visit.say
        reason = why_text(reading, say, self._visit.clock, now)
        self._value.show(reading, value_text(reading, say), say, reason)
        self._why.set_text(reason or say(f"status.{reading.status}"))
        margin = reading.margin
        self._bar.set(style=f"--share:{0 if margin is None else share(margin, self._limit):.2f}")
        key = "overview.margin_text" if margin is None or margin >= 0 else "overview.margin_beyond"
        self._margin.set_text("" if margin is None else say(key, value=quantity(abs(margin), reading.unit)))


def share(margin: float, limit: Limit) -> float:
    """How far a value is inside its limit, 0 to 1: full when it is away from it by as much as the limit itself."""
    bound = limit.high if limit.low is None else limit.low
    return min(1.0, max(0.0, margin) / (abs(bound or 0.0) or 1.0))
