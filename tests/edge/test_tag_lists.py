"""Tag lists in CSV and Excel: what is read is what was meant, or refused with its place."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.settings import ModbusTag
from adapters.opcua.settings import OpcUaTag
from edge.commands.tags import row_of
from edge.tag_lists import columns_of, rows_of, write_list
from gateway.configuration import ConfigurationError, Document

OPCUA, MODBUS = tuple[OpcUaTag, ...], tuple[ModbusTag, ...]
SUFFIXES = (".csv", ".xlsx")


def read(file: Path, rows: Any = OPCUA) -> list[dict[str, Any]]:
    return rows_of(Document(file.with_name("edge.yaml"), {}, {}), file, ("sources", 0, "tags"), rows, 0)


def sheet(file: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file


def lines(file: Path, *rows: list[str]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return file


def refused(file: Path, rows: Any = OPCUA) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(file, rows)
    return str(caught.value).replace(f"{file.parent}/", "")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_list_that_was_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    """With all that a tag can have: marks, status registers, ranges. What is there is not overwritten."""
    given_tags = [
        {"name": "=1+1", "address": 4, "type": "float32", "word_order": "little", "no_value": [float("nan"), -1]},
        {"name": "甲", "unit": "Pa", "address": 9, "type": "uint16", "scale": 0.001, "range": [-50, 50.5]},
        {
            "name": "N", "address": 7, "type": "uint32", "counter": 5,
            "status_registers": [{"address": 3, "good": [60]}, {"address": 8, "bad_bits": 3, "means": "no-value"}],
        },
    ]  # fmt: skip
    tags = [ModbusTag.model_validate(tag) for tag in given_tags]
    file = tmp_path / f"tags{suffix}"
    write_list(file, list(columns_of(MODBUS)), [row_of(tag) for tag in tags])
    assert [repr(ModbusTag.model_validate(row)) for row in read(file, MODBUS)] == [repr(tag) for tag in tags]
    with pytest.raises(FileExistsError):
        write_list(file, ["name"], [])


def test_what_excel_made_of_a_text_is_refused_with_its_place(tmp_path: Path) -> None:
    """A date, a number, a number shown with leading zeros; all at once."""
    file = sheet(
        tmp_path / "tags.xlsx", ["name", "node", "deadband"],
        [date(2026, 2, 1), "i=1", 0.5], ["B", 2610000, None], [12, "i=3", None], ["D", "i=4", date(2026, 1, 5)],
    )  # fmt: skip
    hint = "; format the column as text and enter it again"
    assert refused(file).splitlines() == [
        f"tags.xlsx:2: column name: a spreadsheet made a date of it (2026-02-01 00:00:00){hint}",
        f"tags.xlsx:3: column node: is a number (2.61e+06), where text is meant{hint}",
        f"tags.xlsx:4: column name: is a number (12), where text is meant{hint}",
        f"tags.xlsx:5: column deadband: a spreadsheet made a date of it (2026-01-05 00:00:00){hint}",
    ]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("name", "2.61E+06", "made a number of it"),
        ("name", "02-Jan", "made a date of it"),
        ("name", "2026/1/2", "made a date of it"),
        ("name", "1月2日", "made a date of it"),
        ("address", "0012", "has leading zeros"),
        ("address", "2.61E+06", "shortened it"),
        ("no_value", "[1", "is no list"),
    ],
)
def test_what_a_spreadsheet_saved_as_csv_is_refused_too(tmp_path: Path, column: str, cell: str, said: str) -> None:
    """By row and column."""
    file = lines(tmp_path / "tags.csv", ["type", column], ["int16", cell])
    assert refused(file, MODBUS).startswith(f"tags.csv:2: column {column}: ")
    assert said in refused(file, MODBUS)


def test_numbers_that_are_meant_are_numbers(tmp_path: Path) -> None:
    """Whole ones stay whole; 1E-3 is a scale."""
    file = sheet(tmp_path / "tags.xlsx", ["name", "address", "type", "scale"], ["A", 12, "int16", 0.001])
    assert read(file, MODBUS) == [{"name": "A", "address": "12", "type": "int16", "scale": "0.001"}]
    file = lines(tmp_path / "tags.csv", ["name", "address", "type", "scale"], ["A", "12", "int16", "1E-3"])
    assert ModbusTag.model_validate(read(file, MODBUS)[0]).scale == 0.001


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_headers_and_cells_that_belong_nowhere_are_refused(tmp_path: Path, suffix: str) -> None:
    """Also a column that stands twice, of which one would be lost."""
    write: Any = lines if suffix == ".csv" else sheet
    file = tmp_path / f"tags{suffix}"
    assert "unknown column 'nme'; did you mean 'name'?" in refused(write(file, ["nme", "node"], ["A", "i=1"]))
    assert "column 'name' stands a second time" in refused(write(file, ["name", "name"], ["A", "B"]))
    assert f"tags{suffix}:3: more cells than columns" in refused(write(file, ["name"], ["A"], ["B", "i=1"]))
    assert refused(tmp_path / f"no{suffix}").startswith(f"no{suffix}:1: cannot be read")


def test_empty_rows_are_passed_over_and_lines_stay_right(tmp_path: Path) -> None:
    """Faults found later point to the line of the file."""
    file = lines(tmp_path / "tags.csv", ["name", "node"], ["A", "i=1"], ["", ""], ["B", "i=2"])
    document = Document(tmp_path / "edge.yaml", {}, {})
    assert [row["name"] for row in rows_of(document, file, ("tags",), OPCUA, 5)] == ["A", "B"]
    assert document.finding(("tags", 6), "x").line == 4


@given(octets=st.binary(max_size=200), suffix=st.sampled_from(SUFFIXES))
def test_any_file_is_a_list_or_refused(tmp_path_factory: pytest.TempPathFactory, octets: bytes, suffix: str) -> None:
    """Nothing else comes out."""
    file = tmp_path_factory.mktemp("any") / f"tags{suffix}"
    file.write_bytes(octets)
    try:
        assert all(set(row) <= set(columns_of(OPCUA)) for row in read(file))
    except ConfigurationError as error:
        said = str(error)
        assert f"tags{suffix}:" in said
