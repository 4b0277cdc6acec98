"""Examine: what can be wrong with a value of any device is found in one place; the records that come out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import SourceSettings, TagSettings
from edge.stages.examine import PERIOD, Examine, conditions
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from schemas.frame import NO_TIME, Beside, Frame, Row
from schemas.records import AlarmEvent, Refusal, Weighing
from schemas.status import Reason, StatusCode
from tests.gateway.messages import SECOND, frame, weighing

START = 1_800_000_000 * SECOND
ZONE = ZoneInfo("Asia/Shanghai")


class Device(SourceSettings):
    tags: tuple[TagSettings, ...]
    poll_interval: float | None = None

    @property
    def look_interval(self) -> float | None:
        return self.poll_interval

    @property
    def all_tags(self) -> tuple[TagSettings, ...]:
        return self.tags


class Bench:
    """A source through the stage, with clocks that are set by hand; both begin together."""

    def __init__(
        self, *tags: TagSettings, name: str = "ems", tolerance: float = 60.0, interval: float | None = None
    ) -> None:
        self.time = START
        self.monotonic = 5.0
        device = Device(type="toy", name=name, clock_tolerance=tolerance, tags=tags, poll_interval=interval)
        self.engine = Engine(conditions({name: device}))
        self.stage = Examine("line-3", {name: device}, ZONE, self.instant)

    def instant(self) -> Instant:
        return Instant(self.time, self.monotonic)

    def later(self, seconds: float) -> None:
        self.time += round(seconds * SECOND)
        self.monotonic += seconds

    def say(self, values: Mapping[str, float | Beside | None], **more: Any) -> list[Frame]:
        return [out for out in self.stage(frame(values, received=self.time, **more)) if isinstance(out, Frame)]

    def row(self, value: float | Beside | None, **more: Any) -> Row:
        return self.say({"t": value}, **more)[0].row(0)

    def told(self, frames: list[Frame]) -> dict[str, object]:
        return {row.tag: row.value for out in frames if out.source == "line-3" for row in out.rows()}


def tag(**more: Any) -> TagSettings:
    return TagSettings(name="t", unit="Pa", **more)


@pytest.mark.parametrize("value", [7.5, "Execute", True, 2**60])
def test_fa1_a_value_that_stands_still_is_stale_with_the_time_of_its_last_change(value: float | Beside) -> None:
    """Though the device says it again with a new time; Good again as soon as it moves."""
    bench = Bench(tag(stale_after=10))
    assert bench.row(value, source_time=START).status == StatusCode.GOOD
    bench.later(9)
    assert bench.row(value, source_time=bench.time).status == StatusCode.GOOD
    bench.later(2)
    row = bench.row(value, source_time=bench.time)
    assert (row.value, row.reason, row.source_time) == (value, Reason.STALE, START)
    assert row.status == StatusCode.UNCERTAIN_LAST_USABLE_VALUE
    moved = bench.row(0.25, source_time=bench.time)
    assert (moved.status, moved.source_time) == (StatusCode.GOOD, bench.time)


def test_fa1_a_value_of_which_nothing_comes_is_said_to_be_stale_by_the_clock() -> None:
    """Once, with the device's old time; the time of receipt is when the source was heard last, not now."""
    bench = Bench(tag(stale_after=10))
    bench.row(7.5, source_time=START - 3)
    bench.later(4)
    bench.say({})  # an empty frame: the device answers
    heard = bench.time
    bench.later(5.5)
    assert [out for out in bench.stage.tick() if out.source == "ems"] == []
    bench.later(1)
    (out,) = [out for out in bench.stage.tick() if out.source == "ems"]
    row = out.row(0)
    assert (row.value, row.reason, row.source_time, out.received) == (7.5, Reason.STALE, START - 3, heard)
    bench.later(100)
    assert [out for out in bench.stage.tick() if out.source == "ems"] == []


def test_fa1_a_break_is_no_change() -> None:
    """Bad stays Bad, and a value that comes back as it was has still not moved."""
    bench = Bench(tag(stale_after=10))
    bench.row(7.5)
    bench.later(1)
    lost = bench.row(None, status=StatusCode.BAD_NO_COMMUNICATION, reason=Reason.COMM)
    assert lost.reason is Reason.COMM
    bench.later(20)
    assert [out for out in bench.stage.tick() if out.source == "ems"] == []
    assert bench.row(7.5).reason is Reason.STALE


def test_fa1_a_value_that_may_stand_still_is_left_alone() -> None:
    """Only tags with `stale_after` have to move."""
    bench = Bench(tag())
    bench.row(7.5)
    bench.later(1e6)
    assert bench.row(7.5).status == StatusCode.GOOD
    assert [out for out in bench.stage.tick() if out.source == "ems"] == []


def test_fa3_another_unit_is_an_alarm_until_it_is_the_right_one_again() -> None:
    """An adapter says reason UNIT, whichever it is."""
    bench = Bench(tag())
    bad = {"status": StatusCode.BAD_CONFIGURATION_ERROR, "reason": Reason.UNIT}
    assert bench.told(bench.say({"t": 1.0})) == {"ems.IdentityChanged": 0.0, "ems.UnitChanged": 0.0}
    raised = bench.say({"t": None}, **bad)
    assert bench.told(raised) == {"ems.UnitChanged": 1.0}
    assert bench.told(bench.say({"t": None}, **bad)) == {}
    (step,) = bench.engine.evaluate(raised[1], bench.instant())
    assert (step.condition, step.event) == ("ems.UnitChanged.HIGH", AlarmEvent.RAISED)
    (step,) = bench.engine.evaluate(bench.say({"t": 1.0})[1], bench.instant())
    assert step.event is AlarmEvent.RETURNED


def test_fa4_another_device_is_an_alarm_and_a_break_does_not_end_it() -> None:
    """What is lost says nothing about who it is."""
    bench = Bench(tag())
    other = {"status": StatusCode.UNCERTAIN, "reason": Reason.IDENTITY}
    first = bench.say({"t": 1.0}, **other)
    assert (first[0].row(0).value, first[0].row(0).reason) == (1.0, Reason.IDENTITY)
    assert bench.told(first)["ems.IdentityChanged"] == 1.0
    lost = bench.say({"t": None}, status=StatusCode.BAD_NO_COMMUNICATION, reason=Reason.COMM)
    assert bench.told(lost) == {}
    assert bench.told(bench.say({"t": 1.0})) == {"ems.IdentityChanged": 0.0}


@pytest.mark.parametrize("time", [START + 61 * SECOND, START - SECOND, 0, 946_684_800 * SECOND])
def test_fa5_a_device_time_that_cannot_be_is_uncertain(time: int) -> None:
    """Far ahead, back, 1970 and the year 2000; the device's own time is kept, the next right one is Good."""
    bench = Bench(tag())
    bench.row(1.0, source_time=START)
    row = bench.row(2.0, source_time=time)
    assert (row.value, row.status, row.reason, row.source_time) == (2.0, StatusCode.UNCERTAIN, Reason.TIME, time)
    bench.later(120)
    assert bench.row(3.0, source_time=bench.time).status == StatusCode.GOOD


def test_fa5_the_tolerance_is_that_of_the_source() -> None:
    """And a device without a clock is not doubted."""
    assert Bench(tag(), tolerance=120).row(1.0, source_time=START + 100 * SECOND).status == StatusCode.GOOD
    assert Bench(tag(), tolerance=10).row(1.0, source_time=START + 11 * SECOND).reason is Reason.TIME
    assert Bench(tag()).row(1.0).status == StatusCode.GOOD


def test_fa5_the_offset_of_the_clock_is_recorded() -> None:
    """In seconds, once in a while, by the newest device time."""
    bench = Bench(tag())
    assert bench.told(bench.say({"t": 1.0}, source_time=START - 5 * SECOND))["ems.ClockOffset"] == -5.0
    bench.later(PERIOD / 2)
    assert "ems.ClockOffset" not in bench.told(bench.say({"t": 2.0}, source_time=bench.time + 30 * SECOND))
    bench.later(PERIOD / 2)
    assert bench.told(bench.say({"t": 3.0}, source_time=bench.time - 9 * SECOND)) == {"ems.ClockOffset": 30.0}


def test_fa9_values_after_the_calibration_are_uncertain_and_an_alarm_stands() -> None:
    """The last day is one of the plant's; the alarm comes by the clock alone."""
    bench = Bench(tag(calibration_due=date(2027, 3, 31)))
    bench.time = round(datetime(2027, 3, 31, 15, 59, 59, tzinfo=UTC).timestamp() * SECOND)  # 23:59:59 in Shanghai
    before = bench.say({"t": 1.0})
    assert before[0].row(0).status == StatusCode.GOOD
    assert bench.told(before)["ems.CalibrationOverdue"] == 0.0
    bench.later(1)
    (told,) = bench.stage.tick()
    (step,) = bench.engine.evaluate(told, bench.instant())
    assert (step.condition, step.event) == ("ems.CalibrationOverdue.HIGH", AlarmEvent.RAISED)
    row = bench.row(2.0)
    assert (row.value, row.reason) == (2.0, Reason.CALIBRATION)
    assert row.status == StatusCode.UNCERTAIN_SENSOR_CALIBRATION


def test_fa9_values_are_kept_where_that_is_said_and_the_alarm_comes_all_the_same() -> None:
    """`overdue: keep`."""
    bench = Bench(tag(calibration_due=date(2020, 1, 1), overdue="keep"))
    out = bench.say({"t": 1.0})
    assert out[0].row(0).status == StatusCode.GOOD
    assert bench.told(out)["ems.CalibrationOverdue"] == 1.0


def test_fa9_a_weighing_after_the_calibration_does_not_count() -> None:
    """It is refused in the record, with what else speaks against it."""
    bench = Bench(TagSettings(name="W", unit="g", calibration_due=date(2020, 1, 1)), name="scale")
    (out,) = bench.stage(weighing(START))
    assert isinstance(out, Weighing)
    assert (out.accepted, out.refusals) == (False, (Refusal.CALIBRATION,))
    (out,) = bench.stage(weighing(START, accepted=False))
    assert isinstance(out, Weighing)
    assert out.refusals == (Refusal.UNSTABLE, Refusal.CALIBRATION)
    assert out.detail == "the weight moves; the calibration of the balance is overdue"


@given(st.integers(0, 2**32 - 1), st.sampled_from(Reason), st.none() | st.integers(0, 2 * START))
def test_no_doubt_makes_a_value_better(status: int, reason: Reason, time: int | None) -> None:
    """What the device or its adapter says of a value stays; only Good ones are doubted."""
    bench = Bench(tag(stale_after=1, calibration_due=date(2020, 1, 1)))
    row = bench.row(1.0, status=status, reason=reason, source_time=time)
    assert row.status >> 30 >= min(status >> 30, 2)
    if status >> 30:
        assert (row.status, row.reason) == (status, reason)


def test_several_values_of_one_tag_in_a_frame_are_taken_in_their_order() -> None:
    """A queue of a subscription: only the one that goes back in time is doubted."""
    bench = Bench(tag())
    one = frame({"t": 1.0, "u": 1.0, "v": 1.0}, received=START)
    one.tag[:] = 0
    one.source_time[:] = [START - 3, START - 1, START - 2]
    out = next(bench.stage(one))
    assert isinstance(out, Frame)
    assert [row.reason for row in out.rows()] == [Reason.NONE, Reason.NONE, Reason.TIME]


def test_what_is_no_frame_of_a_device_passes() -> None:
    """The agent's own report, for one."""
    own = frame({"x": 1.0}, received=START, source="line-3")
    assert list(Bench(tag()).stage(own)) == [own]


def test_fa7_a_record_tells_how_far_apart_the_looks_at_its_values_are() -> None:
    """What jumped and returned in between was not seen; nobody shall believe that it was."""
    bench = Bench(tag(), interval=0.5)
    assert [bench.say({"t": value})[0].interval for value in (15.0, 15.0)] == [0.5, 0.5]
    assert bench.say({"t": 15.0}, interval=2.0)[0].interval == 2.0  # the server looks less often than it was asked to
    assert bench.say({"t": 15.0}, backfilled=True)[0].interval is None  # nobody knows how often the device looked
    assert Bench(tag()).say({"t": 15.0})[0].interval is None  # it tells of itself


OFFSETS = st.sampled_from([0, 1, 2, 3, 61_000_000, 59_000_000, -START, None])


@given(st.lists(st.tuples(st.lists(OFFSETS, min_size=2, max_size=2), st.booleans()), max_size=6))
def test_a_sample_is_doubted_the_same_whatever_stands_beside_it(
    series: list[tuple[list[int | None], bool]],
) -> None:
    """Among Good samples alone, and beside a Bad one: the same doubts, and the same is told of the device."""
    alone, beside = Bench(tag(), TagSettings(name="u")), Bench(tag(), TagSettings(name="u"), TagSettings(name="v"))
    for offsets, backfilled in series:
        told = []
        for bench, bad in ((alone, False), (beside, True)):
            bench.later(1)
            times = [NO_TIME if offset is None else bench.time + offset for offset in offsets]
            one = frame({"t": 1.0, "u": 2.0} | ({"v": None} if bad else {}), received=bench.time, backfilled=backfilled)
            one.source_time[:2] = times
            one.status[2:], one.reason[2:] = StatusCode.BAD, Reason.SOURCE
            frames = [out for out in bench.stage(one) if isinstance(out, Frame)]
            told.append(([frames[0].row(row) for row in (0, 1)], bench.told(frames)))
        assert told[0] == told[1]
