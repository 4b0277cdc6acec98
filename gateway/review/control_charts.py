"""Rules of control charts for single results: Nelson's tests and Westgard's multirule. Pure.

L. S. Nelson, The Shewhart Control Chart: Tests for Special Causes, J. Qual. Technol. 16 (1984) 237.
J. O. Westgard et al., A multi-rule Shewhart chart for quality control, Clin. Chem. 27 (1981) 493.
A pattern is told at the point that completes it, and that point belongs to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

D2 = 1.128
"""Expected range of two values, in standard deviations (d2 for n = 2)."""
TINY = 1e-12
"""What rounding makes of numbers that are equal, relative to them."""
Column = NDArray[np.float64]


class Estimate(StrEnum):
    """How the spread is estimated."""

    MOVING_RANGE = "moving_range"
    STANDARD_DEVIATION = "standard_deviation"


@dataclass(frozen=True, slots=True)
class Chart:
    """Centre and standard deviation, in the unit of the results."""

    centre: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float], estimate: Estimate) -> "Chart":
        """The chart that these results make; at least two."""
        column = np.asarray(values, dtype=np.float64)
        with np.errstate(all="ignore"):  # what is too large for a number makes no chart
            moving = estimate is Estimate.MOVING_RANGE
            deviation = np.abs(np.diff(column)).mean() / D2 if moving else column.std(ddof=1)
            return cls(float(column.mean()), float(deviation))

    @property
    def usable(self) -> bool:
        """Whether there is a spread: equal results, but for rounding of their sum, have none."""
        return isfinite(self.centre) and TINY * abs(self.centre) < self.deviation < inf

    def broken(self, rule: str, values: Sequence[float]) -> bool | None:
        """Whether the last of these results, in their order, completes the rule's pattern; None of too few results."""
        count, judge = RULES[rule]
        if len(values) < count:
            return None
        with np.errstate(over="ignore"):
            return bool(judge((np.asarray(values[-count:], dtype=np.float64) - self.centre) / self.deviation))


def _beyond(least: int, deviations: float) -> Callable[[Column], bool]:
    """At least so many beyond so many deviations on the side of the last one, which is among them."""

    def judge(z: Column) -> bool:
        same_side = z * np.sign(z[-1])
        return bool(same_side[-1] > deviations and np.count_nonzero(same_side > deviations) >= least)

    return judge


def _steady(z: Column) -> bool:
    steps = np.diff(z)
    return bool((steps > 0).all() or (steps < 0).all())


def _alternating(z: Column) -> bool:
    steps = np.diff(z)
    return bool((steps[1:] * steps[:-1] < 0).all())


def _opposed(z: Column) -> bool:
    """The last is beyond 2 deviations on one side and the one before it on the other."""
    return bool(min(z) < -2 and max(z) > 2)


RULES: Mapping[str, tuple[int, Callable[[Column], bool]]] = {
    "nelson-1": (1, _beyond(1, 3)),
    "nelson-2": (9, _beyond(9, 0)),
    "nelson-3": (6, _steady),
    "nelson-4": (14, _alternating),
    "nelson-5": (3, _beyond(2, 2)),
    "nelson-6": (5, _beyond(4, 1)),
    "nelson-7": (15, lambda z: bool((np.abs(z) < 1).all())),
    "nelson-8": (8, lambda z: bool((np.abs(z) > 1).all())),
    "westgard-1-2s": (1, _beyond(1, 2)),
    "westgard-1-3s": (1, _beyond(1, 3)),
    "westgard-2-2s": (2, _beyond(2, 2)),
    "westgard-R-4s": (2, _opposed),
    "westgard-4-1s": (4, _beyond(4, 1)),
    "westgard-10-x": (10, _beyond(10, 0)),
}
"""How many results a rule looks at, and the rule over their distances from the centre in deviations."""
