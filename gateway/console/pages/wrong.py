"""What is wrong now, as rows."""

from gateway.console.leading import lead
from gateway.console.parts import Mark, Tag
from gateway.console.record_chip import ReadingLink
from gateway.console.views.display import age
from gateway.console.views.overview import Fault, Wrong
from gateway.console.views.paths import trend_path
from gateway.console.views.sources import Contact
from gateway.console.views.texts import alarm_number, alarm_title, beyond_text, limit_of, value_text, why_text
from gateway.console.visit import Visit


class WrongRow:
    """One thing that is wrong: mark, what, value, since, how long, and the page that shows it."""

    def __init__(self, visit: Visit, wrong: Wrong) -> None:
        self._visit = visit
        with Tag("li") as self.root:
            self._mark = Mark()
            self._what = lead(visit, _path(wrong), "", "what")
            self._value = Tag("span", "detail fades")
            self._since = Tag("span", "since")
            self._age = Tag("span", "age fades")
            self._record = ReadingLink(visit)

    def show(self, wrong: Wrong) -> None:
        """As it stands now."""
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
        reading = wrong.reading
        self._record.show("" if reading is None else reading.tag, None if reading is None else reading.time)


def _tone(wrong: Wrong, visit: Visit) -> tuple[str, str, bool]:
    if wrong.alarm is not None:
        return wrong.alarm.tone, visit.say(f"alarms.states.{wrong.alarm.state}"), wrong.alarm.acknowledged is not None
    if wrong.fault is Fault.BEYOND:
        return "alert", visit.say("status.DELAYED"), False
    return "data", "", False


def _path(wrong: Wrong) -> str:
    if wrong.alarm is not None:
        return f"/alarms/{wrong.alarm.alarm}"
    if wrong.reading is not None:
        return trend_path(wrong.reading.tag)
    return "/rooms" if wrong.fault is Fault.NEVER else "/evidence"


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
