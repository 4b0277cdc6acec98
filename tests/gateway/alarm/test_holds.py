"""Latched, shelved, suppressed, out of service; the record of each step; and all of it over a restart."""

from dataclasses import replace

import pytest

from gateway.alarm.condition import Condition
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.states import COMMANDS, SIGNED
from schemas.records import AlarmEvent, AlarmKind, AlarmMeaning, AlarmState
from tests.gateway.alarm.support import LOW, Line, at, line, told, wall

E, S = AlarmEvent, AlarmState
IN_ROOM = replace(LOW, state_tag="state", suppressed_in=frozenset({"out-of-use"}), batch_tag="batch")


def reborn(one: Line, seconds: float, *conditions: Condition) -> Line:
    """The agent's next life, from what its journal has: the last step of each condition."""
    engine = Engine(conditions)
    engine.restore({step.condition: step for step in one.steps}.values(), at(seconds))
    return Line(engine)


def test_a_latched_alarm_stays_until_it_is_reset() -> None:
    """After the value is back it waits for the acknowledgement, and then for somebody who looked."""
    one = line(replace(LOW, latched=True))
    one.say(0, dp=5.0)
    one.tick(11)
    one.say(20, dp=12.0)
    with pytest.raises(CommandRefusedError, match="is latched, back and acknowledged"):
        one.do(21, E.RESET, "dp.LOW")
    one.do(22, E.ACKNOWLEDGED, "dp.LOW")
    assert len(one.engine.open()) == 1
    one.do(23, E.RESET, "dp.LOW")
    assert [(s.event, s.state, s.duration) for s in one.steps] == [
        (E.RAISED, S.UNACKNOWLEDGED, None), (E.LATCHED, S.LATCHED_UNACKNOWLEDGED, 20.0),
        (E.ACKNOWLEDGED, S.LATCHED_ACKNOWLEDGED, None), (E.RESET, S.NORMAL, None),
    ]  # fmt: skip
    assert len({step.alarm for step in one.steps}) == 1


def test_a_breach_while_shelved_is_kept_but_raises_nothing() -> None:
    """Who shelved it, why and until when stands in every step of that time."""
    one = line(LOW)
    shelved = one.do(0, E.SHELVED, "dp.LOW", until=600)
    one.say(10, dp=4.0)
    one.tick(100)
    (passed,) = one.say(110, dp=11.0)
    assert (passed.event, passed.state, passed.extreme, passed.duration) == (E.PASSED, S.SHELVED, 4.0, 100.0)
    assert {(s.held, s.until, s.alarm) for s in one.steps} == {("li: why", wall(600), shelved.alarm)}
    assert one.engine.open() == [shelved]


def test_a_name_stands_for_something_in_every_step_of_a_person() -> None:
    """As data of the record; what the engine does has no name and no meaning."""
    one = line(LOW)
    one.say(0, dp=4.0)
    one.tick(11)
    for second, event in (
        (12, E.ACKNOWLEDGED),
        (13, E.SHELVED),
        (14, E.REMOVED_FROM_SERVICE),
        (15, E.RETURNED_TO_SERVICE),
    ):
        one.do(second, event, "dp.LOW", until=600)
    assert set(SIGNED) == set(COMMANDS)
    assert [(s.event, s.actor, s.meaning) for s in one.steps] == [
        (E.RAISED, None, None), (E.ACKNOWLEDGED, "li", AlarmMeaning.RESPONSIBILITY),
        (E.SHELVED, "li", AlarmMeaning.APPROVAL), (E.REMOVED_FROM_SERVICE, "li", AlarmMeaning.APPROVAL),
        (E.RETURNED_TO_SERVICE, "li", AlarmMeaning.REVIEW),
    ]  # fmt: skip


def test_a_breach_that_outlasts_the_shelving_is_raised_when_it_ends() -> None:
    """By the clock, with the true beginning of the breach; the shelving is over first."""
    one = line(LOW)
    one.do(0, E.SHELVED, "dp.LOW", until=600)
    one.say(100, dp=4.0)
    assert one.tick(599.9) == []
    unshelved, raised = one.tick(600.1)
    assert (unshelved.event, unshelved.actor, unshelved.time, unshelved.until) == (E.UNSHELVED, None, wall(600), None)
    assert (raised.event, raised.since, raised.time, raised.alarm) == (E.RAISED, wall(100), wall(600), raised.id)


def test_shelving_an_active_alarm_and_taking_it_back() -> None:
    """The breach went on all the time: it is an alarm again at the next tick."""
    one = line(LOW)
    one.say(0, dp=4.0)
    one.tick(10)
    one.do(20, E.SHELVED, "dp.LOW", until=600)
    assert one.tick(30) == []
    one.do(40, E.UNSHELVED, "dp.LOW")
    one.tick(40.1)
    assert [step.event for step in one.steps] == [E.RAISED, E.SHELVED, E.UNSHELVED, E.RAISED]
    assert (one.steps[-1].since, one.steps[-1].time) == (wall(0), wall(40))


@pytest.mark.parametrize("until", [None, -1.0, 0.0, 13 * 3600.0])
def test_a_shelving_has_an_end_that_is_not_far(until: float | None) -> None:
    """What lasts longer is taken out of service."""
    one = line(LOW)
    with pytest.raises(CommandRefusedError, match=r"dp\.LOW.* within 12 h from now"):
        one.do(0, E.SHELVED, "dp.LOW", until=until)


@pytest.mark.parametrize(("actor", "comment"), [("", "door"), ("li", " ")])
def test_a_command_needs_a_name_and_a_reason(actor: str, comment: str) -> None:
    """Also an acknowledgement."""
    one = line(LOW)
    one.say(0, dp=4.0)
    one.tick(10)
    with pytest.raises(CommandRefusedError, match="say who does it, and why"):
        one.engine.acknowledge("dp.LOW", at(11), actor=actor, comment=comment)


def test_a_room_out_of_use_suppresses_by_design() -> None:
    """From the frame that says so to the one that ends it; the peak in between is kept."""
    one = line(IN_ROOM)
    one.say(0, dp=12.0, state="in-operation")
    one.say(10, state="out-of-use")
    one.say(20, dp=1.0)
    one.say(3000, dp=11.0)
    one.say(3010, state="at-rest")
    one.say(3020, dp=5.0)
    one.tick(3031)
    assert [(s.event, s.state, s.room_state, s.held) for s in one.steps] == [
        (E.SUPPRESSED, S.SUPPRESSED, "out-of-use", "out-of-use"),
        (E.PASSED, S.SUPPRESSED, "out-of-use", "out-of-use"),
        (E.UNSUPPRESSED, S.NORMAL, "at-rest", None),
        (E.RAISED, S.UNACKNOWLEDGED, "at-rest", None),
    ]  # fmt: skip
    assert (one.steps[1].extreme, one.steps[1].duration) == (1.0, 2980.0)


def test_a_room_whose_state_nobody_knows_is_not_suppressed() -> None:
    """The tag is Bad, and so the pressure counts."""
    one = line(IN_ROOM)
    one.say(0, dp=4.0, state="out-of-use")
    assert [step.event for step in one.say(10, state=None)] == [E.UNSUPPRESSED, E.RAISED]


def test_the_record_names_the_state_of_the_room_and_the_batch_in_it() -> None:
    """As their tags said them at the event."""
    one = line(IN_ROOM)
    one.say(0, dp=4.0, state="in-operation", batch="B-77")
    (raised,) = one.tick(10)
    assert (raised.room_state, raised.batch, raised.room) == ("in-operation", "B-77", "F1")
    one.say(11, dp=12.0, state="cleaning", batch=None)
    assert (one.steps[-1].room_state, one.steps[-1].batch) == ("cleaning", None)


def test_doors_and_rooms_of_a_frame_count_for_all_its_values() -> None:
    """They are of one moment, in whichever order they stand."""
    one = line(replace(IN_ROOM, on_delay=0.0))
    assert [step.event for step in one.say(0, dp=4.0, state="out-of-use")] == [E.SUPPRESSED]


def test_out_of_service_until_somebody_ends_it() -> None:
    """No time ends it; nothing is raised."""
    one = line(LOW)
    one.do(0, E.REMOVED_FROM_SERVICE, "dp.LOW")
    one.say(1, dp=4.0)
    assert one.tick(99_999) == []
    one.do(100_000, E.RETURNED_TO_SERVICE, "dp.LOW")
    assert [step.event for step in one.tick(100_000.1)] == [E.RAISED]


def test_a_shelving_outlives_the_agent() -> None:
    """With its end, by whom and why, also where a breach passed in it; then the value counts again."""
    one = line(LOW)
    one.do(0, E.SHELVED, "dp.LOW", until=600)
    one.say(10, dp=4.0)
    one.say(20, dp=12.0)
    two = reborn(one, 100, LOW)
    (shelved,) = two.engine.open()
    assert (shelved.state, shelved.held, shelved.until) == (S.SHELVED, "li: why", wall(600))
    two.say(101, dp=4.0)
    assert two.tick(599) == []
    assert [step.event for step in two.tick(600.1)] == [E.UNSHELVED, E.RAISED]


def test_a_shelving_whose_end_passed_while_the_agent_was_away_is_over() -> None:
    """At the first tick."""
    one = line(LOW)
    one.do(0, E.SHELVED, "dp.LOW", until=600)
    assert [step.event for step in reborn(one, 700, LOW).tick(700.1)] == [E.UNSHELVED]


def test_suppression_outlives_the_agent_until_the_room_says_otherwise() -> None:
    """Its tag may speak late; if it does not within a minute, nobody knows the state, and the pressure counts."""
    one = line(IN_ROOM)
    one.say(0, dp=12.0, state="out-of-use")
    two = reborn(one, 100, IN_ROOM)
    assert [*two.tick(100), *two.say(101, dp=4.0), *two.tick(159)] == []
    assert [step.event for step in two.say(159.5, state="out-of-use")] == []
    assert two.tick(300) == []
    three = reborn(one, 100, IN_ROOM)
    three.tick(100)
    assert [step.event for step in three.tick(160)] == [E.UNSUPPRESSED]


def test_out_of_service_outlives_the_agent() -> None:
    """And can be ended in its next life."""
    one = line(LOW)
    one.do(0, E.REMOVED_FROM_SERVICE, "dp.LOW")
    two = reborn(one, 100, LOW)
    two.say(101, dp=4.0)
    assert two.tick(200) == []
    assert two.do(201, E.RETURNED_TO_SERVICE, "dp.LOW").alarm == one.steps[0].alarm


@pytest.mark.parametrize(
    ("condition", "tag"),
    [
        (Condition(tag="dp", kind=AlarmKind.STALE, window=30.0), "dp"),
        (Condition(tag="dp", kind=AlarmKind.FLAT_LINE, window=30.0), "dp"),
        (Condition(tag="dp", kind=AlarmKind.RATE_OF_CHANGE, limit=5.0, window=30.0), "dp"),
        (Condition(tag="dp", kind=AlarmKind.DURATION, limit=10.0, sign=-1, window=300.0, allowed=20.0), "dp"),
    ],
)
def test_an_alarm_of_any_kind_outlives_the_agent_once(condition: Condition, tag: str) -> None:
    """It is not raised a second time, and returns when its reason is over."""
    one = line(condition)
    one.tick(0)
    one.say(0, dp=16.0)
    one.say(1, dp=4.0)
    for second in range(2, 60):
        one.tick(second)
        if one.engine.open():
            break
    assert told(one.steps) == [(condition.name, E.RAISED)]
    two = reborn(one, 100, condition)
    two.tick(100)
    assert [*two.tick(101), *two.tick(102)] == []
    for second in range(103, 500, 20):
        two.say(second, **{tag: 12.0 + second / 100})
        two.tick(second + 1)
    assert told(two.steps) == [(condition.name, E.RETURNED)]
    assert two.steps[0].alarm == one.steps[0].alarm


def test_a_clock_step_changes_neither_a_delay_nor_a_duration() -> None:
    """The wall clock goes back an hour during the on-delay, and again during the alarm."""
    one = line(LOW)
    one.say(0, dp=4.0)
    one.step = -3600.0
    assert one.tick(9.9) == []
    (raised,) = one.tick(10)
    assert (raised.since, raised.time) == (wall(0), wall(10))
    one.step = -7200.0
    (returned,) = one.say(70, dp=12.0)
    assert (returned.time, returned.duration) == (wall(70 - 7200), 70.0)


def test_a_clock_step_does_not_prolong_a_shelving() -> None:
    """Its end is so many seconds away, whatever the clock shows."""
    one = line(LOW)
    one.do(0, E.SHELVED, "dp.LOW", until=600)
    one.step = -3600.0
    assert one.tick(599) == []
    assert [step.event for step in one.tick(600)] == [E.UNSHELVED]
