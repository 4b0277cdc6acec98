from pathlib import Path

import pytest
import yaml

from simulators.documents import DocumentError
from simulators.plant import Plant, load_plant
from simulators.scenario import load_scenario

FOLDER = Path("simulators/line-3")
LINE_3 = load_plant(FOLDER)


def faults_of_scenario(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_scenario(path, LINE_3)
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


def faults_of_plant(tmp_path: Path, **changes: object) -> list[str]:
    document = yaml.safe_load((FOLDER / "plant.yaml").read_text(encoding="utf-8")) | changes
    path = tmp_path / "plant.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_plant(tmp_path)
    return caught.value.faults


@pytest.mark.parametrize("path", sorted((FOLDER / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_that_comes_along_fits_its_plant(path: Path) -> None:
    """Names are known and each has an end and a title."""
    scenario = load_scenario(path, LINE_3)
    assert scenario.ends_at is not None
    assert scenario.title


def test_all_unknown_names_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """A line for each fault: file, line, place, what is wrong, the nearest known name."""
    faults = faults_of_scenario(
        tmp_path,
        """title: wrong
ends_at: 30
steps:
  - {at: 1, do: open_door, door: C1-M1}
  - {at: 2, do: people, room: F2, count: 1}
  - {at: 3, do: stop_device, device: emss}
  - {at: 4, do: trip_supply, unit: AHU-9}
  - {at: 5, do: sensor_fault, tag: F1.DP.X1, fault: bad}
  - {at: 60, do: close_door, door: M1-C1}
""",
    )
    assert faults == [
        "4: steps.0.door: unknown door 'C1-M1'; did you mean 'M1-C1'?",
        "5: steps.1.room: unknown room 'F2'; there are C1, G1, P1, M1, F1, H1, L1, W1",
        "6: steps.2.device: unknown device 'emss'; did you mean 'ems'?",
        "7: steps.3.unit: unknown unit 'AHU-9'; did you mean 'AHU-2'?",
        "8: steps.4.tag: unknown tag 'F1.DP.X1'; did you mean 'F1.DP.P1'?",
        "9: steps.5.at: 60 s is after the end at 30 s",
    ]


def test_unknown_keys_and_missing_ones_are_named(tmp_path: Path) -> None:
    """A misspelt key is refused and what it should have been is missing."""
    faults = faults_of_scenario(
        tmp_path, "title: wrong\nends_att: 5\nsteps:\n- {at: 1, do: open_door, doors: M1-C1}\n- {at: -1, do: dance}\n"
    )
    assert "2: ends_att: unknown key; did you mean 'ends_at'?" in faults
    assert "4: steps.0.open_door.door: is missing" in faults
    assert any(fault.startswith("4: steps.0.open_door.doors: unknown key") for fault in faults)
    assert any(fault.startswith("5: steps.1: ") and "dance" in fault for fault in faults)
    assert len(faults) == 4


def test_a_known_name_in_the_wrong_place_is_a_fault(tmp_path: Path) -> None:
    """A load needs a balance, NaN and drift need a number, and drift its speed."""
    faults = faults_of_scenario(
        tmp_path,
        "title: wrong\nsteps:\n- {at: 1, do: put_load, device: ems, grams: 5}\n"
        "- {at: 1, do: sensor_fault, tag: FL3.State, fault: nan}\n"
        "- {at: 1, do: sensor_fault, tag: FL3.State, fault: drift, per_hour: 1}\n"
        "- {at: 1, do: sensor_fault, tag: F1.DP.M1, fault: drift}\n"
        "- {at: 1, do: sensor_fault, tag: F1.DP.M1, fault: bad, per_hour: 1}\n"
        "- {at: 1, do: batch, room: C1, batch: B2611101}\n",
    )
    assert faults == [
        "3: steps.0.device: ems is no balance",
        "4: steps.1.fault: FL3.State is no number that could be NaN; use 'bad' or 'frozen'",
        "5: steps.2.fault: FL3.State is no number that could drift; use 'bad' or 'frozen'",
        "6: steps.3.per_hour: belongs to the fault 'drift', which needs it",
        "7: steps.4.per_hour: belongs to the fault 'drift', which needs it",
        "8: steps.5.room: C1 has no terminal that shows a batch",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title: a\ntitle: b\n", "2: title: key 'title' stands twice"),
        ("title: [a\n", "2: not YAML: "),
        ("", "1: Input should be"),
        ("- 1\n", "1: Input should be"),
    ],
)
def test_what_is_no_scenario_at_all_is_one_line(tmp_path: Path, text: str, fault: str) -> None:
    """No traceback, whatever the file holds."""
    (told,) = faults_of_scenario(tmp_path, text)
    assert told.startswith(fault)


def test_a_file_that_is_not_there_is_named() -> None:
    """The reason is the system's own."""
    with pytest.raises(DocumentError, match=r"nowhere\.yaml: cannot be read: No such file"):
        load_scenario(Path("nowhere.yaml"), LINE_3)


def test_a_plant_names_every_room_that_is_not_there(tmp_path: Path) -> None:
    """Doors, sensors and devices are checked against the rooms, air handlers and phases against their lists."""
    faults = faults_of_plant(
        tmp_path,
        doors=[{"between": ["G1", "C9"], "leak": 0.01}, {"between": ["G1", "G1"], "leak": 0.01}],
        openings=[{"between": ["H9", "F1"], "area": 0.6}],
        differentials=[{"of": "X1", "against": "C1"}],
        devices={"balance-w1": {"kind": "balance", "room": "W9"}},
    )
    told = [fault.split(": ", 1)[1] for fault in faults]
    assert [one.split(";")[0] for one in told] == [
        "doors.0.between: unknown room 'C9'",
        "openings.0.between: unknown room 'H9'",
        "differentials.0.of: unknown room 'X1'",
        "devices.balance-w1.room: unknown room 'W9'",
        "doors.1: a door joins two rooms",
    ]


def test_unknown_keys_in_a_plant_are_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    """The error names the key."""
    (fault,) = faults_of_plant(tmp_path, outside={"temprature": 20})
    assert fault.endswith("outside.temprature: unknown key; did you mean 'temperature'?")


def test_a_plant_document_describes_itself() -> None:
    """What was read is the plant that was written down."""
    assert isinstance(LINE_3, Plant)
    assert list(LINE_3.rooms) == ["C1", "G1", "P1", "M1", "F1", "H1", "L1", "W1"]
