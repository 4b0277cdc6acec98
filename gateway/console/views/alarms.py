"""Alarms as rows of a list. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from gateway.archive.lives import AlarmLife
from schemas.records import AlarmState


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm. Times are UTC microseconds, `duration` microseconds, numbers in `unit`; `low` the limit's side.

    `value` is the one of the latest step, `extreme` the farthest beyond the limit.
    """

    alarm: UUID
    condition: str
    tag: str
    room: str | None
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


def alarm_row(life: AlarmLife, now: int) -> AlarmRow:
    """The alarm as it stands at `now`."""
    last, acknowledged = life.last, life.acknowledged
    return AlarmRow(
        alarm=last.alarm, condition=last.condition, tag=last.tag, room=last.room, state=last.state, open=life.open,
        active=life.active, low=_is_low(last.condition, last.tag), limit=last.limit, deadband=last.deadband,
        on_delay=last.on_delay, unit=last.unit, value=last.value, extreme=last.extreme, raised=life.raised,
        since=last.since, returned=life.returned, duration=life.duration(now),
        acknowledged=acknowledged.time if acknowledged else None,
        acknowledged_by=acknowledged.actor if acknowledged else None,
        comment=acknowledged.comment if acknowledged else None,
    )  # fmt: skip


def alarm_rows(lives: Iterable[AlarmLife], now: int) -> list[AlarmRow]:
    """Active ones first, then those not acknowledged, then the others; within each the newest first."""
    rows = (alarm_row(life, now) for life in lives)
    return sorted(rows, key=lambda row: (not row.active, not row.open, -row.since))


def _is_low(condition: str, tag: str) -> bool:
    """Named after the tag: LOW, LOW_LOW, LOW.ALERT."""
    return condition.removeprefix(tag).startswith(".LOW")
