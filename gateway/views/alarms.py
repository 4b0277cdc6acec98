"""Alarms as rows of a list. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from gateway.archive.lives import AlarmLife
from schemas.records import Alarm, AlarmKind, AlarmMeaning, AlarmPriority, AlarmState

K = AlarmKind
NUMBERS = {K.LOW, K.HIGH, K.LOW_LOW, K.HIGH_HIGH, K.REVERSED}
"""Kinds whose limit is one of the value."""
DATA = {K.STALE, K.FLAT_LINE, K.OUT_OF_RANGE, K.BAD_STATUS, K.CALIBRATION_OVERDUE}
"""Kinds where the wire is at fault, or the instrument, and not the room."""
LOW = {K.LOW, K.LOW_LOW}
Tone = Literal["action", "alert", "data"]


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm. Times are UTC microseconds, `duration` microseconds, numbers in `unit`; `low` the limit's side.

    `value` is the one of the latest step, `extreme` the farthest beyond the limit, `batch` the first in the room while
    the limit was broken, `profile` the limits and their version; `meaning` is what the acknowledging name stands for.
    """

    alarm: UUID
    condition: str
    tag: str
    room: str | None
    kind: AlarmKind
    priority: AlarmPriority
    state: AlarmState
    open: bool
    active: bool
    low: bool
    limit: float
    deadband: float
    on_delay: float
    unit: str
    value: float | None
    extreme: float | None
    raised: int
    since: int
    returned: int | None
    duration: int
    acknowledged: int | None
    acknowledged_by: str | None
    comment: str | None
    meaning: AlarmMeaning | None = None
    profile: str | None = None
    room_state: str | None = None
    batch: str | None = None
    retrospective: bool = False
    group: str | None = None
    first_out: bool | None = None
    head: UUID | None = None

    @property
    def tone(self) -> Tone:
        """Which shape and colour it has."""
        return alarm_tone(self.kind, self.priority)

    @property
    def numeric(self) -> bool:
        """Whether its limit is one of the value, and not of a time or a count."""
        return self.kind in NUMBERS and self.unit != "1"


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A condition that raises no alarm for now: shelved, suppressed by design or out of service.

    Times are UTC microseconds; `until` is None where it has no end of its own. `why` is who did it and the reason
    given, or the state of the room.
    """

    alarm: UUID
    condition: str
    tag: str
    room: str | None
    kind: AlarmKind
    priority: AlarmPriority
    unit: str
    state: AlarmState
    time: int
    until: int | None
    why: str | None


def alarm_row(life: AlarmLife, now: int) -> AlarmRow:
    """The alarm as it stands at `now`."""
    last, acknowledged = life.last, life.acknowledged
    return AlarmRow(
        alarm=last.alarm, condition=last.condition, tag=last.tag, room=last.room, kind=_kind(last),
        priority=last.priority, state=last.state, open=life.open, active=life.active, low=is_low(last),
        limit=last.limit, deadband=last.deadband, on_delay=last.on_delay, unit=last.unit, value=last.value,
        extreme=last.extreme, raised=life.raised, since=last.since, returned=life.returned,
        duration=life.duration(now), acknowledged=acknowledged.time if acknowledged else None,
        acknowledged_by=acknowledged.actor if acknowledged else None,
        comment=acknowledged.comment if acknowledged else None,
        meaning=acknowledged.meaning if acknowledged else None, profile=last.profile, room_state=last.room_state,
        batch=life.batch, retrospective=last.retrospective, group=last.group, first_out=last.first_out, head=last.head,
    )  # fmt: skip


def alarm_rows(lives: Iterable[AlarmLife], now: int) -> list[AlarmRow]:
    """Active ones first, then those not acknowledged, then the others; actions before alerts, the newest first."""
    rows = (alarm_row(life, now) for life in lives)
    return sorted(rows, key=lambda row: (not row.active, not row.open, row.open and row.tone != "action", -row.since))


def beneath(rows: Iterable[AlarmRow]) -> list[tuple[AlarmRow, bool]]:
    """The rows, those that follow from another one of the list beneath it; whether each does."""
    every = list(rows)
    known = {row.alarm for row in every}
    follow = {row.alarm for row in every if row.head in known and row.head != row.alarm}
    ordered = list[tuple[AlarmRow, bool]]()
    for row in every:
        if row.alarm not in follow:
            ordered.append((row, False))
            ordered += [(one, True) for one in every if one.alarm in follow and one.head == row.alarm]
    told = {row.alarm for row, _ in ordered}
    return ordered + [(row, True) for row in every if row.alarm not in told]


def held_rows(steps: Iterable[Alarm]) -> list[HeldRow]:
    """Shelved, suppressed by design and out of service, in this order, then by condition."""
    order = (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)
    rows = [
        HeldRow(
            one.alarm, one.condition, one.tag, one.room, _kind(one), one.priority, one.unit, one.state, one.time,
            one.until, one.held,
        )
        for one in steps
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (order.index(row.state), row.condition))


def alarm_tone(kind: AlarmKind, priority: AlarmPriority) -> Tone:
    """`data` where the wire or the instrument is at fault; else by priority, and what tells none is an action."""
    if kind in DATA:
        return "data"
    return "alert" if priority is AlarmPriority.ALERT else "action"


def is_low(alarm: Alarm) -> bool:
    """Whether its limit is a low one; that of a reversed flow is below 0 where air is to flow out."""
    if alarm.kind is K.REVERSED:
        return (alarm.limit or alarm.extreme or alarm.value or 0.0) <= 0
    return _kind(alarm) in LOW


def _kind(alarm: Alarm) -> AlarmKind:
    """What is watched; records that do not tell are named after the tag: LOW, LOW_LOW, LOW.ALERT."""
    if alarm.kind is not AlarmKind.UNKNOWN:
        return alarm.kind
    return AlarmKind.LOW if alarm.condition.removeprefix(alarm.tag).startswith(".LOW") else AlarmKind.HIGH
