"""Working days in China, with the Saturdays and Sundays that are worked for a bridged holiday (调休). Pure.

The State Council says the days of each year in the autumn before it. Of a year that nobody told yet all weekdays are
taken for working days, and what is counted through it says that it is estimated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from chinese_calendar.constants import holidays, workdays

_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = min(holidays).year, max(holidays).year
"""Years that the library knows."""


@dataclass(frozen=True, slots=True)
class YearOfDays:
    """The days of a year that are not as the weekday says."""

    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True, slots=True)
class Counted:
    """A day that was counted to. `estimated` where a day on the way lies in a year whose holidays nobody told yet."""

    day: date
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days; `told` are years beside those of the library, and in place of them."""

    told: Mapping[int, YearOfDays] = field(default_factory=lambda: MappingProxyType({}))

    def known(self, year: int) -> bool:
        """Whether the holidays of that year are known."""
        return year in self.told or FIRST_YEAR <= year <= LAST_YEAR

    def working(self, day: date) -> bool:
        """Whether the day is a working day; by its weekday where the year is not known."""
        year = self.told.get(day.year)
        off, worked = (holidays, workdays) if year is None else (year.off, year.worked)
        return day in worked or (day.weekday() < 5 and day not in off)

    def count(self, day: date, number: int) -> Counted:
        """The working day that is `number` after `day`, which does not count itself; before it where negative.

        Raises OverflowError where no calendar has that day.
        """
        step = _DAY if number >= 0 else -_DAY
        left, estimated = abs(number), False
        while left:
            day += step
            estimated = estimated or not self.known(day.year)
            left -= self.working(day)
        return Counted(day, estimated)
