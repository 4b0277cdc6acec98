"""The plant at one moment: rooms, machines, loads and sensors, and how actions change them."""

from collections.abc import Iterator

import numpy as np

from simulators.instruments import Sampler, Sensors, Value
from simulators.machines import Filler, Lyophilizer
from simulators.physics import Building
from simulators.plant import Balance, OpcUa, ParticleCounter, Plant, Transmitter
from simulators.scenario import (
    ClearFault,
    Fill,
    Fog,
    LeakFilter,
    MendFilter,
    MoveDoor,
    MovePeople,
    PutLoad,
    SensorFault,
    ShowBatch,
    Step,
    SwitchFan,
    TakeLoad,
)
from simulators.tags import plant_tags

LONGEST_STEP = 0.5
"""s of one physics step; a faster clock takes more of them. Where nothing happens they may be longer."""


class World:
    """Everything that is simulated, without any clock or device: deterministic for one seed."""

    def __init__(self, plant: Plant, seed: int | None = None) -> None:
        rng = np.random.default_rng(plant.seed if seed is None else seed)
        sensing, filling, *sampling = rng.spawn(2 + len(plant.devices))
        self._plant = plant
        self.longest_step = LONGEST_STEP
        self.building = Building(plant)
        self.sensors = Sensors(plant_tags(plant), sensing)
        self.filler = Filler(plant.filling_line, filling) if plant.filling_line else None
        self.dryer = Lyophilizer(plant.freeze_dryer) if plant.freeze_dryer else None
        self.loads = {name: 0.0 for name, device in plant.devices.items() if isinstance(device, Balance)}
        self.batches = {name: room.batch for name, room in plant.rooms.items() if room.batch is not None}
        self._samplers = {
            name: Sampler(device.flow, device.sample_seconds, generator)
            for (name, device), generator in zip(plant.devices.items(), sampling, strict=True)
            if isinstance(device, ParticleCounter)
        }
        self._room = {name: number for number, name in enumerate(self.building.names)}

    def apply(self, step: Step) -> None:
        """Let an action happen. Actions on devices' processes and the broker are not the world's to do."""
        match step:
            case MoveDoor():
                self.building.open[step.door] = step.do == "open_door"
            case SwitchFan():
                self._switch_fan(step)
            case MovePeople() | LeakFilter() | MendFilter() | Fog():
                self._dirty(step)
            case SensorFault():
                self.sensors.fail(step.tag, step.fault, step.per_hour or 0.0)
            case ClearFault():
                self.sensors.repair(step.tag)
            case PutLoad():
                self.loads[step.device] = step.grams
            case TakeLoad():
                self.loads[step.device] = 0.0
            case ShowBatch():
                self.batches[step.room] = step.batch
            case Fill() if self.filler is not None:
                self.filler.command(step.command)

    def _dirty(self, step: MovePeople | LeakFilter | MendFilter | Fog) -> None:
        room, building = self._room[step.room], self.building
        match step:
            case MovePeople():
                building.people[room] = step.count
            case LeakFilter():
                building.leak[room] = step.part
            case MendFilter():
                building.leak[room] = 0.0
            case Fog():
                building.fog[room] = step.per_minute / 60

    def _switch_fan(self, step: SwitchFan) -> None:
        fans = self.building.supply_runs if step.do.endswith("supply") else self.building.exhaust_runs
        fans[step.unit] = step.do.startswith("restore")

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        parts = max(1, int(np.ceil(dt / self.longest_step - 1e-9)))
        for _ in range(parts):
            self._step(dt / parts)

    def _step(self, dt: float) -> None:
        self.building.step(dt)
        self.sensors.advance(dt)
        if self.filler:
            self.filler.step(dt)
        if self.dryer:
            self.dryer.step(dt)
        for name, sampler in self._samplers.items():
            room = self._room[self._device_room(name)]
            air = self.building.air
            sampler.step(float(air.fine[room]), float(air.coarse[room]), dt)

    def _device_room(self, name: str) -> str:
        device = self._plant.devices[name]
        if isinstance(device, OpcUa):
            raise TypeError(f"{name} stands in no room")
        return device.room

    def differential(self, of: str, against: str) -> float:
        """Pressure of room `of` above room `against`, Pa."""
        pressure = self.building.air.pressure
        return float(pressure[self._room[of]] - pressure[self._room[against]])

    def read(self) -> dict[str, Value]:
        """What every sensor says now, by tag; each call is a new reading with new noise."""
        return self.sensors.read(self.quantities())

    def quantities(self) -> dict[str, Value]:
        """What there is to be measured now, by tag, before any sensor."""
        return dict(self._quantities())

    def _quantities(self) -> Iterator[tuple[str, Value]]:
        for name, device in self._plant.devices.items():
            if isinstance(device, OpcUa):
                yield from self._monitored()
            elif isinstance(device, Transmitter):
                yield f"{name}.differential", self.differential(device.room, device.against)
                yield f"{name}.temperature", float(self.building.air.temperature[self._room[device.room]])
                yield f"{name}.humidity", float(self.building.air.humidity[self._room[device.room]])
            elif isinstance(device, ParticleCounter):
                sample = self._samplers[name].last
                yield f"{name}.sample", sample.number
                yield f"{name}.sample_seconds", sample.seconds
                yield f"{name}.count_05", sample.count_05
                yield f"{name}.count_5", sample.count_5
                yield f"{name}.overflow", sample.overflow
                yield f"{name}.flow", device.flow
            else:
                yield f"{name}.load", self.loads[name]

    def _monitored(self) -> Iterator[tuple[str, Value]]:
        for pair in self._plant.differentials:
            yield f"{pair.of}.DP.{pair.against}", self.differential(pair.of, pair.against)
        air = self.building.air
        for room, temperature, humidity in zip(self._room, air.temperature, air.humidity, strict=True):
            yield f"{room}.Temperature", float(temperature)
            yield f"{room}.Humidity", float(humidity)
        for door, is_open in self.building.open.items():
            yield f"Door.{door}", is_open
        for room, batch in self.batches.items():
            yield f"{room}.Batch", batch
        if self.filler and self._plant.filling_line:
            line = self._plant.filling_line.name
            yield f"{line}.State", self.filler.state
            yield f"{line}.Good", self.filler.good
            yield f"{line}.Reject", self.filler.reject
            yield f"{line}.Speed", self.filler.speed
        if self.dryer and self._plant.freeze_dryer:
            dryer = self._plant.freeze_dryer.name
            yield f"{dryer}.Phase", self.dryer.phase
            yield f"{dryer}.ShelfTemperature", self.dryer.shelf
            yield f"{dryer}.ChamberPressure", self.dryer.chamber
