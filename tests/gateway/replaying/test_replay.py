"""Alarms computed again are those of the agent; what was taken away, added or changed is named."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.own_gaps import OwnGaps
from gateway.alarm.condition import Condition
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.instant import Instant
from gateway.replaying.clock import TICK
from gateway.replaying.comparison import Difference, Kind
from gateway.replaying.replay import Hole, Recorded, replay
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmKind, Gap, GapCause
from tests.gateway.alarm.support import LOW, at, remembered, sampled, wall
from tests.gateway.alarm.test_properties import HAPPENINGS, NAMES, WORLD, Happening, Life

TAGS = frozenset({"a", "b", "dp", "door", "state"})
END = wall(1e6)


class Agent:
    """An agent by the engine, with a tick every tenth of a second after each record; what it recorded."""

    def __init__(self, *conditions: Condition) -> None:
        self.conditions = conditions
        self.engine = Engine(conditions)
        self.frames: list[Frame | Hole] = []
        self.steps: list[Alarm] = []
        self.gaps: list[Gap] = []
        self.now = 0.0
        self.step = 0.0

    def wait(self, seconds: float) -> None:
        """Nothing but ticks."""
        end, count = self.now + seconds, 1
        while self.now + count * TICK < end - 1e-6:
            self.steps += self.engine.tick(self._at(self.now + count * TICK))
            count += 1
        self.now = end

    def say(self, seconds: float, **values: float | bool | str | None) -> None:
        """A frame so many seconds later."""
        self.wait(seconds)
        moment = self._at(self.now)
        self.take(replace(sampled(wall(self.now), values), received=moment.wall))

    def take(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.steps += self.engine.evaluate(frame, self._at(self.now))

    def do(self, event: AlarmEvent, condition: str) -> None:
        try:
            self.steps.append(
                self.engine.command(
                    event, condition, self._at(self.now), actor="li", comment="x", until=self._at(self.now + 20).wall
                )
            )
        except CommandRefusedError:
            return

    def jump(self, step: float) -> None:
        """The wall clock steps within the next tick."""
        before = self._at(self.now)
        self.now += TICK
        self.step += step
        self.gaps += OwnGaps("line-3").between(before, self._at(self.now), ["ems"])

    def restart(self, away: float) -> None:
        stopped = self._at(self.now).wall
        self.now += away
        self.gaps += OwnGaps("line-3").absence(stopped, self._at(self.now).wall, ["ems", "balance"])
        self.engine = Engine(self.conditions)
        self.engine.restore({step.condition: step for step in self.steps}.values(), self._at(self.now))

    def _at(self, seconds: float) -> Instant:
        return at(seconds, self.step)


def found(
    agent: Agent,
    *,
    reported: Sequence[Alarm] | None = None,
    agreed: Sequence[Condition] | None = None,
    tags: frozenset[str] = TAGS,
    begin: float = -1.0,
) -> list[Difference]:
    """All that the holder finds."""
    differences: list[Difference] = []
    recorded = Recorded(
        frames=agent.frames, reported=agent.steps if reported is None else reported, gaps=agent.gaps, latest=[],
        tags=tags, begin=wall(begin), end=END,
    )  # fmt: skip
    replay(agreed or agent.conditions, recorded, differences.append)
    return differences


def door_and_fan() -> Agent:
    """Two alarms: after one the value is back, the other is acknowledged."""
    agent = Agent(LOW)
    for pause, value in [(1, 12.0), (1.03, 8.0), (12.02, 7.0), (3.1, 14.0), (50, 6.0), (30.07, 14.0), (80, 14.0)]:
        agent.say(pause, dp=value)
    agent.do(AlarmEvent.ACKNOWLEDGED, "dp.LOW")
    agent.say(5, dp=14.0)
    return agent


PAUSES = {0.1: 0.137, 1.0: 1.013, 3.0: 3.027, 5.0: 5.041, 11.0: 11.063, 30.0: 30.009}
"""None is a whole number of ticks, so that no moment is an edge of two."""


@settings(max_examples=25, deadline=None)
@given(HAPPENINGS, st.none() | st.integers(0, 12))
def test_what_the_engine_said_is_computed_again_without_a_difference(
    happenings: list[Happening], restart: int | None
) -> None:
    """Every kind of condition, backfill, commands, a restart at any point."""
    agent, frames = Agent(*WORLD), Life()
    for number, one in enumerate(happenings[:6]):
        if number == restart and agent.frames:
            agent.restart(4.019)
        if number:  # the engine of the holder begins with the first record
            agent.wait(PAUSES[one.pause])
        frames.now = agent.now
        agent.take(frames._frame(one, "on" if number % 7 < 5 else "off"))
        if one.command is not None:
            agent.do(*one.command)
    assert found(agent) == []
    assert set(NAMES) == {one.name for one in agent.conditions}


def test_an_honest_agent_has_no_difference() -> None:
    """And there is something to compare."""
    agent = door_and_fan()
    assert [step.event.value for step in agent.steps] == [
        "RAISED", "RETURNED", "RAISED", "RETURNED", "ACKNOWLEDGED"
    ]  # fmt: skip
    assert found(agent) == []


def test_each_step_that_is_taken_away_is_missing_at_the_cmo() -> None:
    """Whichever it is; a step of a person is no frame's to tell."""
    agent = door_and_fan()
    for gone in range(4):
        rest = [step for at_, step in enumerate(agent.steps) if at_ != gone]
        (one,) = found(agent, reported=rest)
        assert (one.kind, one.condition, one.event) == (Kind.MISSING, "dp.LOW", agent.steps[gone].event)
        assert one.time == agent.steps[gone].time


def test_an_alarm_that_no_frame_gives_is_not_computed_here() -> None:
    """It stands there with its limit."""
    agent = door_and_fan()
    id_ = uuid4()
    made_up = replace(agent.steps[0], id=id_, alarm=id_, time=wall(45), since=wall(35))
    (one,) = found(agent, reported=[*agent.steps[:2], made_up, *agent.steps[2:]])
    assert (one.kind, one.time, one.detail) == (Kind.NOT_COMPUTED, wall(45), "8 Pa, limit 10 Pa")


def test_a_step_at_another_time_is_told_with_how_much() -> None:
    """More than a tick; a tenth of a second is none."""
    agent = door_and_fan()
    late = [replace(agent.steps[0], time=agent.steps[0].time + 2_500_000), *agent.steps[1:]]
    (one,) = found(agent, reported=late)
    assert (one.kind, one.detail) == (Kind.OTHER_TIME, "reported 2.5 s after")
    near = [replace(agent.steps[0], time=agent.steps[0].time + 90_000), *agent.steps[1:]]
    assert found(agent, reported=near) == []


def test_another_limit_is_named_with_the_agreed_one() -> None:
    """Also where the other limit let no alarm be computed."""
    agent = door_and_fan()
    agreed = [replace(LOW, limit=9.0, deadband=0.0)]
    first = found(agent, agreed=agreed)
    assert {one.kind for one in first} == {Kind.OTHER_LIMITS}
    assert first[0].detail == "limit 10.0, agreed 9.0, deadband 0.5, agreed 0.0"
    none = found(agent, agreed=[replace(LOW, limit=1.0)])
    assert [(one.kind, one.detail) for one in none] == [(Kind.OTHER_LIMITS, "limit 10.0, agreed 1.0")] * 5


def test_without_a_tag_of_the_condition_nothing_differs() -> None:
    """It is not evaluable, with the tag; so is what no agreement names."""
    agent = door_and_fan()
    kinds = {(one.kind, one.detail) for one in found(agent, tags=frozenset({"a"}), reported=agent.steps[1:])}
    assert kinds == {(Kind.NOT_EVALUABLE, "dp not in the archive")}
    other = found(agent, agreed=[Condition(tag="a", kind=AlarmKind.HIGH)])
    assert {(one.kind, one.detail) for one in other} == {(Kind.NOT_EVALUABLE, "not among the agreed limits")}


def test_behind_a_hole_nothing_differs_until_both_agree_again() -> None:
    """Then a step that is missing is one."""
    agent = door_and_fan()
    agent.frames[1:3] = [Hole(wall(10), "record 2 is not here")]
    lost = found(agent)
    assert lost
    assert {one.kind for one in lost} == {Kind.NOT_EVALUABLE}
    agent.say(70, dp=3.0)
    agent.say(12, dp=3.0)
    agent.say(1, dp=14.0)
    agent.say(70, dp=14.0)
    agent.say(9, dp=14.0)
    gone = found(agent, reported=[step for step in agent.steps if step is not agent.steps[-1]])
    assert [one.kind for one in gone if one.kind is not Kind.NOT_EVALUABLE] == [Kind.MISSING]


def test_a_step_of_the_clock_changes_no_delay() -> None:
    """Forth and back, while an on-delay runs."""
    for step in (3600.0, -3600.0, 4.0, -4.0):
        agent = Agent(LOW)
        agent.say(1, dp=12.0)
        agent.say(1, dp=8.0)
        agent.say(3, dp=8.0)
        agent.jump(step)
        for _ in range(20):
            agent.say(1.013, dp=8.0)
        agent.say(1, dp=14.0)
        agent.say(1, dp=14.0)
        assert [one.event for one in agent.steps] == [AlarmEvent.RAISED, AlarmEvent.RETURNED]
        assert [gap.cause for gap in agent.gaps] == [GapCause.CLOCK_STEPPED]
        assert found(agent, begin=-1e5) == []


def test_an_agent_that_was_away_begins_its_delays_anew() -> None:
    """As it does itself; the alarm that stood stays."""
    agent = Agent(LOW)
    agent.say(1, dp=8.0)
    agent.say(6, dp=8.0)
    agent.restart(300)
    agent.say(0.2, dp=8.0)
    agent.say(9, dp=8.0)
    agent.say(6, dp=8.0)
    agent.restart(60)
    agent.say(0.2, dp=14.0)
    agent.say(1, dp=14.0)
    assert [one.event for one in agent.steps] == [AlarmEvent.RAISED, AlarmEvent.RETURNED]
    assert found(agent) == []


def test_an_alarm_from_before_the_archive_is_not_evaluable() -> None:
    """Its beginning is not here, so nobody can say that it should not have been."""
    agent = door_and_fan()
    began = agent.frames.index(agent.frames[3])
    agent.frames = agent.frames[began:]
    assert {one.kind for one in found(agent, reported=agent.steps[1:])} == {Kind.NOT_EVALUABLE}


def found_afterwards(agent: Agent) -> None:
    """A device's memory tells of a loss from 50 s to 70 s."""
    samples = [(50.0, {"dp": 3.0}), (65.0, {"dp": 3.0}), (70.0, {"dp": 14.0})]
    agent.take(remembered(agent._at(agent.now).wall, samples))
    agent.say(1, dp=14.0)


@pytest.mark.parametrize("before", [False, True])
def test_an_excursion_that_was_found_long_afterwards_is_the_same(*, before: bool) -> None:
    """Minutes after any other step, or where there is none: nothing tells when it was reported."""
    agent = Agent(LOW)
    for pause, value in [(1, 12.0), (1.03, 8.0), (12.02, 7.0), (3.1, 14.0)] if before else [(1, 12.0)]:
        agent.say(pause, dp=value)
    agent.say(300, dp=14.0)
    found_afterwards(agent)
    past = [at_ for at_, step in enumerate(agent.steps) if step.retrospective]
    assert [agent.steps[at_].event for at_ in past] == [AlarmEvent.RAISED, AlarmEvent.RETURNED]
    assert found(agent) == []
    for gone in past:
        (one,) = found(agent, reported=[step for at_, step in enumerate(agent.steps) if at_ != gone])
        assert (one.kind, one.condition) == (Kind.MISSING, "dp.LOW.RETROSPECTIVE")
    made_up = replace(agent.steps[past[0]], id=uuid4(), time=wall(20))
    (one,) = found(agent, reported=[*agent.steps, made_up])
    assert (one.kind, one.condition) == (Kind.NOT_COMPUTED, "dp.LOW.RETROSPECTIVE")


def test_what_was_acknowledged_before_the_window_is_acknowledged_in_it() -> None:
    """Also where the value was lost meanwhile: what a person did there is no difference afterwards."""
    stale = Condition(tag="dp", kind=AlarmKind.STALE, window=25.0, latched=True)
    agent = Agent(stale)
    agent.say(1, dp=12.0)
    agent.wait(30)
    agent.do(AlarmEvent.ACKNOWLEDGED, "dp.STALE")
    before = [*agent.steps]
    agent.wait(170.03)
    begin, first = agent.now, len(agent.frames)
    agent.say(20, dp=12.0)
    agent.do(AlarmEvent.RESET, "dp.STALE")
    assert [step.event for step in agent.steps[len(before) :]] == [AlarmEvent.LATCHED, AlarmEvent.RESET]
    differences: list[Difference] = []
    said = replace(sampled(wall(5), {"dp": 12.0}), received=wall(35))
    recorded = Recorded(
        frames=[said, *agent.frames[first:]], reported=agent.steps[len(before) :], gaps=[], latest=before[-1:],
        tags=TAGS, begin=wall(begin), end=END, from_first=False,
    )  # fmt: skip
    assert replay([stale], recorded, differences.append).matched == 2
    assert differences == []


def test_a_wrong_time_in_one_report_moves_nothing_that_a_person_did() -> None:
    """Another alarm that was shelved just after stays as it was reported."""
    other = replace(LOW, tag="a")
    agent = Agent(LOW, other)
    agent.say(1, dp=12.0, a=12.0)
    agent.say(1.03, dp=8.0, a=8.0)
    agent.say(11.02, dp=8.0, a=8.0)
    agent.do(AlarmEvent.SHELVED, "a.LOW")
    agent.say(0.5, dp=8.0, a=14.0)
    agent.say(30, dp=14.0, a=14.0)
    wrong = agent.steps[0]
    assert wrong.condition == "dp.LOW"
    late = [replace(one, time=one.time + 5_000_000) if one is wrong else one for one in agent.steps]
    (one,) = found(agent, reported=late)
    assert (one.kind, one.condition) == (Kind.OTHER_TIME, "dp.LOW")
