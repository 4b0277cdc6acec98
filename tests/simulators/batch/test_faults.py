"""Each fault does what it says, and leaves the truth true."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from simulators.batch.faults import FAULTS
from simulators.batch.folders import Folders
from simulators.batch.plan import File, Plan
from tests.simulators.batch.made import planned


def noted(plan: Plan, fault: str, what: str) -> dict[str, Any]:
    """What it says of one thing that it did."""
    (note,) = [one for one in plan.notes if (one["fault"], one["what"]) == (fault, what)]
    return note


def file(plan: Plan, path: str) -> File:
    """The file of that name; the last, if it came more than once."""
    return [one for one in plan.files if f"{one.system}/{one.name}" == path][-1]


def lines(one: File) -> list[str]:
    """Lines of a list of the LIMS."""
    return one.octets.decode("gb18030").split("\r\n")


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_whatever_is_wrong_every_record_comes_rightly_too(name: str) -> None:
    """Spoilt files come beside the right ones; each says what must become of it."""
    plan = planned(name)
    told = {(one.system, one.kind, one.key, one.version) for one in plan.facts}
    assert {(one.system, one.kind, *record) for one in plan.files for record in one.records} == told
    assert plan.notes
    assert all(note["fault"] == name and note["expect"] for note in plan.notes)


def test_all_at_once() -> None:
    """Faults do not stand in each other's way."""
    plan = planned(*FAULTS)
    assert {note["fault"] for note in plan.notes} == set(FAULTS)
    assert all(
        any(f"{one.system}/{one.name}" == note["file"] for one in plan.files) for note in plan.notes if "file" in note
    )


def test_an_unknown_fault_is_an_error() -> None:
    """Nobody believes that something was switched on."""
    with pytest.raises(KeyError):
        planned("F59")


def test_f60_one_file_never_ends_and_one_grows_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ends within a row; the second stands there in part before it is whole."""
    plan = planned("F60")
    half = file(plan, noted(plan, "F60", "never finished")["file"])
    assert half.manner == "unfinished"
    assert not half.octets.endswith(b"\n")
    slow = file(plan, noted(plan, "F60", "written slowly")["file"])
    assert slow.manner == "slow"
    path = tmp_path / "exports" / slow.system / slow.name
    path.parent.mkdir(parents=True)
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: sizes.append(path.stat().st_size))
    Folders(tmp_path, pause=0).write(slow)
    assert sizes == sorted(set(sizes))
    assert len(sizes) > 2
    assert path.read_bytes() == slow.octets


def test_f61_a_correction_under_the_same_name_and_a_copy_under_another() -> None:
    """One row differs, with version, person and reason; of the copy nothing does."""
    plan = planned("F61")
    note = noted(plan, "F61", "same name, corrected")
    first, second = [one for one in plan.files if f"{one.system}/{one.name}" == note["file"]]
    different = [pair for pair in zip(lines(first), lines(second), strict=True) if pair[0] != pair[1]]
    assert len(different) == 1
    (before, after) = [one for one in plan.facts if one.key == note["key"]]
    assert (before.version, after.version) == (1, 2)
    assert after.fields["by"]
    assert after.fields["why"]
    assert after.fields["reported"] in different[0][1]
    copy = file(plan, noted(plan, "F61", "same content, new name")["file"])
    assert [one.octets for one in plan.files].count(copy.octets) == 2


def test_f62_rows_backwards_one_twice_empty_lines_and_a_total() -> None:
    """All in one list."""
    plan = planned("F62")
    (note,) = plan.notes
    one = file(plan, note["file"])
    keys = [line.split(",")[0] for line in lines(one)[1:-1]]
    rows = [key for key in keys if key.startswith("R")]
    assert rows[:-1] == sorted(rows[:-1], reverse=True)
    assert rows[0] == rows[-1]
    assert keys.count("") == 2
    assert keys[-1] == "合计"


def test_f63_files_of_encodings_that_nobody_declared() -> None:
    """None of them reads as the right one does."""
    plan = planned("F63")
    right = [one for one in plan.files if (one.system, one.kind) == ("lims", "TestResult") and one.records][-1]
    spoilt = [file(plan, note["file"]) for note in plan.notes]
    assert [one.name.removeprefix("test-result-B2603049-05-") for one in spoilt] == [
        "other-encoding.csv",
        "utf-16.csv",
        "nul.csv",
        "mojibake.csv",
    ]
    header = lines(right)[0]
    for one in spoilt:
        text = one.octets.decode("gb18030", errors="replace")
        assert b"\0" in one.octets or header not in text


def test_f64_a_spreadsheet_made_numbers_of_words() -> None:
    """Ids without zeros, dates as serial numbers, lots as powers of ten."""
    plan = planned("F64")
    one = file(plan, noted(plan, "F64", "number")["file"])
    sheet = load_workbook(io.BytesIO(one.octets)).active
    assert sheet is not None
    header, first, *_ = sheet.iter_rows(values_only=True)
    cells = dict(zip(header, first, strict=True))
    (truth,) = [one for one in plan.facts if one.key == cells["Record No"]]
    assert cells["Sample"] == int(truth.fields["sample"])
    assert truth.fields["sample"].startswith("0")
    assert isinstance(cells["Due"], int | float)
    moves = file(plan, noted(plan, "F64", "exponent")["file"]).octets.decode("utf-8-sig")
    assert ";2.61E+06;" in moves
    assert ";2610007;" not in moves


def test_f65_day_and_month_without_offset_in_an_hour_that_comes_twice() -> None:
    """The truth knows which of the two it was."""
    plan = planned("F65")
    unclear = noted(plan, "F65", "times that the clock shows twice")["keys"]
    assert unclear
    for key in unclear:
        (one,) = [one for one in plan.facts if one.key == key and one.kind == "BatchStep"]
        local = datetime.fromtimestamp(one.fields["time"] / 1e6, UTC).astimezone(ZoneInfo("Europe/Berlin"))
        assert local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        text = local.strftime("%d/%m/%Y %H:%M:%S")
        assert any(text in one.octets.decode() for one in plan.files if (one.system, one.kind) == ("mes", "BatchStep"))


def test_f66_columns_elsewhere_renamed_missing_and_rows_too_short() -> None:
    """Only the first of these lists can be read."""
    plan = planned("F66")
    moved = lines(file(plan, noted(plan, "F66", "columns backwards, one more")["file"]))[0].split(",")
    right = lines(next(one for one in plan.files if one.name == "test-result-B2603049-02.csv"))[0].split(",")
    assert moved[:-1] == right[::-1]
    renamed = lines(file(plan, noted(plan, "F66", "renamed")["file"]))[0]
    assert "结果2" in renamed.split(",")
    missing = lines(file(plan, noted(plan, "F66", "missing")["file"]))[0]
    assert "结果" not in missing.split(",")
    short = lines(file(plan, noted(plan, "F66", "short")["file"]))
    assert short[1].count(",") < short[0].count(",")


def test_f67_no_plain_numbers_where_numbers_are_awaited() -> None:
    """As reported in the file; the truth has what number there is in it."""
    plan = planned("F67")
    text = "".join(
        one.octets.decode("gb18030") for one in plan.files if one.kind == "TestResult" and one.system == "lims"
    )
    for note in plan.notes:
        (one,) = [one for one in plan.facts if one.key == note["key"]]
        assert f",{note['reported']}," in text
        assert one.fields["reported"] == note["reported"]
        assert (one.fields["value"] is None) == (one.fields["qualifier"] is None)


def test_f68_a_conclusion_against_the_numbers() -> None:
    """Below the limit, and concluded right."""
    plan = planned("F68")
    (one,) = [one for one in plan.facts if one.key == plan.notes[0]["key"]]
    assert one.fields["value"] < one.fields["low"]
    assert one.fields["conclusion"] == "PASS"


def test_f69_xml_that_is_cut_off_explodes_or_asks_for_files() -> None:
    """And one that is whole, whose elements are in no namespace."""
    plan = planned("F69")
    texts = {note["what"]: file(plan, note["file"]).octets.decode() for note in plan.notes}
    assert "</BatchProductionRecord>" not in texts["cut"]
    assert texts["bomb"].count("<!ENTITY") == 10
    assert "&a9;" in texts["bomb"]
    assert 'SYSTEM "file:///' in texts["outside"]
    assert 'xmlns:b2mml="http' in texts["namespace declared and not used"]
    assert "<b2mml:" not in texts["namespace declared and not used"]


def test_f70_line_breaks_quotes_and_formulas_in_cells() -> None:
    """The truth has them as they were typed."""
    plan = planned("F70")
    for note in plan.notes:
        facts = [one for one in plan.facts if (one.system, one.key) == (note["system"], note["key"])]
        assert note["text"] in {one.fields.get(note["field"]) for one in facts}
    assert any("\n" in note["text"] for note in plan.notes)
    assert any(note["text"].startswith("=") for note in plan.notes)


def test_f71_a_frame_with_a_wrong_checksum_and_a_correction() -> None:
    """One frame of the first message does not add up; the other message's do."""
    plan = planned("F71")
    bad = file(plan, noted(plan, "F71", "wrong checksum")["file"])
    again = file(plan, noted(plan, "F71", "correction record")["file"])
    assert [wrong_frames(bad), wrong_frames(again)] == [1, 0]
    assert b"||N||C||" in again.octets


def wrong_frames(one: File) -> int:
    """Frames whose checksum is not the sum of what it stands behind."""
    frames = one.octets.split(b"\x02")[1:]
    return sum(sum(frame[: frame.index(b"\x03") + 1]) % 256 != int(frame.split(b"\x03")[1][:2], 16) for frame in frames)


def test_f72_a_share_goes_away_and_comes_back_before_the_next_file() -> None:
    """Its own files wait for it."""
    plan = planned("F72")
    (away,) = plan.away
    assert not [one for one in plan.files if one.system == away.system and away.at <= one.at <= away.back]
    assert [one for one in plan.files if one.system == away.system and one.at < away.at]


def test_the_truth_of_faults_is_json() -> None:
    """For who compares."""
    assert json.loads(json.dumps(planned(*FAULTS).notes))
