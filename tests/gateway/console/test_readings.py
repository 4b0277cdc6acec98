"""Readings as files: what is in them is what came, a spreadsheet runs none of it, and their records are proven."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import duckdb
import pytest

from gateway.archive import readings
from gateway.bundle.archived import Proofs
from gateway.proof import keys
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from tests.gateway.archives import archived
from tests.gateway.console.stage import NOW, Stage
from tests.gateway.messages import SECOND, frame
from tests.gateway.published import NODE, ONE, key
from tests.gateway.running_commands import call

HOSTILE = '=HYPERLINK("http://x","y")'
SPAN = {"from": "2026-06-11T12:00:00", "to": "2026-06-11T12:03:23"}


def had(stage: Stage, path: str, **query: str) -> bytes:
    with urlopen(f"{stage.address}/api/trend/{path}?{urlencode(query)}", timeout=60) as answer:  # noqa: S310
        octets: bytes = answer.read()
        return octets


def refused(stage: Stage, path: str, **query: str) -> int:
    with pytest.raises(HTTPError) as error:
        had(stage, path, **query)
    error.value.close()
    return error.value.code


@pytest.fixture
def filled(stage: Stage) -> Stage:
    """Three readings of a tag, and a text that a spreadsheet would run."""
    for age, value in ((3, 14.0), (2, 1.5), (1, 14.5)):
        stage.receive(frame({"F1.DP.M1": value, "Text": HOSTILE}, received=NOW - age * SECOND))
    return stage


def test_every_reading_is_in_both_files_with_its_record(filled: Stage, tmp_path: Path) -> None:
    """Time, value, unit, status, stream and number; the same rows in CSV and in Parquet."""
    rows = list(csv.DictReader(StringIO(had(filled, "readings.csv", tag="F1.DP.M1", **SPAN).decode())))
    assert [(float(row["value"]), row["unit"], row["stream"], row["number"]) for row in rows] == [
        (14.0, "Pa", "s", "2"), (1.5, "Pa", "s", "3"), (14.5, "Pa", "s", "4"),
    ]  # fmt: skip
    (tmp_path / "r.parquet").write_bytes(had(filled, "readings.parquet", tag="F1.DP.M1", **SPAN))
    sql = f"SELECT time_us, value, number FROM '{tmp_path}/r.parquet' ORDER BY time_us"
    found = duckdb.execute(sql).fetchall()
    assert found == [(int(row["time_us"]), float(row["value"]), int(row["number"])) for row in rows]
    assert [time for time, _, _ in found] == [NOW - age * SECOND for age in (3, 2, 1)]


def test_a_text_is_no_formula_in_a_spreadsheet(filled: Stage) -> None:
    """CSV alone is guarded; Parquet has it as it came."""
    rows = list(csv.DictReader(StringIO(had(filled, "readings.csv", tag="Text", **SPAN).decode())))
    assert {row["other"] for row in rows} == {f"'{HOSTILE}"}


def test_too_many_are_refused_and_not_cut(filled: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that ends before its time would be taken for whole."""
    monkeypatch.setattr("gateway.console.api.readings.MOST", 2)
    monkeypatch.setattr(readings, "MOST", 2)
    assert refused(filled, "readings.csv", tag="F1.DP.M1", **SPAN) == 409
    assert refused(filled, "readings.csv", tag="F1.DP.M1", range="2h") == 422


@pytest.fixture
def proven(stage: Stage, tmp_path: Path) -> Iterator[tuple[Stage, SigningKey]]:
    own = key()
    archive, before = archived(tmp_path, own), stage.desk.archive
    stage.desk.archive, stage.desk.proofs = archive, Proofs(NODE, public_keys(own))
    yield stage, own
    stage.desk.archive, stage.desk.proofs = before, None
    archive.close()


def test_the_records_of_readings_are_proven_with_no_network(proven: tuple[Stage, SigningKey], tmp_path: Path) -> None:
    """With their schemas; of a time without any there is no file."""
    stage, own = proven
    keys.save_public(own, tmp_path / "sender.vkey")
    keys.save_public(NODE, tmp_path / "node.vkey")
    span = {"from": "1970-01-01T08:00:00", "to": "1970-01-01T08:00:06"}
    assert refused(stage, "proof", tag="dp", **SPAN) == 404
    (tmp_path / "some.zip").write_bytes(had(stage, "proof", tag="dp", **span))
    done = call(tmp_path, "verify", "some.zip", "--trust", "sender.vkey", "--trust", "node.vkey")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{ONE.name}: entries 1 to 22 of 22, proven by the seal of" in done.stdout
