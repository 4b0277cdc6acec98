"""The alarm engine as a stage of the pipeline, and what a person asks of it."""

from dataclasses import replace

import pytest

from edge.answers import COMMANDS
from edge.stages.alarm import RaiseAlarms
from gateway.alarm.condition import Condition
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.instant import Instant
from gateway.alarm.states import COMMANDS as POSSIBLE
from schemas.codec import Record
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmState
from tests.gateway.messages import frame, gap

LOW = Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, unit="Pa")


class Clock:
    """Moves when it is told."""

    seconds = 0.0

    def __call__(self) -> Instant:
        return Instant(round(self.seconds * 1e6), self.seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def kinds(records: list[Record]) -> list[type[Record]]:
    return [type(record) for record in records]


def test_a_frame_goes_on_and_its_alarms_go_behind_it(clock: Clock) -> None:
    """Other records pass."""
    stage = RaiseAlarms(Engine([LOW]), clock)
    assert kinds(list(stage(frame({"dp": 4.0}, received=0)))) == [Frame, Alarm]
    one = gap(1, 2)
    assert list(stage(one)) == [one]


def test_what_comes_afterwards_is_judged_too(clock: Clock) -> None:
    """As a retrospective alarm, beside the live one."""
    stage = RaiseAlarms(Engine([LOW]), clock)
    out = list(stage(frame({"dp": 4.0}, received=9, source_time=5, backfilled=True)))
    assert kinds(out) == [Frame, Alarm]
    assert [(a.retrospective, a.time, a.condition) for a in stage.open()] == [(True, 5, "dp.LOW.RETROSPECTIVE")]


def test_delays_end_with_the_ticks(clock: Clock) -> None:
    """The stage's clock is all that brings time."""
    stage = RaiseAlarms(Engine([replace(LOW, on_delay=10.0)]), clock)
    list(stage(frame({"dp": 4.0}, received=0)))
    clock.seconds = 9.9
    assert list(stage.tick()) == []
    clock.seconds = 10.0
    assert [step.event for step in stage.tick()] == [AlarmEvent.RAISED]


def test_a_person_can_ask_for_all_that_the_table_lets_a_person_do(clock: Clock) -> None:
    """By a name of the control socket; what is not possible is refused."""
    assert set(COMMANDS.values()) == set(POSSIBLE)
    stage = RaiseAlarms(Engine([LOW]), clock)
    list(stage(frame({"dp": 4.0}, received=0)))
    for do, state in (("shelve", AlarmState.SHELVED), ("unshelve", AlarmState.NORMAL)):
        step = stage.command(COMMANDS[do], "dp.LOW", actor="li", comment="probe", until=60_000_000)
        assert (step.state, step.actor, step.comment) == (state, "li", "probe")
    with pytest.raises(CommandRefusedError):
        stage.command(COMMANDS["reset"], "dp.LOW", actor="li", comment="probe")
