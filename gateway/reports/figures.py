"""What a tag's readings come to over a period: mean, extremes, percentiles, mean kinetic temperature. Pure.

All are weighted by the time for which each value counted, so that a value that was sent once an hour weighs as much as
one that was sent each second. The extremes are of every good reading, however short it counted. A period is added up
part by part; what is kept of it does not grow with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.archive.reporting import Readings
from gateway.reports.spells import Spell, Spells
from schemas.status import is_bad, is_good

PERCENTILES = (5, 50, 95)
ACTIVATION_ENERGY = 83.144
"""ΔH in kJ/mol of the mean kinetic temperature (USP <1079.2>)."""
GAS_CONSTANT = 0.0083144
"""R in kJ/(mol·K), as the same chapter writes it."""
ZERO_CELSIUS = 273.15
DISTINCT = 1 << 20
"""Values of one tag that are told apart for percentiles; instruments have far fewer."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Readings of the period by their status. Good ones without a number, or in another unit, count as Bad."""

    good: int = 0
    uncertain: int = 0
    bad: int = 0

    @property
    def all(self) -> int:
        """Every reading."""
        return self.good + self.uncertain + self.bad

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.good + other.good, self.uncertain + other.uncertain, self.bad + other.bad)


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers in the tag's unit, None where there was no good value; durations in microseconds, together the period.

    `percentiles` are those of `PERCENTILES`, `mean_kinetic` is in degrees Celsius and only of stores.
    """

    durations: Mapping[Spell, int]
    counts: Counts
    minimum: float | None = None
    mean: float | None = None
    maximum: float | None = None
    percentiles: tuple[float, ...] | None = None
    mean_kinetic: float | None = None

    @property
    def judged(self) -> int:
        """How long there was a good value and a level in force, microseconds."""
        return self.durations[Spell.WITHIN] + self.durations[Spell.ALERT] + self.durations[Spell.ACTION]

    @property
    def period(self) -> int:
        """Microseconds."""
        return sum(self.durations.values())


class Distribution:
    """How long each value counted: exactly for up to `most` values.

    Beyond that each second value stands for the one below it too, so a percentile may be that of a neighbour.
    """

    def __init__(self, most: int = DISTINCT) -> None:
        self._most = most
        self._value, self._weight = np.empty(0), np.empty(0, dtype=np.int64)

    def add(self, value: NDArray[np.float64], weight: NDArray[np.int64]) -> None:
        """Values and for how long each counted, microseconds."""
        weights = np.concatenate([self._weight, weight])
        self._value, place = np.unique(np.concatenate([self._value, value]), return_inverse=True)
        self._weight = np.bincount(place, weights=weights).astype(np.int64)  # exact up to 285 years
        while len(self._value) > self._most:
            first = np.arange(0, len(self._value), 2)
            self._value = self._value[np.minimum(first + 1, len(self._value) - 1)]
            self._weight = np.add.reduceat(self._weight, first)

    @property
    def total(self) -> int:
        """Microseconds."""
        return int(self._weight.sum())

    def percentiles(self) -> tuple[float, ...]:
        """The least value that was not exceeded for at least so much of the time. Not for an empty one."""
        reached = np.cumsum(self._weight)
        wanted = [-(-percent * self.total // 100) for percent in PERCENTILES]
        return tuple(float(one) for one in self._value[np.searchsorted(reached, wanted)])


class Tally:
    """The figures of one tag so far. With `mean_kinetic` its unit must be Cel."""

    def __init__(self, *, mean_kinetic: bool = False) -> None:
        self._kinetic = mean_kinetic
        self._durations = dict.fromkeys(Spell, 0)
        self._counts = Counts()
        self._low, self._high, self._coldest = np.inf, -np.inf, np.inf
        self._sum = self._decay = 0.0
        self._distribution = Distribution()

    def add(self, readings: Readings, spells: Spells) -> None:
        """The part of the period that the spells are of; `readings` may begin before it."""
        for spell, length in spells.durations().items():
            self._durations[spell] += length
        begin, end = int(spells.begin[0]), int(spells.begin[-1] + spells.length[-1])
        inside = slice(*np.searchsorted(readings.time, [begin, end]).tolist())
        value, status = readings.value[inside], readings.status[inside]
        number = is_good(status) & np.isfinite(value)
        self._counts += _counts(number, status)
        counted, weight = spells.value[spells.usable], spells.length[spells.usable]
        seen = np.concatenate([value[number], counted])
        self._low = min(self._low, float(seen.min(initial=np.inf)))
        self._high = max(self._high, float(seen.max(initial=-np.inf)))
        self._add_up(counted, weight)

    def _add_up(self, value: NDArray[np.float64], weight: NDArray[np.int64]) -> None:
        self._sum += float((value * weight).sum())
        self._distribution.add(value, weight)
        if self._kinetic:
            self._coldest = min(self._coldest, float(value.min(initial=np.inf)))
            physical = value > -ZERO_CELSIUS
            self._decay += float((decay(value[physical]) * weight[physical]).sum())

    def figures(self) -> Figures:
        """Of all parts."""
        if self._low > self._high:
            return Figures(self._durations, self._counts)
        total = self._distribution.total
        if not total:
            return Figures(self._durations, self._counts, minimum=self._low, maximum=self._high)
        return Figures(
            self._durations, self._counts, self._low, self._sum / total, self._high,
            self._distribution.percentiles(), self._mean_kinetic(total) if self._kinetic else None,
        )  # fmt: skip

    def _mean_kinetic(self, total: int) -> float | None:
        """None where a sensor says what no temperature can be."""
        if self._coldest <= -ZERO_CELSIUS or not self._decay:
            return None
        return temperature_of(self._decay / total)


def _counts(number: NDArray[np.bool_], status: NDArray[np.uint32]) -> Counts:
    good = int(number.sum())
    bad = int((is_bad(status) | (is_good(status) & ~number)).sum())
    return Counts(good, len(status) - good - bad, bad)


def decay(celsius: NDArray[np.float64]) -> NDArray[np.float64]:
    """How fast something degrades at a temperature, relative: exp(-ΔH/(R·T)), T in kelvin."""
    rate: NDArray[np.float64] = np.exp(-ACTIVATION_ENERGY / GAS_CONSTANT / (celsius + ZERO_CELSIUS))
    return rate


def temperature_of(mean_decay: float) -> float:
    """The mean kinetic temperature: the one that would degrade as the varying one did, in degrees Celsius.

    T = (ΔH/R) / -ln(Σ w·exp(-ΔH/(R·T)) / Σ w) (ICH Q1A(R2), glossary; J. D. Haynes, J. Pharm. Sci. 60 (1971) 927), as
    USP <1079.2> has it for readings at equal intervals: here each weighs by how long it counted.
    """
    return float(ACTIVATION_ENERGY / GAS_CONSTANT / -np.log(mean_decay) - ZERO_CELSIUS)
