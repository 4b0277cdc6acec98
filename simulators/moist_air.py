"""Relative humidity and mixing ratio.

Saturation pressure over water by the Magnus form with Sonntag's (1990) coefficients, as in the WMO Guide to
Instruments and Methods of Observation (WMO-No. 8, annex 4.B).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ATMOSPHERE = 101_325.0
"""Pa."""
RATIO = 0.622
"""Molar masses of water and dry air."""


def saturation_pressure(temperature: Floats) -> Floats:
    """Saturation vapour pressure in Pa at a temperature in °C."""
    return np.asarray(611.2 * np.exp(17.62 * temperature / (243.12 + temperature)))


def mixing_ratio(temperature: Floats, humidity: Floats) -> Floats:
    """Mass of water per mass of dry air, kg/kg, at a temperature (°C) and relative humidity (%)."""
    vapour = humidity / 100 * saturation_pressure(temperature)
    return RATIO * vapour / (ATMOSPHERE - vapour)


def relative_humidity(temperature: Floats, ratio: Floats) -> Floats:
    """Relative humidity in % of air at a temperature (°C) and mixing ratio (kg/kg), at most 100."""
    vapour = ratio * ATMOSPHERE / (RATIO + ratio)
    return np.minimum(100 * vapour / saturation_pressure(temperature), 100.0)
