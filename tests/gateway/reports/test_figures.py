"""The numbers of a report against the same numbers computed in another way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.figures import PERCENTILES, figures, mean_kinetic_temperature
from gateway.reports.spells import Around, Spell, spells
from schemas.status import StatusCode
from tests.gateway.reports.test_spells import BAD, BEGIN, END, GOOD, UNCERTAIN, readings

VALUES = st.lists(
    st.tuples(st.integers(80, 210), st.floats(-40, 60), st.sampled_from([GOOD, GOOD, GOOD, BAD, UNCERTAIN])),
    min_size=1, max_size=30,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))  # fmt: skip


@given(VALUES)
def test_mean_extremes_and_percentiles_are_those_of_every_moment(rows: list[tuple[int, float, int]]) -> None:
    """As if the tag had been written down at each moment of the period."""
    read = readings(*rows)
    stretches = spells(read, BEGIN, END, Around())
    found = figures(read, stretches, mean_kinetic=True)
    each = np.repeat(stretches.value, stretches.length)[np.repeat(stretches.usable, stretches.length)]
    if not len(each):
        assert (found.mean, found.percentiles, found.mean_kinetic) == (None, None, None)
        return
    assert found.mean == pytest.approx(each.mean())
    assert found.percentiles == tuple(np.percentile(each, PERCENTILES, method="inverted_cdf"))
    inside = [value for time, value, status in rows if BEGIN <= time < END and status == GOOD]
    assert (found.minimum, found.maximum) == (min([*inside, *each]), max([*inside, *each]))
    kelvin = [10_000 / (value + 273.15) for value in each.tolist()]
    assert found.mean_kinetic == pytest.approx(
        10_000 / -math.log(sum(map(math.exp, map(float.__neg__, kelvin))) / len(each)) - 273.15
    )
    assert found.mean is not None
    assert found.mean_kinetic is not None
    assert found.mean_kinetic >= found.mean - 1e-6


def test_readings_are_counted_by_their_status() -> None:
    """Those of the period; a good one without a number is Bad."""
    read = readings((90, 1.0, GOOD), (100, 2.0, GOOD), (110, np.nan, GOOD), (120, 2.0, BAD), (130, 2.0, UNCERTAIN),
                    (200, 9.0, GOOD))  # fmt: skip
    found = figures(read, spells(read, BEGIN, END, Around()))
    assert (found.counts.good, found.counts.uncertain, found.counts.bad, found.counts.all) == (1, 1, 2, 4)
    assert (found.judged, found.period) == (0, 100)


def test_an_extreme_of_one_moment_is_told() -> None:
    """Of two readings of one time only the last counts for the mean, but both are seen."""
    read = readings((100, 5.0, GOOD), (150, 99.0, GOOD), (150, 5.0, GOOD))
    found = figures(read, spells(read, BEGIN, END, Around()))
    assert (found.minimum, found.mean, found.maximum) == (5.0, 5.0, 99.0)


def test_bad_values_enter_no_figure() -> None:
    """Whatever stands in their place."""
    read = readings((100, 1e9, BAD), (150, 1e9, int(StatusCode.UNCERTAIN_LAST_USABLE_VALUE)))
    found = figures(read, spells(read, BEGIN, END, Around()))
    assert (found.minimum, found.mean, found.maximum, found.percentiles) == (None, None, None, None)
    assert (found.durations[Spell.BAD], found.durations[Spell.UNCERTAIN]) == (50, 50)


def test_the_mean_kinetic_temperature_weighs_warm_times_more() -> None:
    """Half at 20 °C and half at 30 °C; by hand from the formula with ΔH/R = 10 000 K."""
    by_hand = 10_000 / -math.log((math.exp(-10_000 / 293.15) + math.exp(-10_000 / 303.15)) / 2) - 273.15
    found = mean_kinetic_temperature(np.array([20.0, 30.0]), np.array([50, 50]))
    assert found == pytest.approx(by_hand)
    assert mean_kinetic_temperature(np.array([20.0, 30.0]), np.array([75, 25])) < found


def test_no_temperature_below_absolute_zero_is_averaged() -> None:
    """A sensor that says so has no mean kinetic temperature."""
    read = readings((100, -300.0, GOOD))
    assert figures(read, spells(read, BEGIN, END, Around()), mean_kinetic=True).mean_kinetic is None
