"""Particles per cubic metre from counts, flow and time; over the last minute and the last cubic metre. Pure.

EU GMP annex 1 (2022), 9.17 and China GMP 2010 annex 1, art. 10(2) have grade A counted without a break. So air with a
fault in the counting is not clean air, it is air that nobody looked at: it never enters a sum, and what was summed
around it does not count as whole.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LITRES = 1000.0
MINUTE = 60.0
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of one counter in their order; all columns `(n,)`.

    `ended` UTC microseconds, `seconds` of sampling, `count` of particles, `volume` in m³, `good` False where a fault
    or a pause means that the air was not counted; then the other columns do not matter.
    """

    ended: NDArray[np.int64]
    seconds: NDArray[np.float64]
    count: NDArray[np.float64]
    volume: NDArray[np.float64]
    good: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ended)


@dataclass(frozen=True, slots=True, eq=False)
class Rolling:
    """For each sample the concentration over the samples that end with it; all columns `(n,)`.

    `per_m3` is NaN where the sample itself is not good. `whole` is True where the samples are as much air as asked
    for, without a fault or a pause. `first` is the row of the oldest of them.
    """

    per_m3: NDArray[np.float64]
    whole: NDArray[np.bool_]
    first: NDArray[np.intp]


def volume(flow: NDArray[np.float64] | float, seconds: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Sampled air in m³, of a flow in L/min."""
    return np.asarray(flow / LITRES * seconds / MINUTE, dtype=np.float64)


def last_minute(samples: Samples, pause: float) -> Rolling:
    """Over the newest samples that make at least a minute; `pause` seconds may lie between two of them."""
    return _rolling(samples, samples.seconds, MINUTE, pause)


def last_cubic_metre(samples: Samples, pause: float) -> Rolling:
    """Over the newest samples that make at least a cubic metre."""
    return _rolling(samples, samples.volume, 1.0, pause)


def _rolling(samples: Samples, amount: NDArray[np.float64], target: float, pause: float) -> Rolling:
    good = samples.good
    reached = _sums(np.where(good, amount, 0.0))
    total = reached[1:]
    found = np.searchsorted(reached, total - target + _ROUNDING * (1 + total), side="right") - 1
    first = np.maximum(found, 0)

    def within(column: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = _sums(column)
        return sums[1:] - sums[first]

    air, count = within(np.where(good, samples.volume, 0.0)), within(np.where(good, samples.count, 0.0))
    faults = within((~good).astype(np.float64))
    pauses = _sums(_paused(samples, pause).astype(np.float64))
    unbroken = (faults == 0) & (pauses[1:] - pauses[np.minimum(first + 1, len(samples))] == 0)
    per_m3 = np.divide(count, air, out=np.full(len(samples), np.nan), where=good & (air > 0))
    return Rolling(per_m3, good & unbroken & (found >= 0), first)


def _paused(samples: Samples, pause: float) -> NDArray[np.bool_]:
    """Before which samples there is air that was not sampled."""
    paused = np.zeros(len(samples), dtype=np.bool_)
    paused[1:] = np.diff(samples.ended) / 1e6 - samples.seconds[1:] > pause
    return paused


def _sums(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(column)])
