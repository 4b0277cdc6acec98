"""How complete a stretch of time is, and which numbers of a stream are still missing. Pure.

An `Interval` is (begin, end): all integers x with begin ≤ x < end.
"""

from collections.abc import Iterable
from dataclasses import dataclass

Interval = tuple[int, int]


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same integers in order: overlapping and touching intervals become one, empty ones vanish."""
    found: list[Interval] = []
    for begin, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def without(intervals: Iterable[Interval], others: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is in the first and not in the others, in order."""
    rest: list[Interval] = []
    taken, place = merged(others), 0
    for begin, end in merged(intervals):
        at = begin
        while place < len(taken) and taken[place][0] < end:
            low, high = taken[place]
            rest.append((at, min(low, end)))
            at = max(at, high)
            if high > end:
                break  # it may reach into the next one
            place += 1
        rest.append((at, end))
    return merged(rest)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What of begin ≤ time < end is missing, microseconds. The span is not empty."""

    begin: int
    end: int
    missing: int

    @property
    def percent(self) -> float:
        """The share that is there, in hundredths of a percent, rounded down: 100 only where nothing is missing."""
        return percent(self.end - self.begin - self.missing, self.end - self.begin)


def percent(there: int, whole: int) -> float:
    """The share in percent with two decimals, rounded down.

    >>> percent(99_999, 100_000)
    99.99
    """
    return 10_000 * there // whole / 100


def completeness(
    begin: int, end: int, now: int, first: int | None, holes: Iterable[tuple[int, int | None]]
) -> Completeness | None:
    """How complete begin ≤ time < end is, counted from the first record and no further than now.

    Times are UTC microseconds. A hole without an end lasts until now; holes may overlap. None where there is no time to
    speak of: nothing was ever recorded (`first` is None), or only later.
    """
    if first is None:
        return None
    start, stop = max(begin, first), min(end, now)
    if start >= stop:
        return None
    spans = merged((max(began, start), min(stop if ended is None else ended, stop)) for began, ended in holes)
    return Completeness(start, stop, sum(high - low for low, high in spans))


def still_missing(
    told: Iterable[tuple[int, int]], received: int, held: Iterable[tuple[int, int]] = ()
) -> tuple[tuple[int, int], ...]:
    """Numbers that were told as missing and have not come since, as (first, last) in order, both included.

    `told` and `held` are such ranges too: what findings say, and what is held behind the first hole. All numbers up to
    `received` are here.
    """
    here = [(1, received + 1), *((first, last + 1) for first, last in held)]
    return tuple((low, high - 1) for low, high in without(((first, last + 1) for first, last in told), here))
