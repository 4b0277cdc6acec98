"""Ordinary hours at line 3; the whole week is in tests/soak/test_week.py."""

import numpy as np

from schemas.records import AlarmEvent
from tests.scenarios.days import Days
from tests.scenarios.routine import BEGIN, HOUR, MINUTE, week
from tests.scenarios.test_troubles import opened


async def test_the_change_of_a_shift_gives_no_alarm_and_a_wedged_door_behind_it_the_only_one() -> None:
    """People go and come, all doors are used; nothing is raised until one door stays open."""
    begin, end = 4.75 * HOUR, 5.25 * HOUR
    routine, steps = week(1, BEGIN, np.random.default_rng(5))
    steps = [step for step in steps if begin <= step.at < end + MINUTE * (step.do == "close_door")]
    assert {"open_door", "people", "fill"} <= {step.do for step in steps}
    line = Days(seed=5, seconds=begin)
    await line.pass_by(end + MINUTE, steps)
    assert routine.doors > sum(step.do == "open_door" for step in steps) > 6
    assert line.alarms(AlarmEvent.RAISED) == []
    assert len(line.alarms(AlarmEvent.PASSED)) > 6
    assert line.tally.samples > 20 * (end - begin)
    await line.pass_by(end + 5 * MINUTE, opened("G1-C1", end + 90, end + 180))
    assert {one.condition for one in line.alarms(AlarmEvent.RAISED)} == {"G1.DP.C1.LOW", "Door.G1-C1.Open.HIGH"}
