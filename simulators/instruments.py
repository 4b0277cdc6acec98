"""What stands between a quantity and what a device says of it: noise, resolution, faults, sampling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulators.tags import Tag

Value = float | int | bool | str | None
FaultKind = Literal["bad", "nan", "frozen"]


class Sensors:
    """All sensors of a plant: quantities in, readings out. One seed gives one series of readings."""

    def __init__(self, tags: list[Tag], rng: np.random.Generator) -> None:
        self.tags = tags
        self._rng = rng
        self._noise = np.array([tag.noise for tag in tags])
        self._faults: dict[str, FaultKind] = {}
        self._last: dict[str, Value] = {}

    def fail(self, tag: str, fault: FaultKind) -> None:
        """Let the sensor of `tag` fail from now on."""
        self._faults[tag] = fault

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
                value = round(min(max(value + float(error), tag.low), tag.high), tag.decimals)
            readings[tag.name] = self._faulty(tag.name, value)
        self._last = readings
        return readings

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


class Sampler:
    """The measuring cell of a particle counter: draws air at `flow` l/min and counts for `seconds`."""

    def __init__(self, flow: float, seconds: int, rng: np.random.Generator) -> None:
        self._litres = flow / 60
        self._rng = rng
        self._elapsed = 0.0
        self._fine = 0.0
        self._coarse = 0.0
        self.last = Sample(number=0, seconds=seconds, count_05=0, count_5=0)

    def step(self, fine: float, coarse: float, dt: float) -> None:
        """Draw air with `fine` (≥ 0.5 µm) and `coarse` (≥ 5.0 µm) particles per m³ for `dt` s.

        Counts follow Poisson's law with the expected number of particles in the volume drawn.
        """
        volume = self._litres * dt / 1000
        self._fine += max(fine - coarse, 0.0) * volume
        self._coarse += coarse * volume
        self._elapsed += dt
        if self._elapsed + 1e-9 < self.last.seconds:
            return
        large = int(self._rng.poisson(self._coarse))
        small = int(self._rng.poisson(self._fine))
        self.last = Sample(self.last.number + 1, self.last.seconds, large + small, large)
        self._elapsed -= self.last.seconds
        self._fine = self._coarse = 0.0
