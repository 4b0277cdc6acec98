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
from gateway.cleanroom.levels import Limit
from gateway.console.views.sources import Contact, contact, open_gap
from gateway.intake.live import Live
from schemas.status import Reason, severity


class Status(StrEnum):
    """How good a reading is, the worst that applies; the words are those of `status.*`."""

    GOOD = "GOOD"
    ACTION = "ACTION"
    ALERT = "ALERT"
    UNCERTAIN = "UNCERTAIN"
    NO_READING = "NO_READING"
    STALE = "STALE"
    NOT_LIVE = "NOT_LIVE"

    @property
    def trusted(self) -> bool:
        """Whether the reading has a value that counts as now."""
        return self in {Status.GOOD, Status.ACTION, Status.ALERT}


class Why(StrEnum):
    """What makes a reading not good; the words are those of `why.*`."""

    NEVER = "never"
    SILENT = "silent"
    AHEAD = "ahead"
    GAP = "gap"
    STATUS = "status"
    DELAY = "delay"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Reading:
    """A tag at this moment. `value` is None unless the status is trusted; times are UTC microseconds.

    `since` is when the state began that `why` names; `code` and `reason` are the sample's OPC UA status and the
    gateway's reason, or the cause of the gap. `alarm` is the active alarm of the tag, also while its value is lost.
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
    acknowledged: bool = False

    @property
    def margin(self) -> float | None:
        """How far the value is inside its limit, in `unit`; negative beyond it, None without value or limit."""
        if self.value is None or self.limit is None:
            return None
        if self.limit.low is not None:
            return self.value - self.limit.low
        return None if self.limit.high is None else self.limit.high - self.value


def reading(tag: str, limit: Limit | None, live: Live, now: int) -> Reading:
    """The tag as it stands at `now` (UTC microseconds)."""
    life = active_alarm(tag, live)
    blank = Reading(tag, Status.NO_READING, limit=limit, why=Why.NEVER)
    if life is not None:
        blank = replace(blank, alarm=life.last.alarm, acknowledged=life.acknowledged is not None)
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
    return _against_limit(replace(known, status=Status.GOOD, why=None, value=latest.value, text=latest.other), life)


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
    """The alarm whose limit is broken on this tag, as the line said."""
    return next((life for life in live.alarms.values() if life.last.tag == tag and life.active), None)


def _untrusted(latest: Latest) -> Status:
    if latest.reason == Reason.STALE.name:
        return Status.STALE
    return Status.UNCERTAIN if severity(latest.status) == "Uncertain" else Status.NO_READING


def _against_limit(found: Reading, life: AlarmLife | None) -> Reading:
    """The line's engine decides on alarms; a value beyond its limit is not fine while the alarm is still delayed."""
    if life is not None:
        return replace(found, status=Status.ACTION, why=Why.ALARM, since=life.last.since)
    if found.margin is not None and found.margin < 0:
        return replace(found, status=Status.ALERT, why=Why.DELAY, since=found.time)
    return found
