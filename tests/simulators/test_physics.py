from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.physics import Building, Mixing
from simulators.plant import load_plant

LINE_3 = load_plant(Path("simulators/line-3"))
LIMITED = {"G1-C1", "F1-P1", "M1-C1", "F1-M1"}
"""Steps between grades, which have to be at least 10 Pa."""


def differentials(building: Building) -> dict[str, float]:
    number = {name: index for index, name in enumerate(building.names)}
    pressure = building.air.pressure
    return {
        f"{pair.of}-{pair.against}": float(pressure[number[pair.of]] - pressure[number[pair.against]])
        for pair in LINE_3.differentials
    }


def after(building: Building, seconds: float, dt: float = 0.1) -> dict[str, float]:
    for _ in range(round(seconds / dt)):
        building.step(dt)
    return differentials(building)


def room(building: Building, name: str) -> int:
    return building.names.index(name)


def test_at_rest_every_step_between_grades_is_well_above_10_pa() -> None:
    """With all doors shut nothing is near its limit; the weighing room is below the corridor."""
    rest = differentials(Building(LINE_3))
    assert all(12 <= rest[pair] <= 15 for pair in LIMITED)
    assert 4 <= rest["F1-L1"] <= 6
    assert -13 <= rest["W1-C1"] <= -11


def test_at_rest_nothing_moves() -> None:
    """An hour changes neither pressures, particles, temperature nor humidity."""
    building = Building(LINE_3)
    before = building.air.pressure, building.air.fine, building.air.temperature, building.air.humidity
    after(building, 3600, dt=10)
    now = building.air.pressure, building.air.fine, building.air.temperature, building.air.humidity
    for was, is_now in zip(before, now, strict=True):
        assert np.allclose(was, is_now, rtol=1e-6, atol=1e-6)


def test_flows_balance_at_rest_with_a_door_open_and_with_a_fan_down() -> None:
    """Mass is kept in every state of the suite."""
    building = Building(LINE_3)
    for change in (dict[str, bool](), building.open, building.supply_runs):
        if change:
            change[next(iter(change))] = change is building.open
        after(building, 5)
        assert np.max(np.abs(building.imbalance())) < 1e-8


def test_the_air_lock_held_open_to_the_corridor_loses_its_pressure_within_3_s() -> None:
    """M1 against C1 falls to next to nothing, and comes back when the door shuts."""
    building = Building(LINE_3)
    building.open["M1-C1"] = True
    assert 0 <= after(building, 3)["M1-C1"] <= 3
    building.open["M1-C1"] = False
    assert after(building, 10)["M1-C1"] > 12


@pytest.mark.parametrize("door", [door.name for door in LINE_3.doors])
def test_an_open_door_brings_down_only_the_step_over_it(door: str) -> None:
    """Ten seconds of one open door leave every other step between grades clear of 10 Pa and of the noise."""
    building = Building(LINE_3)
    building.open[door] = True
    for _ in range(100):
        building.step(0.1)
        now = differentials(building)
        assert all(now[pair] > 10.5 for pair in LIMITED - {door})
    assert abs(now[door]) < 0.5


def test_a_supply_trip_takes_the_cascade_away_and_its_return_restores_it() -> None:
    """Without supply the clean rooms fall below the corridor and its particles come in."""
    building = Building(LINE_3)
    clean = building.air.fine[room(building, "G1")]
    building.supply_runs["AHU-1"] = False
    tripped = after(building, 60)
    assert all(tripped[pair] < 0 for pair in ("G1-C1", "M1-C1"))
    assert all(tripped[pair] < 5 for pair in LIMITED)
    assert building.air.fine[room(building, "G1")] > 1.5 * clean
    building.supply_runs["AHU-1"] = True
    assert all(after(building, 60)[pair] > 12 for pair in LIMITED)


def test_a_failed_exhaust_raises_the_rooms() -> None:
    """What is blown in and not drawn off has to leave through the leaks."""
    building = Building(LINE_3)
    building.exhaust_runs["AHU-1"] = False
    assert after(building, 30)["M1-C1"] > 50


def test_people_bring_particles_heat_and_water() -> None:
    """Five more people in the filling room: dirtier, warmer, damper."""
    building = Building(LINE_3)
    number = room(building, "F1")
    fine, warmth, water = building.air.fine[number], building.air.temperature[number], building.air.moisture[number]
    building.people[number] += 5
    after(building, 600, dt=1)
    assert building.air.fine[number] > 2 * fine
    assert building.air.temperature[number] > warmth + 0.05
    assert building.air.moisture[number] > water


def test_a_grade_b_room_in_operation_is_clean_and_the_weighing_room_is_not() -> None:
    """GMP annex 1 allows 352 000 particles ≥ 0.5 µm per m³ in operation in grade B."""
    building = Building(LINE_3)
    assert building.air.fine[room(building, "F1")] < 352_000
    assert building.air.fine[room(building, "W1")] > 352_000
    assert np.all(building.air.coarse < building.air.fine)


@given(st.floats(0.01, 100), st.floats(0.1, 1e6))
def test_mixing_makes_nothing_and_loses_nothing(dt: float, amount: float) -> None:
    """Two rooms that only exchange air keep their common content, whatever the step."""
    volume = np.array([30.0, 70.0])
    exchange = np.array([[0.0, 0.5], [0.5, 0.0]])
    mixing = Mixing(volume, exchange, inflow=np.zeros(2), dt=dt)
    mixed = mixing.step(np.array([amount, 0.0]), carried=np.zeros(2))
    assert np.isclose(volume @ mixed, volume[0] * amount)
    assert np.all(mixed >= 0)


def test_a_room_recovers_exponentially_with_its_air_changes() -> None:
    """Decay after a burst follows exp(-n·t), the recovery test of ISO 14644-3."""
    mixing = Mixing(np.array([100.0]), np.zeros((1, 1)), inflow=np.array([1.0]), dt=0.1)
    state = np.array([1e6])
    for _ in range(1000):
        state = mixing.step(state, carried=np.zeros(1))
    assert np.isclose(state[0], 1e6 * np.exp(-1.0), rtol=1e-3)


def test_a_hood_is_far_cleaner_than_the_room_around_and_loses_that_with_its_air() -> None:
    """Its air leaves on all sides; when the fan is down, the room's comes in."""
    building = Building(LINE_3)
    hood, around = room(building, "H1"), room(building, "F1")
    assert building.air.fine[hood] < 3520 / 10
    assert building.air.fine[around] > 20 * building.air.fine[hood]
    building.supply_runs["AHU-1"] = False
    after(building, 300, dt=0.5)
    assert building.air.fine[hood] > 500


def test_fog_has_more_large_particles_than_air_and_goes_with_the_air() -> None:
    """Sprayed under the hood it is gone within a minute or two: the hood's air is changed every eight seconds."""
    building = Building(LINE_3)
    hood = room(building, "H1")
    building.fog[hood] = 5e5
    after(building, 60)
    assert building.air.fine[hood] == pytest.approx(1e6, rel=0.05)
    assert building.air.coarse[hood] == pytest.approx(2e5, rel=0.05)
    building.fog[hood] = 0.0
    after(building, 120)
    assert building.air.fine[hood] < 100
