"""Where what a page shows came from: from a value, a gap or a record's id to the stream and number of its record."""

from dataclasses import dataclass
from uuid import UUID

from gateway.archive import tables
from gateway.archive.evidence import Readable

SECOND = 1_000_000
BACK = (0, 5 * SECOND, 300 * SECOND, 86_400 * SECOND)
"""How far before a time a reading is looked for, microseconds, one after the other: the nearest costs least."""
WITH_ID = tuple(name for name in tables.OF_RECORDS if name != "commitments")
"""Tables whose rows have the record's `id`; a frame's stands in `frames`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The record under a number of a stream."""

    stream: str
    number: int


def reading_at(archive: Readable, tag: str, time: int) -> Origin | None:
    """The record of the tag's newest reading at or before that time (UTC microseconds); None where a day has none."""
    ids = [number for (number,) in archive.rows("SELECT id FROM tags WHERE tag = ?", [tag])]
    for back in BACK if ids else ():
        sql = """SELECT stream, number FROM frames WHERE id = (
            SELECT frame FROM readings WHERE time BETWEEN ? AND ? AND list_contains(?::INTEGER[], tag)
            ORDER BY time DESC, frame DESC LIMIT 1)"""
        for stream, number in archive.rows(sql, [time - back, time, ids]):
            return Origin(stream, number)
    return None


def record_with(archive: Readable, id_: UUID) -> Origin | None:
    """The record with that id, where it came first; None where there is none. Readings are looked for last."""
    asks = " UNION ALL ".join(f"SELECT stream, number FROM {table} WHERE id = ?" for table in WITH_ID)
    for sql, values in (
        (f"{asks} ORDER BY stream, number LIMIT 1", [id_] * len(WITH_ID)),
        ("SELECT stream, number FROM frames WHERE record = ? LIMIT 1", [id_]),
    ):
        for stream, number in archive.rows(sql, values):
            return Origin(stream, number)
    return None


def gap_told(archive: Readable, gap: UUID) -> Origin | None:
    """The newest record that tells of that gap."""
    sql = "SELECT stream, number FROM gaps WHERE gap = ? ORDER BY number DESC, stream LIMIT 1"
    return next((Origin(stream, number) for stream, number in archive.rows(sql, [gap])), None)
