"""A tag over a range: nothing is joined that was not read."""

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.archive import Archive, Trend
from gateway.archive.limits_told import LimitTold
from gateway.intake.live import Live
from gateway.languages import Language, words_in
from gateway.views import chart, spark
from gateway.views.display import DAY, HOUR, Clock
from gateway.views.gaps import covered, placed
from gateway.views.trend import BUCKETS, Beside, TrendView, Window, read, subject, window
from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from schemas.records import AlarmEvent, AlarmState, Gap, GapCause
from schemas.status import StatusCode
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import SECOND, alarm, frame, message

CLOCK, SAY = Clock.of("Asia/Shanghai"), words_in(Language.EN)


def trend(*rows: tuple[float, float, int]) -> Trend:
    """Readings of (seconds, value, status)."""
    seconds, values, codes = zip(*rows, strict=True)
    times = (np.array(seconds) * SECOND).astype(np.int64)
    return Trend(times, np.array(values, dtype=np.float64), np.array(codes, dtype=np.uint32), exact=True)


def test_a_bad_reading_breaks_the_line_whatever_its_number() -> None:
    """What a failed sensor gives is not drawn."""
    found = trend((0, 12.0, 0), (1, 12.1, 0), (2, 0.0, StatusCode.BAD_SENSOR_FAILURE), (3, 12.2, 0))
    assert list(spark.runs(found)) == [slice(0, 2), slice(3, 4)]
    assert spark.bounds(found) == (12.0, 12.2)
    assert spark.unreadable(found, 9 * SECOND) == [(2 * SECOND, 3 * SECOND)]


def test_a_hole_breaks_the_line() -> None:
    """Longer than 15 s, or than three usual distances of a tag that is read seldom."""
    often = trend(*((second, 1.0, 0) for second in (0, 1, 2, 3, 20, 21)))
    seldom = trend(*((second, 1.0, 0) for second in (0, 60, 120, 180, 400)))
    assert list(spark.runs(often)) == [slice(0, 4), slice(4, 6)]
    assert list(spark.runs(seldom)) == [slice(0, 4), slice(4, 5)]


def test_nothing_read_draws_nothing() -> None:
    """Also no bounds."""
    nothing = Trend(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint32), exact=True)
    assert list(spark.runs(nothing)) == []
    assert spark.bounds(nothing) is None
    assert spark.path(nothing, (0, 1), (0.0, 1.0), (10.0, 10.0)) == ""


def stay(batch: str, room: str) -> Assignment:
    """Since five minutes before, and still there."""
    began = NOW - 300 * SECOND
    return Assignment(system="line-3", key=f"{batch} {room}", batch=batch, product="P", place_kind=PlaceKind.ROOM,
                      place=room, began=began, time=began, line="line-3")  # fmt: skip


def view(asked: Window) -> TrendView:
    """Ten minutes of readings with a gap of two seconds between two of them, an alarm and an open door."""
    archive, live = Archive(None), Live()
    begin = NOW - 600 * SECOND
    frames = [
        frame({"F1.DP.M1": 14.0, "Door.F1-M1": 100 <= s < 150}, received=begin + s * SECOND) for s in range(0, 600, 5)
    ]
    hole = Gap(
        gap=uuid4(), source="ems", tags=("F1.DP.M1",), began=begin + 301 * SECOND, ended=begin + 303 * SECOND,
        cause=GapCause.QUEUE_OVERFLOW, detail="",
    )  # fmt: skip
    broken = alarm(
        AlarmEvent.RAISED,
        AlarmState.UNACKNOWLEDGED,
        NOW - 40 * SECOND,
        alarm=uuid4(),
        since=NOW - 50 * SECOND,
        tag="F1.DP.M1",
    )
    records: list[Record] = [*frames, hole, broken, stay("240611A", "F1"), stay("240611B", "M1")]
    messages = [message(record, offset) for offset, record in enumerate(records)]
    archive.store(messages)
    live.apply(messages)
    found = read(archive, subject("F1.DP.M1", SITE, live), asked, NOW)
    archive.close()
    return found


def test_what_a_room_protects_is_behind_it_in_the_cascade() -> None:
    """What comes into the air lock may reach the filling room; what lies before it is not reached."""
    assert SITE.protected_by("C1") == ["M1", "F1"]
    assert SITE.protected_by("M1") == ["F1"]
    assert SITE.protected_by("F1") == []
    assert subject("M1.DP.C1", SITE, Live()).rooms == ("M1", "F1")


def test_a_trend_has_its_limit_alarms_gaps_and_open_doors() -> None:
    """Spans that last end now."""
    found = view(Window(NOW - HOUR, NOW, "1h"))
    assert found.limit is not None
    assert found.limit.low == 10
    assert [row.since for row in found.alarms] == [NOW - 50 * SECOND]
    assert len(found.gaps) == 1
    assert [(one.batch, one.began) for one in found.batches] == [("240611A", NOW - 300 * SECOND)]
    drawn = chart.options(found, chart.axis(found, CLOCK), CLOCK, SAY)["series"][1]["markArea"]["data"]
    shown = [(NOW + age) / 1000 + 8 * HOUR / 1000 for age in (-300 * SECOND, 0)]
    assert drawn == [[{"xAxis": shown[0], "name": "240611A"}, {"xAxis": shown[1]}]]
    assert found.doors == {"Door.F1-M1": ((NOW - 500 * SECOND, NOW - 450 * SECOND),)}


def test_no_line_goes_across_a_gap_however_short() -> None:
    """There is an empty point where it began."""
    found = view(Window(NOW - HOUR, NOW, "1h"))
    points = chart.points(found, CLOCK)
    (empty,) = (at for at, (_, value) in enumerate(points) if value is None)
    began = (NOW - 299 * SECOND + 8 * HOUR) / 1000
    assert points[empty][0] == began
    assert points[empty - 1][0] < began < points[empty + 1][0]  # type: ignore[operator]  # times are never empty


def test_the_chart_is_drawn_on_the_plants_clock_and_spans_what_was_asked() -> None:
    """Also where there are no readings; the limit is on the axis."""
    found = view(Window(NOW - DAY, NOW))
    options = chart.options(found, chart.axis(found, CLOCK), CLOCK, SAY)
    zoom = options["dataZoom"][0]
    assert (zoom["startValue"], zoom["endValue"]) == ((NOW - DAY + 8 * HOUR) / 1000, (NOW + 8 * HOUR) / 1000)
    assert options["useUTC"] is True
    assert options["yAxis"][0]["min"] < 10
    assert options["yAxis"][0]["max"] > 14
    assert options["series"][0]["markLine"]["data"][0]["label"]["formatter"] == "action limit ≥ 10 Pa"


def test_a_zoom_in_percent_names_the_same_window_again() -> None:
    """Within what a percentage can tell of a year."""
    found = view(Window(NOW - HOUR, NOW))
    begin, end = chart.axis(found, CLOCK)
    start, stop = (100 * (moment + 8 * HOUR - begin) / (end - begin) for moment in (NOW - HOUR, NOW))
    first, last = chart.asked(start, stop, (begin, end), CLOCK)
    assert abs(first - (NOW - HOUR)) < SECOND / 10
    assert abs(last - NOW) < SECOND / 10


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_the_value_axis_holds_all_values_on_round_steps(low: float, height: float) -> None:
    """For any range of values."""
    bottom, top, step = chart.rounded(low, low + height)
    assert bottom <= low <= low + height <= top
    assert 2 <= round((top - bottom) / step) <= 8


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, Window(NOW - HOUR, NOW, "1h")),
        ({"range": "7d"}, Window(NOW - 7 * DAY, NOW, "7d")),
        ({"from": "2026-06-11T11:00:00", "to": "2026-06-11T12:00:00"}, None),
    ],
)
def test_the_address_names_the_window(query: dict[str, str], expected: Window | None) -> None:
    """By a range up to now, or from and to in plant time; and back."""
    found = window(query, CLOCK, NOW)
    assert expected is None or found == expected
    assert window(found.query(CLOCK), CLOCK, NOW) == found


@pytest.mark.parametrize(
    "query",
    [
        {"range": "2h"},
        {"from": "2026-06-11T11:00:00"},
        {"from": "2026-06-11T12:00:00", "to": "2026-06-11T11:00:00"},
        {"from": "0001-01-01T00:00:00", "to": "2026-06-11T11:00:00"},
        {"from": "soon", "to": "later"},
    ],
)
def test_a_window_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    """Never guessed."""
    with pytest.raises(ValueError, match=r"from|range|iso"):
        window(query, CLOCK, NOW)


def test_a_lane_shows_where_readings_are_and_never_more() -> None:
    """One empty part between two is allowed, two are a hole; spans stay within the lane."""
    assert covered([1, 0, 1, 0, 0, 1], 0, 60) == ((0, 30), (50, 60))
    assert covered([], 0, 60) == ()
    assert placed(-100, None, 0, 100) == (0.0, 100.0)
    assert placed(50, 50, 0, 100) == (50.0, 0.4)
    assert sum(placed(100, None, 0, 100)) == 100.0


def limited(*told: tuple[int, float], begin: int = 0, end: int = 100) -> TrendView:
    """A tag whose low action limit records named at these times; 10 Pa is set now."""
    limits = tuple(LimitTold(limit, True, True, None, time, "s", 1) for time, limit in told)
    return replace(view(Window(NOW - HOUR, NOW)), window=Window(begin, end), told=limits)


@pytest.mark.parametrize(
    ("told", "begin", "expected"),
    [
        ([], 0, [(0, 10.0)]),
        ([(50, 10.0)], 0, [(0, 10.0)]),
        ([(20, 8.0), (50, 10.0)], 0, [(0, 8.0), (50, 10.0)]),
        ([(20, 8.0), (50, 12.0)], 0, [(0, 8.0), (50, 12.0), (50, 10.0)]),
        ([(20, 8.0), (50, 10.0)], 30, [(30, 8.0), (50, 10.0)]),
        ([(20, 8.0), (50, 10.0)], 60, [(60, 10.0)]),
        ([(20, 8.0), (500, 10.0)], 0, [(0, 8.0)]),
    ],
)
def test_a_limit_is_drawn_as_it_was_in_force(
    told: list[tuple[int, float]], begin: int, expected: list[tuple[int, float]]
) -> None:
    """From what records named; after the last of them as it is set now."""
    assert limited(*told, begin=begin).steps(low=True) == expected
    assert limited(*told, begin=begin).steps(low=False) == []


def test_a_changed_limit_is_a_step_and_one_that_stayed_a_line() -> None:
    """Named once, at its end."""
    for found, drawn in ((limited((20, 8.0), (50, 10.0)), 3), (limited((50, 10.0)), 0)):
        options = chart.update(found, CLOCK, SAY)
        steps = options["series"][1 + len(chart.LANES)]
        assert len(steps["data"]) == drawn
        (line,) = options["series"][0]["markLine"]["data"]
        assert (line["lineStyle"]["width"] > 0) == (drawn == 0)


def test_thousands_of_alarms_are_drawn_as_what_can_be_told_apart() -> None:
    """A year's chart stays small; none is lost from the picture."""
    found = view(Window(NOW - 366 * DAY, NOW))
    (row,) = found.alarms
    many = tuple(
        replace(row, since=NOW - 366 * DAY + n * HOUR, returned=NOW - 366 * DAY + n * HOUR + SECOND)
        for n in range(5000)
    )
    options = chart.update(replace(found, alarms=many), CLOCK, SAY)
    drawn = options["series"][chart.LANES.index("alarms") + 1]["markArea"]["data"]
    assert len(drawn) <= 2 * BUCKETS
    assert drawn[0][0]["xAxis"] == (many[0].since + 8 * HOUR) / 1000
    assert drawn[-1][1]["xAxis"] == ((many[-1].returned or 0) + 8 * HOUR) / 1000


def test_further_tags_have_an_axis_for_each_further_unit() -> None:
    """Those of the first tag's unit share its axis, which holds them all."""
    found = view(Window(NOW - HOUR, NOW))
    beside = (
        Beside("M1.DP.C1", "Pa", replace(found.trend, value=found.trend.value + 50)),
        Beside("F1.Temperature", "Cel", found.trend), Beside("F1.Humidity", "%", found.trend),
        Beside("M1.Temperature", "Cel", found.trend),
    )  # fmt: skip
    options = chart.options(
        replace(found, beside=beside), chart.axis(found, CLOCK), CLOCK, SAY, ["a", "b", "c", "d", "e"]
    )
    axes = options["yAxis"]
    assert [one["name"] for one in axes[1 + len(chart.LANES) :]] == ["°C", "%"]
    assert axes[0]["max"] >= 64
    further = [one for one in options["series"] if one.get("name") in {"b", "c", "d", "e"}]
    first = 1 + len(chart.LANES)
    assert [one["yAxisIndex"] for one in further] == [0, first, first + 1, first]
    assert len({str(one["lineStyle"]["type"]) for one in further}) == 4
