"""A result as reported against its limits. Pure.

Numbers are compared as they stand, not rounded to the digits of the limit (full value comparison, GB/T 8170-2008 4.3):
rounding is the laboratory's, before it reports. A `<` or `>` is a range of possible values.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from math import isfinite

from schemas.units import conversion


class Where(StrEnum):
    """Where a result lies."""

    WITHIN = "within"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed; None is no limit on that side."""

    low: Decimal | None
    high: Decimal | None

    def where(self, possible: "Possible") -> Where:
        """Within where every possible value is, outside where none is."""
        if possible.below(self.low) or possible.above(self.high):
            return Where.OUTSIDE
        least = self.low is None or (possible.least is not None and possible.least >= self.low)
        most = self.high is None or (possible.most is not None and possible.most <= self.high)
        return Where.WITHIN if least and most else Where.UNKNOWN


@dataclass(frozen=True, slots=True)
class Possible:
    """The values that a result may have; None is no end. `least_is_one` and `most_is_one`: the ends belong to them."""

    least: Decimal | None
    most: Decimal | None
    least_is_one: bool = True
    most_is_one: bool = True

    @classmethod
    def of(cls, value: Decimal, qualifier: str | None, *, not_negative: bool = False) -> "Possible":
        """What a number with `<`, `≤`, `=`, `≥` or `>` before it may be."""
        if qualifier in {"<", "≤"}:
            return cls(Decimal(0) if not_negative and value >= 0 else None, value, most_is_one=qualifier == "≤")
        if qualifier in {">", "≥"}:
            return cls(value, None, least_is_one=qualifier == "≥")
        return cls(value, value)

    def below(self, low: Decimal | None) -> bool:
        """Whether every one is below."""
        if low is None or self.most is None:
            return False
        return self.most < low or (self.most == low and not self.most_is_one)

    def above(self, high: Decimal | None) -> bool:
        """Whether every one is above."""
        if high is None or self.least is None:
            return False
        return self.least > high or (self.least == high and not self.least_is_one)


def decimal_of(number: float | None) -> Decimal | None:
    """The number with the digits that it was read from; None where there is none."""
    return Decimal(repr(number)) if number is not None and isfinite(number) else None


@cache
def factor_and_offset(source: str, target: str) -> tuple[Decimal, Decimal] | None:
    """How a number in `source` becomes one in `target`; None where the two do not measure the same quantity.

    Binary fractions of the conversion are rounded away at 12 digits: 1 mg is 0.001 g.
    """
    try:
        factor, offset = conversion(source, target)
    except ValueError:
        return None
    return Decimal(f"{factor:.12g}"), Decimal(f"{offset:.12g}")


def converted(number: Decimal, source: str | None, target: str | None) -> Decimal | None:
    """The number in another unit; None where it cannot be told in it."""
    if source == target:
        return number
    both = factor_and_offset(source, target) if source is not None and target is not None else None
    return None if both is None else number * both[0] + both[1]


def shown(number: Decimal) -> str:
    """The number as a person writes it."""
    return f"{number.normalize():f}"
