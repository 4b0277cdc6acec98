"""Export folders: what stands in the files is the truth beside them, and it comes as real systems let it come."""

import csv
import io
import json
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from simulators.batch.dialects import DIALECTS
from simulators.batch.folders import MARKER, Folders, perform
from simulators.batch.plan import File
from tests.simulators.batch.made import batch, course, planned


def table(file: File) -> list[list[str]]:
    """Header and rows of a file, read by libraries alone."""
    dialect = DIALECTS[file.dialect]
    if dialect.form == "excel":
        sheet = load_workbook(io.BytesIO(file.octets)).active
        assert sheet is not None
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    text = file.octets.decode(dialect.encoding)
    if dialect.form == "json-lines":
        lines = [json.loads(line) for line in text.splitlines()]
        return [list(lines[0]), *([value or "" for value in line.values()] for line in lines)]
    if dialect.form == "xml":
        rows = list(ET.fromstring(text))  # noqa: S314 - our own
        return [[cell.tag for cell in rows[0]], *([cell.text or "" for cell in row] for row in rows)]
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter))


@pytest.mark.parametrize("dialect", [None, *DIALECTS])
def test_rows_are_the_records_that_the_truth_names(dialect: str | None) -> None:
    """In each dialect: as many, in the same order, with the same keys, and every record stands in a file."""
    plan, seen = planned(dialect=dialect), set()
    for file in plan.files:
        if file.dialect in DIALECTS:
            header, *rows = table(file)
            assert len(set(header)) == len(header)
            assert [(row[0], int(row[1])) for row in rows] == list(file.records)
        seen |= {(file.system, file.kind, *record) for record in file.records}
    assert seen == {(one.system, one.kind, one.key, one.version) for one in plan.facts}


def test_the_same_seed_gives_the_same_octets() -> None:
    """Sheets too, which are archives with times in them."""
    again = planned.__wrapped__()
    assert [one.line() for one in again.files] == [one.line() for one in planned().files]


def test_no_record_is_exported_before_it_is_known() -> None:
    """A file holds what was told until then."""
    plan = planned()
    told = {(one.system, one.kind, one.key, one.version): one.told for one in plan.facts}
    for file in plan.files:
        assert all(told[file.system, file.kind, *record] <= file.at for record in file.records)


def test_the_batch_record_says_what_the_lists_say() -> None:
    """Weighings and times of the B2MML document."""
    (file,) = [one for one in planned().files if one.kind == "BatchProductionRecord"]
    root = ET.fromstring(file.octets)  # noqa: S314 - our own
    space = {"b": "http://www.mesa.org/xml/B2MML-V0600"}
    weighed = [one.text for one in root.iterfind(".//b:QuantityString", space)]
    assert weighed == [one.shown for one in course().weighings]
    assert root.findtext("b:LotID", namespaces=space) == batch().number
    steps = [one.text for one in root.iterfind(".//b:SegmentResponse/b:ID", space)]
    told = {one.fields["step"] for one in planned().facts if one.kind == "BatchStep"}
    assert set(steps) == told


def test_files_come_whole_under_their_name_and_the_truth_stands_beside(tmp_path: Path) -> None:
    """What is on the disk has the hash that the truth names; nothing unfinished is left."""
    plan, folders = planned(), Folders(tmp_path)
    folders.prepare(plan)
    perform(plan, folders, pace=0)
    lines = [json.loads(line) for line in (tmp_path / "truth" / "files.jsonl").read_text().splitlines()]
    assert len(lines) == len(plan.files)
    for line in lines:
        assert sha256((tmp_path / "exports" / line["file"]).read_bytes()).hexdigest() == line["sha256"]
    assert not list(tmp_path.rglob("*.tmp"))
    records = [json.loads(line) for line in (tmp_path / "truth" / "records.jsonl").read_text().splitlines()]
    assert records == [one.line() for one in plan.facts]


def test_a_file_is_never_seen_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written under a hidden name and then renamed."""
    plan = planned()
    seen: list[tuple[Path, Path, bool]] = []
    folders = Folders(tmp_path)
    folders.prepare(plan)
    rename = Path.replace

    def replace(part: Path, path: Path) -> Path:
        seen.append((part, path, path.exists()))
        return rename(part, path)

    monkeypatch.setattr(Path, "replace", replace)
    folders.write(plan.files[-1])
    ((part, path, existed),) = seen
    assert part.name.startswith(".")
    assert not existed
    assert path.read_bytes() == plan.files[-1].octets


def test_an_unmounted_share_is_an_empty_folder_and_comes_back(tmp_path: Path) -> None:
    """Without its marker; then everything is there again."""
    plan = planned("F72")
    (away,), folders = plan.away, Folders(tmp_path)
    folders.prepare(plan)
    lims = [one for one in plan.files if one.system == "lims" and one.at < away.at]
    for file in lims:
        folders.write(file)
    folders.take_away(away)
    share = tmp_path / "exports" / "lims"
    assert list(share.iterdir()) == []
    folders.bring_back(away)
    assert {path.name for path in share.iterdir()} == {MARKER, *(file.name for file in lims)}
