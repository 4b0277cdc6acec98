"""A first mapping for a sample of a layout that nobody has seen."""

from enum import StrEnum
from pathlib import Path

import pytest
import yaml
from openpyxl import Workbook

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.guessing import encoding_of, forms_of, unit_of, words
from adapters.exports.mapping import Sort, parse
from adapters.exports.proposing import proposal
from adapters.exports.trying import outcomes_of
from schemas.derived import shapes
from schemas.exported import KINDS

READY = Path(mappings.__file__).parent / "mappings"
STABILITY = """Lab-Nr.;Prüfpunkt;Sample No.;Batch Number;Parameter;Reported Result;UoM;Lower Limit;Upper Limit;\
Pass/Fail;State;Tested By;Date Tested;Reviewed At;Revision
x;1;S-0001;B77;Water;1,25;%;;2,0;Pass;Reviewed;kim;02.03.2026;03.03.2026 10:00;1
x;1;S-0001;B77;Purity (HPLC);99,10;%;98,0;;Pass;Reviewed;kim;02.03.2026;03.03.2026 10:00;1
x;1;S-0002;B77;Water;<0,05;%;;2,0;Fail;Pending;kim;14.03.2026;14.03.2026 09:30;1
Total;;;;;3;;;;;;;;;
"""
"""A layout of no ready mapping."""


def proposed(folder: Path, content: str) -> str:
    (folder / "a.csv").write_text(content, encoding="utf-8")
    return proposal(folder / "a.csv")


def test_an_unseen_layout_needs_small_edits_only(tmp_path: Path) -> None:
    """All its rows are records by the proposal itself, but those that are not final."""
    text = proposed(tmp_path, STABILITY)
    made = parse(text, "proposal")
    given = {name: one.column for name, one in made.fields.items()}
    assert given | {"sample": "Sample No.", "batch": "Batch Number", "test": "Parameter"} == given
    assert given | {"reported": "Reported Result", "low": "Lower Limit", "analyst": "Tested By"} == given
    assert given | {"tested": "Date Tested", "time": "Reviewed At", "conclusion": "Pass/Fail"} == given
    assert (made.decimal, made.format.delimiter, made.version) == (",", ";", "Revision")
    assert (made.time, made.fields["tested"].form) == ("%d.%m.%Y %H:%M", "%d.%m.%Y")
    assert made.key == ("Sample No.", "Parameter")
    account = Account()
    list(outcomes_of(tmp_path / "a.csv", made, account))
    assert str(account) == "3 rows read = 2 records + 0 corrections + 0 repeats + 1 refused; 1 trailers"
    assert f"# Of the sample: {account}" in text


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("lims-en.results.csv", "test-result"),
        ("lims-zh.results.csv", "test-result"),
        ("wms.movements.csv", "material-movement"),
        ("dms.index.csv", "document"),
        ("qms-zh.events.csv", "quality-event"),
        ("mes-steps.events.csv", "batch-step"),
        ("equipment-log.uses.csv", "equipment-use"),
    ],
)
def test_the_kind_of_a_list_is_seen(sample: str, kind: str) -> None:
    """And every column that its ready mapping uses for a needed field is found, if one by the name."""
    made = parse(proposal(READY / sample), "proposal")
    ready = mappings.load(READY / f"{sample.partition('.')[0]}.yaml")
    assert (made.kind, made.format, made.decimal) == (kind, ready.format, ready.decimal)
    needed = {name for name, one in mappings.given_fields(kind).items() if one.required}
    assert {name: made.fields[name].column for name in needed} == {name: ready.fields[name].column for name in needed}


def test_what_is_not_known_says_so(tmp_path: Path) -> None:
    """A code, a field, a unit; the mapping loads nevertheless."""
    (tmp_path / "a.csv").write_text("样品,单位,结论\nA,斛,待定\n", encoding="gb18030")
    text = proposal(tmp_path / "a.csv", kind="test-result")
    made = parse(text, "proposal")
    assert made.fields["unit"].codes == {"斛": "FILL IN"}
    assert made.fields["conclusion"].codes == {"待定": "FILL IN"}
    assert made.fields["reported"].column == "FILL IN"
    assert "# Not ready: column FILL IN is missing" in text


def test_a_sheet_is_proposed_for(tmp_path: Path) -> None:
    """Its times need no form."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (["Document No", "Version", "SHA256", "Path", "Status"], ["D-1", "2", "ab", "/x", "Effective"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    made = parse(proposal(tmp_path / "a.xlsx"), "proposal")
    assert (made.kind, made.format.type, made.key) == ("document", "excel", ("Document No", "Version"))


def test_comments_stay_comments(tmp_path: Path) -> None:
    """Whatever stands in names and cells: they cannot add to the mapping."""
    text = proposed(tmp_path, 'Sample,"a\nkey: [x]","Result: # [mg]"\nA,"1\nsystem: y","2\nzone: UTC"\n')
    made = parse(text, "proposal")
    assert (made.system, made.key) == ("fill-in", ("Sample",))


def test_a_sample_without_rows_is_refused(tmp_path: Path) -> None:
    """There is nothing to propose from."""
    with pytest.raises(FileRefusedError, match="no row under its header"):
        proposed(tmp_path, "a,b\n")


def test_forms_that_the_sample_does_not_tell_apart_are_all_told() -> None:
    """Day and month are a person's to know."""
    assert forms_of(["01/02/2026", "03/04/2026"], Sort.DATE) == ["%d/%m/%Y", "%m/%d/%Y"]
    assert forms_of(["01/02/2026", "13/04/2026"], Sort.DATE) == ["%d/%m/%Y"]
    assert forms_of(["soon", "later"], Sort.TIME) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_an_encoding_is_guessed(tmp_path: Path, encoding: str) -> None:
    """By what the octets are valid in."""
    (tmp_path / "a.csv").write_bytes("样品,结果\n王䶮,1\n".encode(encoding))
    assert encoding_of(tmp_path / "a.csv") == encoding


def test_the_words_are_of_fields_and_codes_that_there_are() -> None:
    """A renamed field or code does not leave its words behind."""
    fields = [one for kind in KINDS.values() for one in shapes(kind)]
    assert words()["fields"].keys() <= {one.name for one in fields}
    enums = {one.type.__name__: one.type for one in fields if issubclass(one.type, StrEnum)}
    for name, codes in words()["codes"].items():
        assert {code.upper() for code in codes} <= set(enums[name].__members__)
    assert all(unit_of(code) == code for code in words()["units"])
    texts = [text for group in ("fields", "times") for given in words()[group].values() for text in given]
    assert all(isinstance(text, str) for text in [*texts, *words()["keys"], *words()["trailers"]])
    assert yaml.safe_load(yaml.safe_dump(words())) == words()
