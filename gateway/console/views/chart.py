"""A trend as options of an ECharts chart. Pure.

Every key stands here and no text of a record becomes one: NiceGUI runs values whose key begins with a colon. Times are
shifted to the plant's clock and read as UTC, since a chart has no zone but the browser's. Colours are the stylesheet's
variables, so the chart (drawn as SVG) follows the theme by itself.
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import ceil, floor, log10
from typing import Any

from gateway.console.views import spark
from gateway.console.views.display import DAY, SECOND, Clock, bound_text, symbol
from gateway.console.views.trend import RANGES, TrendView
from gateway.console.words import Words

Options = dict[str, Any]
LANE = 14
"""Height of a lane beneath the curve, pixels."""
FONT = "Segoe UI, Roboto, Arial, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
LEFT = 84
"""Room for the value axis and the lanes' names, pixels."""
LANES = ("batches", "alarms", "gaps", "unreadable", "doors")
COLOURS = {
    "batches": "var(--line)", "alarms": "var(--action)", "gaps": "var(--data)", "unreadable": "var(--data)",
    "doors": "var(--normal)",
}  # fmt: skip
_DATES = {
    "year": "{yyyy}", "month": "{yyyy}-{MM}", "day": "{MM}-{dd}", "hour": "{HH}:{mm}", "minute": "{HH}:{mm}",
    "second": "{HH}:{mm}:{ss}", "millisecond": "{HH}:{mm}:{ss}.{SSS}", "none": "{yyyy}-{MM}-{dd} {HH}:{mm}:{ss}",
}  # fmt: skip


def axis(view: TrendView, clock: Clock) -> tuple[int, int]:
    """Begin and end of what can be panned to, in shown time (microseconds): a year back, a day on, or as asked."""
    begin = min(view.window.begin, view.now - RANGES["1y"])
    end = max(view.window.end, view.now + DAY)
    return begin + clock.shift(begin), end + clock.shift(end)


def options(view: TrendView, span: tuple[int, int], clock: Clock, say: Words) -> Options:
    """The whole chart. `span` is the axis from `axis`, fixed for as long as the chart stands."""
    grids = range(len(LANES) + 1)
    return {
        "animation": False,
        "useUTC": True,
        "textStyle": {"fontFamily": FONT, "color": "var(--text-2)"},
        "grid": [{"left": LEFT, "right": 16, "top": 16, "bottom": 44 + LANE * len(LANES)}, *map(_lane_grid, grids[1:])],
        "xAxis": [_time_axis(at, span) for at in grids],
        "tooltip": {
            "trigger": "axis", "renderMode": "richText", "backgroundColor": "var(--panel)",
            "borderColor": "var(--normal)",
            "textStyle": {"color": "var(--text)", "fontSize": 12}, "axisPointer": {"animation": False},
            ":valueFormatter": "(value) => value == null ? '–' : Number(value).toFixed(2)",
        },
        **update(view, clock, say),
    }  # fmt: skip


def update(view: TrendView, clock: Clock, say: Words) -> Options:
    """What changes with the window and with new readings."""
    low, high, step = _range(view)
    lanes = [_lane_axis(at, name, say) for at, name in enumerate(LANES, start=1)]
    begin, end = (_shown(moment, clock) for moment in (view.window.begin, view.window.end))
    return {
        "dataZoom": [
            {
                "type": "inside", "xAxisIndex": list(range(len(LANES) + 1)), "filterMode": "none", "startValue": begin,
                "endValue": end, "minValueSpan": 5000,
            }
        ],
        "yAxis": [
            {
                "type": "value", "min": low, "max": high, "name": symbol(view.unit), "interval": step,
                "nameTextStyle": {"color": "var(--weak)"}, "axisLabel": {"color": "var(--text-2)", "fontSize": 11},
                "splitLine": {"lineStyle": {"color": "var(--line)"}},
            },
            *lanes,
        ],
        "series": [_curve(view, clock, say), *(_lane(at, name, view, clock) for at, name in enumerate(LANES, start=1))],
    }  # fmt: skip


def points(view: TrendView, clock: Clock) -> list[list[float | None]]:
    """[milliseconds in shown time, value] with an empty point wherever a line must not go on."""
    time, value = view.trend.time, spark.drawable(view.trend)
    shown: list[list[float | None]] = []
    for run in spark.runs(view.trend):
        if shown:
            shown.append([shown[-1][0], None])
        shown.extend([_shown(int(t), clock), float(v)] for t, v in zip(time[run], value[run], strict=True))
    return _cut(shown, [(_shown(g.began, clock), _shown(g.ended or view.now, clock)) for g in view.gaps])


def _cut(shown: list[list[float | None]], gaps: Sequence[tuple[float, float]]) -> list[list[float | None]]:
    """No line across a gap, even a short one between two readings."""
    for began, _ in gaps:
        at = next((n for n, (time, _) in enumerate(shown) if time is not None and time > began), None)
        if at:
            shown.insert(at, [began, None])
    return shown


def _curve(view: TrendView, clock: Clock, say: Words) -> Options:
    data = points(view, clock)
    return {
        "type": "line", "name": symbol(view.unit), "data": data, "connectNulls": False, "silent": True,
        "showSymbol": len(data) <= 200, "symbol": "circle", "symbolSize": 3,
        "step": "end" if view.switch else False,
        "lineStyle": {"color": "var(--trace)", "width": 1.5}, "itemStyle": {"color": "var(--trace)"},
        "markLine": {"silent": True, "symbol": "none", "animation": False, "data": _limit_lines(view, say)},
        "markArea": {"silent": True, "data": _areas(((g.began, g.ended or view.now) for g in view.gaps), clock),
                     "itemStyle": {"color": "var(--data)", "opacity": 0.14}},
    }  # fmt: skip


def _limit_lines(view: TrendView, say: Words) -> list[Options]:
    if view.limit is None:
        return []
    sides = ((view.limit.low, True), (view.limit.high, False))
    return [
        {
            "yAxis": bound,
            "lineStyle": {"color": "var(--action)", "type": "dashed", "width": 1.2},
            "label": {
                "formatter": bound_text(bound, view.limit.unit, say, low=low, line=True), "color": "var(--action)",
                "position": "insideEndTop", "fontSize": 11,
            },
        }
        for bound, low in sides
        if bound is not None
    ]  # fmt: skip


def _lane(at: int, name: str, view: TrendView, clock: Clock) -> Options:
    spans: Iterable[tuple[int, int]] = {
        "alarms": [(row.since, row.returned or view.now) for row in view.alarms],
        "gaps": [(row.began, row.ended or view.now) for row in view.gaps],
        "unreadable": view.unreadable,
        "doors": [span for spans in view.doors.values() for span in spans],
        "batches": [(stay.began, min(stay.until, view.now)) for stay in view.batches],
    }[name]
    names = [stay.batch for stay in view.batches] if name == "batches" else []
    colour = COLOURS[name]
    return {
        "type": "line", "xAxisIndex": at, "yAxisIndex": at, "data": [], "silent": True,
        "markArea": {"silent": True, "data": _areas(spans, clock, names),
                     "itemStyle": {"color": colour, "borderColor": colour, "borderWidth": 1},
                     "label": {"position": "inside", "fontSize": 10, "color": "var(--text)", "overflow": "truncate"}},
    }  # fmt: skip


def _areas(spans: Iterable[tuple[int, int]], clock: Clock, names: Sequence[str] = ()) -> list[list[Options]]:
    """From where to where, with what is written on it."""
    return [
        [{"xAxis": _shown(begin, clock)} | ({"name": name} if name else {}), {"xAxis": _shown(end, clock)}]
        for (begin, end), name in zip_longest(spans, names)
    ]


def _lane_grid(at: int) -> Options:
    return {"left": LEFT, "right": 16, "height": LANE - 4, "bottom": 8 + LANE * (len(LANES) - at)}


def _lane_axis(at: int, name: str, say: Words) -> Options:
    return {
        "type": "value", "gridIndex": at, "min": 0, "max": 1, "name": say(f"trend.lanes.{name}"),
        "nameLocation": "middle",
        "nameRotate": 0, "nameGap": 8, "nameTextStyle": {"align": "right", "fontSize": 11, "color": "var(--weak)"},
        "axisLabel": {"show": False}, "axisTick": {"show": False}, "splitLine": {"show": False},
        "axisLine": {"show": False},
    }  # fmt: skip


def _time_axis(at: int, span: tuple[int, int]) -> Options:
    main = at == 0
    return {
        "type": "time", "gridIndex": at, "min": span[0] / 1000, "max": span[1] / 1000,
        "axisLabel": {"show": main, "formatter": dict(_DATES), "color": "var(--text-2)", "fontSize": 11,
                      "hideOverlap": True, "padding": [0, 8]},
        "axisLine": {"show": True, "onZero": False, "lineStyle": {"color": "var(--normal)" if main else "var(--line)"}},
        "axisTick": {"show": main, "lineStyle": {"color": "var(--normal)"}}, "splitLine": {"show": False},
        "axisPointer": {"show": main, "label": {"show": False}},
    }  # fmt: skip


def _range(view: TrendView) -> tuple[float, float, float]:
    bounds = list(view.bounds or ())
    if view.limit is not None:
        bounds += [bound for bound in (view.limit.low, view.limit.high) if bound is not None]
    return rounded(min(bounds), max(bounds)) if bounds else (0.0, 1.0, 0.5)


def rounded(low: float, high: float) -> tuple[float, float, float]:
    """Bounds and step of an axis that holds both values with a little room, on round numbers."""
    room = max((high - low) * 0.05, abs(high) * 1e-3, 0.1)
    step = _step((high - low + 2 * room) / 4)
    return floor((low - room) / step) * step, ceil((high + room) / step) * step, step


def _step(least: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … (or 0.1, 0.2 …) that is not smaller."""
    power: float = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)


def _shown(moment: int, clock: Clock) -> float:
    """Milliseconds on the axis."""
    return (moment + clock.shift(moment)) / 1000


def asked(start: float, end: float, span: tuple[int, int], clock: Clock) -> tuple[int, int]:
    """The UTC window of a zoom, told in percent of the axis."""
    width = span[1] - span[0]
    first, last = (span[0] + int(width * min(max(share, 0.0), 100.0) / 100) for share in (start, end))
    return clock.unshifted(first), max(clock.unshifted(last), clock.unshifted(first) + 5 * SECOND)
