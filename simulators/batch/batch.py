"""One batch: its number, its times, who does what; and all that is true of it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

import numpy as np

from simulators.batch.course import Course, Span
from simulators.batch.recipe import Material, Recipe

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND


@dataclass(frozen=True)
class Batch:
    """A batch that was made. Times are Unix µs."""

    number: str
    start: int
    recipe: Recipe
    course: Course
    seed: int
    numbers: dict[str, int] = field(default_factory=dict)
    """The last running number of each list."""

    @cached_property
    def rng(self) -> np.random.Generator:
        """For what the laboratory finds."""
        return np.random.default_rng([self.seed, 2])

    def at(self, seconds: float) -> int:
        """A moment, given in seconds from the start."""
        return self.start + round(seconds) * SECOND

    def days(self, days: float) -> int:
        """A moment, given in days from the start; whole minutes."""
        return self.start + round(days * 1440) * MINUTE

    @property
    def ended(self) -> int:
        """When the last operation ended."""
        return self.at(max(span.ended for span in self.course.operations.values()))

    def who(self, part: str) -> str:
        """The person who has a part."""
        return self.recipe.people[part]

    def span(self, operation: str) -> Span:
        """When an operation was done."""
        return self.course.operations[operation]

    def operation_that(self, does: str) -> str:
        """Id of the first operation that does so."""
        return next(one.id for one in self.recipe.operations if one.does == does)

    def material(self, code: str) -> Material:
        """A material by its code."""
        return next(one for one in self.recipe.materials if one.code == code)

    def next(self, prefix: str) -> str:
        """The next number of a list: no other batch of the century's same month has it."""
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return f"{prefix}{self.number[-5:]}{self.numbers[prefix]:03d}"

    @property
    def previous(self) -> str:
        """The batch before it on the line."""
        return f"{self.number[:-3]}{int(self.number[-3:]) - 1:03d}"

    @property
    def common(self) -> dict[str, str]:
        """What every record of the batch has."""
        return {"batch": self.number, "product": self.recipe.product.code, "line": self.recipe.line}


def day_of(time: int) -> int:
    """Days since 1970-01-01 of a moment, in UTC."""
    return time // DAY


def months_after(day: int, months: int) -> int:
    """The day of a month that is so many months later, at most the 28th."""
    from_ = date.fromordinal(date(1970, 1, 1).toordinal() + day)
    years, month = divmod(from_.month - 1 + months, 12)
    return date(from_.year + years, month + 1, min(from_.day, 28)).toordinal() - date(1970, 1, 1).toordinal()


def number_of(start: int, seed: int) -> str:
    """A batch number, by the month of its start and the seed."""
    return f"B{datetime.fromtimestamp(start / SECOND, UTC):%y%m}{42 + seed % 900:03d}"
