import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulators.moist_air import mixing_ratio, relative_humidity, saturation_pressure


def test_saturation_pressure_agrees_with_the_steam_tables() -> None:
    """IAPWS gives 2339 Pa at 20 °C and 611.2 Pa at 0 °C."""
    pressures = saturation_pressure(np.array([0.0, 20.0]))
    assert np.allclose(pressures, [611.2, 2339], rtol=3e-3)


@given(st.floats(-20, 50), st.floats(1, 99))
def test_mixing_ratio_and_relative_humidity_are_inverse(temperature: float, humidity: float) -> None:
    """From humidity to water content and back is where one came from."""
    warmth = np.array(temperature)
    assert np.isclose(relative_humidity(warmth, mixing_ratio(warmth, np.array(humidity))), humidity)
