"""Excursions found afterwards."""

from dataclasses import replace

import pytest

from gateway.alarm.condition import Condition, DoorDelay
from gateway.alarm.engine import CommandRefusedError, Engine
from schemas.records import AlarmEvent, AlarmKind, AlarmState
from tests.gateway.alarm.support import LOW, Line, at, line, told, wall

E, S = AlarmEvent, AlarmState
PAST = "dp.LOW.RETROSPECTIVE"


def test_an_excursion_found_afterwards_is_an_alarm_by_the_times_of_its_samples() -> None:
    """Marked so, raised after the on-delay of then, and returned; the live alarm knows nothing of it."""
    one = line(LOW)
    one.say(5000, dp=12.0)
    one.backfill(5010, *((s, {"dp": v}) for s, v in ((1000, 12.0), (1010, 6.0), (1020, 4.0), (1060, 11.0))))
    raised, returned = one.steps
    assert (raised.event, raised.since, raised.time) == (E.RAISED, wall(1010), wall(1020))
    assert (returned.event, returned.time, returned.duration, returned.extreme) == (E.RETURNED, wall(1060), 50.0, 4.0)
    assert {(s.condition, s.retrospective, s.room, s.line) for s in one.steps} == {(PAST, True, "F1", "line-3")}
    assert one.engine.open() == [returned]
    one.say(5020, dp=4.0)
    one.tick(5031)
    assert (one.steps[-1].condition, one.steps[-1].retrospective) == ("dp.LOW", False)


def test_samples_that_come_afterwards_never_touch_the_live_alarm() -> None:
    """Neither do good ones of the past return it, nor bad ones raise it or end its delay."""
    one = line(LOW)
    one.say(5000, dp=4.0)
    one.backfill(5001, (1000, {"dp": 12.0}), (1001, {"dp": 3.0}), (1002, {"dp": 12.0}))
    assert told(one.steps) == [(PAST, E.PASSED)]
    assert told(one.tick(5010)) == [("dp.LOW", E.RAISED)]
    one.backfill(5020, (2000, {"dp": 12.0}))
    assert [step.condition for step in one.engine.open()] == ["dp.LOW"]


def test_a_value_that_stood_still_beyond_the_limit_counts() -> None:
    """It was not sent again because it did not change: the delay passed between two samples."""
    one = line(LOW)
    one.backfill(5000, (1000, {"dp": 4.0}), (1300, {"dp": 12.0}))
    assert [(s.event, s.time) for s in one.steps] == [(E.RAISED, wall(1010)), (E.RETURNED, wall(1300))]


def test_an_excursion_goes_on_over_several_frames() -> None:
    """A device's memory is read in parts, and no part needs to begin or end within the limits."""
    one = line(LOW)
    one.backfill(5000, (1000, {"dp": 9.0}), (1005, {"dp": 8.0}))
    one.backfill(5001, (1010, {"dp": 7.0}), (1015, {"dp": 6.0}))
    one.backfill(5002, (1020, {"dp": 12.0}))
    assert [(s.event, s.since, s.time) for s in one.steps] == [
        (E.RAISED, wall(1000), wall(1010)), (E.RETURNED, wall(1000), wall(1020)),
    ]  # fmt: skip


def test_what_lasted_to_the_last_sample_is_over_as_far_as_is_known() -> None:
    """Once nothing more came for a minute."""
    one = line(LOW)
    one.backfill(5000, (1000, {"dp": 9.0}), (1100, {"dp": 8.0}))
    assert one.tick(5059) == []
    (returned,) = one.tick(5060)
    assert (returned.event, returned.time, returned.duration) == (E.RETURNED, wall(1100), 100.0)


def test_an_older_memory_is_another_time() -> None:
    """Nothing is known between: the excursion of the first ends with its last sample."""
    one = line(LOW)
    one.backfill(5000, (2000, {"dp": 9.0}), (2100, {"dp": 8.0}))
    one.backfill(5001, (1000, {"dp": 9.0}), (1002, {"dp": 12.0}))
    assert [(s.event, s.time) for s in one.steps] == [
        (E.RAISED, wall(2010)), (E.RETURNED, wall(2100)), (E.PASSED, wall(1002)),
    ]  # fmt: skip


def test_a_door_of_then_excuses_what_its_own_frame_tells() -> None:
    """The same delay as at the time; rows stand by tag in the frame, and are put in order."""
    doors = replace(LOW, doors=DoorDelay(tags=("door",), delay=30.0, cap=60.0))
    door = [(second, {"door": is_open}) for second, is_open in ((1000, True), (1020, False))]
    one = line(doors)
    one.backfill(5000, *((s, {"dp": v}) for s, v in ((990, 12.0), (1001, 3.0), (1025, 12.0))), *door)
    assert told(one.steps) == [(PAST, E.PASSED)]
    two = line(doors)
    two.backfill(5000, *((s, {"dp": v}) for s, v in ((990, 12.0), (1001, 3.0), (1025, 12.0))))
    assert told(two.steps) == [(PAST, E.RAISED), (PAST, E.RETURNED)]


def test_bad_values_and_kinds_that_do_not_go_by_values_say_nothing_afterwards() -> None:
    """A gap record tells of those."""
    kinds = [Condition(tag="dp", kind=AlarmKind.BAD_STATUS), Condition(tag="dp", kind=AlarmKind.STALE, window=9.0)]
    one = line(LOW, *kinds)
    one.say(4999, dp=12.0)
    one.backfill(5000, (1000, {"dp": None}), (1100, {"dp": None}))
    assert one.steps == []


def test_it_is_acknowledged_like_any_other_but_not_shelved() -> None:
    """Over a restart of the agent too."""
    one = line(LOW)
    one.backfill(5000, (1000, {"dp": 4.0}), (1300, {"dp": 12.0}))
    engine = Engine([LOW])
    engine.restore([one.steps[-1]], at(6000))
    two = Line(engine)
    with pytest.raises(CommandRefusedError, match="of the past"):
        two.do(6001, E.SHELVED, PAST, until=7000)
    step = two.do(6002, E.ACKNOWLEDGED, PAST)
    assert (step.state, step.alarm, step.retrospective) == (S.NORMAL, one.steps[0].alarm, True)
    assert engine.open() == []


def test_an_excursion_that_was_open_when_the_agent_stopped_is_closed() -> None:
    """With what is known of it: it lasted at least until it was raised."""
    one = line(LOW)
    one.backfill(5000, (1000, {"dp": 9.0}), (1100, {"dp": 8.0}))
    engine = Engine([LOW])
    engine.restore(one.steps, at(6000))
    two = Line(engine)
    assert [*two.tick(6000), *two.tick(6059)] == []
    (returned,) = two.tick(6060)
    assert (returned.event, returned.time, returned.duration) == (E.RETURNED, wall(1010), 10.0)


def test_an_excursion_of_a_tag_that_is_no_longer_watched_is_closed_too() -> None:
    """A source may be taken away while its memory is read; the alarm stays for a person."""
    one = line(LOW)
    one.backfill(5000, (1000, {"dp": 9.0}), (1100, {"dp": 8.0}))
    one.engine.unwatch(["dp"])
    assert one.backfill(5001, (1200, {"dp": 7.0})) == []
    assert told(one.tick(5060)) == [(PAST, E.RETURNED)]
    assert one.do(5070, E.ACKNOWLEDGED, PAST).state is S.NORMAL
