"""From runs to medians, ratios and goals. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.compare.measure import Run
from tests.bench.compare.scenarios import Goal, Side


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal with what was measured; `value` is None where that scenario gave no result."""

    goal: Goal
    value: float | None

    @property
    def word(self) -> str:
        """Met or not."""
        if self.value is None:
            return "not measured"
        if not _within(self.value, self.goal.limit, at_least=self.goal.at_least):
            return "not met"
        stretch = self.goal.stretch
        return "met" if stretch is None or not _within(self.value, stretch, at_least=False) else "met, stretch too"


def _within(value: float, limit: float, *, at_least: bool) -> bool:
    return value >= limit if at_least else value <= limit


def chosen(runs: Sequence[Run], scenario: str, side: Side) -> list[Run]:
    """In the order in which they were made."""
    return [run for run in runs if run.scenario == scenario and run.side == side]


def middle(runs: Sequence[Run], scenario: str, side: Side, measure: str) -> float | None:
    """The median of a measure."""
    values = [float(getattr(run, measure)) for run in chosen(runs, scenario, side)]
    return median(values) if values else None


def ratio(runs: Sequence[Run], scenario: str, measure: str) -> float | None:
    """The median over the pairs of ours divided by Telegraf's; None without pairs, or where Telegraf's is 0."""
    pairs = zip(chosen(runs, scenario, "product"), chosen(runs, scenario, "telegraf"), strict=False)
    values = [(float(getattr(ours, measure)), float(getattr(theirs, measure))) for ours, theirs in pairs]
    ratios = [ours / theirs for ours, theirs in values if theirs]
    return median(ratios) if ratios else None


def verdicts(runs: Sequence[Run], goals: Sequence[Goal]) -> Iterator[Verdict]:
    """Of the goals whose scenario was run. Nothing may be lost in any run: there the worst counts."""
    for goal in goals:
        ours = chosen(runs, goal.scenario, "product")
        if not ours:
            continue
        if goal.ratio:
            value = ratio(runs, goal.scenario, goal.measure)
        elif goal.measure == "lost":
            value = max(float(run.lost) for run in ours)
        else:
            value = middle(runs, goal.scenario, "product", goal.measure)
        yield Verdict(goal, value)
