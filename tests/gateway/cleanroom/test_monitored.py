"""What nobody watches is said."""

from pathlib import Path

from gateway.cleanroom.monitored import NotMonitored, notes, unwatched
from tests.gateway.cleanroom.sites import site


def test_where_every_tag_has_a_limit_nothing_is_left_out(tmp_path: Path) -> None:
    """M1 is watched by the differential of the room beside it."""
    found = unwatched(site(tmp_path))
    assert (found.tags, found.control_only, found.rooms) == ((), (), ())
    assert [*notes(site(tmp_path))] == []


def test_a_tag_without_a_limit_is_not_monitored(tmp_path: Path) -> None:
    """Tags of rooms, differentials, points, samples and water alike."""
    changed = site(
        tmp_path,
        ("      temperature: {action: [{low: 18}, {high: 26}], alert: [{high: 25}]}\n", ""),
        ("wanted: out, limit: {low: 10}, alert: {low: 12}", "probe: monitor"),
        ("grade: A, levels: {action: [{high: 3520}]}", "grade: A"),
        ("levels: {action: [{high: 5}], alert: [{high: 3}]}}", "levels: {}}"),
        (", levels: {action: [{high: 0.5}]}", ""),
        ("of: [F1.Temperature.HIGH, F1.DP.M1.LOW]", "of: [W1.DP.C1.HIGH, F1.DP.M1.LOW]"),
        ("F1.DP.M1.LOW", "Door.F1-M1.Open.HIGH"),
    )
    assert unwatched(changed).tags == (
        NotMonitored("F1", "F1.DP.M1", "differential_pressure"),
        NotMonitored("F1", "F1.Temperature", "temperature"),
        NotMonitored("F1", "F1.Hood.PerM3", "particles_0_5"),
        NotMonitored("F1", "F1.SP1", "settle_plate"),
        NotMonitored(None, "WFI.TOC", "toc"),
    )
    assert [*notes(changed)] == [
        "room F1: not monitored, because there is no limit: F1.DP.M1, F1.Temperature, F1.Hood.PerM3, F1.SP1",
        "water: not monitored, because there is no limit: WFI.TOC",
    ]


def test_a_point_whose_results_nobody_sees_is_not_monitored(tmp_path: Path) -> None:
    """Though it has levels and a plan."""
    changed = site(tmp_path, ("tag: F1.SP1.Count, ", ""))
    assert unwatched(changed).tags == (NotMonitored("F1", "F1.SP1", "settle_plate"),)


def test_a_room_that_only_its_control_probe_watches_is_flagged(tmp_path: Path) -> None:
    """A probe of its own for the same quantity ends it."""
    by_control = ("    batch: F1.Batch\n", "    batch: F1.Batch\n    control: [temperature, particles_0_5]\n")
    found = unwatched(site(tmp_path, by_control))
    assert found.control_only == (("F1", "temperature"),)  # particles have the point under the hood beside
    assert [*notes(site(tmp_path, by_control))] == [
        "room F1: temperature is watched only by the probe that controls the room"
    ]
    differential = site(tmp_path, ("wanted: out, limit", "probe: control, wanted: out, limit"))
    assert unwatched(differential).control_only == (("F1", "differential_pressure"),)


def test_a_room_in_which_nothing_is_measured_is_named(tmp_path: Path) -> None:
    """Nor against which anything is."""
    spare = "  - {id: S1, name: {en: Store, zh: 仓库}, grade: D, at: [4, 0, 1, 1]}\ndifferentials:\n"
    assert [*notes(site(tmp_path, ("differentials:\n", spare)))] == [
        "room S1: nothing is measured, so it is not monitored"
    ]
