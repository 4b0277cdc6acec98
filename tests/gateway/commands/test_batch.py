"""`cmo-gateway batch` and `cmo-gateway lot`, on an archive and on a node that has it open."""

import json
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml
from fastapi.encoders import jsonable_encoder

from gateway.archive.archive import Archive
from gateway.batches.archived import assembled
from gateway.redaction.redact import Reason, redact
from gateway.review.judging import Judging
from gateway.review.settings import Agreed
from schemas.derived import changed
from schemas.withheld_fields import commitments_in
from tests.gateway.batches.records import ASSAY, BATCH, CLEARED, MASTERS, RECORDS, STEPS, corrected
from tests.gateway.console.stage import staged
from tests.gateway.messages import message
from tests.gateway.running_commands import Done, call, configured

HIDDEN, _ = redact(changed(CLEARED, items="next to C-1"), "s", {"items": Reason("NAMED-TERMS", "next to ███")})
FIXED = corrected(ASSAY, value=90.0, reported="90.0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    configured(tmp_path)
    masters = MASTERS.model_dump(mode="json", exclude_defaults=True)
    (tmp_path / "masters.yaml").write_text(yaml.safe_dump(masters))
    config = yaml.safe_load((tmp_path / "holder.yaml").read_text())
    (tmp_path / "holder.yaml").write_text(yaml.safe_dump(config | {"masters": "masters.yaml"}))
    with closing(Archive(tmp_path / "a.duckdb")) as archive:
        records = [HIDDEN if one is CLEARED else one for one in RECORDS if one is not STEPS[3]]
        archive.store([message(one, at) for at, one in enumerate([*records, FIXED])])
        assert Judging(archive, Agreed(), ZoneInfo("Asia/Shanghai")).turn(1_800_000_000_000_000)
    return tmp_path


def lines(done: Done) -> list[str]:
    assert (done.returncode, done.stderr) == (0, "")
    return [line.strip() for line in done.stdout.splitlines()]


def test_a_batch_is_shown_with_everything_and_what_is_missing(folder: Path) -> None:
    """Every section, times in the plant's zone."""
    found = lines(call(folder, "batch", "show", BATCH, "holder.yaml"))
    for line in (
        f"Batch {BATCH}, product P-002",
        "MISSING: step fill, not completed",
        "OOS Assay of S-1\t90.0\tlimits 95 to 105 %\tsource says PASS, by its numbers outside",
        "← supplier's lot FC-77 (Fine Chemicals), receipt 25 kg",
        "DEVIATION DEV-26-031\tDifferential below limit while filling\tmajor\tunder investigation, open",
        "lims TestResult S-1|Assay version 2\tvalue: 99.1 → 90.0\tby li: typo",
    ):
        assert line in found
    digest = commitments_in(HIDDEN)["items"].digest.hex()
    told = f"LineClearance.items\tby NAMED-TERMS, commitment {digest}\trecord {HIDDEN.id}\tnext to ███"
    assert found[-2:] == ["Withheld by agreement", told]
    (oos,) = (line for line in found if "Result out of specification (OOS)" in line)
    assert oos.startswith("action\t")
    assert "TestResult Assay S-1" in oos
    assert "TestResult lims S-1|Assay v2" in oos
    assert any(line.startswith("2026-06-11 09:06:40 UTC+8 to 2026-06-11 09:26:40 UTC+8\tweigh\tM1") for line in found)


def test_batches_are_listed(folder: Path) -> None:
    """One line each."""
    (line,) = lines(call(folder, "batch", "list", "holder.yaml"))
    assert line.startswith(f"{BATCH}\tP-002\tcompleted\t")
    assert line.endswith("11 records, 1 corrected, 1 open quality events")


@pytest.mark.parametrize("name", ["RM-1", "FC-77", BATCH])
def test_a_lot_is_traced_both_ways(folder: Path, name: str) -> None:
    """By lot, by supplier's lot, by batch number."""
    done = call(folder, "lot", "trace", name, "holder.yaml", "--json")
    found = json.loads(done.stdout)
    links = {(link["source"]["name"], link["target"]["name"]) for link in found["down"] + found["up"]}
    assert links == {("FC-77", "RM-1"), ("RM-1", BATCH)}
    text = lines(call(folder, "lot", "trace", name, "holder.yaml"))
    reached = 0 if name == BATCH else 1
    assert text[-1].startswith(f"{reached} batches downstream")


@pytest.mark.parametrize("command", [("batch", "show"), ("lot", "trace")])
def test_a_name_that_nothing_has_is_one_line_and_exit_code_1(folder: Path, command: tuple[str, str]) -> None:
    """No empty page of headings."""
    done = call(folder, *command, "nothing", "holder.yaml")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_without_an_archive_nothing_is_made(tmp_path: Path) -> None:
    """One line says so; no file appears."""
    configured(tmp_path)
    done = call(tmp_path, "batch", "list", "holder.yaml")
    assert (done.returncode, "is not there" in done.stderr) == (2, True)
    assert not (tmp_path / "a.duckdb").exists()


def test_a_running_node_is_asked_instead(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its console gives the same; a node that does not answer is one line."""
    with staged() as stage:
        stage.receive(*RECORDS)
        port = int(stage.address.rpartition(":")[2])
        config = yaml.safe_load((folder / "holder.yaml").read_text())
        (folder / "holder.yaml").write_text(yaml.safe_dump(config | {"console": {"port": port}}))
        held(monkeypatch)
        done = call(folder, "batch", "show", BATCH, "holder.yaml", "--json")
        expected = assembled(stage.desk.archive, stage.desk.site, stage.desk.masters, BATCH, stage.time)
        assert json.loads(done.stdout)[0]["batch"] == jsonable_encoder(expected)[0]["batch"]
        assert f"Batch {BATCH}, product P-002" in lines(call(folder, "batch", "show", BATCH, "holder.yaml"))
        assert call(folder, "batch", "show", "nothing", "holder.yaml").returncode == 1
        assert lines(call(folder, "lot", "trace", "RM-1", "holder.yaml"))[-1].startswith("1 batches downstream")
    done = call(folder, "batch", "list", "holder.yaml")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nor does a node answer" in done.stderr


def held(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where another process has the archive's file open: DuckDB refuses a second one."""

    def refused(*_: object) -> None:
        raise duckdb.IOException("Could not set lock on file")

    monkeypatch.setattr("gateway.archive.archive.duckdb.connect", refused)
