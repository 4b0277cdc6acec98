import math
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from simulators.instruments import Value
from simulators.plant import load_plant
from simulators.scenario import Step
from simulators.tags import plant_tags
from simulators.world import World

LINE_3 = load_plant(Path("simulators/line-3"))
STEP: TypeAdapter[Step] = TypeAdapter(Step)


def do(world: World, action: str, **arguments: object) -> None:
    world.apply(STEP.validate_python({"at": 0, "do": action, **arguments}))


def series(seed: int) -> list[dict[str, Value]]:
    world = World(LINE_3, seed)
    readings = []
    for _ in range(700):
        world.advance(0.1)
        readings.append(world.read())
    return readings


def number(value: Value) -> float:
    assert isinstance(value, float)
    return value


def test_one_seed_gives_one_series_of_readings() -> None:
    """Two worlds with one seed tell the same, sample by sample; another seed tells something else."""
    assert series(5) == series(5)
    assert series(5) != series(6)


def test_every_tag_has_a_reading_of_its_type() -> None:
    """The list of tags and what the world reports are the same names."""
    types = {"double": float, "int": int, "bool": bool, "string": str}
    readings = World(LINE_3).read()
    tags = plant_tags(LINE_3)
    assert list(readings) == [tag.name for tag in tags]
    assert all(type(readings[tag.name]) is types[tag.type] for tag in tags)


def test_noise_of_a_differential_stays_within_0_3_pa() -> None:
    """Three standard deviations of 0.1 Pa, never more: so a good room never seems bad."""
    world = World(LINE_3)
    rest = world.differential("M1", "C1")
    errors = [number(world.read()["M1.DP.C1"]) - rest for _ in range(2000)]
    assert 0.2 < max(abs(error) for error in errors) <= 0.31


def test_two_sensors_on_one_step_have_noise_of_their_own() -> None:
    """The transmitter and the monitoring system measure the same pressure, not the same number."""
    readings = [World(LINE_3, seed).read() for seed in range(20)]
    assert any(one["M1.DP.C1"] != one["transmitter-m1.differential"] for one in readings)


@pytest.mark.parametrize("speed", [1, 10, 60])
def test_a_faster_clock_leads_to_the_same_place(speed: int) -> None:
    """Steps of 0.1 s and of 6 s agree after a minute with a door open."""
    world = World(LINE_3)
    do(world, "open_door", door="M1-C1")
    for _ in range(600 // speed):
        world.advance(0.1 * speed)
    assert abs(world.differential("M1", "C1")) < 0.1
    assert world.differential("F1", "M1") == pytest.approx(27.4, abs=0.1)


def test_a_bad_sensor_has_no_value_and_a_repaired_one_has() -> None:
    """A fault belongs to one sensor and ends when it is cleared."""
    world = World(LINE_3)
    do(world, "sensor_fault", tag="F1.DP.M1", fault="bad")
    readings = world.read()
    assert readings["F1.DP.M1"] is None
    assert readings["F1.DP.P1"] is not None
    do(world, "clear_fault", tag="F1.DP.M1")
    assert world.read()["F1.DP.M1"] is not None


def test_a_frozen_sensor_stands_still_while_the_room_moves() -> None:
    """The last reading is repeated though the door is open (F-A1 of the fault catalogue)."""
    world = World(LINE_3)
    before = world.read()["M1.DP.C1"]
    do(world, "sensor_fault", tag="M1.DP.C1", fault="frozen")
    do(world, "open_door", door="M1-C1")
    world.advance(10)
    readings = world.read()
    assert readings["M1.DP.C1"] == before
    assert number(readings["transmitter-m1.differential"]) < 1


def test_a_nan_sensor_says_not_a_number() -> None:
    """NaN comes as a number, with nothing to mark it."""
    world = World(LINE_3)
    do(world, "sensor_fault", tag="transmitter-m1.humidity", fault="nan")
    assert math.isnan(number(world.read()["transmitter-m1.humidity"]))


def test_a_load_lies_on_the_balance_until_it_is_taken() -> None:
    """The balance's own noise is the device's; the world knows what lies there."""
    world = World(LINE_3)
    do(world, "put_load", device="balance-w1", grams=512.34)
    assert world.read()["balance-w1.load"] == 512.34
    do(world, "take_load", device="balance-w1")
    assert world.read()["balance-w1.load"] == 0


def test_a_sample_takes_its_time_and_counts_what_was_drawn() -> None:
    """At 28.3 l/min a minute holds 28.3 l of the hood's air, within the spread of Poisson's law."""
    world = World(LINE_3)
    do(world, "leak_filter", room="H1", part=0.01)
    world.building.step(1e6)
    expected = world.building.air.fine[world.building.names.index("H1")] * 0.0283
    assert expected > 250
    world.advance(59.5)
    assert world.read()["particles-f1.sample"] == 0
    world.advance(1)
    readings = world.read()
    count = readings["particles-f1.count_05"]
    assert readings["particles-f1.sample"] == 1
    assert isinstance(count, int)
    assert abs(count - expected) < 6 * math.sqrt(expected)


def counted(world: World, seconds: float) -> tuple[int, bool]:
    """Particles ≥ 0.5 µm of the last sample after so many seconds, and whether there were too many to count."""
    world.advance(seconds)
    readings = world.read()
    count, overflow = readings["particles-f1.count_05"], readings["particles-f1.overflow"]
    assert isinstance(count, int)
    assert isinstance(overflow, bool)
    return count, overflow


def test_people_beside_the_hood_do_not_count_in_it() -> None:
    """Its air goes outwards, whoever is in the room."""
    world = World(LINE_3)
    do(world, "people", room="F1", count=12)
    assert counted(world, 300)[0] < 20


def test_a_leak_in_the_hoods_filter_counts_until_it_is_mended() -> None:
    """A hundredth of the outside's million particles per m³, in 28.3 litres."""
    world = World(LINE_3)
    do(world, "leak_filter", room="H1", part=0.01)
    assert counted(world, 120)[0] == pytest.approx(283, rel=0.3)
    do(world, "mend_filter", room="H1")
    assert counted(world, 120)[0] < 20


def test_in_a_fog_a_counter_counts_more_and_in_a_dense_one_next_to_nothing() -> None:
    """Droplets that pass the laser together are not told apart; only the counter's own word tells it from clean air."""
    world = World(LINE_3)
    do(world, "fog", room="H1", per_minute=3e7)
    assert counted(world, 180)[0] > 20_000
    do(world, "fog", room="H1", per_minute=1.2e11)
    count, overflow = counted(world, 120)
    assert overflow
    assert count < 20
    do(world, "fog", room="H1", per_minute=0)
    count, overflow = counted(world, 300)
    assert not overflow
    assert count < 20


def test_a_drifting_sensor_goes_away_from_the_room_until_it_is_repaired() -> None:
    """By so much an hour from the moment of the fault; the other sensor of the same pressure stays."""
    world = World(LINE_3)
    world.advance(600)
    do(world, "sensor_fault", tag="M1.DP.C1", fault="drift", per_hour=-6)
    world.advance(1800)
    readings, truth = world.read(), world.differential("M1", "C1")
    assert number(readings["M1.DP.C1"]) == pytest.approx(truth - 3, abs=0.31)
    assert number(readings["transmitter-m1.differential"]) == pytest.approx(truth, abs=0.31)
    do(world, "clear_fault", tag="M1.DP.C1")
    assert number(world.read()["M1.DP.C1"]) == pytest.approx(truth, abs=0.31)


def test_long_steps_lead_to_the_same_place_where_nothing_happens() -> None:
    """Ten minutes after a door, in steps of half a second and of five."""
    ends = []
    for step in (0.5, 5.0):
        world = World(LINE_3)
        do(world, "people", room="F1", count=5)
        world.longest_step = step
        world.advance(600)
        ends.append((world.differential("F1", "M1"), *world.building.air.temperature, *world.building.air.fine))
    assert ends[0] == pytest.approx(ends[1], rel=0.01)


def test_a_terminal_shows_the_batch_that_it_is_told() -> None:
    """None at first; only rooms with a terminal have the tag."""
    world = World(LINE_3)
    assert world.read()["F1.Batch"] == ""
    do(world, "batch", room="F1", batch="B2611101")
    readings = world.read()
    assert (readings["F1.Batch"], readings["W1.Batch"]) == ("B2611101", "")
    assert "C1.Batch" not in readings
