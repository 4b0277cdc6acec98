"""Every cell of the life cycle, as the engine runs it."""

from pathlib import Path

import pytest

import gateway.alarm
from gateway.alarm.condition import Condition
from gateway.alarm.engine import CommandRefusedError
from gateway.alarm.states import COMMANDS, ENDED_BY, LETTERS, TRANSITIONS, active, diagram, table
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmState
from tests.gateway.alarm.support import Line, line

E, S = AlarmEvent, AlarmState
README = Path(gateway.alarm.__file__).parent / "README.md"
LATCHED = {S.LATCHED_UNACKNOWLEDGED, S.LATCHED_ACKNOWLEDGED}
ROWS = [
    (state, latched)
    for state in LETTERS
    for latched in (False, True)
    if not (latched and state is S.RETURNED_UNACKNOWLEDGED) and not (state in LATCHED and not latched)
]
EVENTS = [event for event in AlarmEvent if event is not E.UNKNOWN]


def watched(*, latched: bool) -> Line:
    """A condition that a room's state suppresses, with the room in use."""
    low = Condition(
        tag="dp", kind=AlarmKind.LOW, limit=10.0, unit="Pa", on_delay=10.0, latched=latched, state_tag="room",
        suppressed_in=frozenset({"out-of-use"}),
    )  # fmt: skip
    one = line(low)
    one.say(0, dp=12.0, room="in-operation")
    return one


def in_state(state: AlarmState, *, latched: bool) -> Line:
    """At second 100, with the value within its limit where the state lets it be."""
    one = watched(latched=latched)
    if active(state) or state in {S.RETURNED_UNACKNOWLEDGED, *LATCHED}:
        one.say(1, dp=5.0)
        one.tick(20)
    match state:
        case S.ACKNOWLEDGED | S.LATCHED_ACKNOWLEDGED:
            one.do(30, E.ACKNOWLEDGED, "dp.LOW")
        case S.SHELVED:
            one.do(30, E.SHELVED, "dp.LOW", until=5000)
        case S.SUPPRESSED:
            one.say(30, room="out-of-use")
        case S.OUT_OF_SERVICE:
            one.do(30, E.REMOVED_FROM_SERVICE, "dp.LOW")
    if state in {S.RETURNED_UNACKNOWLEDGED, *LATCHED}:
        one.say(40, dp=12.0)
    assert (one.steps[-1].state if one.steps else S.NORMAL) is state
    return one


def happens(one: Line, event: AlarmEvent) -> list[Alarm]:
    """Do all that can make the event happen."""
    match event:
        case E.RAISED:
            return [*one.say(100, dp=5.0), *one.tick(120)]
        case E.PASSED:
            return [*one.say(100, dp=5.0), *one.say(102, dp=12.0)]
        case E.RETURNED | E.LATCHED:
            return one.say(100, dp=12.0)
        case E.SUPPRESSED:
            return one.say(100, room="out-of-use")
        case E.UNSUPPRESSED:
            return one.say(100, room="at-rest")
        case _:
            return [one.do(100, event, "dp.LOW", until=200)]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(("state", "latched"), ROWS)
def test_every_cell_of_the_table(state: AlarmState, latched: bool, event: AlarmEvent) -> None:
    """What stands in the table happens, and leads where it says; what does not stand there does not happen."""
    one = in_state(state, latched=latched)
    possible = (state, event) in TRANSITIONS
    if active(state) and event in {E.RETURNED, E.LATCHED}:
        possible = (event is E.LATCHED) == latched
    if event in COMMANDS and not possible:
        with pytest.raises(CommandRefusedError, match=r"no alarm of condition 'dp.LOW'"):
            happens(one, event)
        return
    steps = [step for step in happens(one, event) if step.event is event]
    assert len(steps) == possible
    assert all(step.state is TRANSITIONS[state, event] for step in steps)


def test_all_states_but_the_unknown_one_stand_in_the_table() -> None:
    """Each can be reached, and left."""
    assert set(LETTERS) == set(S) - {S.UNKNOWN} == {here for here, _ in TRANSITIONS} == set(TRANSITIONS.values())
    assert {event for _, event in TRANSITIONS} == set(EVENTS)


def test_what_nobody_acknowledged_is_not_suppressed_by_design() -> None:
    """It waits: the room goes out of use, but only after the acknowledgement the alarm is suppressed."""
    one = in_state(S.UNACKNOWLEDGED, latched=False)
    assert one.say(100, room="out-of-use") == []
    one.do(110, E.ACKNOWLEDGED, "dp.LOW")
    assert [step.event for step in one.tick(110.1)] == [E.SUPPRESSED]


def test_nothing_is_raised_in_the_states_that_hold() -> None:
    """Shelved, suppressed by design, out of service."""
    holding = {here for here, _ in TRANSITIONS if (here, E.RAISED) not in TRANSITIONS and not active(here)}
    assert set(ENDED_BY) == holding


def test_the_readme_shows_the_table_that_runs() -> None:
    """Table and diagram are made from it."""
    text = README.read_text()
    assert table() in text
    assert diagram() in text
