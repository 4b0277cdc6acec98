"""Nelson's and Westgard's rules against patterns made by hand and a published chart."""

from math import pi, sqrt

import pytest

from gateway.review.control_charts import D2, RULES, Chart, Estimate

NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten batches of a liquid's flow rate."""
PLAIN = Chart(0.0, 1.0)


def test_the_published_chart_of_single_values() -> None:
    """The handbook gives mean 50.81, mean moving range 1.8778, limits 55.8041 and 45.8159."""
    chart = Chart.of(NIST, Estimate.MOVING_RANGE)
    assert chart.centre == pytest.approx(50.81)
    assert chart.deviation * 1.128 == pytest.approx(1.8778, abs=5e-5)
    assert chart.centre + 3 * chart.deviation == pytest.approx(55.8041, abs=5e-5)
    assert chart.centre - 3 * chart.deviation == pytest.approx(45.8159, abs=5e-5)


def test_the_expected_range_of_two_values() -> None:
    """Their difference is normal with variance 2, so its mean size is sqrt(2) × sqrt(2 / pi) = 2 / sqrt(pi)."""
    assert pytest.approx(2 / sqrt(pi), abs=5e-4) == D2


def test_the_standard_deviation_is_that_of_a_sample() -> None:
    """2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, over 7."""
    chart = Chart.of([2, 4, 4, 4, 5, 5, 7, 9], Estimate.STANDARD_DEVIATION)
    assert [chart.centre, chart.deviation] == pytest.approx([5, (32 / 7) ** 0.5])


@pytest.mark.parametrize(
    ("rule", "broken", "kept"),
    [
        ("nelson-1", [3.01], [3.0]),
        ("nelson-2", [0.1] * 9, [0.1] * 8 + [-0.1]),
        ("nelson-2", [-0.1] * 9, [-0.1] * 4 + [0.0] + [-0.1] * 4),
        ("nelson-3", [0, 1, 2, 3, 4, 5], [0, 1, 2, 2, 4, 5]),
        ("nelson-3", [0.5, 0.4, 0.3, 0.2, 0.1, 0], [0.5, 0.4, 0.3, 0.2, 0.1, 0.15]),
        ("nelson-4", [0.2, -0.2] * 7, [0.2, -0.2] * 6 + [-0.3, 0.2]),
        ("nelson-5", [2.1, 0, 2.1], [2.1, 0, -2.1]),
        ("nelson-5", [0, -2.1, -2.1], [2.1, 2.1, 0]),
        ("nelson-6", [1.1, 1.1, 0, 1.1, 1.1], [1.1, 1.1, 0, -1.1, 1.1]),
        ("nelson-7", [0.9, -0.9, 0] * 5, [0.9, -0.9, 0] * 4 + [0.9, -0.9, 1.0]),
        ("nelson-8", [1.1, -1.1] * 4, [1.1, -1.1] * 3 + [1.1, -0.9]),
        ("westgard-1-2s", [-2.1], [-2.0]),
        ("westgard-1-3s", [-3.1], [-3.0]),
        ("westgard-2-2s", [2.1, 2.1], [2.1, -2.1]),
        ("westgard-R-4s", [2.1, -2.1], [2.1, 2.1]),
        ("westgard-4-1s", [1.1] * 4, [1.1, 1.1, 0.9, 1.1]),
        ("westgard-10-x", [-0.1] * 10, [0.1] + [-0.1] * 9),
    ],
)  # fmt: skip
def test_a_pattern_is_told_and_what_nearly_is_one_is_not(rule: str, broken: list[float], kept: list[float]) -> None:
    """Whatever stands before it, and mirrored too."""
    for sign in (1, -1):
        assert PLAIN.broken(rule, [9.0, -9.0, *(sign * z for z in broken)]) is True
        assert PLAIN.broken(rule, [9.0, -9.0, *(sign * z for z in kept)]) is False


def test_too_few_results_are_no_answer() -> None:
    """One less than the rule looks at."""
    for rule, (count, _) in RULES.items():
        assert PLAIN.broken(rule, [0.0] * (count - 1)) is None
        assert PLAIN.broken(rule, [0.0] * count) is not None


def test_equal_results_make_no_chart() -> None:
    """Also where their mean is not quite they; nor do numbers too large to be added."""
    for estimate in Estimate:
        assert not Chart.of([0.1] * 7, estimate).usable
        assert not Chart.of([1e308, -1e308, 1e308], estimate).usable
        assert Chart.of([0.1, 0.1, 0.2], estimate).usable
