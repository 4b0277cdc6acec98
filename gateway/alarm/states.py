"""The life cycle of an alarm, as a table (ANSI/ISA-18.2-2016, figure 3, states A to D; OPC 10000-9, 5.5).

State × event → state. What does not stand here cannot happen. Shelved, suppressed and out of service follow later.
"""

from collections.abc import Mapping

from schemas.records import AlarmEvent, AlarmState

TRANSITIONS: Mapping[tuple[AlarmState, AlarmEvent], AlarmState] = {
    (AlarmState.NORMAL, AlarmEvent.RAISED): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmEvent.ACKNOWLEDGED): AlarmState.ACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmEvent.RETURNED): AlarmState.RETURNED_UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, AlarmEvent.RETURNED): AlarmState.NORMAL,
    (AlarmState.RETURNED_UNACKNOWLEDGED, AlarmEvent.ACKNOWLEDGED): AlarmState.NORMAL,
    (AlarmState.RETURNED_UNACKNOWLEDGED, AlarmEvent.RAISED): AlarmState.UNACKNOWLEDGED,
}


def active(state: AlarmState) -> bool:
    """Whether the limit is broken in this state."""
    return (state, AlarmEvent.RETURNED) in TRANSITIONS
