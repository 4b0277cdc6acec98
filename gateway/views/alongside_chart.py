"""Batches over each other as options of an ECharts chart. Pure; rules as in `chart.py`.

The axis counts milliseconds from where each batch begins.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gateway.batches.alongside import Alongside, Band, Curve
from gateway.cleanroom.levels import Limit
from gateway.languages import Words
from gateway.views import spark
from gateway.views.chart import FONT, LINES, rounded
from gateway.views.display import SECOND, bound_text, symbol

Options = dict[str, Any]
TICKS = (
    *(1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200),
    *(day * 86_400 for day in (1, 2, 5, 10, 20, 50, 100)),
)
"""Seconds."""
_AXIS = """(value) => { const s = Math.round(value / 1000), p = n => String(n).padStart(2, '0');
 return Math.floor(s / 3600) + ':' + p(Math.floor(s / 60) % 60) + ':' + p(s % 60) }"""
"""Hours, minutes and seconds from the begin."""


def options(view: Alongside, limit: Limit | None, say: Words) -> Options:
    """The whole chart."""
    low, high, step = _range(view, limit)
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT, "color": "var(--text-2)"},
        "grid": {"left": 64, "right": 16, "top": 56, "bottom": 56},
        "legend": {"top": 0, "type": "scroll", "textStyle": {"color": "var(--text)", "fontSize": 12}, "itemWidth": 40},
        "tooltip": {
            "trigger": "axis", "renderMode": "richText", "backgroundColor": "var(--panel)",
            "borderColor": "var(--normal)", "textStyle": {"color": "var(--text)", "fontSize": 12},
            ":valueFormatter": "(value) => value == null ? '–' : Number(value).toFixed(2)",
        },
        "dataZoom": [{"type": "inside", "filterMode": "none"}],
        "xAxis": {
            "type": "value", "min": 0, "max": max(view.length, 1) / 1000, "interval": _tick(view.length) / 1000,
            "axisLabel": {":formatter": _AXIS, "color": "var(--text-2)", "fontSize": 11, "hideOverlap": True},
            "axisPointer": {"label": {":formatter": f"(one) => ({_AXIS})(one.value)"}},
            "splitLine": {"show": False}, "axisLine": {"onZero": False, "lineStyle": {"color": "var(--normal)"}},
        },
        "yAxis": {
            "type": "value", "min": low, "max": high, "interval": step, "name": symbol(view.unit),
            "nameTextStyle": {"color": "var(--weak)"}, "axisLabel": {"color": "var(--text-2)", "fontSize": 11},
            "splitLine": {"lineStyle": {"color": "var(--line)"}},
        },
        "series": [*_bands(view.band, say), *(_line(at, one, limit, say) for at, one in enumerate(view.curves))],
    }  # fmt: skip


def _bands(band: Band | None, say: Words) -> Iterable[Options]:
    """The lowest of all, and on it the way up to the highest."""
    if band is None:
        return
    name = say("alongside.band", n=len(band.batches))
    bare = {
        "type": "line", "stack": "band", "stackStrategy": "all", "symbol": "none", "silent": True,
        "lineStyle": {"color": "var(--normal)", "width": 1, "opacity": 0.6}, "tooltip": {"show": False},
    }  # fmt: skip
    shade = {"itemStyle": {"color": "var(--normal)"}, "areaStyle": {"color": "var(--normal)", "opacity": 0.25}}
    yield {**bare, "data": _pairs(band.time, band.low)}
    yield {**bare, **shade, "name": name, "data": _pairs(band.time, band.high - band.low)}


def _line(at: int, one: Curve, limit: Limit | None, say: Words) -> Options:
    colour = "var(--link)" if at == 0 else "var(--trace)"
    return {
        "type": "line", "name": one.span.batch, "data": _points(one), "connectNulls": False, "showSymbol": False,
        "lineStyle": {"color": colour, "width": 2 if at == 0 else 1.2, "type": LINES[at]},
        "itemStyle": {"color": colour},
        "markLine": {"silent": True, "symbol": "none", "data": _limits(limit, say) if at == 0 else []},
    }  # fmt: skip


def _limits(limit: Limit | None, say: Words) -> list[Options]:
    sides = () if limit is None else ((limit.low, True), (limit.high, False))
    return [
        {
            "yAxis": bound, "lineStyle": {"color": "var(--action)", "type": "dashed"},
            "label": {"formatter": bound_text(bound, limit.unit if limit else "", say, low=low, line=True),
                      "color": "var(--action)", "position": "insideEndTop", "fontSize": 11},
        }
        for bound, low in sides
        if bound is not None
    ]  # fmt: skip


def _points(one: Curve) -> list[list[float | None]]:
    """[milliseconds from the begin, value], with an empty point wherever a line must not go on."""
    value, found = spark.drawable(one.trend), list[list[float | None]]()
    for run in spark.runs(one.trend):
        if found:
            found.append([found[-1][0], None])
        times = (one.trend.time[run] - one.span.began) / 1000
        found.extend([float(time), float(each)] for time, each in zip(times, value[run], strict=True))
    return found


def _tick(length: int) -> int:
    """Between two marks of the axis, microseconds: a length that people count in, at most eight of them."""
    return next((one * SECOND for one in TICKS if one * SECOND * 8 >= length), length)


def _pairs(times: Any, values: Any) -> list[list[float | None]]:
    return [[float(time) / 1000, float(value) if np.isfinite(value) else None]
            for time, value in zip(times, values, strict=True)]  # fmt: skip


def _range(view: Alongside, limit: Limit | None) -> tuple[float, float, float]:
    found = [bound for one in view.curves if (bounds := spark.bounds(one.trend)) for bound in bounds]
    if view.band is not None:
        found += [float(np.nanmin(view.band.low)), float(np.nanmax(view.band.high))]
    if limit is not None:
        found += [bound for bound in (limit.low, limit.high) if bound is not None]
    return rounded(min(found), max(found)) if found else (0.0, 1.0, 0.5)
