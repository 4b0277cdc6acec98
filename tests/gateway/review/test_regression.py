"""Least squares and Student's t against published values and a line worked out by hand."""

from math import exp, lgamma, log, pi, sqrt

import numpy as np
import pytest

from gateway.review.regression import Line, quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [
        (0.95, 1, 6.314), (0.975, 1, 12.706), (0.95, 2, 2.920), (0.975, 2, 4.303), (0.95, 3, 2.353), (0.975, 3, 3.182),
        (0.95, 10, 1.812), (0.975, 10, 2.228), (0.995, 7, 3.499), (0.975, 30, 2.042), (0.995, 120, 2.617),
    ],
)  # fmt: skip
def test_quantiles_are_those_of_the_tables(probability: float, freedom: int, expected: float) -> None:
    """NIST/SEMATECH e-Handbook, 1.3.6.7.2, critical values of Student's t."""
    assert quantile(probability, freedom) == pytest.approx(expected, abs=6e-4)


def test_anscombe() -> None:
    """F. J. Anscombe, Graphs in Statistical Analysis (1973), set 1: y = 3 + 0.5 x."""
    x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    line = Line.through(x, y)
    assert line is not None
    assert [line.slope, line.intercept] == pytest.approx([0.5001, 3.0001], abs=5e-5)
    assert line.deviation**2 * 9 == pytest.approx(13.763, abs=5e-4)
    assert line.deviation / sqrt(line.squares) == pytest.approx(0.1179, abs=5e-5)


def test_intervals_worked_out_by_hand() -> None:
    """X 0, 3, 6, 9 and y 100, 99, 99, 98.

    Mean x 4.5, squares 45; slope -9/45 = -0.2, intercept 99.9; residuals 0.1, -0.3, 0.3, -0.1, squares 0.2, over 2
    degrees of freedom: s = sqrt(0.1). At x = 24 the mean is 95.1; 1/4 + 19.5²/45 = 8.7. t(0.95, 2) = 2.920,
    t(0.975, 2) = 4.303.
    """
    line = Line.through([0, 3, 6, 9], [100, 99, 99, 98])
    assert line is not None
    assert [line.slope, line.intercept, line.at(24)] == pytest.approx([-0.2, 99.9, 95.1])
    assert line.deviation == pytest.approx(sqrt(0.1))
    assert line.of_the_mean(24, 0.95) == pytest.approx(2.920 * sqrt(0.1 * 8.7), rel=2e-4)
    assert line.of_one_more(24, 0.95) == pytest.approx(4.303 * sqrt(0.1 * 9.7), rel=2e-4)


def test_what_makes_no_line() -> None:
    """Two points, one x, no scatter, numbers too large."""
    assert Line.through([0, 1], [1, 2]) is None
    assert Line.through([5, 5, 5], [1, 2, 3]) is None
    for y in ([0.1, 0.1, 0.1, 0.1], [1, 2, 3, 4], [1e308, -1e308, 1e308, 1e308]):
        line = Line.through([0, 1, 2, 3], y)
        assert line is not None
        assert not line.usable


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 30, 121])
@pytest.mark.parametrize("probability", [0.8, 0.95, 0.975, 0.995])
def test_quantiles_are_those_of_the_integrated_density(probability: float, freedom: int) -> None:
    """The density of Student's t, summed by the trapezoidal rule from 0 to the quantile, is probability - 1/2."""
    t = np.linspace(0, quantile(probability, freedom), 200_001)
    scale = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2)
    density = scale * (1 + t**2 / freedom) ** (-(freedom + 1) / 2)
    area = float(((density[1:] + density[:-1]) / 2 * np.diff(t)).sum())
    assert area == pytest.approx(probability - 0.5, abs=1e-8)


def test_a_line_is_that_of_a_matrix_solution() -> None:
    """Coefficients, residual deviation and both intervals by (X'X)^-1 of the normal equations."""
    by = np.random.default_rng(8)
    for count in (3, 5, 12, 40):
        x = np.sort(by.uniform(0, 60, count))
        y = 100 - 0.1 * x + by.normal(0, 0.5, count)
        line = Line.through(x.tolist(), y.tolist())
        assert line is not None
        design = np.column_stack([np.ones(count), x])
        inverse = np.linalg.inv(design.T @ design)
        beta = inverse @ design.T @ y
        deviation = sqrt(float(((y - design @ beta) ** 2).sum()) / (count - 2))
        at = np.array([1.0, 48.0])
        assert [line.intercept, line.slope] == pytest.approx(beta.tolist())
        assert line.deviation == pytest.approx(deviation)
        mean = quantile(0.95, count - 2) * deviation * sqrt(float(at @ inverse @ at))
        assert line.of_the_mean(48, 0.95) == pytest.approx(mean)
        more = quantile(0.975, count - 2) * deviation * sqrt(1 + float(at @ inverse @ at))
        assert line.of_one_more(48, 0.95) == pytest.approx(more)
