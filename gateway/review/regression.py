"""A straight line through results over time, with confidence and prediction intervals (ICH Q1E, B). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan, cos, isfinite, pi, sin, sqrt

import numpy as np

from gateway.review.control_charts import TINY


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope × x, by least squares; `deviation` of the residuals has n - 2 degrees of freedom."""

    slope: float
    intercept: float
    deviation: float
    count: int
    middle: float
    squares: float
    """Sum of squares of x around its mean, `middle`."""

    @classmethod
    def through(cls, x: Sequence[float], y: Sequence[float]) -> "Line | None":
        """The line; None of fewer than three points, or of points that all have one x."""
        if len(x) < 3:
            return None
        with np.errstate(all="ignore"):  # what is too large for a number makes no usable line
            return cls._through(x, y)

    @classmethod
    def _through(cls, x: Sequence[float], y: Sequence[float]) -> "Line | None":
        across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        middle = float(across.mean())
        squares = float(((across - middle) ** 2).sum())
        if squares == 0.0:
            return None
        slope = float(((across - middle) * up).sum()) / squares
        intercept = float(up.mean()) - slope * middle
        rest = up - intercept - slope * across
        return cls(slope, intercept, sqrt(float((rest**2).sum()) / (len(x) - 2)), len(x), middle, squares)

    @property
    def usable(self) -> bool:
        """Whether the points scatter: those on one line, but for rounding, tell nothing of the next."""
        return isfinite(self.deviation) and self.deviation > TINY * max(abs(self.at(self.middle)), abs(self.slope))

    def at(self, x: float) -> float:
        """The mean at x."""
        return self.intercept + self.slope * x

    def of_the_mean(self, x: float, one_sided: float) -> float:
        """How far the mean at x may be from the line, to one side, with this confidence."""
        return self._far(x, one_sided, 0.0)

    def of_one_more(self, x: float, two_sided: float) -> float:
        """How far one more result at x may be from the line, to either side, with this probability."""
        return self._far(x, (1 + two_sided) / 2, 1.0)

    def _far(self, x: float, one_sided: float, itself: float) -> float:
        spread = sqrt(itself + 1 / self.count + (x - self.middle) ** 2 / self.squares)
        return quantile(one_sided, self.count - 2) * self.deviation * spread


@lru_cache(maxsize=1024)
def quantile(probability: float, freedom: int) -> float:
    """Student's t that is not exceeded with this probability, at least 1/2, for so many degrees of freedom."""
    low, high = 0.0, 1.0
    while _probability(high, freedom) < probability:
        high *= 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _probability(middle, freedom) < probability else (low, middle)
    return high


def _probability(t: float, freedom: int) -> float:
    """Probability of at most t (Abramowitz and Stegun, 26.7.3 and 26.7.4: finite sums for whole numbers)."""
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for power in range(2 + odd, freedom - 1, 2):
        term *= cos(angle) ** 2 * (power - 1) / power
        total += term
    both = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return (1 + both) / 2
