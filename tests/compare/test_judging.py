from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.bench.compare import report
from tests.bench.compare.judging import ratio, verdicts
from tests.bench.compare.measure import Run
from tests.bench.compare.scenarios import GOALS, SCENARIOS, Goal, Scenario, Side

LOAD = Scenario("load", 1_000, 10, 0.1)
RUN = Run("load", "product", 10_000, 0.02, 0.02, 80, 9, 20, 0, 0, 100_000, 10, {})


def runs(ours: list[float], theirs: list[float]) -> list[Run]:
    """Pairs with such CPU per sample."""
    sides: list[tuple[Side, list[float]]] = [("product", ours), ("telegraf", theirs)]
    return [replace(RUN, side=side, cpu=value) for side, values in sides for value in values]


def test_a_ratio_is_the_median_over_the_pairs() -> None:
    """Not the ratio of medians: what disturbs a pair disturbs both."""
    assert ratio(runs([1, 2, 9], [2, 8, 10]), "load", "cpu") == 0.5
    assert ratio(runs([1], []), "load", "cpu") is None
    assert ratio(runs([1], [0]), "load", "cpu") is None


@pytest.mark.parametrize(("cpu", "word"), [(0.26, "not met"), (0.25, "met"), (0.16, "met"), (0.15, "met, stretch too")])
def test_a_goal_is_met_up_to_its_limit(cpu: float, word: str) -> None:
    (found,) = verdicts(runs([cpu], [1.0]), [Goal("load", "cpu", 0.25, 0.15)])
    assert found.word == word


def test_of_what_is_lost_the_worst_run_counts() -> None:
    every = [replace(RUN, lost=lost) for lost in (0, 3, 0)]
    (found,) = verdicts(every, [Goal("load", "lost", 0, ratio=False)])
    assert (found.value, found.word) == (3, "not met")


def test_a_rate_has_to_be_reached() -> None:
    found = verdicts([RUN], [Goal("load", "rate", 9_000, ratio=False, at_least=True)])
    assert [one.word for one in found] == ["met"]


def test_a_ratio_without_telegraf_is_not_measured() -> None:
    found = list(verdicts([RUN], [Goal("load", "cpu", 0.25), Goal("other", "cpu", 0.25)]))
    assert [one.word for one in found] == ["not measured"]


def test_every_goal_is_of_a_scenario_and_of_a_measure() -> None:
    """And a ratio needs both sides."""
    sides = {one.name: one.sides for one in SCENARIOS}
    for goal in GOALS:
        assert goal.measure in report.MEASURES
        assert "telegraf" in sides[goal.scenario] or not goal.ratio


def test_the_report_shows_sides_ratios_and_goals() -> None:
    every = runs([0.02], [0.1])
    text = report.markdown([LOAD], every, list(verdicts(every, [Goal("load", "cpu", 0.25)])), ["Conditions."])
    assert "| load | ratio | 1.000 | 0.200 |" in text
    assert "| load: CPU-s per 10,000 ≤ 0.25 × Telegraf's | 0.200 | met |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("| load | ") and "ratio" in line}
    assert widths == {len(report.titles()) + 1}


def test_bars_of_the_plot_are_as_long_as_their_values() -> None:
    drawing = ET.fromstring(report.plot([LOAD], runs([0.05], [0.1])))  # noqa: S314 - our own text
    widths = [float(bar.attrib["width"]) for bar in drawing.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths == [report.WIDTH / 2, report.WIDTH]


def test_what_is_not_a_number_is_shown_as_nothing() -> None:
    lost = replace(RUN, p50=float("nan"))
    (row,) = report.rows([LOAD], [lost])
    assert row[report.titles().index("p50 ms")] == ""
