"""Doors: what may last longer, and what may not."""

import pytest

from gateway.alarm.condition import Condition, DoorDelay
from schemas.records import AlarmEvent, AlarmKind
from tests.gateway.alarm.support import Line, line, told, wall

DOORS = DoorDelay(tags=("door", "hatch"), delay=30.0, cap=75.0)
DP = Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, deadband=0.5, on_delay=10.0, unit="Pa", doors=DOORS)
RAISED, PASSED = AlarmEvent.RAISED, AlarmEvent.PASSED


@pytest.fixture
def room() -> Line:
    one = line(DP)
    one.say(0, dp=12.0, door=False, hatch=0.0)
    return one


def events(one: Line) -> list[AlarmEvent]:
    return [event for _, event in told(one.steps)]


def run(one: Line, begin: float, end: float) -> None:
    """Ticks as the agent gives them."""
    for tenth in range(round(begin * 10), round(end * 10)):
        one.tick(tenth / 10)


def test_a_door_that_is_open_for_20_s_is_no_alarm(room: Line) -> None:
    """The pressure comes back some seconds after the door is closed; peak and duration are kept."""
    room.say(100, door=True)
    room.say(101, dp=2.0)
    run(room, 101, 120)
    room.say(120, door=False)
    run(room, 120, 125)
    room.say(125, dp=11.0)
    (passed,) = room.steps
    assert (passed.event, passed.extreme, passed.duration) == (PASSED, 2.0, 24.0)
    assert passed.on_delay == 29.0  # until ten seconds after the door was closed


def test_a_door_that_is_open_for_90_s_is_an_alarm(room: Line) -> None:
    """Once it has been open for as long as it may be."""
    room.say(100, door=True)
    room.say(101, dp=2.0)
    run(room, 101, 190)
    (raised,) = room.steps
    assert (raised.event, raised.since, raised.time, raised.on_delay) == (RAISED, wall(101), wall(130), 29.0)


def test_the_longer_delay_ends_when_the_door_is_closed(room: Line) -> None:
    """A pressure that stays away with the doors closed is an alarm after the plain delay from there."""
    room.say(100, door=True)
    room.say(101, dp=2.0)
    room.say(105, door=False)
    run(room, 105, 116)
    assert [(step.event, step.time) for step in room.steps] == [(RAISED, wall(115))]


def test_a_wedged_door_is_an_alarm_after_the_plain_delay(room: Line) -> None:
    """Its time is long over when the pressure falls."""
    room.say(100, door=True)
    run(room, 100, 500)
    room.say(500, dp=2.0)
    run(room, 500, 511)
    assert [(step.event, step.time) for step in room.steps] == [(RAISED, wall(510))]


def test_doors_that_are_opened_again_and_again_excuse_no_more_than_the_cap(room: Line) -> None:
    """However many there are."""
    room.say(100, dp=2.0)
    for second in range(105, 200, 20):
        room.say(second, door=True)
        run(room, second, second + 8)
        room.say(second + 8, door=False, hatch=1.0)
        run(room, second + 8, second + 20)
        room.say(second + 20, hatch=0.0)
    assert [(step.event, step.time) for step in room.steps] == [(RAISED, wall(175))]


def test_a_door_of_which_nobody_knows_excuses_nothing(room: Line) -> None:
    """Its contact is Bad from the tenth second on."""
    room.say(100, door=True)
    room.say(101, dp=2.0)
    room.say(110, door=None)
    run(room, 110, 121)
    assert [(step.event, step.time) for step in room.steps] == [(RAISED, wall(120))]


def test_without_an_open_door_the_plain_delay_holds(room: Line) -> None:
    """Ten seconds."""
    room.say(100, dp=2.0)
    run(room, 100, 111)
    assert [(step.event, step.time, step.on_delay) for step in room.steps] == [(RAISED, wall(110), 10.0)]
