"""How complete a period is: laws of intervals, checked against sets of integers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.completeness import Completeness, Interval, completeness, merged, percent, still_missing, without

POINTS = st.integers(0, 60)
INTERVALS = st.lists(st.tuples(POINTS, POINTS), max_size=12)
HOLES = st.lists(st.tuples(POINTS, st.none() | POINTS), max_size=12)
RANGES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))), max_size=8)


def points(intervals: object) -> set[int]:
    """The integers of intervals, one by one."""
    assert isinstance(intervals, list | tuple)
    return {point for begin, end in intervals for point in range(begin, end)}


@given(INTERVALS)
def test_merged_intervals_hold_the_same_points_in_order_and_apart(intervals: list[Interval]) -> None:
    """Neither overlapping nor touching nor empty."""
    found = merged(intervals)
    assert points(found) == points(intervals)
    assert all(begin < end for begin, end in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))


@given(INTERVALS, INTERVALS)
def test_what_remains_is_in_the_first_and_not_in_the_others(one: list[Interval], other: list[Interval]) -> None:
    """As with sets."""
    assert points(without(one, other)) == points(one) - points(other)
    assert without(one, other) == merged(without(one, other))


@given(POINTS, POINTS, POINTS, st.none() | POINTS, HOLES)
def test_completeness_counts_each_missing_moment_once(
    begin: int, end: int, now: int, first: int | None, holes: list[tuple[int, int | None]]
) -> None:
    """From the first record to the end or now; an open hole lasts until now."""
    found = completeness(begin, end, now, first, holes)
    asked = set() if first is None else set(range(max(begin, first), min(end, now)))
    if not asked:
        assert found is None
        return
    missing = asked & points([(began, now if ended is None else ended) for began, ended in holes])
    assert found == Completeness(min(asked), max(asked) + 1, len(missing))
    assert (found.percent == 100) == (not missing)
    assert (found.percent == 0) >= (missing == asked)


@given(POINTS, POINTS, HOLES, HOLES)
def test_a_further_hole_never_makes_it_more_complete(
    end: int, now: int, holes: list[tuple[int, int | None]], more: list[tuple[int, int | None]]
) -> None:
    """However they overlap."""
    few, many = completeness(0, end, now, 0, holes), completeness(0, end, now, 0, holes + more)
    assert few is None or (many is not None and many.percent <= few.percent)


@given(st.integers(1, 10**18), st.data())
def test_a_percentage_is_never_rounded_up(whole: int, data: st.DataObject) -> None:
    """100 only where all is there, and never more than the true share."""
    there = data.draw(st.integers(0, whole))
    found = percent(there, whole)
    assert (found == 100) == (there == whole)
    assert round(found * 100) * whole <= 10_000 * there < (round(found * 100) + 1) * whole


@pytest.mark.parametrize(("missing", "text"), [(0, "100.0"), (1, "99.99"), (8_640, "99.99"), (86_400, "99.9")])
def test_a_short_gap_of_a_day_is_seen_in_the_percentage(missing: int, text: str) -> None:
    """However short."""
    assert str(Completeness(0, 86_400_000, missing).percent) == text


def test_without_any_record_nothing_is_complete() -> None:
    """Neither before the first record nor where there is none."""
    assert completeness(0, 100, 100, None, []) is None
    assert completeness(0, 100, 200, 100, []) is None
    assert completeness(300, 400, 200, 0, []) is None


@given(RANGES, st.integers(0, 60), RANGES)
def test_a_number_is_missing_until_it_comes(
    told: list[tuple[int, int]], received: int, held: list[tuple[int, int]]
) -> None:
    """Within what has come without a hole, or behind one."""

    def numbers(ranges: object) -> set[int]:
        assert isinstance(ranges, list | tuple)
        return {number for first, last in ranges for number in range(first, last + 1)}

    found = still_missing(told, received, held)
    assert numbers(found) == numbers(told) - set(range(1, received + 1)) - numbers(held)
    assert all(first <= last for first, last in found)
