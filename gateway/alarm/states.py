"""The life cycle of an alarm, as a table (ANSI/ISA-18.2-2016, figure 3, states A to I; OPC 10000-9, 5.5 to 5.8).

State × event → state. What does not stand here cannot happen. `README.md` shows the table, made by `table`.

- What nobody acknowledged is not suppressed by design: SUPPRESSED waits for the acknowledgement. A person who shelves
  an alarm, or takes it out of service, gives name and reason, and so answers it.
- Shelving, suppression and lack of service end in NORMAL. A breach that lasts on is then raised as a new alarm.
- PASSED changes nothing: a breach that made no alarm is told with its peak and duration.
"""

from collections.abc import Mapping

from schemas.records import AlarmEvent as Event
from schemas.records import AlarmMeaning as Meaning
from schemas.records import AlarmState as State

LETTERS: Mapping[State, str] = {
    State.NORMAL: "A", State.UNACKNOWLEDGED: "B", State.ACKNOWLEDGED: "C", State.RETURNED_UNACKNOWLEDGED: "D",
    State.LATCHED_UNACKNOWLEDGED: "E", State.LATCHED_ACKNOWLEDGED: "F", State.SHELVED: "G", State.SUPPRESSED: "H",
    State.OUT_OF_SERVICE: "I",
}  # fmt: skip
"""The states, with their letters in the standard."""

TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.NORMAL, Event.RAISED): State.UNACKNOWLEDGED,
    (State.NORMAL, Event.PASSED): State.NORMAL,
    (State.NORMAL, Event.SHELVED): State.SHELVED,
    (State.NORMAL, Event.SUPPRESSED): State.SUPPRESSED,
    (State.NORMAL, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.UNACKNOWLEDGED, Event.ACKNOWLEDGED): State.ACKNOWLEDGED,
    (State.UNACKNOWLEDGED, Event.RETURNED): State.RETURNED_UNACKNOWLEDGED,
    (State.UNACKNOWLEDGED, Event.LATCHED): State.LATCHED_UNACKNOWLEDGED,
    (State.UNACKNOWLEDGED, Event.SHELVED): State.SHELVED,
    (State.UNACKNOWLEDGED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.ACKNOWLEDGED, Event.RETURNED): State.NORMAL,
    (State.ACKNOWLEDGED, Event.LATCHED): State.LATCHED_ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.SHELVED): State.SHELVED,
    (State.ACKNOWLEDGED, Event.SUPPRESSED): State.SUPPRESSED,
    (State.ACKNOWLEDGED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.RETURNED_UNACKNOWLEDGED, Event.ACKNOWLEDGED): State.NORMAL,
    (State.RETURNED_UNACKNOWLEDGED, Event.RAISED): State.UNACKNOWLEDGED,
    (State.RETURNED_UNACKNOWLEDGED, Event.PASSED): State.RETURNED_UNACKNOWLEDGED,
    (State.RETURNED_UNACKNOWLEDGED, Event.SHELVED): State.SHELVED,
    (State.RETURNED_UNACKNOWLEDGED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.LATCHED_UNACKNOWLEDGED, Event.ACKNOWLEDGED): State.LATCHED_ACKNOWLEDGED,
    (State.LATCHED_UNACKNOWLEDGED, Event.RAISED): State.UNACKNOWLEDGED,
    (State.LATCHED_UNACKNOWLEDGED, Event.PASSED): State.LATCHED_UNACKNOWLEDGED,
    (State.LATCHED_UNACKNOWLEDGED, Event.SHELVED): State.SHELVED,
    (State.LATCHED_UNACKNOWLEDGED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.LATCHED_ACKNOWLEDGED, Event.RESET): State.NORMAL,
    (State.LATCHED_ACKNOWLEDGED, Event.RAISED): State.UNACKNOWLEDGED,
    (State.LATCHED_ACKNOWLEDGED, Event.PASSED): State.LATCHED_ACKNOWLEDGED,
    (State.LATCHED_ACKNOWLEDGED, Event.SHELVED): State.SHELVED,
    (State.LATCHED_ACKNOWLEDGED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.SHELVED, Event.UNSHELVED): State.NORMAL,
    (State.SHELVED, Event.PASSED): State.SHELVED,
    (State.SHELVED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.SUPPRESSED, Event.UNSUPPRESSED): State.NORMAL,
    (State.SUPPRESSED, Event.PASSED): State.SUPPRESSED,
    (State.SUPPRESSED, Event.REMOVED_FROM_SERVICE): State.OUT_OF_SERVICE,
    (State.OUT_OF_SERVICE, Event.RETURNED_TO_SERVICE): State.NORMAL,
    (State.OUT_OF_SERVICE, Event.PASSED): State.OUT_OF_SERVICE,
}

COMMANDS: Mapping[Event, str] = {
    Event.ACKNOWLEDGED: "waits for an acknowledgement",
    Event.RESET: "is latched, back and acknowledged",
    Event.SHELVED: "can be shelved",
    Event.UNSHELVED: "is shelved",
    Event.REMOVED_FROM_SERVICE: "is in service",
    Event.RETURNED_TO_SERVICE: "is out of service",
}
"""What a person does, and what an alarm must be for it."""

SIGNED: Mapping[Event, Meaning] = {
    Event.ACKNOWLEDGED: Meaning.RESPONSIBILITY,
    Event.RESET: Meaning.REVIEW,
    Event.SHELVED: Meaning.APPROVAL,
    Event.UNSHELVED: Meaning.REVIEW,
    Event.REMOVED_FROM_SERVICE: Meaning.APPROVAL,
    Event.RETURNED_TO_SERVICE: Meaning.REVIEW,
}
"""What the name of the person stands for in each (21 CFR 11.50(a)(3))."""

ENDED_BY: Mapping[State, Event] = {
    State.SHELVED: Event.UNSHELVED,
    State.SUPPRESSED: Event.UNSUPPRESSED,
    State.OUT_OF_SERVICE: Event.RETURNED_TO_SERVICE,
}
"""The states in which nothing is raised, and the event that ends each."""


def active(state: State) -> bool:
    """Whether the limit is broken in this state."""
    return (state, Event.RETURNED) in TRANSITIONS


def table() -> str:
    """The transitions as a table in Markdown: a row for each state, a column for each event."""
    events = [event for event in Event if event is not Event.UNKNOWN]
    heads = ["state", *(event.value for event in events)]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for state, letter in LETTERS.items():
        cells = [LETTERS.get(TRANSITIONS.get((state, event), State.UNKNOWN), "") for event in events]
        lines.append(_line([f"{letter} {state.value}", *cells]))
    return "\n".join(lines)


def diagram() -> str:
    """The same as a Mermaid state diagram; arrows that lead back to their state are left out."""
    arrows = [
        f"    {here.value} --> {there.value}: {event.value}"
        for (here, event), there in TRANSITIONS.items()
        if here is not there
    ]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.NORMAL.value}", *arrows])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
