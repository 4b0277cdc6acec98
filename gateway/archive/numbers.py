"""What stands in a stream under its numbers, a page at a time: asked by number, so that millions cost no more than few.

Numbers follow each other in the file nearly as they came, so DuckDB reads only the few row groups around those asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import TABLES
from gateway.archive.record import Entry

TIMES = {
    "entries": "heard", "alarms": "time", "conditions": "received", "gaps": "coalesce(ended, began)",
    "weighings": "time", "openings": "time", "accesses": "time",
} | dict.fromkeys(TABLES, '"time"')  # fmt: skip
"""What tells a record's time, by its table; UTC microseconds. Frames have it in `entries`."""


@dataclass(frozen=True, slots=True)
class Aside:
    """An entry in quarantine, without its octets: how many they are, why it is there, since when (UTC microseconds).

    `number` is None where the message gave none; `leaf` is the leaf hash in hexadecimal, which tells it from others.
    """

    number: int | None
    leaf: str
    problem: str
    size: int
    arrived: int


def entries_between(archive: Readable, stream: str, first: int, last: int) -> list[Entry]:
    """What is here of these numbers, in their order."""
    sql = "SELECT number, leaf, octets, kind FROM entries WHERE stream = ? AND number BETWEEN ? AND ? ORDER BY number"
    return [_entry(stream, *row) for row in archive.rows(sql, [stream, first, last])]


def entries_at(archive: Readable, stream: str, numbers: Collection[int]) -> list[Entry]:
    """What is here of these numbers, in their order."""
    if not numbers:
        return []
    sql = """SELECT number, leaf, octets, kind FROM entries WHERE stream = ? AND number BETWEEN ? AND ?
        AND list_contains(?::BIGINT[], number) ORDER BY number"""
    return [_entry(stream, *row) for row in archive.rows(sql, [stream, min(numbers), max(numbers), sorted(numbers)])]


def _entry(stream: str, number: int, leaf: bytes, octets: bytes | None, kind: str) -> Entry:
    return Entry(stream, number, bytes(leaf), None if octets is None else bytes(octets), kind)


def of_kind_to(archive: Readable, stream: str, kind: str, last: int, count: int) -> list[int]:
    """The last `count` numbers of that kind that are not above `last`, falling."""
    sql = """SELECT number FROM entries WHERE stream = ? AND kind = ? AND number <= ? ORDER BY number DESC LIMIT ?"""
    return [number for (number,) in archive.rows(sql, [stream, kind, last, count])]


def of_kind_after(archive: Readable, stream: str, kind: str, first: int, count: int) -> list[int]:
    """The first `count` numbers of that kind above `first`, rising."""
    sql = """SELECT number FROM entries WHERE stream = ? AND kind = ? AND number > ? ORDER BY number LIMIT ?"""
    return [number for (number,) in archive.rows(sql, [stream, kind, first, count])]


def number_from(archive: Readable, stream: str, time: int) -> int | None:
    """The first number whose record tells that time (UTC microseconds) or a later one; None where all are older."""
    asks = " UNION ALL ".join(
        f"SELECT min(number) AS number FROM {table} WHERE stream = $stream AND {column} >= $time"
        for table, column in TIMES.items()
    )
    sql = f"SELECT min(number) FROM ({asks})".replace("$stream", "?").replace("$time", "?")
    number: int | None = archive.rows(sql, [stream, time] * len(TIMES))[0][0]
    return number


@dataclass(frozen=True, slots=True)
class Made:
    """When a record says that it was made, UTC microseconds, and of which source it tells; None where it does not."""

    time: int | None
    source: str | None


def made_at(archive: Readable, stream: str, numbers: Collection[int]) -> dict[int, Made]:
    """Of those of these numbers that are here."""
    if not numbers:
        return {}
    where = f"stream = ? AND number IN ({', '.join(str(int(one)) for one in sorted(numbers))})"
    sources = {"entries": "source"}
    asks = " UNION ALL ".join(
        f"SELECT number, {time} AS time, {sources.get(table, 'NULL')} AS source FROM {table} WHERE {where}"
        for table, time in TIMES.items()
    )
    rows = archive.rows(f"SELECT number, max(time), max(source) FROM ({asks}) GROUP BY number", [stream] * len(TIMES))
    return {number: Made(time, source) for number, time, source in rows}


def kept_aside(archive: Readable, stream: str, count: int) -> list[Aside]:
    """The newest of what stands in quarantine under a stream's name, newest first."""
    sql = """SELECT number, leaf, problem, octet_length(entry), arrived FROM quarantine WHERE stream = ?
        ORDER BY arrived DESC, number LIMIT ?"""
    rows = archive.rows(sql, [stream, count])
    return [Aside(number, bytes(leaf).hex(), problem, size, arrived) for number, leaf, problem, size, arrived in rows]


def octets_aside(archive: Readable, stream: str, leaf: bytes) -> bytes | None:
    """The octets in quarantine that have this leaf hash; None where there are none."""
    found: Sequence[tuple[bytes]] = archive.rows(
        "SELECT entry FROM quarantine WHERE stream = ? AND leaf = ? LIMIT 1", [stream, leaf]
    )
    return bytes(found[0][0]) if found else None
