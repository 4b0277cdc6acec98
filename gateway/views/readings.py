"""What may be said of a tag at this moment. Pure.

A value is shown as good only if its status is Good, its source was heard of within 15 s and no open gap speaks of it.
In every other case there is no value, only a reason and its age: nobody has to guess whether the room or the wire is
at fault, and an old number is never mistaken for a new one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from gateway.archive.latest import Latest
from gateway.archive.lives import AlarmLife
from gateway.cleanroom.levels import Levels, Limit
from gateway.intake.live import Live
from gateway.views.alarms import Tone, alarm_tone
from gateway.views.sources import Contact, contact, open_gap
from schemas.records import AlarmKind
from schemas.status import Reason, severity

NO_LEVELS = Levels()
WORST: tuple[Tone, ...] = ("action", "alert", "data")


class Status(StrEnum):
    """How good a reading is, the worst that applies; the words are those of `status.*`."""

    GOOD = "GOOD"
    ACTION = "ACTION"
    ALERT = "ALERT"
    UNCERTAIN = "UNCERTAIN"
    NO_READING = "NO_READING"
    DELAYED = "DELAYED"
    HELD = "HELD"
    STALE = "STALE"
    NOT_LIVE = "NOT_LIVE"

    @property
    def trusted(self) -> bool:
        """Whether the reading has a value that counts as now."""
        return self in {Status.GOOD, Status.ACTION, Status.ALERT, Status.DELAYED, Status.HELD}


class Why(StrEnum):
    """What makes a reading not good; the words are those of `why.*`."""

    NEVER = "never"
    SILENT = "silent"
    AHEAD = "ahead"
    GAP = "gap"
    STATUS = "status"
    DELAY = "delay"
    HELD = "held"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Reading:
    """A tag at this moment. `value` is None unless the status is trusted; times are UTC microseconds.

    `since` is when the state began that `why` names; `code` and `reason` are the sample's OPC UA status and the
    gateway's reason, or the cause of the gap. `alarm` is the worst active alarm of the tag with its `tone`, also while
    its value is lost. `levels` are those of a tag that has no single `limit`.
    """

    tag: str
    status: Status
    value: float | None = None
    text: str | None = None
    """A trusted value that is no number, such as a machine's state."""
    unit: str = ""
    limit: Limit | None = None
    why: Why | None = None
    since: int | None = None
    source: str | None = None
    code: int | None = None
    reason: str | None = None
    time: int | None = None
    alarm: UUID | None = None
    tone: Tone | None = None
    acknowledged: bool = False
    levels: Levels = NO_LEVELS

    @property
    def monitored(self) -> bool:
        """Whether some level or alarm stands on it."""
        return self.limit is not None or bool(self.levels.all) or self.alarm is not None

    @property
    def margin(self) -> float | None:
        """How far the value is inside its limit, in `unit`; negative beyond it, None without value or limit."""
        if self.value is None or self.limit is None:
            return None
        if self.limit.low is not None:
            return self.value - self.limit.low
        return None if self.limit.high is None else self.limit.high - self.value


def reading(tag: str, limit: Limit | None, live: Live, now: int, levels: Levels | None = None) -> Reading:
    """The tag as it stands at `now` (UTC microseconds)."""
    life = active_alarm(tag, live)
    blank = Reading(tag, Status.NO_READING, limit=limit, why=Why.NEVER, levels=levels or NO_LEVELS)
    if life is not None:
        blank = replace(blank, alarm=life.last.alarm, tone=_tone(life), acknowledged=life.acknowledged is not None)
    latest = live.readings.get(tag)
    if latest is None:
        return blank
    known = replace(
        blank, unit=latest.unit, source=latest.source, code=latest.status, reason=latest.reason,
        time=latest.received if latest.source_time is None else latest.source_time,
    )  # fmt: skip
    fault = _fault(latest, known, live, now)
    if fault is not None:
        return fault
    silence = next((one for one in _active(tag, live) if one.last.kind is AlarmKind.STALE), None)
    if silence is not None:  # past its maximum silence a value is none
        return replace(known, status=Status.STALE, why=Why.ALARM, since=silence.last.since)
    good = replace(known, status=Status.GOOD, why=None, value=latest.value, text=latest.other)
    return _against_limit(good, life, held=_held(tag, limit, live))


def _fault(latest: Latest, known: Reading, live: Live, now: int) -> Reading | None:
    """Why the value cannot be shown, if so: a gap, then the source, then the sample's own status."""
    gap = open_gap(latest.source, latest.tag, live)
    if gap is not None:
        return replace(known, status=Status.NOT_LIVE, why=Why.GAP, since=gap.began, reason=gap.cause.value)
    state = contact(latest.source, live, now)
    if state is not Contact.LIVE:
        why = Why.AHEAD if state is Contact.AHEAD else Why.SILENT
        return replace(known, status=Status.NOT_LIVE, why=why, since=live.contacts.get(latest.source))
    if severity(latest.status) != "Good" or (latest.value is None and latest.other is None):
        return replace(known, status=_untrusted(latest), why=Why.STATUS, since=latest.received)
    return None


def active_alarm(tag: str, live: Live) -> AlarmLife | None:
    """The alarm whose limit is broken on this tag, as the line said; of several the worst."""
    return min(_active(tag, live), key=lambda life: WORST.index(_tone(life)), default=None)


def _active(tag: str, live: Live) -> list[AlarmLife]:
    return [life for life in live.alarms.values() if life.last.tag == tag and life.active]


def _held(tag: str, limit: Limit | None, live: Live) -> bool:
    """Whether the alarm of this very limit is put aside; that of another one says nothing of it."""
    return limit is not None and any(
        one.tag == tag and one.limit == limit.number and alarm_tone(one.kind, one.priority) == "action"
        for one in live.held.values()
    )


def _tone(life: AlarmLife) -> Tone:
    return alarm_tone(life.last.kind, life.last.priority)


def _untrusted(latest: Latest) -> Status:
    if latest.reason == Reason.STALE.name:
        return Status.STALE
    return Status.UNCERTAIN if severity(latest.status) == "Uncertain" else Status.NO_READING


def _against_limit(found: Reading, life: AlarmLife | None, *, held: bool) -> Reading:
    """The line's engine decides on alarms; a value beyond its limit is not fine while the alarm is still delayed."""
    if life is not None:
        status = Status.ACTION if found.tone == "action" else Status.ALERT
        return replace(found, status=status, why=Why.ALARM, since=life.last.since)
    if found.margin is not None and found.margin < 0:
        status, why = (Status.HELD, Why.HELD) if held else (Status.DELAYED, Why.DELAY)
        return replace(found, status=status, why=why, since=found.time)
    return found
