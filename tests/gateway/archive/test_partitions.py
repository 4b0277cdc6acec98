"""Parquet partitions against the archive: the same rows, in files that say what they are, and no needless work."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from gateway.archive.archive import Archive
from gateway.archive.correcting import correct
from gateway.archive.partitions import MANIFEST, manifest_in, write_partitions
from gateway.archive.tables import OF_RECORDS
from gateway.intake.inspection import Correction
from gateway.intake.message import Message
from tests.gateway.batches.records import RECORDS, START
from tests.gateway.messages import SECOND, frame, gap, message

DAY = 86_400 * SECOND


def messages(days: int) -> list[Message]:
    """A frame each hour with a number, a text and a Bad reading; records of a batch, and a gap."""
    frames = [
        frame({"a": 1.0 + n, "b": f"text {n}", "c": None}, received=START + n * DAY // 24, status=n % 2 * 2**31)
        for n in range(days * 24)
    ]
    return [message(one, n) for n, one in enumerate([*RECORDS, gap(START, None), *frames])]


def written(archive: Archive, folder: Path) -> list[str]:
    return [told.file for told in write_partitions(archive, folder)]


def read(folder: Path, table: str) -> list[tuple[object, ...]]:
    """As any reader of Hive partitions does; each month stands in the rows too."""
    sql = f"""SELECT * EXCLUDE (month) FROM read_parquet('{folder}/{table}/*/*.parquet', hive_partitioning = true)"""
    return sorted(duckdb.execute(sql).fetchall(), key=str)


def test_the_files_hold_what_the_archive_holds(tmp_path: Path) -> None:
    """Every table with rows, every row, every column; nothing else lies in the folder."""
    archive = Archive(None)
    archive.store(messages(40))
    files = written(archive, tmp_path)
    assert "samples/month=2026-06/2026-06-12.parquet" in files
    for table in ("samples", *OF_RECORDS):
        kinds = archive.rows(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
        columns = ", ".join(f'"{name}"::VARCHAR' if kind == "UUID" else f'"{name}"' for name, kind in kinds)
        rows = sorted(archive.rows(f"SELECT {columns} FROM {table}"), key=str)
        assert rows == (read(tmp_path, table) if rows else []), table
        assert (tmp_path / table).exists() == bool(rows)
    for one in manifest_in(tmp_path):
        content = (tmp_path / one.file).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (one.octets, one.sha256)
        told = duckdb.execute(f"SELECT count(*) FROM read_parquet('{tmp_path / one.file}')").fetchall()
        assert told == [(one.rows,)]
    there = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert there == {one.file for one in manifest_in(tmp_path)} | {MANIFEST}
    archive.close()


def test_samples_are_sorted_by_tag_and_time(tmp_path: Path) -> None:
    """So that a reader skips the row groups of other tags."""
    archive = Archive(None)
    archive.store(messages(2))
    written(archive, tmp_path)
    file = tmp_path / "samples/month=2026-06/2026-06-12.parquet"
    rows = duckdb.execute(f"SELECT tag, time FROM read_parquet('{file}')").fetchall()
    assert rows == sorted(rows)
    assert len(rows) > 3
    archive.close()


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    """A late frame changes its day, a refuted one the day it stood in, a new record the month of its table."""
    archive = Archive(None)
    archive.store(messages(5))
    assert written(archive, tmp_path)
    assert written(archive, tmp_path) == []
    late = replace(frame({"a": 7.0}, received=START + 3 * DAY), late=True)
    archive.store([message(late, 900)])
    assert written(archive, tmp_path) == ["samples/month=2026-06/2026-06-14.parquet"]
    with archive._transaction() as connection:
        correct(connection, Correction("s", 901, None, "refuted"), archive._numbers, 0.0)
    assert written(archive, tmp_path) == ["samples/month=2026-06/2026-06-14.parquet"]
    archive.store([message(gap(START, START + 9), 901)])
    assert written(archive, tmp_path) == ["gaps/month=2026-06/gaps.parquet"]
    archive.close()


def test_a_day_that_is_empty_now_leaves_the_folder(tmp_path: Path) -> None:
    """And a run that was broken off, or a file that was taken away, is made good by the next."""
    archive = Archive(None)
    archive.store([message(frame({"a": 7.0}, received=START), 0), message(frame({"a": 7.0}, received=START + DAY), 1)])
    next(write_partitions(archive, tmp_path))
    assert not (tmp_path / MANIFEST).exists()
    first, second = written(archive, tmp_path)
    (tmp_path / first).unlink()
    assert written(archive, tmp_path) == [first]
    with archive._transaction() as connection:
        correct(connection, Correction("s", 2, None, "refuted"), archive._numbers, 0.0)
    assert written(archive, tmp_path) == []
    assert not (tmp_path / second).exists()
    assert [one.file for one in manifest_in(tmp_path)] == [first]
    archive.close()


def test_a_foreign_manifest_is_not_overwritten(tmp_path: Path) -> None:
    """Somebody else's folder."""
    (tmp_path / MANIFEST).write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="no manifest"):
        next(write_partitions(Archive(None), tmp_path))
