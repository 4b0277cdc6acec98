"""Working days in China: bridged holidays, years that nobody told yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.working_days import FIRST_YEAR, LAST_YEAR, WorkingDays, YearOfDays

CALENDAR = WorkingDays()
DAYS = st.dates(date(FIRST_YEAR, 3, 1), date(LAST_YEAR + 3, 1, 1))
NUMBERS = st.integers(1, 60)
OFFICIAL = {
    # 国务院办公厅关于 2026 年部分节假日安排的通知: Spring Festival 15 to 23 February, 14 and 28 February worked
    date(2026, 2, 14): True,
    date(2026, 2, 15): False,
    date(2026, 2, 23): False,
    date(2026, 2, 24): True,
    date(2026, 2, 28): True,
    # National Day 1 to 7 October, 20 September and 10 October worked
    date(2026, 9, 20): True,
    date(2026, 10, 1): False,
    date(2026, 10, 7): False,
    date(2026, 10, 8): True,
    date(2026, 10, 10): True,
    date(2026, 10, 11): False,
}


@pytest.mark.parametrize(("day", "working"), OFFICIAL.items(), ids=str)
def test_holidays_and_worked_weekends_are_the_official_ones(day: date, *, working: bool) -> None:
    """The notice of the State Council, typed a second time."""
    assert CALENDAR.working(day) is working


@given(DAYS, NUMBERS)
def test_the_day_counted_to_is_that_many_working_days_later(day: date, number: int) -> None:
    """The first day does not count, the last one does and is worked."""
    end = CALENDAR.count(day, number).day
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert CALENDAR.working(end)
    assert sum(CALENDAR.working(one) for one in between) == number


@given(DAYS.filter(CALENDAR.working), NUMBERS)
def test_counting_back_from_the_end_of_a_term_finds_its_first_day(day: date, number: int) -> None:
    """From a working day."""
    assert CALENDAR.count(CALENDAR.count(day, number).day, -number).day == day


@given(DAYS, NUMBERS)
def test_only_what_runs_through_an_unknown_year_is_estimated(day: date, number: int) -> None:
    """By the years on the way."""
    counted = CALENDAR.count(day, number)
    assert counted.estimated == (not CALENDAR.known(counted.day.year))


def test_an_unknown_year_has_weekends_only() -> None:
    """New Year's Day of such a year is a working day, and the count says that it is estimated."""
    new_year = date(LAST_YEAR + 2, 1, 1)
    assert CALENDAR.working(new_year) is (new_year.weekday() < 5)
    assert CALENDAR.count(date(LAST_YEAR + 1, 12, 20), 15).estimated


def test_a_year_that_is_told_is_known_and_goes_before_the_library() -> None:
    """Its days off and its worked weekends hold."""
    year = LAST_YEAR + 1
    monday = next(date(year, 1, n) for n in range(4, 11) if date(year, 1, n).weekday() == 0)
    saturday = monday + timedelta(days=5)
    told = WorkingDays({year: YearOfDays(frozenset({monday}), frozenset({saturday}))})
    assert (told.working(monday), told.working(saturday)) == (False, True)
    assert told.count(monday - timedelta(days=1), 1) == told.count(monday, 1)
    assert not told.count(monday, 5).estimated
