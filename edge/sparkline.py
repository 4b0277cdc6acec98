"""The last minute of a tag in block characters. A time without a Good value is a hole, never a line through it."""

import math
from collections import deque

BLOCKS = "▁▂▃▄▅▆▇█"
COLUMNS = 30
SECONDS = 60.0
"""Width in characters, and the time that it stands for."""


class Trace:
    """Good values by the monotonic clock, in seconds; older ones than `SECONDS` are forgotten."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()

    def add(self, at: float, value: float | None) -> None:
        """A value that was just read; None, and what is no number, leave a hole."""
        self._points.append((at, math.nan if value is None else value))
        self._forget(at)

    def line(self, now: float) -> str:
        """One character for each two seconds, the newest at the right: the last value in it, from lowest to highest.

        A value that stands still is a line in the middle.
        """
        self._forget(now)
        columns: dict[int, float] = {}
        for at, value in self._points:
            columns[min(COLUMNS - 1, max(0, int((at - now + SECONDS) / SECONDS * COLUMNS)))] = value
        known = [value for value in columns.values() if math.isfinite(value)]
        low, high = min(known, default=0.0), max(known, default=0.0)
        return "".join(_block(columns.get(column, math.nan), low, high) for column in range(COLUMNS))

    def _forget(self, now: float) -> None:
        while self._points and self._points[0][0] <= now - SECONDS:
            self._points.popleft()


def _block(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return " "
    span = high - low
    if not 0 < span < math.inf:
        return BLOCKS[len(BLOCKS) // 2 - 1]
    return BLOCKS[min(len(BLOCKS) - 1, int((value - low) / span * len(BLOCKS)))]
