"""What stands between a quantity and what a device says of it: noise, resolution, faults, sampling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulators.tags import Tag

Value = float | int | bool | str | None
FaultKind = Literal["bad", "nan", "frozen", "drift"]
HOUR = 3600.0
COINCIDENCE = 2.0e8
"""Particles per m³ at which only one in e is counted: the others pass the laser together with another one."""
MOST = COINCIDENCE / 10
"""Particles per m³ beyond which a counter says that there are too many for it: then it loses about a tenth."""


class Sensors:
    """All sensors of a plant: quantities in, readings out. One seed gives one series of readings."""

    def __init__(self, tags: list[Tag], rng: np.random.Generator) -> None:
        self.tags = tags
        self._rng = rng
        self._noise = np.array([tag.noise for tag in tags])
        self._faults: dict[str, FaultKind] = {}
        self._drifts: dict[str, tuple[float, float]] = {}
        self._now = 0.0
        self._last: dict[str, Value] = {}

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        self._now += dt

    def fail(self, tag: str, fault: FaultKind, per_hour: float = 0.0) -> None:
        """Let the sensor of `tag` fail from now on; `per_hour` is how far it drifts, in its unit."""
        self._faults[tag] = fault
        self._drifts[tag] = (self._now, per_hour / HOUR)

    def repair(self, tag: str) -> None:
        """Let the sensor of `tag` work again."""
        self._faults.pop(tag, None)

    def read(self, quantities: Mapping[str, Value]) -> dict[str, Value]:
        """Readings by tag name; None where there is no value."""
        noise = self._noise * np.clip(self._rng.standard_normal(len(self.tags)), -3, 3)
        readings: dict[str, Value] = {}
        for tag, error in zip(self.tags, noise, strict=True):
            value = quantities[tag.name]
            if tag.type == "double" and isinstance(value, float):
                value += self._drift(tag.name)
                value = round(min(max(value + float(error), tag.low), tag.high), tag.decimals)
            readings[tag.name] = self._faulty(tag.name, value)
        self._last = readings
        return readings

    def _drift(self, name: str) -> float:
        if self._faults.get(name) != "drift":
            return 0.0
        since, speed = self._drifts[name]
        return (self._now - since) * speed

    def _faulty(self, name: str, value: Value) -> Value:
        fault = self._faults.get(name)
        if fault == "bad":
            return None
        if fault == "nan":
            return float("nan")
        if fault == "frozen":
            return self._last.get(name, value)
        return value


@dataclass
class Sample:
    """A finished sample of a particle counter: raw counts, cumulative over sizes."""

    number: int
    seconds: int
    count_05: int
    count_5: int
    overflow: bool = False
    """Whether there were at some moment too many particles to be counted."""


class Sampler:
    """The measuring cell of a particle counter: draws air at `flow` l/min and counts for `seconds`."""

    def __init__(self, flow: float, seconds: int, rng: np.random.Generator) -> None:
        self._litres = flow / 60
        self._rng = rng
        self._elapsed = 0.0
        self._fine = 0.0
        self._coarse = 0.0
        self._overflow = False
        self.last = Sample(number=0, seconds=seconds, count_05=0, count_5=0)

    def step(self, fine: float, coarse: float, dt: float) -> None:
        """Draw air with `fine` (≥ 0.5 µm) and `coarse` (≥ 5.0 µm) particles per m³ for `dt` s.

        Counts follow Poisson's law with the expected number of particles in the volume drawn. In a dense fog few are
        counted: particles that pass the laser together are one, or none (ISO 21501-4, coincidence loss).
        """
        volume = self._litres * dt / 1000 * float(np.exp(-fine / COINCIDENCE))
        self._overflow |= fine > MOST
        self._fine += max(fine - coarse, 0.0) * volume
        self._coarse += coarse * volume
        self._elapsed += dt
        if self._elapsed + 1e-9 < self.last.seconds:
            return
        large = int(self._rng.poisson(self._coarse))
        small = int(self._rng.poisson(self._fine))
        self.last = Sample(self.last.number + 1, self.last.seconds, large + small, large, self._overflow)
        self._elapsed -= self.last.seconds
        self._fine = self._coarse = 0.0
        self._overflow = False
