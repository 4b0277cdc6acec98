"""A first mapping for a file with a tree."""

from pathlib import Path

import pytest

from adapters.exports import mapping as mappings
from adapters.exports.formats.json_tree import json_rows
from adapters.exports.formats.outline import outline_of
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.xml_tree import xml_rows
from adapters.exports.mapping import Format

READY = Path(mappings.__file__).parent / "mappings"


def test_rows_are_what_repeats_and_has_most_columns() -> None:
    """Every column that is proposed can be read."""
    path = READY / "b2mml-materials.v0401.xml"
    rows, columns = outline_of(path, Format.model_validate({"type": "b2mml", "rows": "?"}))
    assert rows == "/ProductionPerformance/ProductionResponse/SegmentResponse"
    assert {"ID", "ActualEndTime", "EquipmentActual/EquipmentID", "ancestor::ProductionResponse/ID"} <= set(columns)
    form = Format.model_validate({"type": "b2mml", "rows": rows})
    first, _ = xml_rows(path, form, frozenset(columns))
    assert (first.cells["ID"], first.cells["ancestor::ProductionResponse/ProductionRequestID"]) == ("OP10", "B26-0042")


@pytest.mark.parametrize(
    ("content", "proposed"),
    [
        (
            '{"no": "B", "steps": [{"id": 1, "m": {"value": 2}}, {"id": 2}]}',
            ("steps[]", ["id", "m.value", "ancestor::$.no"]),
        ),
        ('[{"id": 1}, {"id": 2}]', ("$[]", ["id"])),
        ('{"id": 1}', ("$", ["id"])),
        ("1", ("$", ["."])),
    ],
)
def test_json_is_outlined_too(tmp_path: Path, content: str, proposed: tuple[str, list[str]]) -> None:
    """The whole is a row where nothing repeats."""
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    rows, columns = outline_of(path, Format.model_validate({"type": "json", "rows": "?"}))
    assert (rows, columns) == proposed
    assert list(json_rows(path, Format.model_validate({"type": "json", "rows": rows}), frozenset(columns)))


def test_a_file_that_is_not_whole_has_no_outline(tmp_path: Path) -> None:
    """It could be of anything."""
    path = tmp_path / "a.json"
    path.write_text('{"id": 1', encoding="utf-8")
    with pytest.raises(FileRefusedError):
        outline_of(path, Format.model_validate({"type": "json", "rows": "?"}))
