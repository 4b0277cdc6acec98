"""Each scenario of line 3 ends as it is written: with these alarms, at these times, and no other.

The table stands here, the physics are the simulator's; a scenario's own list of alarms, which the demo goes by, is the
same.
"""

from collections.abc import Mapping
from itertools import chain

import pytest

from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent
from schemas.status import Reason, StatusCode
from simulators.plant import load_plant
from simulators.scenario import load_scenario
from tests.scenarios.line import LINE_3, Line, seconds_of, value_of

PLANT = load_plant(LINE_3)
Span = tuple[float, float]
HOOD = "F1.Hood05.PerM3.HIGH.AT_REST.IN_OPERATION"
LATE = 3.0
"""s: a tick of a second, the lag of pressures, noise at the limit."""
NEXT_TO_ZERO = 18.0
"""s: where a flow is hardly reversed, the noise decides when the on-delay begins for good."""
EXPECTED: Mapping[str, Mapping[str, Span]] = {
    # Scenario → condition → seconds at which it is raised and at which it returns, each or up to LATE later.
    "normal": {},
    "door-short": {},
    "door-20-seconds": {},
    "device-dies": {},
    "fog-in-cleaning": {},
    # 10 s after the differential was lost; a door with an open time of its own excuses it for that.
    "door-held-open": {"M1.DP.C1.LOW": (30, 45)},
    "broker-away": {"M1.DP.C1.LOW": (28, 38)},
    "door-90-seconds": {"Door.G1-C1.Open.HIGH": (40, 100), "G1.DP.C1.LOW": (40, 101)},
    # The fan runs down and comes up in 4 s; from 11 Pa below the corridor up to 10 Pa above takes longer.
    "supply-fan-trips": {
        "G1.DP.C1.LOW": (30.75, 93), "F1.DP.P1.LOW": (31, 91), "F1.DP.M1.LOW": (31, 89), "M1.DP.C1.LOW": (31, 92),
        "G1.DP.C1.REVERSED": (33, 84), "P1.DP.G1.REVERSED": (34, 83), "F1.DP.M1.REVERSED": (34, 82),
    },
    "sensor-frozen": {
        "F1.DP.P1.LOW": (71, 131), "F1.DP.M1.LOW": (71, 129), "M1.DP.C1.LOW": (71, 132),
        "P1.DP.G1.REVERSED": (74, 123), "F1.DP.M1.REVERSED": (74, 122), "G1.DP.C1.FLAT_LINE": (320, 350),
    },
    # 12.4 Pa less 1 Pa a minute is 10 Pa after 2.4 min.
    "sensor-drift": {"G1.DP.C1.LOW": (184, 250)},
    # A count of one minute ends with each full minute.
    "filter-leak": {HOOD: (120, 240)},
    "fog-in-operation": {HOOD: (120, 240)},
    "fog-hides-a-leak": {HOOD: (250, 360)},
    "fog-too-dense": {"F1.Hood05.PerM3.BAD_STATUS": (270, 420), HOOD: (420, 480)},
}  # fmt: skip


OFTEN: Mapping[str, float] = {"supply-fan-trips": 0.25, "sensor-frozen": 0.25}
"""s between two looks, as often as an OPC UA server really samples: F1 against P1 is then next to 0, and only noise."""


TOLD: dict[str, Line] = {}


async def told(name: str) -> Line:
    """The line after a scenario, of which each is run once."""
    if name not in TOLD:
        TOLD[name] = await _told(name)
    return TOLD[name]


async def _told(name: str) -> Line:
    scenario = load_scenario(LINE_3 / "scenarios" / f"{name}.yaml", PLANT)
    assert scenario.ends_at is not None
    line = Line(tick=OFTEN.get(name, 1.0))
    await line.until(scenario.ends_at, scenario.steps)
    return line


def raised(line: Line) -> dict[str, Alarm]:
    """The alarms by condition, each of which came once."""
    found = line.alarms(AlarmEvent.RAISED)
    by_name = {one.condition: one for one in found}
    assert len(found) == len(by_name)
    return by_name


def test_every_scenario_stands_in_the_table_with_the_alarms_that_it_names() -> None:
    """So the demo, which reads the file, expects the same."""
    files = {path.stem: path for path in (LINE_3 / "scenarios").glob("*.yaml")}
    alarms = {name: load_scenario(path, PLANT).alarms for name, path in files.items()}
    named = {name: set(some) for name, some in alarms.items() if isinstance(some, list)}  # others tell who sees them
    assert named == {name: set(alarms) for name, alarms in EXPECTED.items()}


@pytest.mark.parametrize("name", EXPECTED)
async def test_each_scenario_gives_its_alarms_and_no_other(name: str) -> None:
    """Each raised once and returned, at its time."""
    line = await told(name)
    times = {
        event: {one.condition: seconds_of(one.time) for one in line.alarms(event)}
        for event in (AlarmEvent.RAISED, AlarmEvent.RETURNED)
    }
    assert raised(line).keys() == EXPECTED[name].keys()
    for condition, span in EXPECTED[name].items():
        for event, expected in zip(times, span, strict=True):
            late = LATE if "REVERSED" not in condition else NEXT_TO_ZERO
            assert 0 <= times[event][condition] - expected <= late, (condition, event)


async def test_a_door_that_may_be_open_leaves_its_loss_of_pressure_on_record() -> None:
    """No alarm, but how low it was and for how long."""
    line = await told("door-20-seconds")
    (passed,) = (one for one in line.alarms(AlarmEvent.PASSED) if one.condition == "G1.DP.C1.LOW")
    assert passed.extreme is not None
    assert passed.extreme < 1
    assert passed.duration == pytest.approx(22, abs=LATE)


async def test_a_tripped_fan_is_one_alarm_with_its_consequences_beneath() -> None:
    """The first of the air handler's group is the head, all others name it."""
    found = raised(await told("supply-fan-trips"))
    head, *others = found.values()
    assert (head.group, head.first_out, head.head) == ("ahu-1", True, None)
    assert {(one.group, one.first_out, one.head) for one in others} == {("ahu-1", False, head.alarm)}


async def test_a_frozen_sensor_says_12_pa_all_the_time_and_only_its_stillness_is_an_alarm() -> None:
    """It is Good to the end, far above its limit, while the room is below the corridor."""
    line = await told("sensor-frozen")
    (flat,) = (one for one in line.alarms(AlarmEvent.RAISED) if one.tag == "G1.DP.C1")
    assert flat.value is not None
    assert 12 <= flat.value < 13
    assert seconds_of(flat.since) == pytest.approx(20, abs=LATE)
    said = [found for one in line.records(Frame) if (found := value_of(one, "G1.DP.C1"))]
    assert min(value for value, _ in said) > 11
    assert {status for _, status in said} == {0}


async def test_a_drift_is_seen_when_it_reaches_the_limit_and_names_no_cause() -> None:
    """Until then nobody can tell it from the room; the neighbours' differentials stay as they were."""
    found = raised(await told("sensor-drift"))
    alarm = found["G1.DP.C1.LOW"]
    assert alarm.extreme is not None
    assert 9.5 < alarm.extreme < 10


async def test_a_leak_in_the_filter_is_counted_beside_the_clean_room_around() -> None:
    """A hundredth of the outside's million particles, in air with some fifty."""
    line = await told("filter-leak")
    counted = _counted(line)
    assert counted[120] == pytest.approx(1e4 * 50 / 60, rel=0.3)
    assert counted[180] == pytest.approx(1e4, rel=0.3)
    assert counted[240] < 3520


def _counted(line: Line) -> dict[int, float]:
    """Particles per m³ by the full minute, where they were counted."""
    found = {round(seconds_of(one.received)): value_of(one, "F1.Hood05.PerM3") for one in line.records(Frame)}
    return {at: one[0] for at, one in found.items() if one is not None and one[1] == StatusCode.GOOD}


async def test_large_particles_of_a_leak_count_by_the_cubic_metre() -> None:
    """One in a minute's 28.3 litres is no alarm; some 80 in each cubic metre are, once it is full."""
    line = Line(tick=2.5)
    await line.until(2400)
    assert raised(line) == {}
    scenario = load_scenario(LINE_3 / "scenarios" / "filter-leak.yaml", PLANT)
    leak = scenario.steps[0].model_copy(update={"at": 2400.0})
    await line.until(3800, [leak])
    assert raised(line).keys() == {HOOD, "F1.Hood50.LastM3.HIGH.AT_REST.IN_OPERATION"}


async def test_fog_of_a_cleaning_is_on_record_as_a_breach_and_not_as_clean_air() -> None:
    """What was counted stays what it was; it is the state of the room by which it is no alarm."""
    line = await told("fog-in-cleaning")
    assert _counted(line)[60] > 3520
    (passed,) = (one for one in line.alarms(AlarmEvent.PASSED) if one.condition == HOOD)
    assert (passed.room_state, passed.held) == ("cleaning", "cleaning")
    assert passed.extreme is not None
    assert passed.extreme > 100 * 3520


async def test_a_leak_that_a_fog_hides_is_an_alarm_when_the_hood_is_used_again() -> None:
    """At once, with the room's state; not one minute of use goes by."""
    found = raised(await told("fog-hides-a-leak"))
    assert found[HOOD].room_state == "in_operation"
    assert seconds_of(found[HOOD].time) == pytest.approx(251, abs=LATE)


async def test_too_dense_a_fog_is_no_clean_air_though_next_to_nothing_is_counted() -> None:
    """The counter says that there were too many; the few that it counted are nobody's value."""
    line = await told("fog-too-dense")
    frames = [one for one in line.records(Frame) if 121 < seconds_of(one.received) < 359]
    counts = [row.raw for one in frames for row in one.rows() if row.tag == "F1.Hood05"]
    assert counts
    few = [row for one in frames for row in one.rows() if row.tag.startswith("F1.Hood05")]
    assert {row.status for row in few if row.tag == "F1.Hood05"} == {StatusCode.BAD_SENSOR_FAILURE}
    assert all(row.value is None for row in few)


async def test_before_its_first_minute_a_counter_has_no_value_and_says_so() -> None:
    """Not a fault of the sensor, and no alarm; the first minute that is over counts."""
    line = Line()
    await line.until(125)
    said = [(seconds_of(one.received), row) for one in line.records(Frame) for row in one.rows()]
    before = [row for at, row in said if row.tag == "F1.Hood05" and at < 60]
    assert {(row.value, row.status, row.reason) for row in before} == {(None, StatusCode.BAD_NO_DATA, Reason.NO_VALUE)}
    assert list(_counted(line)) == [60, 120]
    assert raised(line) == {}


def test_every_kind_of_fault_that_a_scenario_can_bring_is_in_one() -> None:
    """So each step of the simulator's physics was judged here."""
    used = chain.from_iterable(load_scenario(path, PLANT).steps for path in (LINE_3 / "scenarios").glob("*.yaml"))
    assert {step.do for step in used} >= {
        "open_door", "trip_supply", "people", "leak_filter", "fog", "sensor_fault", "stop_device", "fill",
    }  # fmt: skip
