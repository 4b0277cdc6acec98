"""A trend as options of an ECharts chart. Pure.

Every key stands here and no text of a record becomes one: NiceGUI runs values whose key begins with a colon. Times are
shifted to the plant's clock and read as UTC, since a chart has no zone but the browser's. Colours are the stylesheet's
variables, so the chart (drawn as SVG) follows the theme by itself.
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import ceil, floor, log10
from typing import Any

from gateway.archive.trends import Trend
from gateway.languages import Words
from gateway.views import spark
from gateway.views.display import DAY, SECOND, Clock, bound_text, symbol
from gateway.views.trend import BUCKETS, RANGES, Beside, TrendView

Options = dict[str, Any]
LANE = 14
"""Height of a lane beneath the curve, pixels."""
FONT = "Segoe UI, Roboto, Arial, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
LEFT = 84
"""Room for the value axis and the lanes' names, pixels."""
DRAWN = 240
"""Spans of a lane that are drawn one by one; of more, those that are closer than a pixel are one."""
LANES = ("batches", "alarms", "gaps", "unreadable", "withdrawn", "doors")
LINES = ("solid", "dashed", "dotted", [10, 4, 2, 4], [2, 6], [14, 4], [6, 2, 2, 2], [20, 4])
"""How the lines of several tags, or batches, are drawn; the first also stands out by its colour."""
BETWEEN = 52
"""Room for each further value axis, pixels."""
COLOURS = {
    "batches": "var(--line)", "alarms": "var(--action)", "gaps": "var(--data)", "unreadable": "var(--data)",
    "doors": "var(--normal)", "withdrawn": "var(--text-2)",
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


def options(view: TrendView, span: tuple[int, int], clock: Clock, say: Words, names: Sequence[str] = ()) -> Options:
    """The whole chart. `span` is the axis from `axis`, fixed for as long as the chart stands.

    `names` are what the tags are called, the first one's first; a chart of one tag does without.
    """
    grids = range(len(LANES) + 1)
    right = 16 + BETWEEN * len(_units(view))
    legend = {"legend": {"top": 0, "type": "scroll", "itemWidth": 40, "textStyle": {"color": "var(--text)"}}}
    return {
        **(legend if view.beside else {}),
        "animation": False,
        "useUTC": True,
        "textStyle": {"fontFamily": FONT, "color": "var(--text-2)"},
        "grid": [
            {"left": LEFT, "right": right, "top": 56 if view.beside else 16, "bottom": 44 + LANE * len(LANES)},
            *(_lane_grid(at, right) for at in grids[1:]),
        ],
        "xAxis": [_time_axis(at, span) for at in grids],
        "tooltip": {
            "trigger": "axis", "renderMode": "richText", "backgroundColor": "var(--panel)",
            "borderColor": "var(--normal)",
            "textStyle": {"color": "var(--text)", "fontSize": 12}, "axisPointer": {"animation": False},
            ":valueFormatter": "(value) => value == null ? '–' : Number(value).toFixed(2)",
        },
        **update(view, clock, say, names),
    }  # fmt: skip


def update(view: TrendView, clock: Clock, say: Words, names: Sequence[str] = ()) -> Options:
    """What changes with the window and with new readings."""
    low, high, step = _range(view)
    units = _units(view)
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
            *(_further_axis(at, unit, view) for at, unit in enumerate(units)),
        ],
        "series": [
            _curve(view, clock, say, names[0] if names else symbol(view.unit)),
            *(_lane(at, name, view, clock) for at, name in enumerate(LANES, start=1)),
            *(_limit_steps(view, clock, low=side) for side in (True, False)),
            *(
                _further(at, one, units, clock, name)
                for at, (one, name) in enumerate(zip(view.beside, names[1:], strict=False), start=1)
            ),
        ],
    }  # fmt: skip


def points(view: TrendView, clock: Clock) -> list[list[float | None]]:
    """[milliseconds in shown time, value] with an empty point wherever a line must not go on."""
    return _cut(_points(view.trend, clock), [_shown(gap.began, clock) for gap in view.gaps])


def _points(trend: Trend, clock: Clock) -> list[list[float | None]]:
    value, shown = spark.drawable(trend), list[list[float | None]]()
    for run in spark.runs(trend):
        if shown:
            shown.append([shown[-1][0], None])
        shown.extend([_shown(int(t), clock), float(v)] for t, v in zip(trend.time[run], value[run], strict=True))
    return shown


def _cut(shown: list[list[float | None]], gaps: Iterable[float]) -> list[list[float | None]]:
    """No line across a gap, even a short one between two readings."""
    for began in gaps:
        at = next((n for n, (time, _) in enumerate(shown) if time is not None and time > began), None)
        if at:
            shown.insert(at, [began, None])
    return shown


def _curve(view: TrendView, clock: Clock, say: Words, name: str) -> Options:
    data = points(view, clock)
    gaps = _joined([(gap.began, gap.ended or view.now) for gap in view.gaps], view)
    colour = "var(--link)" if view.beside else "var(--trace)"
    return {
        "type": "line", "name": name, "data": data, "connectNulls": False, "silent": True,
        "showSymbol": len(data) <= 200, "symbol": "circle", "symbolSize": 3,
        "step": "end" if view.switch else False,
        "lineStyle": {"color": colour, "width": 1.5}, "itemStyle": {"color": colour},
        "markLine": {"silent": True, "symbol": "none", "animation": False, "data": _limit_lines(view, say)},
        "markArea": {"silent": True, "data": _areas(gaps, clock),
                     "itemStyle": {"color": "var(--data)", "opacity": 0.14}},
    }  # fmt: skip


def _limit_lines(view: TrendView, say: Words) -> list[Options]:
    """A line across for each side whose limit was the same all the time; else its last value, named at the end."""
    found = []
    for low in (True, False):
        steps = view.steps(low=low)
        if steps:
            text = bound_text(
                steps[-1][1], view.unit or (view.limit.unit if view.limit else ""), say, low=low, line=True
            )
            found.append({
                "yAxis": steps[-1][1],
                "lineStyle": {"color": "var(--action)", "type": "dashed", "width": 1.2 if len(steps) == 1 else 0},
                "label": {"formatter": text, "color": "var(--action)", "position": "insideEndTop", "fontSize": 11},
            })  # fmt: skip
    return found


def _limit_steps(view: TrendView, clock: Clock, *, low: bool) -> Options:
    """A limit that changed, as it was in force."""
    steps = view.steps(low=low)
    data = [[_shown(time, clock), limit] for time, limit in [*steps, (view.window.end, steps[-1][1])]] if steps else []
    return {
        "type": "line", "data": data if len(steps) > 1 else [], "step": "end", "symbol": "none", "silent": True,
        "lineStyle": {"color": "var(--action)", "type": "dashed", "width": 1.2}, "tooltip": {"show": False},
    }  # fmt: skip


def _units(view: TrendView) -> list[str]:
    """Units that need an axis of their own, as the first tag's is another."""
    return [unit for unit in dict.fromkeys(one.unit for one in view.beside) if unit != view.unit]


def _further(at: int, one: Beside, units: Sequence[str], clock: Clock, name: str) -> Options:
    axis_ = 0 if one.unit not in units else 1 + len(LANES) + units.index(one.unit)
    return {
        "type": "line", "name": name, "data": _points(one.trend, clock), "connectNulls": False, "showSymbol": False,
        "yAxisIndex": axis_, "silent": True, "step": "end" if one.switch else False,
        "lineStyle": {"color": "var(--trace)", "width": 1.2, "type": LINES[at]},
        "itemStyle": {"color": "var(--trace)"},
    }  # fmt: skip


def _further_axis(at: int, unit: str, view: TrendView) -> Options:
    bounds = [bound for one in view.beside if one.unit == unit for bound in one.bounds or ()]
    low, high, step = rounded(min(bounds), max(bounds)) if bounds else (0.0, 1.0, 0.5)
    return {
        "type": "value", "min": low, "max": high, "interval": step, "name": symbol(unit), "position": "right",
        "offset": BETWEEN * at, "nameTextStyle": {"color": "var(--weak)"}, "splitLine": {"show": False},
        "axisLabel": {"color": "var(--text-2)", "fontSize": 11},
        "axisLine": {"show": True, "lineStyle": {"color": "var(--normal)"}},
    }  # fmt: skip


def _lane(at: int, name: str, view: TrendView, clock: Clock) -> Options:
    spans: Sequence[tuple[int, int]] = {
        "alarms": [(row.since, row.returned or view.now) for row in view.alarms],
        "gaps": [(row.began, row.ended or view.now) for row in view.gaps],
        "unreadable": view.unreadable,
        "withdrawn": [(one.began, one.ended) for one in view.withdrawn],
        "doors": [span for spans in view.doors.values() for span in spans],
        "batches": [(stay.began, min(stay.until, view.now)) for stay in view.batches],
    }[name]
    names = [stay.batch for stay in view.batches] if name == "batches" and len(spans) <= DRAWN else []
    colour = COLOURS[name]
    return {
        "type": "line", "xAxisIndex": at, "yAxisIndex": at, "data": [], "silent": True,
        "markArea": {"silent": True, "data": _areas(_joined(spans, view), clock, names),
                     "itemStyle": {"color": colour, "borderColor": colour, "borderWidth": 1},
                     "label": {"position": "inside", "fontSize": 10, "color": "var(--text)", "overflow": "truncate"}},
    }  # fmt: skip


def _joined(spans: Sequence[tuple[int, int]], view: TrendView) -> Sequence[tuple[int, int]]:
    """Of many, those that nobody could tell apart are one: a year has thousands."""
    if len(spans) <= DRAWN:
        return spans
    pixel = (view.window.end - view.window.begin) // BUCKETS
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin - found[-1][1] <= pixel:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _areas(spans: Iterable[tuple[int, int]], clock: Clock, names: Sequence[str] = ()) -> list[list[Options]]:
    """From where to where, with what is written on it."""
    return [
        [{"xAxis": _shown(begin, clock)} | ({"name": name} if name else {}), {"xAxis": _shown(end, clock)}]
        for (begin, end), name in zip_longest(spans, names)
    ]


def _lane_grid(at: int, right: int) -> Options:
    return {"left": LEFT, "right": right, "height": LANE - 4, "bottom": 8 + LANE * (len(LANES) - at)}


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
    bounds += [bound for one in view.beside if one.unit == view.unit for bound in one.bounds or ()]
    bounds += [limit for low in (True, False) for _, limit in view.steps(low=low)]
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
