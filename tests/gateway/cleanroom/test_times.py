"""Hours of the week and plans of sampling, in the plant's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.cleanroom.sampling import missed, overdue
from gateway.cleanroom.times import DAYS, Plan, WeeklyTime, Window, local, micros

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
DAY = 86_400_000_000
HOUR = DAY // 24
MOMENTS = st.integers(1_500_000_000_000_000, 2_000_000_000_000_000)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=zone))


def weekly(**settings: object) -> WeeklyTime:
    return WeeklyTime.model_validate(settings)


def plan(**settings: object) -> Plan:
    return Plan.model_validate(settings)


PLANS = st.builds(
    lambda days, hour, within: plan(days=sorted(days), **{"from": f"{hour:02}:30"}, within=within),
    st.sets(st.sampled_from(DAYS), min_size=1), st.integers(0, 23), st.floats(0.5, 48),
)  # fmt: skip


def test_a_time_of_day_without_quotes_is_read_as_it_is_meant() -> None:
    """YAML 1.1 makes 18:30 the number 1110."""
    assert weekly(**{"from": 1110, "to": "20:00"}).begin == weekly(**{"from": "18:30", "to": "20:00"}).begin


@pytest.mark.parametrize("given", ["25:00", 1440, -1, "08:00+08:00", "eight", "08:00:00.5"])
def test_what_is_no_time_of_day_is_refused(given: object) -> None:
    """A zone of its own and parts of a second too."""
    with pytest.raises(ValidationError):
        weekly(**{"from": given, "to": "20:00"})


def test_a_time_that_ends_before_it_begins_goes_over_midnight() -> None:
    """It belongs to the day on which it begins."""
    night = weekly(days=["fri"], **{"from": "22:00", "to": "06:00"})
    assert night.holds(datetime(2026, 6, 12, 23, 0))  # noqa: DTZ001 - a local time; Friday
    assert night.holds(datetime(2026, 6, 13, 5, 59))  # noqa: DTZ001
    assert not night.holds(datetime(2026, 6, 13, 6, 0))  # noqa: DTZ001
    assert not night.holds(datetime(2026, 6, 12, 5, 0))  # noqa: DTZ001


@given(MOMENTS)
def test_local_times_and_microseconds_are_each_other_s_inverse(moment: int) -> None:
    """In a zone whose clocks change, too."""
    assert micros(local(moment, BERLIN)) == moment


@given(PLANS, MOMENTS, st.integers(0, 20 * DAY))
def test_windows_end_within_the_time_asked_for_and_begin_at_the_plan_s_hour(one: Plan, since: int, span: int) -> None:
    """On the days of the plan, in order, each once."""
    windows = [*one.windows(since, since + span, SHANGHAI)]
    assert windows == sorted(set(windows))
    for window in windows:
        begin = local(window.begin, SHANGHAI)
        assert since < window.end <= since + span
        assert (begin.time(), DAYS[begin.weekday()] in (one.days or DAYS)) == (one.begin, True)
        assert window.end - window.begin == round(one.within * HOUR)


@given(PLANS, MOMENTS, st.integers(0, 9 * DAY), st.integers(0, 9 * DAY))
def test_two_spans_have_the_windows_of_the_whole(one: Plan, since: int, first: int, second: int) -> None:
    """No window is lost or told twice where one look ends and the next begins."""
    middle, end = since + first, since + first + second
    parts = [*one.windows(since, middle, BERLIN), *one.windows(middle, end, BERLIN)]
    assert sorted(parts) == sorted(one.windows(since, end, BERLIN))


def test_a_plan_by_dates_has_one_window_a_month() -> None:
    """With the end of a long one in the next month."""
    monthly = plan(dates=[28], within=24 * 7)
    found = [*monthly.windows(at("2026-01-01"), at("2026-04-01"), SHANGHAI)]
    assert [local(window.end, SHANGHAI).date().isoformat() for window in found] == [
        "2026-01-04",
        "2026-02-04",
        "2026-03-07",
    ]


def test_the_day_of_the_clock_change_keeps_its_hour_on_the_wall() -> None:
    """Europe/Berlin, 2026-03-29: 08:00 is an hour earlier in UTC from that day on."""
    daily = plan(**{"from": "08:00"}, within=2)
    begins = [
        datetime.fromtimestamp(window.begin / 1e6, UTC).hour
        for window in daily.windows(at("2026-03-28T00:00", BERLIN), at("2026-03-31T00:00", BERLIN), BERLIN)
    ]
    assert begins == [7, 6, 6]


def test_days_and_dates_together_are_refused() -> None:
    """A plan is by one of them."""
    with pytest.raises(ValidationError, match="give either days or dates"):
        plan(days=["mon"], dates=[1])


def test_a_window_without_a_sample_is_missed() -> None:
    """Monday's was taken, Tuesday's late, Wednesday's not."""
    daily = plan(days=["mon", "tue", "wed"], **{"from": "08:00"}, within=8)
    taken = [at("2026-06-08T09:00"), at("2026-06-09T16:30")]
    found = missed(daily, taken, at("2026-06-08"), at("2026-06-11"), SHANGHAI)
    assert found == [
        Window(at("2026-06-09T08:00"), at("2026-06-09T16:00")),
        Window(at("2026-06-10T08:00"), at("2026-06-10T16:00")),
    ]
    assert missed(daily, taken, at("2026-06-08"), at("2026-06-10T15:59"), SHANGHAI) == found[:1]


@given(PLANS, MOMENTS, st.lists(st.integers(-5 * DAY, 15 * DAY), max_size=20))
def test_missed_windows_are_those_that_hold_no_sample(one: Plan, since: int, offsets: list[int]) -> None:
    """Compared with a look at each."""
    taken, until = [since + offset for offset in offsets], since + 10 * DAY
    expected = [
        window for window in one.windows(since, until, SHANGHAI)
        if not any(window.begin <= moment < window.end for moment in taken)
    ]  # fmt: skip
    assert missed(one, taken, since, until, SHANGHAI) == expected


def test_a_sample_is_overdue_until_one_is_taken_late() -> None:
    """While the window is open nothing is overdue."""
    daily = plan(**{"from": "08:00"}, within=8)
    yesterday, late = at("2026-06-08T09:00"), at("2026-06-09T17:00")
    assert not overdue(daily, yesterday, at("2026-06-09T15:59"), SHANGHAI)
    assert overdue(daily, yesterday, at("2026-06-09T16:00"), SHANGHAI)
    assert not overdue(daily, late, late + int(timedelta(hours=1) / timedelta(microseconds=1)), SHANGHAI)
    assert overdue(daily, None, at("2026-06-09T16:00"), SHANGHAI)
