import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.instruments import Sampler, Sensors
from simulators.tags import Tag


def test_a_reading_has_the_sensors_resolution_and_stays_in_its_range() -> None:
    """0.01 steps; a quantity beyond the range is read as its end."""
    tag = Tag("d", "p", unit="Pa", low=-50, high=100, noise=0.1)
    sensors = Sensors([tag], np.random.default_rng(0))
    reading = sensors.read({"d.p": 14.123456})["d.p"]
    assert isinstance(reading, float)
    assert reading == round(reading, 2)
    assert reading == pytest.approx(14.12, abs=0.31)
    assert sensors.read({"d.p": 500.0})["d.p"] == 100


def test_a_sensor_frozen_from_the_start_keeps_its_first_reading() -> None:
    """There is no earlier one to repeat."""
    sensors = Sensors([Tag("d", "p", high=100)], np.random.default_rng(0))
    sensors.fail("d.p", "frozen")
    assert sensors.read({"d.p": 1.0})["d.p"] == 1.0
    assert sensors.read({"d.p": 2.0})["d.p"] == 1.0


@given(st.floats(0, 1e7), st.floats(0, 1e5), st.integers(0, 100))
def test_the_larger_particles_are_among_the_smaller(fine: float, coarse: float, seed: int) -> None:
    """Counts are cumulative over sizes, and no sample is made before its time."""
    sampler = Sampler(flow=28.3, seconds=10, rng=np.random.default_rng(seed))
    for _ in range(99):
        sampler.step(fine, coarse, 0.1)
    assert sampler.last.number == 0
    for _ in range(2):
        sampler.step(fine, coarse, 0.1)
    assert sampler.last.number == 1
    assert 0 <= sampler.last.count_5 <= sampler.last.count_05


def test_counts_are_those_of_the_air_drawn() -> None:
    """At 1 000 000 per m³ and 28.3 l/min, a minute has 28 300 give or take Poisson's spread."""
    sampler = Sampler(flow=28.3, seconds=60, rng=np.random.default_rng(1))
    for _ in range(600):
        sampler.step(1e6, 8300, 0.1)
    assert sampler.last.count_05 == pytest.approx(28_300, abs=6 * 28_300**0.5)
    assert sampler.last.count_5 == pytest.approx(235, abs=6 * 235**0.5)
