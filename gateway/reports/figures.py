"""What a tag's readings come to over a period: mean, extremes, percentiles, mean kinetic temperature. Pure.

All are weighted by the time for which each value counted, so that a value that was sent once an hour weighs as much as
one that was sent each second. The extremes are of every good reading, however short it counted.
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


@dataclass(frozen=True, slots=True)
class Counts:
    """Readings of the period by their status. Good ones without a number, or in another unit, count as Bad."""

    good: int
    uncertain: int
    bad: int

    @property
    def all(self) -> int:
        """Every reading."""
        return self.good + self.uncertain + self.bad


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


def figures(readings: Readings, spells: Spells, *, mean_kinetic: bool = False) -> Figures:
    """The figures of the spells; `readings` may begin before them. With `mean_kinetic` the unit must be Cel."""
    begin, end = int(spells.begin[0]), int(spells.begin[-1] + spells.length[-1])
    inside = slice(*np.searchsorted(readings.time, [begin, end]).tolist())
    value, good = readings.value[inside], is_good(readings.status[inside])
    number = good & np.isfinite(value)
    bad = int((is_bad(readings.status[inside]) | (good & ~number)).sum())
    counts = Counts(int(number.sum()), len(value) - int(number.sum()) - bad, bad)
    counted, weight = spells.value[spells.usable], spells.length[spells.usable]
    seen = np.concatenate([value[number], counted])
    if not len(seen):
        return Figures(spells.durations(), counts)
    known = Figures(spells.durations(), counts, minimum=float(seen.min()), maximum=float(seen.max()))
    if not len(counted):
        return known
    return Figures(
        known.durations, counts, known.minimum, float(np.average(counted, weights=weight)), known.maximum,
        _percentiles(counted, weight), _mean_kinetic(counted, weight) if mean_kinetic else None,
    )  # fmt: skip


def _percentiles(value: NDArray[np.float64], weight: NDArray[np.int64]) -> tuple[float, ...]:
    """The least value that was not exceeded for at least so much of the time."""
    order = np.argsort(value)
    reached = np.cumsum(weight[order])
    wanted = [-(-percent * int(reached[-1]) // 100) for percent in PERCENTILES]
    return tuple(float(one) for one in value[order][np.searchsorted(reached, wanted)])


def _mean_kinetic(celsius: NDArray[np.float64], weight: NDArray[np.int64]) -> float | None:
    """None where a sensor says what no temperature can be."""
    return mean_kinetic_temperature(celsius, weight) if celsius.min() > -ZERO_CELSIUS else None


def mean_kinetic_temperature(celsius: NDArray[np.float64], weight: NDArray[np.int64]) -> float:
    """The one temperature that would degrade as the varying one did, in degrees Celsius (ICH Q1A(R2), glossary).

    T = (ΔH/R) / -ln(Σ w·exp(-ΔH/(R·T)) / Σ w), temperatures in kelvin; by J. D. Haynes, J. Pharm. Sci. 60 (1971)
    927, as USP <1079.2> has it for readings at equal intervals: here each weighs by how long it counted.
    """
    scale = ACTIVATION_ENERGY / GAS_CONSTANT
    mean = np.average(np.exp(-scale / (celsius + ZERO_CELSIUS)), weights=weight)
    return float(scale / -np.log(mean) - ZERO_CELSIUS)
