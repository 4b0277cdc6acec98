"""Rooms of a clean suite: pressure, airborne particles, temperature and humidity.

Each room is one well-mixed zone (ASHRAE Handbook Fundamentals, "Room Air Distribution"; ISO 14644-16 uses the same
balance): capacity · dx/dt = Σ inflow · (x_from - x) + generation, with x a concentration, a temperature or a mixing
ratio. Air comes from the supply, from rooms at higher pressure and from the outside; the air that leaves takes the
room's own state with it. The step is implicit Euler, stable for any step. A hood is a room too: the air that it blows
down leaves it all round, against what could come in.

Pressures follow the flow balance (see `airflow`) with a lag of `PRESSURE_LAG`, the time a suite's ducts, dampers and
transmitter damping take; flows for the transport are those of the balance.
"""

from dataclasses import dataclass

import numpy as np

from simulators.airflow import AIR_DENSITY, Floats, Network, orifice_flow
from simulators.moist_air import mixing_ratio, relative_humidity
from simulators.plant import Door, Opening, Plant

PRESSURE_LAG = 1.5
"""s."""
FAN_LAG = 4.0
"""s in which a tripped fan runs down, and comes up again."""
HEAT_CAPACITY = 1005.0
"""J/(kg·K) of air."""
FURNISHING = 4.0
"""Heat capacity of a room with its walls' surface and fittings, in multiples of its air's."""
PERSON_HEAT = 75.0
"""W, sensible heat of light work (ASHRAE Handbook Fundamentals, "Nonresidential Cooling and Heating Load")."""
PERSON_MOISTURE = 55 / 2.45e6
"""kg/s: 55 W of latent heat (same source) over 2.45 MJ/kg."""
PERSON_PARTICLES = {"A": 1.0e5, "B": 2.0e5, "C": 1.0e6, "D": 5.0e6}
"""≥ 0.5 µm per minute and person, by the garments worn in a grade (order of Austin's contamination index)."""
COARSE_PART = 0.0083
"""Part of the particles ≥ 0.5 µm that is ≥ 5.0 µm: (0.5/5)^2.08, the size law of ISO 14644-1."""
FOG_COARSE_PART = 0.2
"""Part of a sprayed disinfectant's droplets that is ≥ 5.0 µm: their sizes lie around that."""
DOORWAY_DIFFERENCE = 0.5
"""K between two rooms that drives the two-way exchange through an open door."""
REHEAT_GAIN = 1.0
"""K of supply temperature for each K of room temperature."""


def doorway_exchange(area: Floats, height: Floats) -> Floats:
    """Two-way flow in m³/s through an open door with no pressure difference, driven by buoyancy.

    q = C/3 · A · √(g·H·ΔT/T) (Brown and Solvason, 1962).
    """
    return np.asarray(0.65 / 3 * area * np.sqrt(9.81 * height * DOORWAY_DIFFERENCE / 293))


@dataclass(frozen=True)
class Mixing:
    """One implicit step of the well-mixed balance for all rooms.

    `transfer[i, j]` is the flow from room j into i and `inflow` the flow from elsewhere into each room, m³/s;
    `dt` in s may be infinite, which gives the steady state.
    """

    capacity: Floats
    transfer: Floats
    inflow: Floats
    dt: float

    def step(self, state: Floats, carried: Floats) -> Floats:
        """The state after `dt`; `carried` is what inflow and sources bring per second."""
        leaving = self.transfer.sum(axis=1) + self.inflow
        matrix = np.diag(self.capacity / self.dt + leaving) - self.transfer
        return np.asarray(np.linalg.solve(matrix, self.capacity / self.dt * state + carried))


@dataclass
class Air:
    """The state of all rooms; arrays in the order of the plant's rooms."""

    pressure: Floats
    """Pa against the outside."""
    temperature: Floats
    """°C."""
    moisture: Floats
    """Mixing ratio, kg/kg."""
    fine: Floats
    """Particles ≥ 0.5 µm per m³."""
    coarse: Floats
    """Particles ≥ 5.0 µm per m³."""

    @property
    def humidity(self) -> Floats:
        """Relative humidity, %."""
        return relative_humidity(self.temperature, self.moisture)


class Building:
    """The rooms of a plant and their air. Inputs are the public attributes; `step` lets time pass."""

    def __init__(self, plant: Plant) -> None:
        rooms = plant.rooms.values()
        self.names = list(plant.rooms)
        self.doors = [door.name for door in plant.doors]
        index = {name: number for number, name in enumerate(self.names)}
        outside = len(self.names)
        ways: list[Door | Opening] = [*plant.doors, *plant.openings]
        self._network = Network(
            rooms=outside,
            start=np.array([index[way.between[0]] for way in ways] + list(range(outside)), dtype=np.intp),
            end=np.array([index[way.between[1]] for way in ways] + [outside] * outside, dtype=np.intp),
        )
        self._opened = np.array([way.area for way in ways])
        closed = [*(door.leak for door in plant.doors), *(way.area for way in plant.openings)]
        self._closed = np.array([*closed, *(room.envelope for room in rooms)])
        self._always = [True] * len(plant.openings)
        self._exchange = doorway_exchange(self._opened, np.array([way.height for way in ways]))
        self.units = list(plant.air_handlers)
        self._unit = np.array([self.units.index(room.air_handler) for room in rooms], dtype=np.intp)
        self._residual = np.array([unit.exhaust_when_tripped for unit in plant.air_handlers.values()])
        self._penetration = 1 - np.array([unit.filter_efficiency for unit in plant.air_handlers.values()])
        self._supply = np.array([room.supply for room in rooms]) / 3600
        self._exhaust = np.array([room.exhaust for room in rooms]) / 3600
        self._volume = np.array([room.volume for room in rooms])
        self._heat = np.array([room.heat for room in rooms])
        self._dust = np.array([room.dust for room in rooms]) / 60
        self._shedding = np.array([PERSON_PARTICLES[room.grade] for room in rooms]) / 60
        self._set_temperature = np.array([room.temperature for room in rooms])
        self._outside = plant.outside
        self._outside_moisture = float(
            mixing_ratio(np.array(plant.outside.temperature), np.array(plant.outside.humidity))
        )
        self.open = dict.fromkeys(self.doors, False)
        self.people = np.array([float(room.people) for room in rooms])
        self.leak = np.zeros(outside)
        """Part of each room's supply that goes through a hole in its filter."""
        self.fog = np.zeros(outside)
        """Droplets ≥ 0.5 µm that are sprayed into each room, per second."""
        self.supply_runs = dict.fromkeys(self.units, True)
        self.exhaust_runs = dict.fromkeys(self.units, True)
        self._supply_speed = np.ones(len(self.units))
        self._exhaust_speed = np.ones(len(self.units))
        self._rest(np.array([room.humidity for room in rooms]))

    def _rest(self, humidity: Floats) -> None:
        """Find the state at rest, and the supply air that keeps the rooms at their set points there."""
        none = np.zeros(len(self.names))
        self.air = Air(none, self._set_temperature.copy(), mixing_ratio(self._set_temperature, humidity), none, none)
        self.air.pressure = self._balance(none)
        transfer, outside = self._flows(self.air.pressure)
        self._supply_temperature = self._needed_supply(
            self._set_temperature, transfer, outside, self._outside.temperature, self._heat_load()
        )
        self._supply_moisture = self._needed_supply(
            self.air.moisture, transfer, outside, self._outside_moisture, self._moisture_load()
        )
        self._particles(transfer, outside, float("inf"))

    def _needed_supply(self, wanted: Floats, transfer: Floats, outside: Floats, ambient: float, load: Floats) -> Floats:
        drawn = transfer @ wanted - transfer.sum(axis=1) * wanted + outside * (ambient - wanted) + load
        return np.asarray(wanted - drawn / np.maximum(self._supply, 1e-9))

    def _heat_load(self) -> Floats:
        """Sources of heat, as K·m³/s."""
        return (self._heat + PERSON_HEAT * self.people) / (AIR_DENSITY * HEAT_CAPACITY)

    def _moisture_load(self) -> Floats:
        """Sources of water, as (kg/kg)·m³/s."""
        return PERSON_MOISTURE * self.people / AIR_DENSITY

    def _area(self) -> Floats:
        area = self._closed.copy()
        for number, name in enumerate(self.doors):
            if self.open[name]:
                area[number] = self._opened[number]
        return area

    def _delivered(self) -> tuple[Floats, Floats]:
        """Supply and exhaust set points of each room now, m³/s."""
        supply, exhaust = self._supply_speed[self._unit], self._exhaust_speed[self._unit]
        return self._supply * supply, self._exhaust * exhaust

    def _balance(self, guess: Floats) -> Floats:
        supply, exhaust = self._delivered()
        return self._network.solve(self._area(), supply, exhaust, guess)

    def imbalance(self) -> Floats:
        """What the flow balance leaves over in each room, m³/s (a check: next to nothing)."""
        supply, exhaust = self._delivered()
        return self._network.imbalance(self._balance(self.air.pressure), self._area(), supply, exhaust)

    def _flows(self, pressure: Floats) -> tuple[Floats, Floats]:
        """Flow from room j into room i as a matrix, and from the outside into each room; m³/s."""
        rooms = len(self.names)
        net = orifice_flow(self._area(), self._network.differences(pressure))
        opened = np.array([*(self.open[name] for name in self.doors), *self._always], dtype=bool)
        both = np.zeros_like(net)
        both[: len(opened)] = np.where(opened, np.maximum(self._exchange - np.abs(net[: len(opened)]) / 2, 0), 0)
        flow = np.zeros((rooms + 1, rooms + 1))
        np.add.at(flow, (self._network.end, self._network.start), np.maximum(net, 0) + both)
        np.add.at(flow, (self._network.start, self._network.end), np.maximum(-net, 0) + both)
        return flow[:-1, :-1], flow[:-1, -1]

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass with the inputs as they are."""
        self._run_fans(dt)
        balance = self._balance(self.air.pressure)
        self.air.pressure = self.air.pressure + (balance - self.air.pressure) * -np.expm1(-dt / PRESSURE_LAG)
        transfer, outside = self._flows(balance)
        self._particles(transfer, outside, dt)
        self._climate(transfer, outside, dt)

    def _run_fans(self, dt: float) -> None:
        part = -np.expm1(-dt / FAN_LAG)
        for number, unit in enumerate(self.units):
            supply = float(self.supply_runs[unit])
            wanted = float(self.exhaust_runs[unit]) * (1.0 if supply else self._residual[number])
            self._supply_speed[number] += (supply - self._supply_speed[number]) * part
            self._exhaust_speed[number] += (wanted - self._exhaust_speed[number]) * part

    def _particles(self, transfer: Floats, outside: Floats, dt: float) -> None:
        supply, _ = self._delivered()
        ambient = self._outside.particles_05
        source = self._shedding * self.people + self._dust
        carried = (supply * (self._penetration[self._unit] + self.leak) + outside) * ambient + source
        mixing = Mixing(self._volume, transfer, supply + outside, dt)
        self.air.fine = mixing.step(self.air.fine, carried + self.fog)
        self.air.coarse = mixing.step(self.air.coarse, carried * COARSE_PART + self.fog * FOG_COARSE_PART)

    def _climate(self, transfer: Floats, outside: Floats, dt: float) -> None:
        supply, _ = self._delivered()
        correction = REHEAT_GAIN * (self._set_temperature - self.air.temperature)
        blown = np.clip(self._supply_temperature + correction, 8, 32)
        heat = supply * blown + outside * self._outside.temperature + self._heat_load()
        mixing = Mixing(FURNISHING * self._volume, transfer, supply + outside, dt)
        self.air.temperature = mixing.step(self.air.temperature, heat)
        water = supply * self._supply_moisture + outside * self._outside_moisture + self._moisture_load()
        mixing = Mixing(self._volume, transfer, supply + outside, dt)
        self.air.moisture = mixing.step(self.air.moisture, water)
