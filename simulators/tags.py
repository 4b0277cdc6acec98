"""Every point that the devices of a plant report: its name, its type, its unit, its sensor.

The one list from which the OPC UA nodes are made, scenarios are checked and the truth is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from simulators.plant import Balance, OpcUa, ParticleCounter, Plant, Transmitter

Type = Literal["double", "bool", "int", "string"]


@dataclass(frozen=True)
class Tag:
    """One point of one device."""

    device: str
    point: str
    """Name within the device: the string id of an OPC UA node, or a key of the device's `update`."""
    type: Type = "double"
    unit: str = ""
    """UCUM code."""
    low: float = 0.0
    high: float = 0.0
    """Instrument range in `unit`."""
    noise: float = 0.0
    """Standard deviation of the sensor's noise, cut off at three of them, in `unit`."""
    decimals: int = 2
    prefixed: bool = True
    """Whether the plant-wide name carries the device's name in front."""

    @property
    def name(self) -> str:
        """Name within the plant: `F1.DP.M1` for the monitoring system, `transmitter-m1.humidity` for others."""
        return f"{self.device}.{self.point}" if self.prefixed else self.point


def plant_tags(plant: Plant) -> list[Tag]:
    """All points of all devices, in a fixed order."""
    tags: list[Tag] = []
    for name, device in plant.devices.items():
        if isinstance(device, OpcUa):
            tags += _monitoring(name, plant)
        elif isinstance(device, Transmitter):
            tags += [
                _differential(name, "differential"),
                _temperature(name, "temperature"),
                _humidity(name, "humidity"),
            ]
        elif isinstance(device, ParticleCounter):
            tags += _counter(name, device)
        elif isinstance(device, Balance):
            tags.append(_load(name, device))
    return tags


def _differential(device: str, point: str, *, prefixed: bool = True) -> Tag:
    return Tag(device, point, "double", "Pa", -50, 100, 0.1, prefixed=prefixed)


def _temperature(device: str, point: str, *, prefixed: bool = True) -> Tag:
    return Tag(device, point, "double", "Cel", -40, 80, 0.02, prefixed=prefixed)


def _humidity(device: str, point: str, *, prefixed: bool = True) -> Tag:
    return Tag(device, point, "double", "%", 0, 100, 0.1, prefixed=prefixed)


def _counter(device: str, counter: ParticleCounter) -> list[Tag]:
    return [
        Tag(device, "sample", "int"),
        Tag(device, "sample_seconds", "int", "s"),
        Tag(device, "count_05", "int", "{#}"),
        Tag(device, "count_5", "int", "{#}"),
        Tag(device, "overflow", "bool"),
        Tag(device, "flow", "double", "L/min", 0, counter.flow * 2, 0.05),
    ]


def _monitoring(device: str, plant: Plant) -> Iterator[Tag]:
    for pair in plant.differentials:
        yield _differential(device, f"{pair.of}.DP.{pair.against}", prefixed=False)
    for name in plant.rooms:
        yield _temperature(device, f"{name}.Temperature", prefixed=False)
        yield _humidity(device, f"{name}.Humidity", prefixed=False)
    for door in plant.doors:
        yield Tag(device, f"Door.{door.name}", "bool", prefixed=False)
    for name, room in plant.rooms.items():
        if room.batch is not None:
            yield Tag(device, f"{name}.Batch", "string", prefixed=False)
    if (line := plant.filling_line) is not None:
        yield Tag(device, f"{line.name}.State", "string", prefixed=False)
        yield Tag(device, f"{line.name}.Good", "int", "{#}", prefixed=False)
        yield Tag(device, f"{line.name}.Reject", "int", "{#}", prefixed=False)
        yield Tag(device, f"{line.name}.Speed", "double", "/min", 0, line.speed * 2, prefixed=False)
    if (dryer := plant.freeze_dryer) is not None:
        yield Tag(device, f"{dryer.name}.Phase", "string", prefixed=False)
        yield Tag(device, f"{dryer.name}.ShelfTemperature", "double", "Cel", -80, 130, 0.03, prefixed=False)
        yield Tag(device, f"{dryer.name}.ChamberPressure", "double", "Pa", 0, 120_000, 0.02, prefixed=False)


def _load(device: str, balance: Balance) -> Tag:
    reach = 2 * balance.capacity  # beyond its capacity, so that an overload is one
    return Tag(device, "load", unit="g", low=-reach, high=reach, decimals=balance.decimals + 1)
