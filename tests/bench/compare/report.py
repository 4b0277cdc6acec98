"""The result as Markdown and as a plot. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from tests.bench.compare.judging import Verdict, middle, ratio
from tests.bench.compare.measure import Run
from tests.bench.compare.scenarios import Scenario, Side

MEASURES: Mapping[str, tuple[str, str]] = {
    "rate": ("samples/s", "{:,.0f}"),
    "cpu": ("CPU-s per 10,000", "{:.4f}"),
    "share": ("of a core", "{:.2f}"),
    "rss": ("RSS MiB", "{:.0f}"),
    "p50": ("p50 ms", "{:.1f}"),
    "p99": ("p99 ms", "{:.1f}"),
    "lost": ("lost", "{:,.0f}"),
    "duplicated": ("duplicated", "{:,.0f}"),
    "octets": ("octets/sample", "{:.1f}"),
}
"""Field of `Run`: its title and how it is written. All are medians."""
SIDES: tuple[Side, ...] = ("product", "telegraf")


def markdown(
    scenarios: Sequence[Scenario], runs: Sequence[Run], verdicts: Sequence[Verdict], head: Sequence[str]
) -> str:
    """Conditions, medians, ratios, goals."""
    lines = ["# Comparison", "", *head, "", *_settings(scenarios), "", *_medians(scenarios, runs), ""]
    return "\n".join([*lines, *_goals(verdicts), ""])


def _settings(scenarios: Sequence[Scenario]) -> Iterator[str]:
    yield "The interval, of publishing or polling, is Telegraf's `flush_interval` as well; batch"
    yield "(`metric_batch_size`) and compression are Telegraf's. Ours is always zstd."
    yield ""
    yield "| scenario | variables | Hz | interval, flush ms | batch | compression | security | ours besides |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in scenarios:
        security = "Basic256Sha256, SignAndEncrypt" if one.encrypted else "none"
        besides = " ".join(f"{name}={value}" for name, value in {**one.agent, **one.source}.items())
        batch = f"{one.batch:,}" if "telegraf" in one.sides else ""
        compression = "" if "telegraf" not in one.sides else "zstd" if one.zstd else "none"
        load = one.name, f"{one.variables:,}", f"{one.hertz:g}", f"{one.interval * 1000:g}"
        cells = *load, batch, compression, security, besides
        yield f"| {' | '.join(cells)} |"


def rows(scenarios: Sequence[Scenario], runs: Sequence[Run]) -> Iterator[list[str]]:
    """Scenario, side, and each measure; of a pair also the ratio."""
    for one in scenarios:
        for side in SIDES:
            values = [middle(runs, one.name, side, measure) for measure in MEASURES]
            if values[0] is not None:
                yield [one.name, side, *map(_written, MEASURES, values)]
        ratios = [ratio(runs, one.name, measure) for measure in MEASURES]
        if any(value is not None for value in ratios):
            yield [one.name, "ratio", *("" if value is None else f"{value:.3f}" for value in ratios)]


def _written(measure: str, value: float | None) -> str:
    return "" if value is None or math.isnan(value) else MEASURES[measure][1].format(value)


def titles() -> list[str]:
    """Of the columns of `rows`."""
    return ["scenario", "side", *(title for title, _ in MEASURES.values())]


def _medians(scenarios: Sequence[Scenario], runs: Sequence[Run]) -> Iterator[str]:
    yield f"| {' | '.join(titles())} |"
    yield "|---|---|" + "---:|" * len(MEASURES)
    for row in rows(scenarios, runs):
        yield f"| {' | '.join(row)} |"


def _goals(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield "| goal | measured | |"
    yield "|---|---:|---|"
    for verdict in verdicts:
        yield f"| {goal_text(verdict)} | {value_text(verdict)} | {verdict.word} |"


def goal_text(verdict: Verdict) -> str:
    """A goal in a line."""
    goal = verdict.goal
    sign, by = "≥" if goal.at_least else "≤", " × Telegraf's" if goal.ratio else ""
    stretch = "" if goal.stretch is None else f" (stretch {goal.stretch:g})"
    return f"{goal.scenario}: {MEASURES[goal.measure][0]} {sign} {goal.limit:,g}{by}{stretch}"


def value_text(verdict: Verdict) -> str:
    """What was measured for a goal."""
    if verdict.value is None:
        return "–"
    return f"{verdict.value:.3f}" if verdict.goal.ratio else f"{verdict.value:,.0f}"


BAR, GAP, LEFT, WIDTH = 14, 10, 170, 460
COLOURS: Mapping[Side, str] = {"product": "#1b6ca8", "telegraf": "#c9c9c9"}


def plot(scenarios: Sequence[Scenario], runs: Sequence[Run], measure: str = "cpu") -> str:
    """Bars of one measure, both sides of each scenario, as SVG."""
    shown = [(one.name, side, value) for one in scenarios for side in SIDES
             if (value := middle(runs, one.name, side, measure)) is not None]  # fmt: skip
    longest = max((value for *_, value in shown), default=1.0) or 1.0
    parts, top, before = [], 30, ""
    for name, side, value in shown:
        top += GAP if name != before else 0
        if name != before:
            parts.append(f'<text x="{LEFT - 8}" y="{top + BAR - 3}" text-anchor="end">{escape(name)}</text>')
        width = WIDTH * value / longest
        parts.append(f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR - 2}" fill="{COLOURS[side]}"/>')
        parts.append(f'<text x="{LEFT + width + 4:.1f}" y="{top + BAR - 4}">{side} {_written(measure, value)}</text>')
        top, before = top + BAR, name
    size = f'width="{LEFT + WIDTH + 160}" height="{top + 20}"'
    title = f'<text x="10" y="18" font-size="14">{MEASURES[measure][0]}, medians</text>'
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{title}{"".join(parts)}</svg>\n'
