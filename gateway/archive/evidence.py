"""What the evidence page asks the archive: findings of a period, first records, what is missing still."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gateway.archive.queries import FoundBefore
from gateway.proof.findings import Code

Range = tuple[int, int]
"""First and last number, both included."""


class Readable(Protocol):
    """An archive that answers SQL."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of the answer."""
        ...


def findings_between(archive: Readable, begin: int, end: int, count: int) -> list[FoundBefore]:
    """Findings with begin ≤ found < end (UTC microseconds), newest first, at most so many."""
    sql = """SELECT code, stream, first, last, text, found FROM findings WHERE found >= ? AND found < ?
        ORDER BY found DESC, stream, first LIMIT ?"""
    return [FoundBefore(*row) for row in archive.rows(sql, [begin, end, count])]


def first_records(archive: Readable) -> dict[str, int]:
    """When each source's records begin, UTC microseconds: its first frame, or a gap before it."""
    sql = """SELECT source, min(first) FROM (
            SELECT source, first FROM heard
            UNION ALL SELECT source, min(began) FROM gaps GROUP BY source) GROUP BY source"""
    return dict(archive.rows(sql))


def told_missing(archive: Readable) -> dict[str, list[Range]]:
    """Numbers that were ever found missing, by stream; some may have come since."""
    told: dict[str, list[Range]] = {}
    sql = "SELECT stream, first, last FROM findings WHERE code = ? AND first > 0 ORDER BY first"
    for stream, first, last in archive.rows(sql, [Code.MISSING.value]):
        told.setdefault(stream, []).append((first, last))
    return told


def held(archive: Readable, told: Mapping[str, Sequence[Range]]) -> dict[str, list[Range]]:
    """What is here of the numbers from the first to the last that were told as missing, by stream, in runs."""
    sql = """SELECT min(number), max(number) FROM (
            SELECT number, number - row_number() OVER (ORDER BY number) AS run FROM entries
            WHERE stream = ? AND number BETWEEN ? AND ?) GROUP BY run ORDER BY 1"""
    spans = {stream: (ranges[0][0], max(last for _, last in ranges)) for stream, ranges in told.items()}
    return {
        stream: [(first, last) for first, last in archive.rows(sql, [stream, *span])] for stream, span in spans.items()
    }


def leaves_only(archive: Readable) -> dict[str, int]:
    """How many numbers of each stream are here by their leaf hash alone: their content made room at the sender."""
    return dict(archive.rows("SELECT stream, count(*) FROM entries WHERE octets IS NULL GROUP BY stream"))


SAID_ONLY = (Code.DUPLICATE, Code.REORDERED, Code.LATE_SEAL, Code.SILENT_STREAM, Code.STALE_SEAL, Code.MISSING)
"""Findings that put no record in doubt that is here."""


def in_doubt(archive: Readable, count: int) -> list[FoundBefore]:
    """Findings that put records in doubt, the newest first, at most so many."""
    sql = """SELECT code, stream, first, last, text, found FROM findings WHERE NOT list_contains(?, code)
        ORDER BY found DESC, stream, first LIMIT ?"""
    return [FoundBefore(*row) for row in archive.rows(sql, [[code.value for code in SAID_ONLY], count])]
