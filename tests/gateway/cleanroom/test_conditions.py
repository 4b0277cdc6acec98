"""What the alarm engine is given of a site."""

from pathlib import Path

import pytest

from gateway.alarm.condition import Condition, DoorDelay
from gateway.cleanroom.conditions import conditions
from schemas.records import AlarmKind, AlarmPriority
from tests.gateway.cleanroom.sites import site


def by_name(folder: Path, *changes: tuple[str, str]) -> dict[str, Condition]:
    return {one.name: one for one in conditions(site(folder, *changes))}


def test_each_level_is_a_condition_with_its_own_name(tmp_path: Path) -> None:
    """Action levels by their side, alerts marked, levels for some states with them."""
    assert {name for name in by_name(tmp_path) if name.startswith(("F1.Temp", "F1.Part", "F1.DP", "F1.Hood."))} == {
        "F1.Temperature.LOW", "F1.Temperature.HIGH", "F1.Temperature.HIGH.ALERT", "F1.Temperature.STALE",
        "F1.Temperature.BAD_STATUS", "F1.Particles05.HIGH.AT_REST", "F1.Particles05.HIGH.IN_OPERATION.CLEANING",
        "F1.Particles05.STALE", "F1.Particles05.BAD_STATUS", "F1.Hood.PerM3.HIGH", "F1.Hood.PerM3.STALE",
        "F1.Hood.PerM3.BAD_STATUS", "F1.DP.M1.LOW", "F1.DP.M1.LOW.ALERT", "F1.DP.M1.STALE", "F1.DP.M1.BAD_STATUS",
        "F1.DP.M1.REVERSED",
    }  # fmt: skip


def test_a_condition_says_which_profile_binds_it(tmp_path: Path) -> None:
    """Temperature is the site's own; an outward differential has a low side only."""
    found = by_name(tmp_path)
    assert found["F1.DP.M1.LOW"].profile == "cn-gmp-2010/2010"
    assert found["F1.Hood.PerM3.HIGH"].profile == "cn-gmp-2010/2010"
    assert found["WFI.TOC.HIGH"].profile == "chp-2020/2020"
    assert found["WFI.Conductivity.OfLimit.HIGH"].profile == "chp-2020/2020"
    assert found["F1.Temperature.HIGH"].profile is None


def test_room_state_batch_and_group_come_from_the_room(tmp_path: Path) -> None:
    """A room out of use is silent by design, unless a level names that state."""
    limit = by_name(tmp_path)["F1.DP.M1.LOW"]
    assert (limit.state_tag, limit.batch_tag, limit.group) == ("F1.RoomState", "F1.Batch", "ahu-1")
    assert limit.suppressed_in == {"out_of_use"}
    always = by_name(tmp_path, ("{low: 18}", "{low: 18, states: [at_rest, in_operation, cleaning, out_of_use]}"))
    assert always["F1.Temperature.LOW.AT_REST.IN_OPERATION.CLEANING.OUT_OF_USE"].suppressed_in == frozenset()


def test_a_room_in_an_unknown_state_counts_as_in_operation(tmp_path: Path) -> None:
    """So a level for rest waits until rest is told, and one for operation does not."""
    found = by_name(tmp_path)
    assert "unknown" in found["F1.Particles05.HIGH.AT_REST"].suppressed_in
    assert "in_operation" in found["F1.Particles05.HIGH.AT_REST"].suppressed_in
    assert found["F1.Particles05.HIGH.IN_OPERATION.CLEANING"].suppressed_in == {"at_rest", "out_of_use"}


def test_an_open_door_delays_the_differentials_of_its_rooms(tmp_path: Path) -> None:
    """Only doors with a time of their own, and only differentials of their rooms."""
    found = by_name(tmp_path)
    assert found["F1.DP.M1.LOW"].doors == DoorDelay(tags=("Door.F1-M1",), delay=30, cap=60)
    assert found["F1.DP.M1.REVERSED"].doors == found["F1.DP.M1.LOW"].doors
    assert found["W1.DP.C1.HIGH"].doors is None
    assert found["F1.Temperature.HIGH"].doors is None
    both = by_name(tmp_path, ("between: [M1, C1]", "between: [M1, C1], open_time: 45, cap: 50"))
    assert both["F1.DP.M1.LOW"].doors == DoorDelay(tags=("Door.F1-M1", "Door.M1-C1"), delay=45, cap=60)


def test_a_reversed_flow_is_an_alarm_in_its_direction(tmp_path: Path) -> None:
    """Where it is wanted, and where somebody said so."""
    found = by_name(tmp_path, ("{high: -10}", "{high: -10}, wanted: in"))
    assert (found["F1.DP.M1.REVERSED"].side, found["W1.DP.C1.REVERSED"].side) == (-1, 1)
    assert "W1.DP.C1.REVERSED" not in by_name(tmp_path)


@pytest.mark.parametrize(("said", "size"), [("", 0.5), (", reversed_by: 2.5", 2.5), (", reversed_by: 0", 0.0)])
def test_a_flow_is_reversed_from_a_size_on_until_it_is_not_reversed(tmp_path: Path, said: str, size: float) -> None:
    """0.5 Pa unless the site says another, on the side that is not wanted; back at 0."""
    out = by_name(tmp_path, ("against: M1, wanted: out", f"against: M1, wanted: out{said}"))["F1.DP.M1.REVERSED"]
    into = by_name(tmp_path, ("{high: -10}", f"{{high: -10}}, wanted: in{said}"))["W1.DP.C1.REVERSED"]
    for one, sign in ((out, 1), (into, -1)):
        assert not one.broken(-sign * size)
        assert one.broken(-sign * (size + 0.001))
        assert (one.back(0.0), one.back(-sign * 0.001)) == (True, False)
        assert (str(one.limit), one.unit) == (str(0.0 - sign * size), "Pa")


def test_the_size_of_a_reversed_flow_is_in_the_unit_of_the_tag(tmp_path: Path) -> None:
    """It is given in Pa."""
    found = by_name(tmp_path, ("limit: {high: -10}", "limit: {high: -10, unit: kPa}, wanted: in"))
    assert found["W1.DP.C1.REVERSED"].limit == pytest.approx(0.0005)
    assert found["W1.DP.C1.REVERSED"].unit == "kPa"


def test_doors_and_air_locks_have_conditions_of_their_own(tmp_path: Path) -> None:
    """A door open too long is an alert; two doors of an air lock an action."""
    found = by_name(tmp_path)
    door, lock = found["Door.F1-M1.Open.HIGH"], found["M1.DoorsOpen.HIGH"]
    assert (door.limit, door.on_delay, door.priority) == (0, 30, AlarmPriority.ALERT)
    assert (lock.limit, lock.on_delay, lock.priority) == (1, 1, AlarmPriority.ACTION)
    assert "Door.M1-C1.Open.HIGH" not in found


def test_samples_have_no_on_delay_and_are_missed(tmp_path: Path) -> None:
    """Of microbes in air and water."""
    found = by_name(tmp_path)
    assert (found["F1.SP1.Count.HIGH"].limit, found["F1.SP1.Count.HIGH"].on_delay) == (5, 0)
    assert found["F1.SP1.Count.HIGH"].unit == "{CFU}/(4.h)"
    assert (found["WFI.Microbes.HIGH"].on_delay, found["WFI.TOC.HIGH"].on_delay) == (0, 10)
    assert found["F1.SP1.SampleMissed.HIGH"].priority is AlarmPriority.ACTION
    assert "WFI.microbes.SampleMissed.HIGH" in found


def test_conductivity_is_held_against_the_limit_at_its_temperature(tmp_path: Path) -> None:
    """In % of it, with the site's alert."""
    found = by_name(tmp_path)
    action, alert = found["WFI.Conductivity.OfLimit.HIGH"], found["WFI.Conductivity.OfLimit.HIGH.ALERT"]
    assert [(one.limit, one.unit, one.priority) for one in (action, alert)] == [
        (100, "%", AlarmPriority.ACTION),
        (80, "%", AlarmPriority.ALERT),
    ]


def test_time_beyond_a_level_in_an_hour_is_a_condition_too(tmp_path: Path) -> None:
    """Beside the level."""
    found = by_name(tmp_path, ("limit: {low: 10}", "limit: {low: 10, per_hour: 120}"))["F1.DP.M1.LOW.PER_HOUR"]
    assert (found.kind, found.limit, found.side, found.window, found.allowed) == (AlarmKind.DURATION, 10, -1, 3600, 120)


@pytest.mark.parametrize(
    ("watch", "kind", "limit", "window"),
    [
        ("flat_line: {within: 0.1, seconds: 900}", AlarmKind.FLAT_LINE, 0.1, 900),
        ("rate_of_change: {change: 5, seconds: 60}", AlarmKind.RATE_OF_CHANGE, 5, 60),
        ("silence: 45", AlarmKind.STALE, 0, 45),
        ("out_of_range: 3", AlarmKind.OUT_OF_RANGE, 0, 0),
    ],
)
def test_what_else_is_watched_is_an_alert_each(
    tmp_path: Path, watch: str, kind: AlarmKind, limit: float, window: float
) -> None:
    """A tag's own settings take the place of the site's."""
    found = by_name(tmp_path, ("limit: {low: 10}", f"watch: {{{watch}}}, limit: {{low: 10}}"))
    one = found[f"F1.DP.M1.{kind}"]
    assert (one.kind, one.limit, one.window, one.priority) == (kind, limit, window, AlarmPriority.ALERT)
    assert "F1.DP.M1.BAD_STATUS" not in found
    assert "F1.Temperature.BAD_STATUS" in found


def test_several_alarms_at_once_are_one_of_their_own(tmp_path: Path) -> None:
    """Two of two."""
    both = by_name(tmp_path)["F1.Both.N_OF_M"]
    assert (both.limit, both.members, both.room) == (2, ("F1.Temperature.HIGH", "F1.DP.M1.LOW"), "F1")
