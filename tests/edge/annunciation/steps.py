"""Alarms as the engine gives them, in short."""

from typing import Any
from uuid import UUID, uuid4

from gateway.alarm.instant import Instant
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState

STATES = {
    AlarmState.UNACKNOWLEDGED: AlarmEvent.RAISED, AlarmState.ACKNOWLEDGED: AlarmEvent.ACKNOWLEDGED,
    AlarmState.RETURNED_UNACKNOWLEDGED: AlarmEvent.RETURNED, AlarmState.SHELVED: AlarmEvent.SHELVED,
    AlarmState.LATCHED_UNACKNOWLEDGED: AlarmEvent.LATCHED, AlarmState.SUPPRESSED: AlarmEvent.SUPPRESSED,
    AlarmState.OUT_OF_SERVICE: AlarmEvent.REMOVED_FROM_SERVICE,
    AlarmState.LATCHED_ACKNOWLEDGED: AlarmEvent.ACKNOWLEDGED,
}  # fmt: skip
"""The event that leads there."""


def at(seconds: float) -> Instant:
    """So long after the beginning."""
    return Instant(round(seconds * 1e6), 1000.0 + seconds)


def alarm(
    state: AlarmState = AlarmState.UNACKNOWLEDGED, *, time: float = 0.0, id_: UUID | None = None, **more: Any
) -> Alarm:
    """The latest step, raised at 0 s."""
    given: dict[str, Any] = {
        "condition": "M1.DP.C1.LOW", "tag": "M1.DP.C1", "since": 0, "limit": 10.0, "deadband": 0.0, "on_delay": 0.0,
        "unit": "Pa", "kind": AlarmKind.LOW, "priority": AlarmPriority.ACTION, "value": 3.0, "room": "M1",
    }  # fmt: skip
    return Alarm(alarm=id_ or uuid4(), event=STATES[state], state=state, time=round(time * 1e6), **given | more)
