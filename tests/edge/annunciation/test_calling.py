"""Who has to be told what now."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.annunciation.calling import CALLING, UNANSWERED, Caller, Mark, Message, Step, beacon_wanted
from gateway.alarm.performance import FLOOD
from schemas.records import Alarm, AlarmPriority, AlarmState
from tests.edge.annunciation.steps import STATES, alarm, at

OPERATOR, MANAGER = "operator@plant.example", "manager@plant.example"
STEPS = (Step(0.0, True, (OPERATOR,)), Step(600.0, False, (OPERATOR, MANAGER)))


def told(messages: list[Message]) -> list[tuple[str, int]]:
    return [(message.target, mark.step) for message in messages for mark in message.marks]


def test_each_step_is_told_once_to_each_target_when_it_is_due() -> None:
    """At once, and after ten minutes; between and afterwards nothing."""
    caller, one = Caller(STEPS), alarm()
    assert told(caller.look([one], at(0.1))) == [(OPERATOR, 0)]
    assert caller.look([one], at(599.9)) == []
    assert told(caller.look([one], at(600.0))) == [(OPERATOR, 1), (MANAGER, 1)]
    assert caller.look([one], at(90_000)) == []


@pytest.mark.parametrize("state", [state for state in STATES if state not in CALLING])
def test_what_is_answered_back_or_put_aside_ends_the_steps(state: AlarmState) -> None:
    """The alarm was told at once; then no step comes, however long it lasts."""
    caller, one = Caller(STEPS), alarm()
    caller.look([one], at(0.0))
    assert caller.look([alarm(state, time=5.0, id_=one.alarm)], at(3600.0)) == []


@pytest.mark.parametrize("state", [state for state in STATES if state not in UNANSWERED])
def test_what_nobody_has_to_answer_calls_nobody(state: AlarmState) -> None:
    """Shelved, suppressed, out of service, acknowledged: neither message nor beacon."""
    assert Caller(STEPS).look([alarm(state)], at(0.0)) == []
    assert not beacon_wanted([alarm(state)])


def test_a_step_that_was_due_before_the_value_came_back_is_told() -> None:
    """An alarm that came and went between two looks is told at once; the later step is not."""
    caller = Caller(STEPS)
    assert told(caller.look([alarm(AlarmState.RETURNED_UNACKNOWLEDGED, time=0.2)], at(0.5))) == [(OPERATOR, 0)]
    long = alarm(AlarmState.RETURNED_UNACKNOWLEDGED, time=700.0)
    assert told(Caller(STEPS).look([long], at(701.0))) == [(OPERATOR, 0), (OPERATOR, 1), (MANAGER, 1)]


def test_an_alarm_that_comes_again_unanswered_is_the_same_call() -> None:
    """A value that swings about its limit does not send a mail each time; the time counts from the first."""
    caller, one = Caller(STEPS), alarm()
    caller.look([one], at(0.0))
    caller.look([alarm(AlarmState.RETURNED_UNACKNOWLEDGED, time=5.0, id_=one.alarm)], at(5.0))
    again = alarm(id_=one.alarm, since=400_000_000, time=400.0)
    assert caller.look([again], at(400.0)) == []
    assert told(caller.look([again], at(600.0))) == [(OPERATOR, 1), (MANAGER, 1)]


def test_an_answered_alarm_that_comes_again_is_a_new_call() -> None:
    """A latched one keeps its id; who answered the first time is told of the second."""
    caller, one = Caller(STEPS), alarm()
    caller.look([one], at(0.0))
    caller.look([alarm(AlarmState.LATCHED_ACKNOWLEDGED, time=5.0, id_=one.alarm)], at(5.0))
    again = alarm(id_=one.alarm, since=9_000_000, time=9.0)
    assert told(caller.look([again], at(9.0))) == [(OPERATOR, 0)]


def test_alerts_are_told_only_by_steps_that_say_so() -> None:
    """And light no beacon."""
    alert = alarm(priority=AlarmPriority.ALERT)
    caller = Caller(STEPS)
    assert told(caller.look([alert], at(9999.0))) == [(OPERATOR, 0)]
    assert not beacon_wanted([alert])
    assert beacon_wanted([alert, alarm()])


def test_a_retrospective_alarm_calls_nobody() -> None:
    """What was found afterwards is on the list; nobody has to run."""
    assert Caller(STEPS).look([alarm(retrospective=True)], at(0.0)) == []
    assert not beacon_wanted([alarm(retrospective=True)])


def test_a_group_is_one_message_with_its_head_first() -> None:
    """A tripped fan; what comes of it later is not told again, and its head may be answered before."""
    caller, head = Caller(STEPS), alarm(since=7, condition="FAN")
    rooms = [alarm(head=head.alarm, since=n, condition=f"R{n}") for n in range(3)]
    (message,) = caller.look([*rooms, head], at(1.0))
    assert [one.condition for one in message.alarms] == ["FAN", "R0", "R1", "R2"]
    late = alarm(head=head.alarm)
    assert caller.look([*rooms, head, late], at(2.0)) == []
    assert told(caller.look([late], at(601.0))) == [(OPERATOR, 1), (MANAGER, 1)]


def test_what_was_told_before_a_restart_is_not_told_again() -> None:
    """The time goes on from the record."""
    one = alarm()
    caller = Caller(STEPS, [Mark(one.alarm, 0, OPERATOR)])
    assert caller.look([one], at(60.0)) == []
    assert told(caller.look([one], at(600.0))) == [(OPERATOR, 1), (MANAGER, 1)]


def test_a_step_of_the_wall_clock_neither_hastens_nor_delays() -> None:
    """Once the alarm was seen, only the monotonic clock counts."""
    caller, one = Caller(STEPS), alarm()
    caller.look([one], at(0.0))
    early = at(10.0)
    assert caller.look([one], type(early)(early.wall + 86_400_000_000, early.monotonic)) == []
    late = at(600.0)
    assert len(caller.look([one], type(late)(late.wall - 86_400_000_000, late.monotonic))) == 2


def test_a_flood_becomes_one_digest_a_minute() -> None:
    """The first ten one by one, the rest together, later ones with the next digest; then one by one again."""
    caller = Caller(STEPS[:1])
    alarms = [alarm() for _ in range(FLOOD)]
    assert [one.digest for one in caller.look(alarms, at(0.0))] == [False] * FLOOD
    alarms += [alarm() for _ in range(5)]
    (digest,) = caller.look(alarms, at(1.0))
    assert (digest.digest, len(digest.alarms)) == (True, 5)
    alarms += [alarm(), alarm()]
    assert caller.look(alarms, at(2.0)) == []
    (digest,) = caller.look(alarms, at(61.0))
    assert len(digest.alarms) == 2
    alarms.append(alarm())
    (single,) = caller.look(alarms, at(700.0))
    assert not single.digest


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 15), st.sampled_from(sorted(UNANSWERED))), unique_by=lambda p: p[0]),
        max_size=12,
    )
)
def test_nothing_is_told_twice_and_nothing_is_left_out(looks: list[list[tuple[int, AlarmState]]]) -> None:
    """Whatever comes in whatever order: while a call lasts each of its steps is told once, a flood only later."""
    caller, ids, clock = Caller(STEPS), [uuid4() for _ in range(16)], 0.0
    given: set[Mark] = set()
    for look in looks:
        clock += 70.0
        alarms: list[Alarm] = [alarm(state, time=0.0, id_=ids[n]) for n, state in look]
        marks = [mark for message in caller.look(alarms, at(clock)) for mark in message.marks]
        given = {mark for mark in given if mark.call in {one.alarm for one in alarms}}
        assert len(set(marks)) == len(marks)
        assert not given & set(marks)
        given.update(marks)
        assert {Mark(one.alarm, 0, OPERATOR) for one in alarms} <= given
