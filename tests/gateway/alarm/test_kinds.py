"""Each kind of condition: when it is an alarm, and when it returns."""

import pytest

from gateway.alarm.condition import Condition
from schemas.records import AlarmEvent, AlarmKind, AlarmPriority
from schemas.status import Reason, StatusCode
from tests.gateway.alarm.support import Line, at, line, told, wall
from tests.gateway.messages import frame

RAISED, RETURNED, PASSED = AlarmEvent.RAISED, AlarmEvent.RETURNED, AlarmEvent.PASSED


def events(one: Line) -> list[AlarmEvent]:
    return [event for _, event in told(one.steps)]


def test_the_alert_comes_before_the_action() -> None:
    """Two limits of one value, each with its priority and its profile in the record."""
    alert = Condition(tag="dp", kind=AlarmKind.LOW, limit=12.0, unit="Pa", priority=AlarmPriority.ALERT)
    action = Condition(tag="dp", kind=AlarmKind.LOW_LOW, limit=10.0, unit="Pa", profile="site/3")
    one = line(alert, action)
    one.say(1, dp=11.0)
    one.say(2, dp=9.0)
    assert [(s.condition, s.kind, s.priority, s.profile) for s in one.steps] == [
        ("dp.LOW", AlarmKind.LOW, AlarmPriority.ALERT, None),
        ("dp.LOW_LOW", AlarmKind.LOW_LOW, AlarmPriority.ACTION, "site/3"),
    ]
    assert [step.condition for step in one.say(3, dp=10.0)] == ["dp.LOW_LOW"]


def test_an_alarm_returns_after_the_off_delay() -> None:
    """A value that goes beyond the limit again within it was not back; the duration is that of the breach."""
    one = line(Condition(tag="rh", kind=AlarmKind.HIGH_HIGH, limit=65.0, deadband=1.0, off_delay=5.0, unit="%"))
    one.say(0, rh=66.0)
    one.say(10, rh=63.0)
    one.say(12, rh=65.5)
    one.say(20, rh=63.0)
    assert one.tick(24.9) == []
    (returned,) = one.tick(25.2)
    assert (returned.event, returned.time, returned.duration) == (RETURNED, wall(25), 20.0)


def test_a_gas_of_fog_that_reverses_the_cascade_is_an_alarm_in_both_directions() -> None:
    """Air must flow out of the filling room and into the dust room; still air is not reversed yet."""
    out = Condition(tag="f1", kind=AlarmKind.REVERSED, unit="Pa")
    into = Condition(tag="w1", kind=AlarmKind.REVERSED, sign=1, unit="Pa")
    one = line(out, into)
    one.say(0, f1=12.0, w1=-12.0)
    one.say(1, f1=0.0, w1=0.0)
    assert one.steps == []
    one.say(2, f1=-0.4, w1=0.4)
    one.say(3, f1=8.0, w1=-8.0)
    assert [(s.condition, s.event, s.extreme) for s in one.steps] == [
        ("f1.REVERSED", RAISED, -0.4), ("w1.REVERSED", RAISED, 0.4),
        ("f1.REVERSED", RETURNED, -0.4), ("w1.REVERSED", RETURNED, 0.4),
    ]  # fmt: skip


def test_a_change_that_is_too_fast() -> None:
    """More than 2 K within a minute, up or down; it returns when the change has left the window, also by the clock."""
    one = line(Condition(tag="t", kind=AlarmKind.RATE_OF_CHANGE, limit=2.0, unit="Cel", window=60.0))
    for second, value in ((0, 20.0), (50, 21.0), (100, 22.0), (150, 23.0)):
        assert one.say(second, t=value) == []
    (raised,) = one.say(160, t=20.5)
    assert (raised.event, raised.value) == (RAISED, 2.5)
    assert one.tick(219) == []
    (returned,) = one.tick(224)  # a sixteenth of the window later at most
    assert (returned.event, returned.value) == (RETURNED, 0.0)


def test_a_step_after_a_long_silence_is_a_change() -> None:
    """A value that is sent only when it changes held until then; one that was Bad in between is not compared."""
    one = line(Condition(tag="t", kind=AlarmKind.RATE_OF_CHANGE, limit=2.0, unit="Cel", window=60.0))
    one.say(0, t=20.0)
    one.say(4000, t=None)
    one.say(4001, t=25.0)
    assert one.steps == []
    one.say(9000, t=20.0)
    assert events(one) == [RAISED]


def test_a_tag_of_which_nothing_is_heard_is_one_alarm() -> None:
    """Since it was heard last. A Bad value, or one that the agent repeats, is nothing; any other ends it."""
    one = line(Condition(tag="dp", kind=AlarmKind.STALE, window=30.0, unit="s"))
    one.tick(0)
    one.say(10, dp=12.0, t=1.0)
    one.say(20, dp=None, t=1.0)
    repeated = frame({"dp": 12.0}, received=0, status=StatusCode.UNCERTAIN, reason=Reason.STALE)
    assert list(one.engine.evaluate(repeated, at(25))) == []
    assert one.tick(40) == []
    (raised,) = one.tick(40.1)
    assert (raised.event, raised.since, raised.value) == (RAISED, wall(10), None)
    assert [*one.tick(100), *one.say(101, dp=None)] == []
    (returned,) = one.say(110, dp=12.0)
    assert (returned.event, returned.duration) == (RETURNED, 100.0)


def test_a_tag_that_never_speaks_is_stale_from_the_start() -> None:
    """The start counts as heard."""
    one = line(Condition(tag="dp", kind=AlarmKind.STALE, window=30.0, unit="s"))
    one.tick(0)
    assert one.tick(30) == []
    assert [step.since for step in one.tick(31)] == [wall(0)]


def test_a_sensor_that_is_frozen_while_the_other_side_falls_is_an_alarm() -> None:
    """It still says 12 Pa within its noise; the other one moves."""
    flat = [Condition(tag=tag, kind=AlarmKind.FLAT_LINE, limit=0.05, window=600.0, unit="Pa") for tag in ("a", "b")]
    one = line(*flat)
    for second in range(0, 700, 10):
        one.say(second, a=12.0 + 0.02 * (second % 20 == 0), b=12.0 - second / 100)
        one.tick(second + 0.1)
    (raised,) = one.steps
    assert (raised.condition, raised.event, raised.since, raised.value) == ("a.FLAT_LINE", RAISED, wall(0), 12.02)
    (returned,) = one.say(700, a=11.5, b=5.0)
    assert (returned.event, returned.value, returned.duration) == (RETURNED, 11.5, 700.0)


def test_a_value_that_is_not_sent_because_it_stands_still_is_flat_too() -> None:
    """By the clock; a Bad value in between begins a new time."""
    one = line(Condition(tag="a", kind=AlarmKind.FLAT_LINE, window=600.0, unit="Pa"))
    one.say(0, a=12.0)
    one.say(300, a=None)
    one.say(310, a=12.0)
    assert one.tick(909) == []
    assert [step.since for step in one.tick(910)] == [wall(310)]
    assert [*one.say(911, a=None), *one.say(912, a=12.0)] == []
    assert [step.event for step in one.say(913, a=12.1)] == [RETURNED]


def test_every_value_of_a_burst_counts_for_a_flat_line() -> None:
    """A tag may stand several times in one frame, in any order of tags."""
    flat = [Condition(tag=tag, kind=AlarmKind.FLAT_LINE, limit=1.0, window=60.0, unit="Pa") for tag in ("a", "b")]
    one = line(*flat)
    one.say(0, a=12.0, b=12.0)
    burst = frame({"a": 12.0, "b": 12.0}, received=0)
    tag = burst.tag[[1, 0, 0, 1, 0]]
    value, status = burst.value[tag], burst.status[tag]
    value[2] = 14.0
    moving = type(burst)(
        source="ems", tags=burst.tags, tag=tag, value=value, status=status, reason=burst.reason[tag],
        source_time=burst.source_time[tag], received=0,
    )  # fmt: skip
    list(one.engine.evaluate(moving, at(50)))
    assert told(one.tick(61)) == [("b.FLAT_LINE", RAISED)]


def test_a_bad_status_is_one_alarm_and_none_by_the_value() -> None:
    """Neither limit is judged; whatever is not Good enters none, so Uncertain counts too."""
    bad = Condition(tag="dp", kind=AlarmKind.BAD_STATUS, on_delay=5.0)
    low = Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, unit="Pa")
    for status in (StatusCode.BAD_SENSOR_FAILURE, StatusCode.UNCERTAIN):
        one = line(bad, low)
        one.say(0, dp=12.0)
        for second in range(1, 9):
            fault = frame({"dp": 0.0}, received=0, status=status, reason=Reason.SOURCE)
            one.steps += one.engine.evaluate(fault, at(second))
        assert [(s.condition, s.event, s.time, s.value) for s in one.steps] == [
            ("dp.BAD_STATUS", RAISED, wall(6), None)
        ]
        assert told(one.say(20, dp=12.0)) == [("dp.BAD_STATUS", RETURNED)]


def test_a_value_beyond_what_its_sensor_measures() -> None:
    """By its reason; another fault says nothing about it."""
    one = line(Condition(tag="dp", kind=AlarmKind.OUT_OF_RANGE))
    for second, reason in enumerate([Reason.SOURCE, Reason.RANGE, Reason.OVERLOAD, Reason.COMM]):
        fault = frame({"dp": None}, received=0, status=StatusCode.BAD, reason=reason)
        one.steps += one.engine.evaluate(fault, at(second))
    one.say(9, dp=1.0)
    assert [(s.event, s.time) for s in one.steps] == [(RAISED, wall(1)), (RETURNED, wall(9))]


def test_a_boolean_is_judged_as_0_or_1() -> None:
    """A fan that does not run."""
    one = line(Condition(tag="fan", kind=AlarmKind.LOW, limit=1.0))
    one.say(0, fan=True)
    one.say(1, fan=False)
    one.say(2, fan=True)
    assert events(one) == [RAISED, RETURNED]


def test_two_of_three_probes() -> None:
    """So many conditions active at once are an alarm of its own, of the room that is named."""
    probes = [Condition(tag=tag, kind=AlarmKind.HIGH, limit=25.0, unit="Cel") for tag in ("t1", "t2", "t3")]
    names = tuple(one.name for one in probes)
    one = line(*probes, Condition(tag="hot", kind=AlarmKind.N_OF_M, limit=2, members=names, room="F1"))
    one.say(0, t1=26.0, t2=20.0, t3=20.0)
    assert told(one.steps) == [("t1.HIGH", RAISED)]
    both = one.say(1, t1=26.0, t2=26.0, t3=20.0)
    assert told(both) == [("t2.HIGH", RAISED), ("hot.N_OF_M", RAISED)]
    assert (both[1].value, both[1].room, both[1].line) == (2.0, "F1", "line-3")
    assert told(one.say(2, t1=20.0)) == [("t1.HIGH", RETURNED), ("hot.N_OF_M", RETURNED)]


def test_many_short_breaches_within_an_hour_are_an_alarm() -> None:
    """Two minutes in an hour are allowed; it returns when the first of them are an hour ago."""
    total = Condition(
        tag="dp", kind=AlarmKind.DURATION, limit=10.0, sign=-1, window=3600.0, allowed=120.0, unit="Pa"
    )  # fmt: skip
    one = line(total)
    for second in range(0, 1200, 300):
        one.say(second, dp=8.0)
        one.say(second + 30, dp=12.0)
    assert one.tick(1300) == one.steps == []
    one.say(1400, dp=7.0)
    (raised,) = one.tick(1400.1)
    assert (raised.event, raised.value, raised.allowed, raised.window) == (RAISED, 7.0, 120.0, 3600.0)
    one.say(1410, dp=12.0)
    assert one.tick(3609) == []
    assert [step.event for step in one.tick(3611)] == [RETURNED]


@pytest.mark.parametrize(
    ("kind", "settings", "what"),
    [
        (AlarmKind.STALE, {}, "window"),
        (AlarmKind.LOW, {"window": 60.0}, "window"),
        (AlarmKind.DURATION, {"window": 3600.0}, "sign"),
        (AlarmKind.N_OF_M, {"limit": 2.0, "members": ("a.LOW",)}, "members"),
        (AlarmKind.LOW, {"on_delay": -1.0}, "below 0"),
    ],
)
def test_numbers_that_do_not_fit_the_kind_are_refused(kind: AlarmKind, settings: dict[str, float], what: str) -> None:
    """With the name of the condition."""
    with pytest.raises(ValueError, match=rf"dp\.{kind.value}: .*{what}"):
        Condition(tag="dp", kind=kind, **settings)  # type: ignore[arg-type]  # drawn from the list above


def test_two_flat_lines_of_one_tag_are_refused() -> None:
    """Which band would be the one? So are two rates of change."""
    for kind in (AlarmKind.FLAT_LINE, AlarmKind.RATE_OF_CHANGE):
        with pytest.raises(ValueError, match="a tag has two"):
            line(*(Condition(tag="a", kind=kind, window=60.0, label=label) for label in ("X", "Y")))
