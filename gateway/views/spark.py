"""A trend as a small path. Pure."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gateway.archive.archive import Trend
from gateway.views.display import SECOND
from schemas.status import is_bad, is_good

HOLE = 15 * SECOND
"""Readings farther apart than this are not joined, microseconds; or three usual distances where that is more."""


def drawable(trend: Trend) -> NDArray[np.float64]:
    """The values that may be drawn: NaN where the status is Bad, whatever number came with it."""
    return np.where(is_bad(trend.status), np.nan, trend.value)


def runs(trend: Trend) -> Iterator[slice]:
    """Stretches of readings that a line may join: no Bad reading, no hole."""
    value, steps = drawable(trend), np.diff(trend.time)
    hole = max(HOLE, 3 * float(np.median(steps))) if len(steps) else HOLE
    ends = np.flatnonzero(np.isnan(value[1:]) | np.isnan(value[:-1]) | (steps > hole)) + 1
    for begin, end in zip([0, *ends], [*ends, len(value)], strict=True):
        if end > begin and not np.isnan(value[begin]):
            yield slice(int(begin), int(end))


def unreadable(trend: Trend, end: int) -> list[tuple[int, int]]:
    """Stretches whose status is not Good, from the first such reading to the next good one or to `end`."""
    bad = np.concatenate([[False], ~is_good(trend.status), [False]])
    edges = np.flatnonzero(np.diff(bad))
    times = np.append(trend.time, end)
    return [(int(times[a]), int(times[b])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def bounds(trend: Trend) -> tuple[float, float] | None:
    """Lowest and highest value that is drawn; None when nothing is."""
    value = drawable(trend)
    if np.isnan(value).all():
        return None
    return float(np.nanmin(value)), float(np.nanmax(value))


def path(trend: Trend, times: tuple[int, int], values: tuple[float, float], box: tuple[float, float]) -> str:
    """SVG path data within a box of (width, height) that spans these times and these values."""
    (begin, end), (low, high), (width, height) = times, values, box
    value = drawable(trend)
    x = (trend.time - begin) / max(1, end - begin) * width
    y = height - (value - low) / (high - low or 1.0) * height
    parts = []
    for run in runs(trend):
        points = [f"{a:.1f} {b:.1f}" for a, b in zip(x[run], y[run], strict=True)]
        parts.append("M" + "L".join(points if len(points) > 1 else points * 2))
    return "".join(parts)
