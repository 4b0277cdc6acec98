"""Samples against what the server made: delivered, lost, duplicated, late. Pure.

A sample of an OPC UA variable is known by variable and source time; the server wrote down the times. A polled register
has no time of its own: there the poll's time stands in its place, and what is missing are polls.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Window = tuple[int, int]
"""From and before, microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Samples:
    """What a topic holds. Columns of one length: variable from 1, source time and the broker's time, microseconds."""

    variable: NDArray[np.int32]
    source_time: NDArray[np.int64]
    appended: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence["Samples"]) -> "Samples":
        """One after the other."""
        if not parts:
            return cls(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64))
        return cls(
            np.concatenate([part.variable for part in parts]),
            np.concatenate([part.source_time for part in parts]),
            np.concatenate([part.appended for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one window. `appended` is what the broker got in it; the rest is of the samples that were made in it."""

    appended: int
    expected: int
    lost: int
    duplicated: int
    p50: float
    """Source time to append, ms."""
    p99: float


def count(samples: Samples, cycles: NDArray[np.int64], variables: int, window: Window) -> Counted:
    """Of variables that all change in each of the cycles."""
    made = np.unique(cycles[_within(cycles, window)])
    ours = samples.variable > 0
    at = np.searchsorted(made, samples.source_time)
    known = ours & (at < len(made))
    known[known] = made[at[known]] == samples.source_time[known]
    every = at[known] * (variables + 1) + samples.variable[known]
    distinct = len(np.unique(every))
    expected = len(made) * variables
    p50, p99 = _latency(samples, known)
    appended = int(np.count_nonzero(ours & _within(samples.appended, window)))
    return Counted(appended, expected, expected - distinct, len(every) - distinct, p50, p99)


def count_polls(samples: Samples, variables: int, window: Window, interval: float) -> Counted:
    """Of registers that are read every `interval` seconds. A poll at either end of the window may fall beside it."""
    inside = _within(samples.source_time, window) & (samples.variable > 0)
    every = samples.source_time[inside] * (variables + 1) + samples.variable[inside]
    distinct = len(np.unique(every))
    expected = max(0, int((window[1] - window[0]) / 1e6 / interval) - 1) * variables
    p50, p99 = _latency(samples, inside)
    appended = int(np.count_nonzero(_within(samples.appended, window)))
    return Counted(appended, expected, max(0, expected - distinct), len(every) - distinct, p50, p99)


def _within(times: NDArray[np.int64], window: Window) -> NDArray[np.bool_]:
    return (times >= window[0]) & (times < window[1])


def _latency(samples: Samples, chosen: NDArray[np.bool_]) -> tuple[float, float]:
    late = (samples.appended[chosen] - samples.source_time[chosen]) / 1000
    if not len(late):
        return float("nan"), float("nan")
    p50, p99 = np.percentile(late, [50, 99])
    return float(p50), float(p99)
