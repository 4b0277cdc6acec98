"""The numbers of a report against the same numbers computed in another way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.reporting import Readings
from gateway.reports.figures import PERCENTILES, Distribution, Figures, Tally, decay, temperature_of
from gateway.reports.spells import Around, Spell, Spells, spells
from schemas.status import StatusCode
from tests.gateway.reports.test_spells import BAD, BEGIN, END, GOOD, UNCERTAIN, readings

VALUES = st.lists(
    st.tuples(st.integers(80, 210), st.floats(-40, 60), st.sampled_from([GOOD, GOOD, GOOD, BAD, UNCERTAIN])),
    min_size=1, max_size=30,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))  # fmt: skip


def figures(read: Readings, stretches: Spells, *, mean_kinetic: bool = False) -> Figures:
    """Of a period that is one part."""
    tally = Tally(mean_kinetic=mean_kinetic)
    tally.add(read, stretches)
    return tally.figures()


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
    rates = decay(np.array([20.0, 30.0]))
    assert temperature_of(rates.mean()) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(26.26, abs=0.01)
    assert 25 < temperature_of(np.average(rates, weights=[60, 40])) < by_hand


@given(VALUES, st.integers(BEGIN + 1, END - 1))
def test_a_period_in_parts_has_the_same_figures(rows: list[tuple[int, float, int]], cut: int) -> None:
    """But for the last digits of a mean."""
    read, tally = readings(*rows), Tally(mean_kinetic=True)
    early, late = (readings(*(row for row in rows if (row[0] < cut) == before)) for before in (True, False))
    tally.add(early, spells(early, BEGIN, cut, Around()))
    tally.add(early.last.then(late), spells(early.last.then(late), cut, END, Around()))
    found, whole = tally.figures(), figures(read, spells(read, BEGIN, END, Around()), mean_kinetic=True)
    assert (found.durations, found.counts, found.percentiles) == (whole.durations, whole.counts, whole.percentiles)
    assert (found.minimum, found.maximum) == (whole.minimum, whole.maximum)
    assert found.mean == (None if whole.mean is None else pytest.approx(whole.mean))
    assert found.mean_kinetic == (None if whole.mean_kinetic is None else pytest.approx(whole.mean_kinetic))


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 1000)), min_size=1, max_size=60))
def test_a_distribution_of_too_many_values_stays_close(rows: list[tuple[float, int]]) -> None:
    """A percentile is one of the values, and the time of all is kept; with room for all it is exact."""
    values, weights = np.array([value for value, _ in rows]), np.array([weight for _, weight in rows])
    exact, small = Distribution(), Distribution(most=8)
    for part in np.array_split(np.arange(len(rows)), 3):
        exact.add(values[part], weights[part])
        small.add(values[part], weights[part])
    wanted = np.percentile(np.repeat(values, weights), PERCENTILES, method="inverted_cdf")
    assert exact.percentiles() == tuple(wanted)
    assert small.total == exact.total == weights.sum()
    assert set(small.percentiles()) <= set(values.tolist())
    assert all(found >= true for found, true in zip(small.percentiles(), wanted, strict=True))


def test_no_temperature_below_absolute_zero_is_averaged() -> None:
    """A sensor that says so has no mean kinetic temperature."""
    read = readings((100, -300.0, GOOD))
    assert figures(read, spells(read, BEGIN, END, Around()), mean_kinetic=True).mean_kinetic is None
