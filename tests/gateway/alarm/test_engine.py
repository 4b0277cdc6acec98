"""The alarm engine: right, once, and never by a value that is not good."""

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.alarm.condition import Condition
from gateway.alarm.context import Context
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.instant import Instant
from gateway.alarm.limits import Limits
from gateway.alarm.states import TRANSITIONS
from schemas.frame import Frame, TagTable, frame_of
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmState
from schemas.status import Reason, StatusCode
from tests.gateway.messages import frame

LOW = Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, deadband=0.5, on_delay=10.0, unit="Pa")
HIGH = Condition(tag="w1", kind=AlarmKind.HIGH, limit=-5.0, deadband=0.5, unit="Pa")
START = 1_700_000_000_000_000


def at(seconds: float) -> Instant:
    return Instant(START + round(seconds * 1e6), seconds)


def feed(engine: Engine, seconds: float, value: float | None, status: int = 0) -> list[Alarm]:
    sample = frame({"dp": value}, received=at(seconds).wall, status=status, reason=Reason.SOURCE if status else 0)
    return list(engine.evaluate(sample, at(seconds)))


def test_a_door_that_closes_within_the_delay_raises_nothing() -> None:
    """Ten seconds are allowed."""
    engine = Engine([LOW])
    said = [feed(engine, s, v) for s, v in ((0, 12.0), (1, 3.0), (5, 4.0), (10.9, 12.0))]
    assert [step.event for steps in said for step in steps] == [AlarmEvent.PASSED]
    assert list(engine.tick(at(30))) == []
    assert engine.open() == []


def test_a_breach_within_the_delay_is_kept_with_its_peak_and_duration() -> None:
    """It is told when it ends, and changes nothing."""
    engine = Engine([LOW])
    (passed,) = [step for s, v in ((1, 3.0), (5, 2.0), (8, 9.0), (9, 12.0)) for step in feed(engine, s, v)]
    assert (passed.event, passed.state) == (AlarmEvent.PASSED, AlarmState.NORMAL)
    assert (passed.since, passed.time, passed.duration) == (at(1).wall, at(9).wall, 8.0)
    assert (passed.extreme, passed.value, passed.alarm) == (2.0, 12.0, passed.id)


def test_a_door_that_stays_open_raises_one_alarm_with_its_times() -> None:
    """Since the first sample beyond the limit, raised at the end of the delay, returned beyond the deadband."""
    engine = Engine([LOW])
    steps = [
        step
        for s, v in ((0, 12.0), (1, 3.0), (5, 2.0), (11, 4.0), (15, 10.2), (16, 10.5))
        for step in feed(engine, s, v)
    ]
    raised, returned = steps
    assert (raised.event, raised.state, raised.since, raised.time) == (
        AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, at(1).wall, at(11).wall,
    )  # fmt: skip
    assert (raised.value, raised.extreme, raised.alarm) == (2.0, 2.0, raised.id)
    assert (returned.event, returned.state, returned.time) == (
        AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, at(16).wall,
    )  # fmt: skip
    assert (returned.alarm, returned.value, returned.extreme) == (raised.id, 10.5, 2.0)


def test_a_value_that_stands_still_beyond_the_limit_is_raised_by_the_clock() -> None:
    """A subscription does not send again what did not change."""
    engine = Engine([LOW])
    feed(engine, 1, 3.0)
    assert list(engine.tick(at(10.9))) == []
    (raised,) = engine.tick(at(11.2))
    assert raised.time == at(11).wall
    assert list(engine.tick(at(99))) == []


def test_the_limit_itself_is_kept() -> None:
    """At least 10 Pa: 10 Pa is enough."""
    engine = Engine([LOW])
    feed(engine, 0, 10.0)
    assert list(engine.tick(at(100))) == []


@pytest.mark.parametrize("status", [StatusCode.BAD_SENSOR_FAILURE, StatusCode.UNCERTAIN_LAST_USABLE_VALUE])
def test_a_value_that_is_not_good_never_enters_a_limit(status: StatusCode) -> None:
    """It neither raises nor returns an alarm, and ends a running delay."""
    engine = Engine([LOW])
    feed(engine, 0, 3.0, status)
    assert list(engine.tick(at(100))) == []
    feed(engine, 101, 3.0)
    feed(engine, 105, 3.0, status)
    assert list(engine.tick(at(200))) == []
    feed(engine, 201, 3.0)
    assert len(list(engine.tick(at(300)))) == 1
    assert feed(engine, 301, 15.0, status) == []
    assert len(engine.open()) == 1


@pytest.mark.parametrize(("time", "is_judged"), [(3700.0, True), (-1.0e9, True), (-90.0, False), (None, False)])
def test_a_value_whose_time_alone_is_doubted_is_judged_by_when_it_came(time: float | None, *, is_judged: bool) -> None:
    """Where the time is that of a wrong clock: ahead, or of another age. One that goes back may be an old value's."""

    def say(seconds: float, value: float) -> list[Alarm]:
        moment = None if time is None else at(seconds + time).wall
        row = (0, value, int(StatusCode.UNCERTAIN), Reason.TIME, moment)
        table = TagTable(("dp",), ("Pa",))
        return list(engine.evaluate(frame_of("ems", table, [row], received=at(seconds).wall), at(seconds)))

    engine = Engine([LOW, Condition(tag="dp", kind=AlarmKind.BAD_STATUS)])
    steps = [*say(0, 3.0), *engine.tick(at(11)), *say(12, 14.0)]
    told = [(one.event, one.time, one.value, one.doubt) for one in steps if one.kind is AlarmKind.LOW]
    expected = [(AlarmEvent.RAISED, at(10).wall, 3.0, "TIME"), (AlarmEvent.RETURNED, at(12).wall, 14.0, "TIME")]
    assert told == expected * is_judged
    assert [one.event for one in steps if one.kind is AlarmKind.BAD_STATUS] == [AlarmEvent.RAISED]


def test_acknowledging_before_and_after_the_return() -> None:
    """Both ways lead to normal, with the name and the reason in the record."""
    for order in ("acknowledge first", "return first"):
        engine = Engine([LOW])
        feed(engine, 0, 3.0)
        list(engine.tick(at(10)))
        if order == "acknowledge first":
            step = engine.acknowledge("dp.LOW", at(11), actor="op", comment="door")
            assert step.state is AlarmState.ACKNOWLEDGED
            (step,) = feed(engine, 12, 12.0)
        else:
            feed(engine, 12, 12.0)
            step = engine.acknowledge("dp.LOW", at(13), actor="op", comment="door")
            assert (step.actor, step.comment) == ("op", "door")
        assert step.state is AlarmState.NORMAL
        assert engine.open() == []


def test_an_alarm_raised_again_before_it_was_acknowledged_stays_the_same_alarm() -> None:
    """One row in the list, with a new begin."""
    engine = Engine([LOW])
    feed(engine, 0, 3.0)
    (first,) = engine.tick(at(10))
    feed(engine, 12, 12.0)
    feed(engine, 20, 5.0)
    (second,) = engine.tick(at(30))
    assert (second.alarm, second.since, second.extreme) == (first.alarm, at(20).wall, 5.0)
    engine.acknowledge("dp.LOW", at(31), actor="op", comment="door")
    feed(engine, 32, 12.0)
    feed(engine, 40, 5.0)
    (third,) = engine.tick(at(50))
    assert third.alarm == third.id != first.alarm


def test_an_alarm_outlives_the_agent() -> None:
    """After a restart it is still open, is not raised a second time, and returns as the same alarm."""
    engine = Engine([LOW])
    feed(engine, 0, 3.0)
    (raised,) = engine.tick(at(10))
    reborn = Engine([LOW])
    reborn.restore([raised], at(20))
    assert reborn.open() == [raised]
    assert feed(reborn, 100, 2.0) == []
    assert list(reborn.tick(at(200))) == []
    (returned,) = feed(reborn, 201, 12.0)
    assert (returned.alarm, returned.since, returned.extreme) == (raised.alarm, raised.since, 2.0)
    step = reborn.acknowledge("dp.LOW", at(202), actor="op", comment="door")
    other = Engine([LOW, HIGH])
    other.restore([step], at(203))
    assert other.open() == []


def test_what_is_not_open_cannot_be_acknowledged() -> None:
    """Neither a condition at rest, nor one that does not exist, nor twice."""
    engine = Engine([LOW])
    for name in ("dp.LOW", "nothing"):
        with pytest.raises(CommandRefusedError, match=name):
            engine.acknowledge(name, at(0), actor="op", comment="door")


def test_a_high_limit_below_zero() -> None:
    """A dust room must stay at relative negative pressure."""
    engine = Engine([HIGH])
    readings = ((0, -12.0), (1, -5.0), (2, -4.0), (3, 1.0), (4, -5.2), (5, -5.5))
    steps = [step for s, v in readings for step in engine.evaluate(frame({"w1": v}, received=at(s).wall), at(s))]
    assert [(step.event, step.extreme) for step in steps] == [(AlarmEvent.RAISED, -4.0), (AlarmEvent.RETURNED, 1.0)]


def test_every_sample_of_a_frame_is_seen_in_order() -> None:
    """A dip between two good values in one frame is not lost (no delay configured)."""
    engine = Engine([Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, unit="Pa")])
    one = frame({"dp": 12.0}, received=0)
    burst = type(one)(
        source="ems", tags=one.tags, tag=np.zeros(3, dtype=np.int32), value=np.array([12.0, 4.0, 12.0]),
        status=np.zeros(3, dtype=np.uint32), reason=np.zeros(3, dtype=np.uint8),
        source_time=np.zeros(3, dtype=np.int64), received=0,
    )  # fmt: skip
    assert [step.event for step in engine.evaluate(burst, at(0))] == [AlarmEvent.RAISED, AlarmEvent.RETURNED]


class EverySample(Limits):
    """Leaves nothing out."""

    def telling(self, frame: Frame, good: NDArray[np.bool_]) -> NDArray[np.intp]:
        return np.arange(len(frame.tag[: len(good)]))


BOTH = [LOW, replace(LOW, kind=AlarmKind.HIGH, limit=15.0), replace(LOW, tag="w1", on_delay=0.0)]
SAMPLES = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 20), st.sampled_from([0, StatusCode.BAD])), max_size=6)


@given(st.lists(st.tuples(st.floats(0.1, 8), SAMPLES, st.booleans()), max_size=20))
def test_samples_that_are_left_out_would_have_changed_nothing(
    happenings: list[tuple[float, list[tuple[int, float, int]], bool]],
) -> None:
    """The same steps as when each sample is looked at, whichever table of tags a frame carries."""

    def steps(limits: type[Limits]) -> list[Alarm]:
        found, now = list[Alarm](), 0.0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gateway.alarm.looking.Limits", limits)
            engine = Engine(BOTH)
        tables = [TagTable(("dp", "w1"), ("Pa", "Pa")), TagTable(("dp", "w1"), ("Pa", "Pa"))]
        for pause, samples, other in happenings:
            now += pause
            rows = [(tag, value, status, Reason.NONE, None) for tag, value, status in samples]
            found += engine.evaluate(frame_of("ems", tables[other], rows, received=0), at(now))
            found += engine.tick(at(now))
        return [replace(step, id=UUID(int=0), alarm=UUID(int=0)) for step in found]

    assert steps(Limits) == steps(EverySample)


def test_a_tag_that_is_no_longer_watched_raises_nothing_more() -> None:
    """Not even by an on-delay that runs; what is open stays, to be acknowledged."""
    engine = Engine([LOW, HIGH])
    feed(engine, 0, 8.0)
    readings = frame({"w1": -4.0}, received=at(0).wall)
    assert [step.event for step in engine.evaluate(readings, at(0))] == [AlarmEvent.RAISED]
    engine.unwatch(["dp", "w1"])
    assert list(engine.tick(at(60))) == []
    assert [step.condition for step in engine.open()] == ["w1.HIGH"]
    assert engine.acknowledge("w1.HIGH", at(61), actor="op", comment="door").state is AlarmState.ACKNOWLEDGED


INPUTS = st.one_of(
    st.tuples(st.just("sample"), st.floats(0, 20), st.sampled_from([0, StatusCode.BAD])),
    st.just(("tick",)),
    st.just(("acknowledge",)),
)


@given(st.lists(st.tuples(st.floats(0.1, 8), INPUTS), max_size=60))
def test_whatever_happens_the_steps_follow_the_table(happenings: list[tuple[float, tuple[object, ...]]]) -> None:
    """Each step is a row of the table, at most one alarm of a condition is open, and times never run backwards."""
    engine, now, state, steps = Engine([LOW]), 0.0, AlarmState.NORMAL, list[Alarm]()
    for pause, (what, *rest) in happenings:
        now += pause
        if what == "sample":
            steps += feed(engine, now, float(str(rest[0])), int(str(int(rest[1]))))  # type: ignore[call-overload]  # drawn
        elif what == "tick":
            steps += engine.tick(at(now))
        elif (state, AlarmEvent.ACKNOWLEDGED) in TRANSITIONS:
            steps.append(engine.acknowledge("dp.LOW", at(now), actor="op", comment="door"))
        state = steps[-1].state if steps else state
        assert len(engine.open()) == (state is not AlarmState.NORMAL)
    known = AlarmState.NORMAL
    for step in steps:
        assert TRANSITIONS[known, step.event] is step.state
        assert step.since + 10_000_000 <= step.time or step.event is not AlarmEvent.RAISED
        known = step.state


def test_an_alarm_names_the_batch_that_is_known_to_be_in_its_room() -> None:
    """At the moment of each step; where nobody knows, the room's own tag tells."""

    def in_room(room: str, moment: int) -> str | None:
        return f"{room} at {moment}"

    with_tag, known, alone = replace(LOW, batch_tag="F1.Batch"), Context(in_room), Context()
    known.take("F1.Batch", "A", Instant(1, 1.0))
    assert known.batch(LOW, "F1", 7) == "F1 at 7"
    assert known.batch(LOW, None, 7) is None
    assert known.batch(with_tag, "F1", 7) == "F1 at 7"
    alone.take("F1.Batch", "A", Instant(1, 1.0))
    assert alone.batch(with_tag, "F1", 7) == "A"
    assert Context().batch(LOW, "F1", 7) is None
