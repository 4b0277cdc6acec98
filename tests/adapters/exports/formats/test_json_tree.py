"""JSON of any depth becomes rows; so does Allotrope ASM."""

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.exports.formats.json_tree import json_rows
from adapters.exports.formats.row import FileRefusedError, Row
from adapters.exports.mapping import Format

BATCHES = """{"plant": "P", "batches": [
  {"steps": [{"id": "1", "mass": {"value": 2.10, "unit": "kg"}, "tags": ["a", "b"]}, {"id": null}], "no": "B1"},
  {"no": "B2", "steps": []},
  {"no": "B3", "steps": [{"id": "\\u738b|\\"", "ok": true}]}
]}"""


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def came(path: Path, *columns: str, **form: Any) -> list[Row]:
    form = {"type": "json", "rows": "batches[].steps[]"} | form
    return list(json_rows(path, Format.model_validate(form), frozenset(columns)))


def test_rows_have_the_cells_that_are_named(tmp_path: Path) -> None:
    """Digits as they were written; what stands above the row, before or behind it, too."""
    above = ("ancestor::batches.no", "ancestor::$.plant")
    rows = came(written(tmp_path, BATCHES), "id", "mass.value", "mass.unit", "tags[1]", "ok", *above)
    assert [row.cells for row in rows] == [
        {"id": "1", "mass.value": "2.10", "mass.unit": "kg", "tags[1]": "b", above[0]: "B1", above[1]: "P"},
        {above[0]: "B1", above[1]: "P"},
        {"id": '王|"', "ok": "true", above[0]: "B3", above[1]: "P"},
    ]
    assert [(row.line, row.raw) for row in rows][2] == (3, b'{"id": "\\u738b|\\"", "ok": true}')


def test_an_array_may_be_the_whole_file(tmp_path: Path) -> None:
    """Its items are the root."""
    assert [row.cells for row in came(written(tmp_path, '[{"a": 1}, {"a": 2}]'), "a", rows="$[]")] == [
        {"a": "1"},
        {"a": "2"},
    ]


def test_what_stands_more_than_once_has_to_be_named(tmp_path: Path) -> None:
    """Of an array, or of a name that an object has twice."""
    rows = came(written(tmp_path, '[{"a": [1, 2]}, {"a": 1, "a": 2}, {"a": [3]}]'), "a", rows="$[]")
    assert ["" in row.cells for row in rows] == [True, True, False]


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    """Wherever it is cut."""
    for end in range(len(BATCHES)):
        with pytest.raises(FileRefusedError):
            came(written(tmp_path, BATCHES[:end]), "id", "ancestor::batches.no")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[" * 65 + "]" * 65, "more than 64"),
        ('{"a":' * 65 + "1" + "}" * 65, "more than 64"),
        (f'{{"batches": [{{"steps": [{{"id": "{"x" * 101}"}}]}}]}}', "longer than 100 characters"),
        (f'["{"x" * 90_000}"]', "value longer than 1000 characters"),
        ("1" * 90_000, "value longer than 1000 characters"),
        ('{"id": "\\ud800"}', "is no text"),
        ('{"id": "\\u0000"}', "NUL"),
        ('{"id": NaN}', "is no value"),
        ("{} {}", "stands where nothing had to come"),
    ],
)
def test_what_is_too_large_or_no_json_is_refused(tmp_path: Path, content: str, told: str) -> None:
    """Depth, values and letters."""
    with pytest.raises(FileRefusedError, match=told):
        came(written(tmp_path, content), "id", cell=100, row=1000)


def test_asm_is_found_whatever_its_technique_and_spelling(tmp_path: Path) -> None:
    """Values have units; the device that stands behind belongs to all; without its manifest it is no ASM."""
    document: dict[str, Any] = {
        "$asm.manifest": "http://purl.allotrope.org/manifests/ph/REC/2024/12/ph.manifest",
        "pH aggregate document": {
            "pH document": [
                {
                    "measurement aggregate document": {
                        "measurement document": [{"pH": {"value": 6.9, "unit": "pH"}, "measurement time": "T"}]
                    }
                }
            ],
            "device system document": {"equipment serial number": "PH-1"},
        },
    }
    device = "ancestor::$.pH-aggregate-document.device-system-document.equipment-serial-number"
    columns = ("pH.value", "pH.unit", "measurement-time", device)
    wanted = {"pH.value": "6.9", "pH.unit": "pH", "measurement-time": "T", device: "PH-1"}
    for spelt in (
        json.dumps(document),
        json.dumps(document).replace(" document", "-document").replace(" time", "-time"),
    ):
        (row,) = came(written(tmp_path, spelt), *columns, type="asm", rows=None)
        assert row.cells == wanted
    del document["$asm.manifest"]
    with pytest.raises(FileRefusedError, match=r"no \$asm.manifest"):
        came(written(tmp_path, json.dumps(document)), *columns, type="asm", rows=None)


def refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def is_json(text: str) -> bool:
    """Whether it is JSON by RFC 8259, and text."""
    try:
        found = json.dumps(json.loads(text, parse_constant=refuse), ensure_ascii=False)
        found.encode()
    except ValueError:
        return False
    return "\\u0000" not in found.replace("\\\\", "")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text() | st.sampled_from("ab"), below, max_size=4),
    max_leaves=20,
)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@settings(max_examples=300, deadline=None)
@given(
    text=st.text('{}[],:"0123456789.eE+-truefalsn \\u', max_size=60)
    | st.builds(lambda value, cut: json.dumps(value)[cut:], VALUES, st.sampled_from([0, 0, 0, 1])),
)
def test_what_another_parser_takes_is_taken(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """And nothing else."""
    path = written(tmp_path_factory.getbasetemp(), text)
    try:
        came(path, "a", rows="a[]")
    except FileRefusedError:
        taken = False
    else:
        taken = True
    assert taken == is_json(text)


@settings(max_examples=200, deadline=None)
@given(items=st.lists(st.dictionaries(st.sampled_from("ab"), st.integers() | TEXTS | st.booleans(), max_size=2)))
def test_rows_are_what_another_parser_finds(
    tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]]
) -> None:
    """Cells and octets."""
    text = json.dumps({"x": {"rows": items}}, ensure_ascii=False)
    rows = came(written(tmp_path_factory.getbasetemp(), text), "a", "b", rows="x.rows[]")
    found = json.loads(text, parse_int=str)["x"]["rows"]
    plain = [
        {name: value if isinstance(value, str) else str(value).lower() for name, value in one.items()} for one in found
    ]
    assert [row.cells for row in rows] == [{name: text for name, text in one.items() if text.strip()} for one in plain]
    assert [json.loads(row.raw, parse_int=str) for row in rows] == found


@settings(max_examples=200, deadline=None)
@given(octets=st.binary(max_size=100), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_bytes_are_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, octets: bytes, encoding: str
) -> None:
    """No other exception."""
    path = written(tmp_path_factory.getbasetemp(), octets)
    try:
        came(path, "a", encoding=encoding)
    except FileRefusedError:
        return
    json.loads(octets.decode(encoding).removeprefix("\ufeff"))
