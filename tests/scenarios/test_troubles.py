"""What happens to the agent itself while the plant has an alarm: no power, another time of day, no uplink."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from gateway.cleanroom.conditions import conditions
from gateway.replaying.comparison import Difference
from gateway.replaying.replay import Recorded, replay
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmState, Gap, GapCause
from schemas.status import Reason
from simulators.scenario import Step
from tests.scenarios.line import START, Line, seconds_of

STEPS: TypeAdapter[list[Step]] = TypeAdapter(list[Step])
ALARM = "M1.DP.C1.LOW"
HOUR = 3600.0
LATE = 3.0
"""s, as in test_scenarios."""


def steps(*told: tuple[float, str, dict[str, Any]]) -> list[Step]:
    return STEPS.validate_python([{"at": at, "do": do, **more} for at, do, more in told])


def opened(door: str, begin: float, end: float) -> list[Step]:
    """A door stands open."""
    return steps((begin, "open_door", {"door": door}), (end, "close_door", {"door": door}))


def of(line: Line, condition: str = ALARM) -> list[Alarm]:
    """What was told of one condition."""
    return [one for one in line.alarms() if one.condition == condition]


def shape(told: Sequence[Alarm]) -> list[AlarmEvent]:
    return [one.event for one in told]


@pytest.mark.parametrize("off", [20.5, 25.0, 31.0, 32.0, 40.0, 61.0, 65.0])
@pytest.mark.parametrize("away", [7.0, 120.0])
async def test_power_lost_at_any_moment_of_an_alarm_doubles_and_loses_nothing(
    tmp_path: Path, off: float, away: float
) -> None:
    """Before a breach, in the on-delay, while the alarm is raised, on its way back, and after it."""
    line, door = Line(journal=tmp_path / "journal.db"), opened("M1-C1", 20, 60)
    await line.until(off, door)
    without_power(line, off + away, door)
    standing = [one for one in line.flow.alarms.latest() if one.condition == ALARM]
    if off < 31:
        assert standing == []
    else:
        assert [one.state is AlarmState.UNACKNOWLEDGED for one in standing] == [off < 62]
    await line.until(line.seconds + 60, [step for step in door if step.at >= off + away])
    told = [one for one in of(line) if one.event is not AlarmEvent.PASSED]
    seen = off >= 31 or off + away < 50  # it had the time of its on-delay, before or afterwards
    assert shape(told) == [AlarmEvent.RAISED, AlarmEvent.RETURNED] * seen
    assert len({one.alarm for one in told}) == seen
    began, ended = absence(line)
    assert began == pytest.approx(off, abs=1.1)
    assert ended == pytest.approx(off + away, abs=0.1)


def without_power(line: Line, until: float, steps: Sequence[Step] = ()) -> None:
    """The plant's time goes on, and what happens there meanwhile happens."""
    begin = line.seconds
    line.power_off()
    for step in steps:
        if begin <= step.at < until:
            line.away(step.at)
            line.happen(step)
    line.away(until)
    line.power_on()


def absence(line: Line) -> tuple[float, float]:
    """When the agent says that it did not look, the same of each of its sources."""
    gaps = [one for one in line.records(Gap) if one.cause is GapCause.AGENT_STOPPED]
    assert {one.source for one in gaps} == {one.name for one in line.configuration.sources}
    (found,) = {(seconds_of(one.began), seconds_of(one.ended or 0)) for one in gaps}
    return found


async def test_an_alarm_that_was_acknowledged_and_one_that_is_shelved_stay_so_without_power(tmp_path: Path) -> None:
    """Who did it, why, and until when; the breach that goes on is not raised again."""
    line = Line(journal=tmp_path / "journal.db")
    await line.until(50, [*opened("M1-C1", 10, 500), *opened("G1-C1", 10, 500)])
    line.flow.command(AlarmEvent.ACKNOWLEDGED, ALARM, actor="li", comment="door is held")
    end = line.clock().wall + 200_000_000
    line.flow.command(AlarmEvent.SHELVED, "G1.DP.C1.LOW", actor="li", comment="repair", until=end)
    line.kept.write(all_=True)
    without_power(line, 100)
    known = {one.condition: one for one in line.flow.alarms.latest()}
    assert known[ALARM].state is AlarmState.ACKNOWLEDGED
    shelved = known["G1.DP.C1.LOW"]
    assert (shelved.state, shelved.held, shelved.until) == (AlarmState.SHELVED, "li: repair", end)
    await line.until(240)
    assert shape(of(line)) == [AlarmEvent.RAISED, AlarmEvent.ACKNOWLEDGED]
    assert shape(of(line, "G1.DP.C1.LOW")) == [AlarmEvent.RAISED, AlarmEvent.SHELVED]
    await line.until(300)
    assert shape(of(line, "G1.DP.C1.LOW"))[2:] == [AlarmEvent.UNSHELVED, AlarmEvent.RAISED]
    assert seconds_of(of(line, "G1.DP.C1.LOW")[2].time) == pytest.approx(250, abs=1)


@pytest.mark.parametrize("step", [HOUR, 30.0, -30.0, -HOUR])
async def test_a_step_of_the_clock_in_an_on_delay_moves_no_alarm(step: float) -> None:
    """The delay is of the monotonic clock, its time by the clock under which the breach began. The step is a record."""
    line, door = Line(), opened("M1-C1", 20, 60)
    await line.until(25, door[:1])
    line.step = step
    await line.until(100, door[1:])
    raised, returned = of(line)
    assert seconds_of(raised.time) == pytest.approx(31, abs=LATE)
    assert seconds_of(returned.time) == pytest.approx(61 + step, abs=LATE)
    assert returned.duration == pytest.approx(41, abs=LATE)
    (gap,) = (one for one in line.records(Gap) if one.cause is GapCause.CLOCK_STEPPED)
    assert gap.detail == f"the agent's clock stepped by {step:+.1f} s"


async def test_a_clock_far_behind_those_of_the_devices_blinds_nobody() -> None:
    """What a device with a clock says is doubted, and told as an alert; it is judged by when it came, and marked so."""
    line = Line()
    await line.until(10)
    line.step = -HOUR
    await line.until(100, opened("G1-C1", 20, 500))
    raised = {one.condition: one for one in line.alarms(AlarmEvent.RAISED)}
    assert raised.keys() >= {"G1.DP.C1.BAD_STATUS", "F1.Temperature.BAD_STATUS", "G1.DP.C1.LOW"}
    low = raised["G1.DP.C1.LOW"]
    assert low.doubt == "TIME"
    assert seconds_of(low.time) == pytest.approx(50 - HOUR, abs=LATE)
    doubted = {row.reason for one in line.records(Frame)[-3:] for row in one.rows() if row.tag == "G1.DP.C1"}
    assert doubted == {Reason.TIME}
    line.step = 0.0
    await line.until(200)
    returned = {one.condition for one in line.alarms(AlarmEvent.RETURNED)}
    assert "G1.DP.C1.BAD_STATUS" in returned
    assert shape(of(line, "G1.DP.C1.LOW")) == [AlarmEvent.RAISED]


async def test_an_hour_without_an_uplink_costs_no_alarm_at_the_line_and_no_record_of_it(tmp_path: Path) -> None:
    """Nothing leaves the journal; what stands in it afterwards gives the holder the same alarms."""
    line = Line(journal=tmp_path / "journal.db", group=300, tick=2.5)
    story = [*opened("G1-C1", 600, 690), *steps((1800, "trip_supply", {"unit": "AHU-1"}))]
    await line.until(1830, story)
    assert {one.condition for one in line.flow.alarms.open()} >= {ALARM, "G1.DP.C1.LOW", "F1.DP.M1.LOW"}
    await line.until(HOUR, steps((1860, "restore_supply", {"unit": "AHU-1"})))
    assert line.disk is not None
    everything = line.journalled()
    assert line.disk.waiting == sum(line.disk.size(name) for name in line.disk.heads())
    assert line.disk.waiting >= len(everything) > 2500
    frames, told = line.records(Frame), line.records(Alarm)
    assert seconds_of(frames[0].received) == line.tick
    assert seconds_of(frames[-1].received) == HOUR
    found: list[Difference] = []
    site = conditions(line.configuration.site)
    known = [one for one in told if one.condition in {condition.name for condition in site}]
    recorded = Recorded(
        frames=frames, reported=known, gaps=line.records(Gap), latest=[],
        tags=frozenset(tag for one in frames for tag in one.tags.names), begin=START, end=line.clock().wall,
    )  # fmt: skip
    outcome = replay(site, recorded, found.append)
    assert found == []
    assert outcome.matched == len(known) > 15
