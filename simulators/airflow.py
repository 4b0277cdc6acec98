"""Room pressures from flow balance: a network of orifices, solved at each moment as if at rest.

Rooms are nodes; doors and envelopes are orifices between them; the outside is the last node, held at 0 Pa.
The flow through an opening follows the orifice equation, q = C·A·√(2·Δp/ρ) (ASHRAE Handbook Fundamentals,
"Ventilation and Infiltration"; EN 16798-7), with C = 0.65. Its slope is infinite at Δp = 0, where a Newton step
finds no footing, so that the root is rounded below a few hundredths of a pascal: √Δp becomes
Δp/(Δp² + ε²)^¼, which is smooth, odd, and has the same value elsewhere.

The balance of each room, supply - exhaust - Σ leaks = 0, is the gradient of a convex function of the pressures:
there is one solution, and a damped Newton iteration finds it from any start. The damping is needed: for a square root
the full step leads from x to -x and back, so that a step counts only if it brings the error down by a good part.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

AIR_DENSITY = 1.2
"""kg/m³ at 20 °C."""
DISCHARGE = 0.65
"""Discharge coefficient of a sharp-edged opening."""
ROUNDING = 0.01
"""Pa, below which the orifice equation is taken as linear."""
FAN_LIMIT = 300.0
"""Pa of back pressure at which a flow controller delivers nothing; up to half of it the flow is held."""


def orifice_flow(area: Floats, difference: Floats) -> Floats:
    """Volume flow in m³/s through openings (m²) at a pressure difference (Pa), in its direction."""
    root = (difference**2 + ROUNDING**2) ** 0.25
    return np.asarray(DISCHARGE * area * np.sqrt(2 / AIR_DENSITY) * difference / root)


def _orifice_slope(area: Floats, difference: Floats) -> Floats:
    square = difference**2 + ROUNDING**2
    slope = (1 - difference**2 / (2 * square)) / square**0.25
    return np.asarray(DISCHARGE * area * np.sqrt(2 / AIR_DENSITY) * slope)


def controlled_flow(setpoint: Floats, back_pressure: Floats) -> Floats:
    """Flow of a constant-volume controller: held up to half of `FAN_LIMIT`, then falling to nothing there."""
    return setpoint * np.sqrt(np.clip((FAN_LIMIT - back_pressure) / (FAN_LIMIT / 2), 0, 1))


def _controlled_slope(setpoint: Floats, back_pressure: Floats) -> Floats:
    rest = (FAN_LIMIT - back_pressure) / (FAN_LIMIT / 2)
    falling = (rest > 0) & (rest < 1)
    return np.where(falling, setpoint / (FAN_LIMIT * np.sqrt(np.clip(rest, 1e-6, 1))), 0.0)


@dataclass(frozen=True)
class Network:
    """Which rooms each opening joins; index `rooms` is the outside."""

    rooms: int
    start: Ints
    end: Ints

    def differences(self, pressure: Floats) -> Floats:
        """Pressure difference over each opening, Pa, positive from its start to its end."""
        full = np.append(pressure, 0.0)
        return np.asarray(full[self.start] - full[self.end])

    def imbalance(self, pressure: Floats, area: Floats, supply: Floats, exhaust: Floats) -> Floats:
        """Net flow into each room in m³/s; all zero where the pressures are right."""
        leaks = orifice_flow(area, self.differences(pressure))
        net = np.zeros(self.rooms + 1)
        np.add.at(net, self.start, -leaks)
        np.add.at(net, self.end, leaks)
        return net[:-1] + controlled_flow(supply, pressure) - controlled_flow(exhaust, -pressure)

    def _jacobian(self, pressure: Floats, area: Floats, supply: Floats, exhaust: Floats) -> Floats:
        slope = _orifice_slope(area, self.differences(pressure))
        full = np.zeros((self.rooms + 1, self.rooms + 1))
        for a, b, sign in (
            (self.start, self.start, -1),
            (self.end, self.end, -1),
            (self.start, self.end, 1),
            (self.end, self.start, 1),
        ):
            np.add.at(full, (a, b), sign * slope)
        fans = _controlled_slope(supply, pressure) + _controlled_slope(exhaust, -pressure)
        return full[:-1, :-1] - np.diag(fans)

    def solve(self, area: Floats, supply: Floats, exhaust: Floats, guess: Floats) -> Floats:
        """Pressures in Pa at which every room's flows (m³/s) balance; areas of the openings in m².

        Raises `ArithmeticError` if no balance is found, which a room without any opening would cause.
        """
        pressure = guess.astype(np.float64)
        flows = (area, supply, exhaust)
        error = self.imbalance(pressure, *flows)
        tolerance = 1e-9 * (1 + float(np.max(supply + exhaust)))
        for _ in range(100):
            norm = float(np.linalg.norm(error))
            if norm < tolerance:
                return pressure
            step = np.linalg.solve(self._jacobian(pressure, *flows), -error)
            for halving in range(30):
                part = 0.5**halving
                trial = pressure + part * step
                trial_error = self.imbalance(trial, *flows)
                if np.linalg.norm(trial_error) <= (1 - part / 4) * norm:
                    break
            pressure, error = trial, trial_error
        if float(np.linalg.norm(error)) < 1e-6:
            return pressure
        raise ArithmeticError("no pressures found at which the flows balance")
