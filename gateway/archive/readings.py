"""Readings one by one, as files that any tool reads: CSV, and Parquet."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gateway.archive.archive import Archive

MOST = 1_000_000
"""Readings in a file at most."""
PROVEN = 2_000
"""Records in a file of proofs at most."""
FORMULAS = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet takes for a formula; such a text gets an apostrophe before it."""


class FileKind(StrEnum):
    """What is written."""

    CSV = "csv"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """For HTTP."""
        return "text/csv; charset=utf-8" if self is FileKind.CSV else "application/vnd.apache.parquet"


_WHERE = "FROM samples WHERE list_contains(?, tag) AND time >= ? AND time < ?"
_COLUMNS = """epoch_ms(time // 1000) AS time_utc, time AS time_us, {tag} AS tag, {room} AS room, value,
    {other} AS other, {unit} AS unit, status, reason, origin, source_time, received, stream, number, record"""
_TEXTS = ("tag", "room", "other", "unit")


def count_readings(archive: Archive, tags: Sequence[str], begin: int, end: int) -> int:
    """How many there are with begin ≤ time < end, UTC microseconds; of many no more than can be told quickly."""
    sql = f"SELECT count(*) FROM (SELECT 1 {_WHERE} LIMIT {MOST + 1})"
    ((count,),) = archive.rows(sql, [list(tags), begin, end])
    return int(count)


def readings_file(archive: Archive, kind: FileKind, tags: Sequence[str], begin: int, end: int) -> bytes:
    """Every reading of the tags with begin ≤ time < end (UTC microseconds), with the record that it came in."""
    guarded = {
        name: f"CASE WHEN regexp_matches({name}, '{FORMULAS}') THEN '''' || {name} ELSE {name} END" for name in _TEXTS
    }
    columns = _COLUMNS.format(**(guarded if kind is FileKind.CSV else dict(zip(_TEXTS, _TEXTS, strict=True))))
    form = "FORMAT csv, HEADER" if kind is FileKind.CSV else "FORMAT parquet, COMPRESSION zstd"
    values: list[Any] = [list(tags), begin, end]
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"readings.{kind}"
        archive.rows(f"COPY (SELECT {columns} {_WHERE} ORDER BY tag, time LIMIT {MOST}) TO '{file}' ({form})", values)
        return file.read_bytes()


def records_of(archive: Archive, tags: Sequence[str], begin: int, end: int) -> dict[str, list[int]]:
    """The numbers of the records in which these readings came, by stream."""
    sql = f"SELECT DISTINCT stream, number {_WHERE} ORDER BY stream, number LIMIT {PROVEN + 1}"
    found: dict[str, list[int]] = {}
    for stream, number in archive.rows(sql, [list(tags), begin, end]):
        found.setdefault(stream, []).append(number)
    return found
