"""Rows become records by blocks of columns, exactly as they would one by one."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from adapters.exports.accounting import Candidate, Refused, candidates
from adapters.exports.cells import number_of
from adapters.exports.converting import Converter
from adapters.exports.formats import block, csv_table
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import blocks_once
from adapters.exports.mapping import Mapping
from adapters.exports.times import Times, day
from schemas.exported import Conclusion, TestResult

MAPPING = Mapping.model_validate(
    {
        "kind": "test-result",
        "system": "lims",
        "zone": "Europe/Berlin",
        "time": "%Y/%m/%d %H:%M",
        "key": ["id", "test"],
        "version": "v",
        "final": {"column": "status", "words": ["done"]},
        "trailer": {"column": "id", "words": ["Total"]},
        "refuse": [{"column": "test", "words": ["void"]}],
        "fields": {
            "sample": "id",
            "test": "test",
            "reported": "result",
            "low": "low",
            "unit": {"value": "mg"},
            "status": "status",
            "conclusion": {"column": "end", "codes": {"合格": "pass", "?": "none"}},
            "time": "at",
        },
    }
)
NAMES = ["id", "test", "result", "low", "status", "end", "at", "v"]
POOLS = {
    "id": ["A", " A ", "a|b", "\\", "", "2.61E+06", "Total", "=x", "two\nlines", 'q"q', "王"],
    "test": ["pH", "void", "b|c", " "],
    "result": ["1.5", "<0.05", "＜10", "N/A", "1e999", " ", "x\r\ny"],
    "low": ["", "1", "1.5e3", "<1", "abc", " 2 "],
    "status": ["done", "open", " done", ""],
    "end": ["", "合格", "OK", "?"],
    "at": ["", "2026/03/01 12:30", "2026/10/25 02:30", "2026/3/1 1:05", "2026/02/30 00:00", "soon"],
    "v": ["1", "2", "0", "x"],
}
ROW = st.tuples(*(st.sampled_from(POOLS[name]) | st.just(POOLS[name][0]) for name in NAMES)).map(list)
ROWS = st.lists(ROW | ROW | ROW | st.lists(st.sampled_from(["", "A"]), max_size=9), max_size=12)


def one_by_one(text: str) -> Iterator[tuple[int, str | dict[str, Any] | None]]:
    """The reference: line, and the reason, the record's values, or None of a trailer."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names = next(reader)
    for values in reader:
        if not any(values):
            continue
        cells = dict(zip(names, values, strict=False)) if len(values) == len(names) else {}
        if cells.get("id", "").strip() == "Total":
            yield reader.line_num, None
            continue
        if not cells:
            yield reader.line_num, f"has {len(values)} cells, the header {len(names)}"
            continue
        try:
            yield reader.line_num, values_of(cells)
        except ValueError as error:
            yield reader.line_num, str(error)


def values_of(cells: dict[str, str]) -> dict[str, Any]:
    """Raises ValueError with the first reason."""
    if cells["test"].strip() == "void":
        raise ValueError("test: 'void' is refused")
    if cells["status"].strip() != "done":
        raise ValueError(f"status: {cells['status'].strip()!r} is not final")
    key = "|".join(name(cells, one).replace("\\", "\\\\").replace("|", "\\|") for one in ("id", "test"))
    version = name(cells, "v")
    values: dict[str, Any] = {"system": "lims", "key": key, "version": version}
    values |= {"sample": name(cells, "id"), "test": name(cells, "test")}
    if not cells["result"].strip():
        raise ValueError("result: is empty, reported is needed")
    values["reported"] = cells["result"].strip()
    if low := cells["low"].strip():
        values["low"], qualifier = number_of(low, ".")
        if qualifier != "=":
            raise ValueError(f"low: {low!r} is no number")
    values |= {"unit": "mg", "status": "done"}
    if end := cells["end"].strip():
        if end not in ("合格", "?"):
            raise ValueError(f"end: {end!r} is not among the codes 合格, ?")
        if end == "?":
            raise ValueError("end: 'none' is none of other, pass, fail; give it a code")
        values["conclusion"] = Conclusion.PASS
    values["time"] = instant(cells["at"].strip())
    values["value"], values["qualifier"] = number_of(values["reported"], ".")
    if not re.fullmatch("[1-9]", version):
        raise ValueError(f"v: {version!r} is no version; it counts from 1")
    return values | {"version": int(version)}


def name(cells: dict[str, str], column: str) -> str:
    text = cells[column].strip()
    if not text:
        raise ValueError(f"{column}: is empty")
    if text == "2.61E+06":
        raise ValueError(f"{column}: {text!r} has lost its digits in a spreadsheet; format the cell as text")
    return text


def instant(text: str) -> int | None:
    if not text:
        return None
    try:
        local = datetime.strptime(text, "%Y/%m/%d %H:%M").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    except ValueError:
        raise ValueError(f"at: {text!r} is no time of the form %Y/%m/%d %H:%M") from None
    if text == "2026/10/25 02:30":
        both = "2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"
        raise ValueError(f"at: {text!r} is unclear in Europe/Berlin: {both}")
    return round(local.astimezone(UTC).timestamp()) * 1_000_000


def by_blocks(path: Path) -> Iterator[tuple[int, str | dict[str, Any] | None]]:
    """As `one_by_one`, by the product."""
    for one in candidates(blocks_once(path, MAPPING.format, MAPPING.columns), Converter(MAPPING, file="f" * 64)):
        if one is None:
            yield 0, None
        elif isinstance(one, Refused):
            yield one.line, one.reason
        else:
            values = asdict(one.record)
            assert (values.pop("id").version, values.pop("file"), values.pop("row")) == (4, "f" * 64, one.line)
            assert one.declared == values["version"]
            yield one.line, values


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=ROWS, sizes=st.tuples(st.integers(5, 400), st.integers(1, 5)), end=st.sampled_from(["\n", "\r\n"]))
def test_blocks_give_what_single_rows_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], sizes: tuple[int, int], end: str
) -> None:
    """Whatever the rows, wherever pages and blocks end."""
    monkeypatch.setattr(csv_table, "_PAGE", sizes[0])
    monkeypatch.setattr(block, "ROWS", sizes[1])
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([NAMES, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode())
    wanted = [
        (0, None) if what is None else (line, what if isinstance(what, str) else full(what))
        for line, what in one_by_one(text.getvalue())
    ]
    assert list(by_blocks(path)) == wanted


def full(values: dict[str, Any]) -> dict[str, Any]:
    """With defaults, as a record made in the plain way has them."""
    made = asdict(TestResult(**values))
    return {name: value for name, value in made.items() if name not in ("id", "file", "row")}


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=ROWS, order=st.permutations(range(len(NAMES))))
def test_a_digest_is_of_what_the_row_says(tmp_path: Path, rows: list[list[str]], order: list[int]) -> None:
    """Equal in any order of columns and beside any others; different where a named cell differs."""
    rows = [row for row in rows if len(row) == len(NAMES)]
    (tmp_path / "a.csv").write_text(csv_text([NAMES, *rows]), newline="")
    moved = [[*(row[at] for at in order), str(number)] for number, row in enumerate([NAMES, *rows])]
    (tmp_path / "b.csv").write_text(csv_text(moved), newline="")
    first, second = (digests(tmp_path / name) for name in ("a.csv", "b.csv"))
    assert first == second
    assert len(set(first)) == len({tuple(row) for row in rows})


def digests(path: Path) -> list[bytes]:
    converter = Converter(MAPPING)
    found = blocks_once(path, MAPPING.format, MAPPING.columns)
    return [digest for one in found for digest in converter.convert(one).digests]


def csv_text(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("page", [3, 10, 1000])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id\nA\nB\n" + "C" * 200 + "\n", "line 4: the row is longer than 100"),
        ('id\nA\n"B\n' + "C" * 60 + "\n" + "D" * 60 + '"\n', "line 5: the row is longer than 100"),
        ("id\nA\nB\0\n", "line 3: has a NUL"),
        ('id\nA\n"B', "line 3: unexpected end of data"),
        ('id\nA\n"B"C\n', "line 3: "),
        ("id\nA\n" + "B" * 60 + "\n", "line 3: a cell is longer than 50"),
        ("\n\n", "has no header"),
    ],
)
def test_a_fault_of_the_file_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str, page: int
) -> None:
    """Wherever the pages end that it is read in."""
    monkeypatch.setattr(csv_table, "_PAGE", page)
    path = tmp_path / "a.csv"
    path.write_text(text, newline="")
    written = MAPPING.format.model_copy(update={"row": 100, "cell": 50})
    with pytest.raises(FileRefusedError, match=told):
        list(blocks_once(path, written, frozenset()))


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - local times
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%Y%m%d", "%m/%d/%Y %H", "%d-%b-%Y %H:%M:%S", "%y%m%d%H%M"]
    ),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
)
def test_a_time_is_read_as_strptime_reads_it(local: datetime, form: str, zone: str) -> None:
    """Also by the short way that forms of digits have."""
    text = local.strftime(form)
    wanted = datetime.strptime(text, form).replace(tzinfo=ZoneInfo(zone))  # the reference
    try:
        found = Times(form, zone).instant(text)
    except ValueError as error:
        assert wanted.utcoffset() != wanted.replace(fold=1).utcoffset(), error  # noqa: PT017 - or else it is refused
    else:
        assert found == round((wanted - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T08:00:00Z", 1_772_352_000_000_000),
        ("2026-03-01T08:00:00", 1_772_323_200_000_000),
        ("2026-03-01 08:00:00.123456789+08:00", 1_772_323_200_123_456),
        ("20260301T0800", 1_772_323_200_000_000),
    ],
)
def test_iso_times_have_the_offset_that_stands_there(text: str, instant: int) -> None:
    """Or the zone of the mapping."""
    assert Times("iso", "Asia/Shanghai").instant(text) == instant


@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-01T24:30", "8:00", ""])
def test_what_is_no_iso_time_is_refused(text: str) -> None:
    """A date alone does not become midnight."""
    with pytest.raises(ValueError, match="no time of the form iso"):
        Times("iso", "UTC").instant(text)


def test_a_date_has_no_time_of_day() -> None:
    """Of a sheet as of text; the zone does not move it."""
    assert day("2026-03-01", "iso") == day("01.03.2026", "%d.%m.%Y") == day(datetime(2026, 3, 1), "iso") == 20_513  # noqa: DTZ001
    for cell in ("2026-03-01 08:00", datetime(2026, 3, 1, 8), "soon"):  # noqa: DTZ001 - as sheets have them
        with pytest.raises(ValueError, match="date"):
            day(cell, "iso")


def test_cells_of_sheets_are_not_taken_for_each_other(tmp_path: Path) -> None:
    """1, 1.0 and true are equal in Python, and not in what they say."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (
        [*NAMES],
        *([f"S{at}", "pH", cell, None, "done", None, None, "1"] for at, cell in enumerate((1, 1.5, True))),
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    found = blocks_once(tmp_path / "a.xlsx", MAPPING.format.model_copy(update={"type": "excel"}), MAPPING.columns)
    outcomes = [one for one in candidates(found, Converter(MAPPING)) if one is not None]
    records = [one.record for one in outcomes if isinstance(one, Candidate)]
    assert [one.reported for one in records if isinstance(one, TestResult)] == ["1", "1.5"]
    assert [one.reason for one in outcomes if isinstance(one, Refused)] == ["result: a spreadsheet made a bool of it"]
