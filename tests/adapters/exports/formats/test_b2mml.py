"""Batch records in B2MML and BatchML: one batch, told in four versions, gives the same records."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account, Refused, Taken
from adapters.exports.formats.b2mml import about
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.trying import outcomes_of

READY = Path(mappings.__file__).parent / "mappings"
SAMPLES = sorted(READY.glob("b2mml-*.v*.xml"))


def at(hour: int, minute: int, second: float = 0) -> int:
    """A time of 2 March 2026 in Shanghai."""
    begin = datetime(2026, 3, 1, 16, tzinfo=UTC).timestamp()
    return round((begin + hour * 3600 + minute * 60 + second) * 1_000_000)


TIMES = {"OP10": (at(8, 0), at(8, 40)), "OP20": (at(9, 0), at(10, 15, 30.25)), "PH21": (at(9, 5), at(9, 30))}
STEPS: list[dict[str, Any]] = [
    {"step": step, "name": name, "within": within, "event": event, "time": time}
    for step, name, within in (("OP10", "Weighing", None), ("OP20", "Dissolving", None), ("PH21", "Heating", "OP20"))
    for event, time in zip(("STARTED", "COMPLETED"), TIMES[step], strict=True)
]
EQUIPMENT: list[dict[str, Any]] = [
    {"equipment": equipment, "use": "PRODUCTION", "began": TIMES[step][0], "time": TIMES[step][1]}
    for step, equipment in (("OP10", "BAL-03"), ("OP20", "MX-101"), ("PH21", "MX-101"))
]
MATERIALS: list[dict[str, Any]] = [
    {"movement": "ISSUE", "material": material, "lot": lot, "name": name, "quantity": much, "unit": unit, "time": time}
    for material, lot, name, much, unit, time in (
        ("RM-010", "0002201", "Mannitol", 2.45, "kg", TIMES["OP10"][0]),
        ("WFI", "W0302", None, 97.5, "L", TIMES["OP20"][0]),
    )
]
PARAMETERS: list[dict[str, Any]] = [
    {"sample": step, "test": test, "reported": text, "value": value, "unit": unit, "stage": "IN_PROCESS", "time": time}
    for step, test, text, value, unit, time in (
        ("OP10", "Balance check", "符合规定", None, None, TIMES["OP10"][1]),
        ("OP20", "Temperature", "60.20", 60.2, "Cel", TIMES["OP20"][1]),
        ("OP20", "pH", "6.9", 6.9, "1", TIMES["OP20"][1]),
    )
]
TRUTH: dict[str, list[dict[str, Any]]] = {
    "steps": STEPS,
    "equipment": EQUIPMENT,
    "materials": MATERIALS,
    "parameters": PARAMETERS,
}


def records(path: Path, what: str) -> list[dict[str, Any]]:
    mapping = mappings.load(READY / f"b2mml-{what}.yaml")
    return [asdict(one.record) for one in outcomes_of(path, mapping, Account()) if isinstance(one, Taken)]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda one: one.suffixes[0])
@pytest.mark.parametrize("what", TRUTH)
def test_every_version_gives_the_same_records(path: Path, what: str) -> None:
    """Steps, equipment, materials and parameters; with and without offsets, in and behind their place."""
    found = records(path, what)
    assert [{name: one[name] for name in truth} for one, truth in zip(found, TRUTH[what], strict=True)] == TRUTH[what]
    assert {one["batch"] for one in found} == {"B26-0042"}


@pytest.mark.parametrize(
    ("version", "namespace"),
    [
        ("V0401", "http://www.wbf.org/xml/B2MML-V0401"),
        ("V0500", "http://www.wbf.org/xml/B2MML-V0500"),
        ("V0600", None),
        ("V0700", "http://www.mesa.org/xml/B2MML"),
    ],
)
def test_f69_the_namespace_is_told_and_never_demanded(version: str, namespace: str | None) -> None:
    """V0600 is declared under a prefix that is never used: its elements are in no namespace."""
    (path,) = READY.glob(f"b2mml-*.{version.lower()}.xml")
    told = about(path)
    assert told is not None
    assert (told.version, told.namespace) == (version, namespace)
    assert (namespace or "no namespace") in str(told)


def test_f69_a_wrong_namespace_changes_no_record(tmp_path: Path) -> None:
    """Nor does a prefix that nobody declares."""
    (path,) = READY.glob("b2mml-*.v0401.xml")
    other = tmp_path / "a.xml"
    for before, after in (("http://www.wbf.org/xml/B2MML-V0401", "urn:x"), (' xmlns="', ' xmlns:y="')):
        other.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
        assert len(records(other, "steps")) == len(STEPS)
    other.write_text("<z:OperationsPerformance><z:SegmentResponse/></z:OperationsPerformance>", encoding="utf-8")
    assert records(other, "steps") == []


def test_a_file_without_anything_that_rows_stand_in_is_refused_and_the_path_is_named(tmp_path: Path) -> None:
    """It is of another layout than its mapping, and no record without steps."""
    other = tmp_path / "a.xml"
    other.write_text("<OperationsPerformance><a/></OperationsPerformance>", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="nothing stands at the mapping's rows: SegmentResponse/ActualStart"):
        records(other, "steps")


def test_a_lot_is_a_batch_only_where_the_mapping_says_so(tmp_path: Path) -> None:
    """An empty BatchID is never filled from elsewhere."""
    mapping = mappings.Mapping.model_validate(
        {
            "kind": "batch-step",
            "system": "mes",
            "format": {"type": "b2mml", "rows": "SegmentResponse/ActualStartTime"},
            "time": "iso",
            "key": ["ancestor::SegmentResponse/ID"],
            "fields": {
                "batch": "ancestor::BatchProductionRecord/BatchID",
                "step": "ancestor::SegmentResponse/ID",
                "event": {"value": "started"},
                "time": ".",
            },
        }
    )
    (path,) = READY.glob("b2mml-*.v0600.xml")
    outcomes = list(outcomes_of(path, mapping, Account()))
    assert [one.reason for one in outcomes if isinstance(one, Refused)] == [
        "ancestor::BatchProductionRecord/BatchID: is empty, batch is needed"
    ] * 3


@pytest.mark.parametrize("root", ["html", "GetBatchInformation", "AnIML", "b2mml"])
def test_another_root_is_no_b2mml(tmp_path: Path, root: str) -> None:
    """The documents are a list; questions report nothing."""
    path = tmp_path / "a.xml"
    path.write_text(f"<{root}/>", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="is no b2mml file"):
        records(path, "steps")


@pytest.mark.parametrize("content", ["", "text", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "\ufeff", "<a"])
def test_nothing_is_told_of_what_has_no_first_tag(tmp_path: Path, content: str) -> None:
    """Or of what has a document type before it."""
    path = tmp_path / "a.xml"
    path.write_text(content, encoding="utf-8")
    assert about(path) is None
