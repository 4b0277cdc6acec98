"""Exports of other systems: what becomes of their files, row by row."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account, Ledger, Outcome, Refused, Repeat, Taken
from adapters.exports.cells import number_of
from adapters.exports.converting import Converter
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import blocks_once
from adapters.exports.mapping import Mapping, MappingError
from adapters.exports.trying import examples, outcomes_of
from schemas.exported import TestResult

READY = sorted(Path(mappings.__file__).parent.joinpath("mappings").glob("*.yaml"))
FIELDS = {
    "sample": "id",
    "test": {"value": "Content"},
    "reported": "result",
    "status": {"value": "final"},
    "tested": "at",
}


def a_mapping(**changed: Any) -> Mapping:
    return Mapping.model_validate({"kind": "test-result", "system": "lims", "key": ["id"], "fields": FIELDS} | changed)


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def came(path: Path, mapping: Mapping | None = None) -> tuple[list[Outcome], Account]:
    account = Account()
    return list(outcomes_of(path, mapping or a_mapping(), account)), account


def records(outcomes: list[Outcome]) -> list[TestResult]:
    return [one.record for one in outcomes if isinstance(one, Taken) and isinstance(one.record, TestResult)]


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused)
    return outcome.reason


@pytest.mark.parametrize("path", [one for one in READY if "." not in one.stem], ids=lambda one: one.stem)
def test_the_ready_mappings_do_what_their_examples_say(path: Path) -> None:
    """Each has one at least."""
    tried = list(examples(path))
    assert tried
    assert [one.differences for one in tried] == [()] * len(tried)


def test_an_example_that_differs_is_told(tmp_path: Path) -> None:
    """The check can fail."""
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(a_mapping().model_dump(mode="json", exclude_defaults=True)))
    written(tmp_path, "id,result,at\nA,1,\n", "m.a.csv")
    (tmp_path / "m.a.expected.yaml").write_text("- line: 2\n  refused: no\n")
    ((difference,),) = [one.differences for one in examples(tmp_path / "m.yaml")]
    assert "'refused': False" in difference


def test_f61_a_changed_row_is_a_correction_that_keeps_the_old(tmp_path: Path) -> None:
    """In another file too; the record that it replaces is named."""
    ledger, account, found = Ledger(), Account(), list[Outcome]()
    for content in ("id,result,at\nA,1,\n", "id,result,at\nA,2,\n", "at,result,id\n,1,A\n,2,A\n"):
        blocks = blocks_once(written(tmp_path, content), a_mapping().format, a_mapping().columns)
        found += ledger.outcomes(blocks, Converter(a_mapping()), account)
    first, second = records(found)
    assert (second.version, second.replaces, second.reported) == (2, first.id, "2")
    assert str(account) == "4 rows read = 1 records + 1 corrections + 2 repeats + 0 refused; 0 trailers"


def test_f61_a_version_that_comes_late_is_taken_and_one_that_changes_refused(tmp_path: Path) -> None:
    """The late one replaces nothing that is newer; which of two contents is right nobody here knows."""
    path = written(tmp_path, "id,result,at,v\nA,1,,2\nA,2,,1\nA,3,,2\nA,4,,3\n")
    found, account = came(path, a_mapping(version="v"))
    assert [one.version for one in records(found)] == [2, 1, 3]
    assert account.refused == 1


def test_f62_order_repeats_totals_and_empty_lines_change_nothing(tmp_path: Path) -> None:
    """The key decides; a trailer is no row."""
    mapping = a_mapping(trailer={"column": "id", "words": ["Total"]})
    found, account = came(written(tmp_path, "id,result,at\nB,2,\n\nA,1,\nA,1,\n,,\nTotal,2,\n"), mapping)
    assert [one.sample for one in records(found)] == ["B", "A"]
    assert isinstance(found[2], Repeat)
    assert (account.read, account.trailers) == (3, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_f63_the_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    """With or without a mark; letters of four octets too."""
    path = written(tmp_path, "id,result,at\n王䶮,1,\n".encode(encoding))
    (record,) = records(came(path, a_mapping(format={"encoding": encoding.removesuffix("-sig")}))[0])
    assert record.sample == "王䶮"


@pytest.mark.parametrize(
    ("octets", "declared"),
    [
        ("id,result,at\n王,1,\n".encode("gb18030"), "utf-8"),
        ("id,result,at\n王,1,\n".encode("utf-8-sig"), "gb18030"),
        ("id,result,at\n王,1,\n".encode("utf-16"), "utf-8"),
        (b"id,result,at\nA\0,1,\n", "utf-8"),
    ],
)
def test_f63_another_encoding_refuses_the_file(tmp_path: Path, octets: bytes, declared: str) -> None:
    """So does a NUL; nothing becomes a question mark."""
    with pytest.raises(FileRefusedError):
        came(written(tmp_path, octets), a_mapping(format={"encoding": declared}))


def test_f64_what_a_spreadsheet_made_of_an_identifier_is_refused(tmp_path: Path) -> None:
    """In CSV and in Excel; the column is named."""
    found, _ = came(written(tmp_path, "id,result,at\n2.61E+06,1,\n0017,1,\n"))
    assert reason(found[0]).startswith("id: '2.61E+06'")
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (["id", "result", "at"], [17, 1.5, None], ["0017", 1.5, None]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    found, _ = came(tmp_path / "a.xlsx", a_mapping(format={"type": "excel"}))
    assert reason(found[0]).startswith("id: a spreadsheet made a int of it")
    assert [(one.sample, one.value) for one in records(found)] == [("0017", 1.5)]


def test_f65_times_are_of_the_declared_form_and_zone(tmp_path: Path) -> None:
    """Day and month are never guessed; an hour that comes twice is refused with both candidates."""
    mapping = a_mapping(time="%d.%m.%Y %H:%M", zone="Europe/Berlin")
    content = "id,result,at\nA,1,01.02.2026 12:00\nB,1,02/01/2026 12:00\nC,1,25.10.2026 02:30\n"
    found, _ = came(written(tmp_path, content), mapping)
    assert records(found)[0].tested == 1_769_943_600_000_000
    assert "no time of the form" in reason(found[1])
    assert "T02:30:00+02:00 or 2026-10-25T02:30:00+01:00" in reason(found[2])


def test_f66_columns_are_found_by_name(tmp_path: Path) -> None:
    """Added and moved ones are borne, a missing one refuses the file, a short row is refused."""
    found, _ = came(written(tmp_path, "new,at,result,id\nx,,1,A\nx,,2\n"))
    assert [one.sample for one in records(found)] == ["A"]
    assert reason(found[1]) == "has 3 cells, the header 4"
    with pytest.raises(FileRefusedError, match="column result is missing"):
        came(written(tmp_path, "id,Result,at\nA,1,\n"))


@pytest.mark.parametrize(
    ("reported", "number", "qualifier"),
    [
        ("<0.05", 0.05, "<"),
        ("＜10", 10.0, "<"),
        ("≥ 3", 3.0, "≥"),
        ("2.10", 2.1, "="),
        ("N/A", None, None),
        ("符合规定", None, None),
        ("1,5", None, None),
        ("1e999", None, None),
    ],
)
def test_f67_a_result_is_kept_as_reported(tmp_path: Path, reported: str, number: float, qualifier: str) -> None:
    """Number and qualifier stand beside it, or nothing."""
    (record,) = records(came(written(tmp_path, f'id,result,at\nA,"{reported}",\n'))[0])
    assert (record.reported, record.value, record.qualifier) == (reported, number, qualifier)


def test_f70_a_cell_may_hold_line_breaks_quotes_and_formulas(tmp_path: Path) -> None:
    """As text; the row is told with all its lines."""
    found, _ = came(written(tmp_path, 'id,result,at\n"=cmd ""x""\ny",1,\n"b\nc",1,never\n'))
    assert [one.sample for one in records(found)] == ['=cmd "x"\ny']
    assert isinstance(found[1], Refused)
    assert (found[1].line, found[1].raw) == (5, b'"b\nc",1,never\n')


def test_json_lines_are_mapped_by_path(tmp_path: Path) -> None:
    """Digits stay as they were written."""
    lines = '{"id": "A", "result": {"value": 2.10}, "at": null}\n'
    mapping = a_mapping(format={"type": "json-lines"}, fields=FIELDS | {"reported": "result.value"})
    (record,) = records(came(written(tmp_path, lines), mapping)[0])
    assert record.reported == "2.10"


@pytest.mark.parametrize("content", ['id,result,at\nA,1,\nB,"1', "id,result,at\n" + "A" * 400_000, ""])
def test_a_damaged_file_gives_no_row(tmp_path: Path, content: str) -> None:
    """Not even those before the damage."""
    with pytest.raises(FileRefusedError):
        outcomes_of(written(tmp_path, content), a_mapping(), Account())


@settings(max_examples=100, deadline=None)
@given(
    octets=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: f"id,result,at\n{text}".encode()),
    written_as=st.fixed_dictionaries(
        {
            "type": st.sampled_from(["csv", "json-lines", "excel"]),
            "encoding": st.sampled_from(["utf-8", "gb18030", "utf-16"]),
        }
    ),
)
def test_any_bytes_are_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, octets: bytes, written_as: dict[str, str]
) -> None:
    """No other exception, and no row of a file that is refused."""
    path = written(tmp_path_factory.getbasetemp(), octets, "any")
    account = Account()
    try:
        outcomes = outcomes_of(path, a_mapping(format=written_as), account)
    except FileRefusedError:
        assert account.read == 0
        return
    assert len(list(outcomes)) == account.read
    assert account.read == account.records + account.corrections + account.repeats + account.refused


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_any_text_is_a_number_or_none(text: str, decimal: str) -> None:
    """Number and qualifier come together."""
    number, qualifier = number_of(text, decimal)
    assert (number is None) == (qualifier is None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fields": FIELDS | {"colour": "c"}}, "has no field colour"),
        ({"fields": {"sample": "id"}}, "needs reported, status, test"),
        ({"zone": "Mars/Base"}, "no time zone"),
    ],
)
def test_a_fault_in_a_mapping_is_told_in_a_line(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """With file and place."""
    path = tmp_path / "m.yaml"
    base = {"kind": "test-result", "system": "lims", "key": ["id"], "fields": FIELDS}
    path.write_text(json.dumps(base | change))
    with pytest.raises(MappingError, match=told) as caught:
        mappings.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
