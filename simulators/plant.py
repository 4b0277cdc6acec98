"""What a simulated plant consists of: the document `plant.yaml`.

Flows are m³/h, volumes m³, areas m², heat W, temperatures °C (`Cel`), humidities % relative, times s.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from simulators.documents import Fault, Loc, Strict, load, nearest

RoomName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
DeviceName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
Port = Annotated[int, Field(ge=0, le=65535, description="TCP port on 127.0.0.1; 0 takes a free one")]
Fraction = Annotated[float, Field(ge=0, le=1)]
Framing = Annotated[
    Literal["tcp", "rtu", "ascii"], Field(description="Modbus TCP, or RTU or ASCII on a pseudo-terminal")
]


class Outside(Strict):
    """The air around the suite: the reference node at 0 Pa."""

    temperature: float = 24.0
    humidity: float = Field(default=55.0, gt=0, le=100)
    particles_05: NonNegativeFloat = Field(default=1.0e6, description="≥ 0.5 µm per m³")


class AirHandler(Strict):
    """An air handling unit: filters the supply of its rooms; its fan can trip."""

    filter_efficiency: Fraction = Field(default=0.99995, description="terminal HEPA, EN 1822 H14: 0.99995")
    exhaust_when_tripped: Fraction = Field(
        default=0.05, description="part of the exhaust that goes on when the supply is lost (interlocked dampers)"
    )


class Room(Strict):
    """One room, its air and what stands in it at rest."""

    title: str
    grade: Literal["A", "B", "C", "D"]
    air_handler: str
    volume: PositiveFloat
    supply: NonNegativeFloat
    exhaust: NonNegativeFloat
    envelope: PositiveFloat = Field(description="closed leakage area to the outside, m²")
    people: int = Field(default=0, ge=0)
    heat: NonNegativeFloat = Field(default=0.0, description="machines and light, W")
    dust: NonNegativeFloat = Field(default=0.0, description="particles ≥ 0.5 µm per minute from the process")
    temperature: float = 20.0
    humidity: float = Field(default=45.0, gt=0, lt=100)
    batch: str | None = Field(
        default=None, description="batch that its terminal shows at first, empty for none; no terminal when absent"
    )


class Door(Strict):
    """A door between two rooms; its name is both joined by a hyphen."""

    between: tuple[str, str]
    leak: PositiveFloat = Field(description="leakage area when shut, m²")
    area: PositiveFloat = Field(default=2.1, description="area when open, m²")
    height: PositiveFloat = 2.1

    @property
    def name(self) -> str:
        """As scenarios and node ids name it, such as `M1-C1`."""
        return "-".join(self.between)


class Opening(Strict):
    """Between two rooms without a door, such as below a hood's curtain: always open."""

    between: tuple[str, str]
    area: PositiveFloat = Field(description="m²")
    height: PositiveFloat = 0.3


class Differential(Strict):
    """A differential pressure sensor: positive when `of` is above `against`."""

    of: str
    against: str


class FillingLine(Strict):
    """A filling machine with PackML-like states (ISA-TR88.00.02)."""

    name: str = "FL3"
    speed: PositiveFloat = Field(default=120.0, description="containers per minute in Execute")
    reject_rate: Fraction = 0.004
    running: bool = Field(default=True, description="Execute at the start, else Stopped")


class Phase(Strict):
    """One phase of a freeze-drying recipe."""

    name: str
    minutes: PositiveFloat
    shelf: float = Field(description="shelf set point, Cel")
    pressure: PositiveFloat = Field(description="chamber set point, Pa")


class FreezeDryer(Strict):
    """A freeze dryer that runs its recipe from `start_in` and then starts anew."""

    name: str = "FD3"
    ramp: PositiveFloat = Field(default=0.5, description="shelf ramp, Cel per minute")
    start_in: str
    recipe: list[Phase] = Field(min_length=1)


class OpcUa(Strict):
    """The monitoring system: every sensor of the plant as OPC UA nodes."""

    kind: Literal["opcua"]
    port: Port = 0
    history: int = Field(default=0, ge=0, le=100_000, description="values of each node that it keeps")
    secure: bool = Field(default=False, description="offers Basic256Sha256 too, with a certificate of its own")
    alarm_below: float | None = Field(default=None, description="Pa; a lower differential is an alarm of its own")


class Transmitter(Strict):
    """A room transmitter on Modbus: differential pressure, temperature, humidity."""

    kind: Literal["transmitter"]
    port: Port = 0
    framing: Framing = "tcp"
    room: str
    against: str


class ParticleCounter(Strict):
    """An airborne particle counter on Modbus."""

    kind: Literal["particle-counter"]
    port: Port = 0
    framing: Framing = "tcp"
    room: str
    flow: PositiveFloat = Field(default=28.3, description="sampling flow, l/min")
    sample_seconds: PositiveInt = 60
    map_version: Literal[148, 150] = Field(default=148, description="148: floats low word first, 150: high word first")
    serial_number: PositiveInt = 21045
    location: int = Field(default=1, ge=1)
    clock_offset_hours: float = Field(default=0.0, ge=-14, le=14, description="the counter's clock against UTC")


class Balance(Strict):
    """A balance on a pseudo-terminal."""

    kind: Literal["balance"]
    dialect: Literal["mt-sics", "sartorius-sbi", "and-standard", "ohaus", "radwag"] = "mt-sics"
    room: str
    model: str = "XSR6002S"
    serial_number: str = "B935412277"
    capacity: PositiveFloat = Field(default=6100.0, description="g")
    decimals: int = Field(default=2, ge=0, le=5, description="places shown, in g")
    settling: PositiveFloat = Field(default=0.7, description="s from a change of load to a stable value")


AnyDevice = Annotated[OpcUa | Transmitter | ParticleCounter | Balance, Field(discriminator="kind")]


def has_terminal(device: AnyDevice) -> bool:
    """Whether it listens on a pseudo-terminal and not on a port."""
    return isinstance(device, Balance) or (not isinstance(device, OpcUa) and device.framing != "tcp")


class Plant(Strict):
    """A plant: rooms, doors, machines, and the devices that report on them."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    tick: float = Field(default=0.1, ge=0.01, le=10, description="s between readings, wall clock")
    seed: int = Field(default=0, ge=0)
    restart_after: PositiveFloat | None = Field(
        default=None, description="s until a device that died by itself is started again; never when absent"
    )
    outside: Outside = Outside()
    air_handlers: dict[str, AirHandler]
    rooms: dict[RoomName, Room] = Field(min_length=1)
    doors: list[Door] = Field(default_factory=list)
    openings: list[Opening] = Field(default_factory=list)
    differentials: list[Differential] = Field(default_factory=list)
    filling_line: FillingLine | None = None
    freeze_dryer: FreezeDryer | None = None
    devices: dict[DeviceName, AnyDevice] = Field(min_length=1)

    def doors_by_name(self) -> dict[str, Door]:
        """Doors by their name, such as `M1-C1`."""
        return {door.name: door for door in self.doors}


def load_plant(path: Path) -> Plant:
    """Read a plant from its folder or its `plant.yaml`. Raises `DocumentError`."""
    return load(plant_file(path), Plant, plant_faults)


def plant_file(path: Path) -> Path:
    """Return the plant document for a folder or a file."""
    return path / "plant.yaml" if path.is_dir() else path


def plant_faults(plant: Plant) -> list[Fault]:
    """Names that lead nowhere, and things that stand twice."""
    units, rooms = list(plant.air_handlers), list(plant.rooms)
    faults = [
        *(
            _unknown(("rooms", name, "air_handler"), room.air_handler, "air handler", units)
            for name, room in plant.rooms.items()
        ),
        *(
            _unknown((kind, index, "between"), side, "room", rooms)
            for kind, ways in _ways(plant)
            for index, way in enumerate(ways)
            for side in way.between
        ),
        *(
            _unknown(("differentials", index, key), getattr(pair, key), "room", rooms)
            for index, pair in enumerate(plant.differentials)
            for key in ("of", "against")
        ),
        *(
            _unknown(("devices", name, key), getattr(device, key), "room", rooms)
            for name, device in plant.devices.items()
            for key in ("room", "against")
            if hasattr(device, key)
        ),
    ]
    if (dryer := plant.freeze_dryer) is not None:
        phases = [phase.name for phase in dryer.recipe]
        faults.append(_unknown(("freeze_dryer", "start_in"), dryer.start_in, "phase", phases))
    return [fault for fault in faults if fault is not None] + _repeats(plant)


def _ways(plant: Plant) -> list[tuple[str, Sequence[Door | Opening]]]:
    return [("doors", plant.doors), ("openings", plant.openings)]


def _unknown(loc: Loc, name: str, what: str, known: list[str]) -> Fault | None:
    return None if name in known else (loc, f"unknown {what} {name!r}{nearest(name, known)}")


def _repeats(plant: Plant) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[frozenset[str]] = set()
    for index, door in enumerate(plant.doors):
        pair = frozenset(door.between)
        if len(pair) == 1:
            faults.append((("doors", index), "a door joins two rooms"))
        elif pair in seen:
            faults.append((("doors", index), f"a door between {door.name} stands twice"))
        seen.add(pair)
    if sum(isinstance(device, OpcUa) for device in plant.devices.values()) > 1:
        faults.append((("devices",), "only one device of kind 'opcua' can carry the plant's nodes"))
    return faults
