"""The trend of one tag, drawn: its readings, its levels, and grey where there was no good value."""

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from reportlab.graphics.shapes import Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from gateway.alarm.condition import Condition
from gateway.completeness import Interval
from gateway.reports.fonts import PLAIN, register
from gateway.reports.report import TagReport
from gateway.views.display import SECOND, Clock
from schemas.records import AlarmPriority

WIDTH, HEIGHT = 740.0, 120.0
"""Points."""
LEFT, RIGHT, TOP, BOTTOM = 60.0, 8.0, 8.0, 18.0
TIMES = 6
"""Parts of the time axis."""
INK, WEAK, GREY, ACTION, ALERT = map(HexColor, (0x2B3A48, 0x5F6A75, 0xDDE1E5, 0xB3261E, 0x8A5300))


class _Axes:
    """From times and values to points of the drawing."""

    def __init__(self, begin: int, end: int, low: float, high: float) -> None:
        self.begin, self.end, self.low, self.high = begin, end, low, high
        self._wide, self._tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(self, time: float) -> float:
        return LEFT + self._wide * (min(max(time, self.begin), self.end) - self.begin) / (self.end - self.begin)

    def y(self, value: float) -> float:
        return BOTTOM + self._tall * (value - self.low) / (self.high - self.low)


def figure(one: TagReport, begin: int, end: int, clock: Clock) -> Drawing | None:
    """The drawing of begin ≤ time < end, UTC microseconds; None where there is nothing to draw."""
    value = one.drawn
    if np.isnan(value).all():
        return None
    register()
    levels = one.subject.levels
    every = [float(np.nanmin(value)), float(np.nanmax(value)), *(level.limit for level in levels)]
    step = _step(max(every) - min(every) or abs(every[0]) or 1.0)
    axes = _Axes(begin, end, floor(min(every) / step) * step, (floor(max(every) / step) + 1) * step)
    drawing = Drawing(WIDTH, HEIGHT)
    for part in (_holes(one.without_value, axes), _grid(axes, step, clock), _levels(levels, axes)):
        for shape in part:
            drawing.add(shape)
    for line in _lines(one, axes):
        drawing.add(PolyLine(line, strokeColor=INK, strokeWidth=0.6))
    return drawing


def _step(span: float) -> float:
    """A round step that cuts the span into three to eight parts."""
    power = 10.0 ** floor(log10(span / 4))
    return next(power * one for one in (1, 2, 5, 10) if span / (power * one) <= 6)


def _holes(holes: Sequence[Interval], axes: _Axes) -> Iterator[Rect]:
    """Those that would touch are drawn as one; each is wide enough to be seen."""
    near, last = (axes.end - axes.begin) / WIDTH, None
    for begin, end in holes:
        if last is not None and begin - last[1] <= near:
            last = last[0], end
            continue
        if last is not None:
            yield _hole(last, axes)
        last = begin, end
    if last is not None:
        yield _hole(last, axes)


def _hole(hole: Interval, axes: _Axes) -> Rect:
    left, right = axes.x(hole[0]), axes.x(hole[1])
    drawn = Rect(left, BOTTOM, max(right - left, 0.8), HEIGHT - TOP - BOTTOM)
    drawn.fillColor, drawn.strokeColor = GREY, None
    return drawn


def _grid(axes: _Axes, step: float, clock: Clock) -> Iterator[Line | String]:
    decimals = max(0, -floor(log10(step)))
    for at in range(ceil((axes.high - axes.low) / step - 1e-9) + 1):
        value = axes.low + at * step
        y = axes.y(value)
        yield Line(LEFT, y, WIDTH - RIGHT, y, strokeColor=GREY, strokeWidth=0.4)
        yield _text(LEFT - 4, y - 2.5, f"{value:.{decimals}f}", "end")
    for at in range(TIMES + 1):
        time = axes.begin + (axes.end - axes.begin) * at // TIMES
        x = axes.x(time)
        yield Line(x, BOTTOM, x, BOTTOM - 3, strokeColor=WEAK, strokeWidth=0.4)
        whole = axes.end - axes.begin > 2 * 86_400 * SECOND
        text = f"{clock.local(time):%m-%d %H:%M}" if whole else f"{clock.local(time):%H:%M:%S}"
        yield _text(x, 4, text, "start" if at == 0 else "end" if at == TIMES else "middle")


def _levels(levels: Sequence[Condition], axes: _Axes) -> Iterator[Line]:
    for level in levels:
        alert = level.priority is AlarmPriority.ALERT
        y = axes.y(level.limit)
        colour, dashes = (ALERT, [1, 2]) if alert else (ACTION, [5, 3])
        yield Line(LEFT, y, WIDTH - RIGHT, y, strokeColor=colour, strokeWidth=0.7, strokeDashArray=dashes)


def _lines(one: TagReport, axes: _Axes) -> Iterator[list[float]]:
    """The points, without a line across a time that had no value; each reading lasts until the next one."""
    time, value = _lasting(one, axes.end) if one.trend.exact else (one.trend.time, one.drawn)
    ends = np.array([end for _, end in one.without_value], dtype=np.int64)
    part = np.searchsorted(ends, time, side="right")
    cuts = np.flatnonzero((np.diff(part) > 0) | np.isnan(value[1:]) | np.isnan(value[:-1])) + 1
    for rows in np.split(np.arange(len(time)), cuts):
        points = [(axes.x(int(time[row])), axes.y(float(value[row]))) for row in rows if np.isfinite(value[row])]
        if len(points) == 1:
            points.append((points[0][0] + 0.5, points[0][1]))
        if points:
            yield [number for point in points for number in point]


def _lasting(one: TagReport, end: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Each reading twice: at its time, and when the next one or a time without a value begins."""
    time, begins = one.trend.time, np.array([*(begin for begin, _ in one.without_value), end], dtype=np.int64)
    following = np.minimum(np.append(time[1:], end), begins[np.searchsorted(begins[:-1], time, side="right")])
    return np.stack([time, following], axis=1).reshape(-1), np.repeat(one.drawn, 2)


def _text(x: float, y: float, text: str, anchor: Literal["start", "middle", "end"]) -> String:
    return String(x, y, text, fontName=PLAIN, fontSize=6.5, fillColor=WEAK, textAnchor=anchor)
