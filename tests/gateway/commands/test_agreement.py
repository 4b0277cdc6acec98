"""`cmo-gateway agreement`: what is printed, and with which exit code."""

import json
from pathlib import Path

from typer.testing import CliRunner

from gateway.agreement.agreement import Agreement
from gateway.agreement.working_days import LAST_YEAR
from gateway.commands.agreement import app
from tests.gateway.agreement.samples import ROOT, SAMPLES, UNLAWFUL

SITE = ROOT / "simulators/line-3/site.yaml"
MARKET = UNLAWFUL / "01-market-release-by-manufacturer.yaml"


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.stdout, done.stderr


def test_lawful_agreements_are_exit_code_0() -> None:
    """A folder, with its site."""
    assert run("check", SAMPLES, "--site", SITE, "--day", "2026-11-23") == (
        0,
        "agreements: 3; errors: 0; warnings: 0\n",
        "",
    )


def test_an_error_is_a_line_with_file_clause_and_words_and_exit_code_1() -> None:
    """The line of the file is that of the fault."""
    code, out, _ = run("check", MARKET, "--day", "2026-11-23")
    finding, summary = out.splitlines()
    line = next(n for n, text in enumerate(MARKET.read_text().splitlines(), 1) if "market_release" in text)
    words = "release to the market is the holder's alone and is given to the manufacturer"
    assert finding == f"{MARKET}:{line}: [107 G4(6)2] error: {words}"
    assert (code, summary) == (1, "agreements: 1; errors: 1; warnings: 0")


def test_the_words_are_told_in_chinese() -> None:
    """The clause stays."""
    _, out, _ = run("check", MARKET, "--zh", "--day", "2026-11-23")
    assert "[107 G4(6)2] 错误: “上市放行”只能由持有人承担，不得委托给受托方" in out
    assert out.splitlines()[-1] == "协议 1 份：错误 1 项，警告 0 项"


def test_findings_are_told_as_json() -> None:
    """With both languages, the rule and the place."""
    code, out, _ = run("check", UNLAWFUL / "14-leaves-the-country.yaml", "--json", "--day", "2026-11-23")
    report = json.loads(out)
    assert code == 1
    assert [(one["rule"], one["clause"], one["severity"]) for one in report["findings"]] == [
        ("leaves-the-country", "DSL 36", "error"),
        ("names-abroad", "PIPL 38", "warning"),
    ]
    assert (report["agreements"][0]["agreement"], report["findings"][0]["line"] > 1) == ("holder-x", True)


def test_warnings_alone_are_exit_code_0(tmp_path: Path) -> None:
    """They are printed all the same."""
    file = tmp_path / "a.yaml"
    text = (UNLAWFUL / "00-lawful.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace('province: "13"', "# no province", 1), encoding="utf-8")
    code, out, _ = run("check", file, "--day", "2026-11-23")
    assert (code, "[134 (23)] warning: the holder names no province" in out) == (0, True)


def test_what_cannot_be_read_is_exit_code_2(tmp_path: Path) -> None:
    """A file that is missing, no agreement, an unknown profile, a day that is none."""
    file = tmp_path / "a.yaml"
    text = (UNLAWFUL / "00-lawful.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("[national-cn]", "[natonal-cn]"), encoding="utf-8")
    for arguments, says in (
        ((tmp_path / "none.yaml",), "cannot be read"),
        ((SITE,), "holder is missing"),
        ((file,), "there is no profile of terms of this name; did you mean 'national-cn'?"),
        ((MARKET, "--day", "23.11.2026"), "is no date"),
    ):
        code, out, complaint = run("check", *arguments)
        assert (code, out, says in complaint) == (2, "", True)


def test_profiles_of_ones_own_are_taken_from_a_folder(tmp_path: Path) -> None:
    """A company that keeps records for five years at least."""
    (tmp_path / "profiles").mkdir()
    own = """
name: own
of: company
version: "1"
title: {en: Own, zh: 自有}
minima: [{of: records, years: 5, source: SOP-1, mark: S}]
"""
    (tmp_path / "profiles/own.yaml").write_text(own, encoding="utf-8")
    text = (UNLAWFUL / "00-lawful.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace("[national-cn]", "[national-cn, own]"), encoding="utf-8")
    code, out, _ = run("check", tmp_path / "a.yaml", "--profiles", tmp_path / "profiles", "--day", "2026-11-23")
    assert (code, "[SOP-1] error: records are kept 1 years; at least 5 are asked" in out) == (1, True)


def test_the_schema_for_editors_is_that_of_the_model() -> None:
    """JSON Schema 2020-12, with every setting of an agreement."""
    _, out, _ = run("schema")
    schema = json.loads(out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == set(Agreement.model_fields)


def test_due_says_until_when_and_by_which_clause() -> None:
    """Around the holiday of October 2026; the class by the word of a quality system."""
    code, out, _ = run("due", SAMPLES / "holder-b.yaml", "deviation", "--class", "主要", "--at", "2026-09-30T10:00")
    lines = out.splitlines()
    assert (code, lines[0].split(";")[0]) == (0, "deviation major: Major")
    assert lines[1] == "told\t2026-10-09T23:59:59+08:00\t[11.5]"
    assert lines[-1] == "answered\t2026-10-20T23:59:59+08:00\t[11.5]"


def test_due_marks_what_is_estimated_and_what_is_unverified() -> None:
    """A term into a year whose holidays nobody told; a step that only a profile of general knowledge has."""
    _, out, _ = run("due", SAMPLES / "holder-b.yaml", "change", "--zh", "--at", f"{LAST_YEAR}-12-30T10:00")
    assert "(估算：含未公布放假安排的年份)" in out.splitlines()[-1]
    _, out, _ = run("due", SAMPLES / "holder-b.yaml", "recall", "--class", "II", "--at", "2026-09-30T10:00", "--json")
    steps = json.loads(out)["steps"]
    assert steps["told"] == {"until": "2026-10-02T10:00:00+08:00", "clause": "12.3", "marks": []}
    assert steps["reported"]["marks"] == ["unverified"]


def test_due_refuses_a_class_that_nobody_knows() -> None:
    """And names those that are."""
    code, out, complaint = run("due", SAMPLES / "holder-b.yaml", "deviation", "--class", "grave")
    assert (code, out) == (2, "")
    assert complaint.strip().endswith("deviation has no such class; known are critical, major, minor")
