"""`cmo-gateway check-records` on an archive of exported records."""

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import yaml

from gateway.archive.archive import Archive
from gateway.review.outcome import Code, Subject
from tests.gateway.messages import message
from tests.gateway.review.records import BATCH, SAMPLE, balance, order, result, signature
from tests.gateway.running_commands import call, configured


def stored(folder: Path, records: Sequence[Subject], *, review: str | None = str(SAMPLE)) -> None:
    if not (folder / "holder.yaml").exists():
        configured(folder)
    file = folder / "holder.yaml"
    if review is not None:
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"review": review}))
    with closing(Archive(folder / "a.duckdb")) as archive:
        archive.store([message(one, offset) for offset, one in enumerate(records)])


WRONG = result("3.1")


def test_f68_a_pass_outside_its_limits_is_a_line_and_exit_code_1(tmp_path: Path) -> None:
    """The finding in words, then how often each rule answered what."""
    stored(tmp_path, [WRONG, order(), signature(order())])
    done = call(tmp_path, "check-records", "holder.yaml", "--batch", BATCH)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    title = "Result out of specification (OOS)"
    assert (
        f"action\t{BATCH}\t{title}\tTestResult lims {WRONG.key}\t"
        "reported 3.1 %; the source says pass (expected: ≤ 3 %)" in lines
    )
    assert f"{title}\t0 passed, 1 failed, 0 not evaluable" in lines
    assert "Steps in another order than the master batch record\t0 passed, 0 failed, 0 not evaluable" in lines
    assert sum("\tResult out of trend (OOT)\t" in line for line in lines) == 1
    assert len([line for line in lines if line.endswith("not evaluable")]) == len(Code)


def test_all_is_well_is_exit_code_0(tmp_path: Path) -> None:
    """Of a batch without a finding; the other batch's is not told."""
    good = balance(batch="26030102")
    stored(tmp_path, [WRONG, good])
    assert call(tmp_path, "check-records", "holder.yaml", "--batch", "26030102").returncode == 0
    assert call(tmp_path, "check-records", "holder.yaml").returncode == 1


def test_findings_are_told_in_chinese_and_as_json(tmp_path: Path) -> None:
    """With the ids of the records."""
    stored(tmp_path, [WRONG])
    chinese = call(tmp_path, "check-records", "holder.yaml", "--language", "zh")
    assert "纠偏\t26030101\t检验结果超标（OOS）" in chinese.stdout
    report = json.loads(call(tmp_path, "check-records", "holder.yaml", "--json").stdout)
    assert report["rules"]["OUT_OF_SPECIFICATION"] == {"passed": 0, "failed": 1, "not_evaluable": 0}
    (oos,) = [one for one in report["findings"] if one["code"] == "OUT_OF_SPECIFICATION"]
    assert (oos["verdict"], oos["severity"], oos["records"]) == ("FAILED", "ACTION", [str(WRONG.id)])
    assert oos["time"] == "2026-03-03T09:00:00+08:00"


def test_without_a_review_file_rules_that_need_one_are_not_evaluable(tmp_path: Path) -> None:
    """Its own limits still count."""
    stored(tmp_path, [WRONG], review=None)
    done = call(tmp_path, "check-records", "holder.yaml")
    assert done.returncode == 1
    assert "Unit other than agreed\t0 passed, 0 failed, 1 not evaluable" in done.stdout


def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    """No archive, no such batch, a fault in the review file."""
    configured(tmp_path)
    missing = call(tmp_path, "check-records", "holder.yaml")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    stored(tmp_path, [WRONG])
    unknown = call(tmp_path, "check-records", "holder.yaml", "--batch", "B-0")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert "B-0" in unknown.stderr
    (tmp_path / "wrong.yaml").write_text("supplier: x\n", encoding="utf-8")
    file = tmp_path / "holder.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"review": "wrong.yaml"}))
    faulty = call(tmp_path, "check-records", "holder.yaml")
    assert faulty.returncode == 2
    assert "wrong.yaml:1: unknown key 'supplier'; did you mean 'suppliers'?" in faulty.stderr
