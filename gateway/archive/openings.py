"""What is withheld in records that came, and, in the archive of who withheld it, what opens that."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import duckdb

from gateway.archive.evidence import Readable
from gateway.intake.message import Message
from schemas.codec import kind_of
from schemas.opening import Opening

TABLES = ("commitments", "openings")
SCHEMA = """
CREATE TABLE IF NOT EXISTS commitments (
    stream VARCHAR NOT NULL, number BIGINT NOT NULL, record UUID NOT NULL, kind VARCHAR NOT NULL,
    field VARCHAR NOT NULL, clause VARCHAR NOT NULL, digest BLOB NOT NULL, words VARCHAR
);
CREATE TABLE IF NOT EXISTS openings (
    stream VARCHAR NOT NULL, number BIGINT NOT NULL, id UUID NOT NULL, of_stream VARCHAR NOT NULL,
    record UUID NOT NULL, kind VARCHAR NOT NULL, field VARCHAR NOT NULL, clause VARCHAR NOT NULL,
    disclosed VARCHAR NOT NULL, time BIGINT NOT NULL
);
"""
_PUT_COMMITMENT = f"INSERT INTO commitments VALUES ({', '.join('?' * 8)})"
_PUT_OPENING = f"INSERT INTO openings VALUES ({', '.join('?' * 10)})"


@dataclass(frozen=True, slots=True)
class KeptCommitment:
    """A commitment that came: number of `stream`; `sealed` says that a seal proves this number.

    `digest` is in hexadecimal; `words` is what of a text may be seen.
    """

    stream: str
    number: int
    record: UUID
    kind: str
    field: str
    clause: str
    digest: str
    words: str | None
    sealed: bool


def store_openings(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
    """Commitments in these messages, and the openings among them."""
    held = [
        (one.stream, one.number, one.record.id, kind_of(one.record), name, it.clause, it.digest, it.words)
        for one in messages
        if one.record is not None
        for name, it in one.withheld.items()
    ]
    opened = [
        (one.stream, one.number, it.id, it.stream, it.record, it.kind, it.field, it.clause, it.disclosed, it.time)
        for one in messages
        if isinstance(it := one.record, Opening)
    ]
    for sql, rows in ((_PUT_COMMITMENT, held), (_PUT_OPENING, opened)):
        if rows:
            connection.executemany(sql, rows)


_KEPT = """SELECT c.stream, c.number, record, kind, field, clause, lower(hex(digest)), words,
    coalesce(c.number <= s.verified, false)
    FROM commitments AS c LEFT JOIN streams AS s ON s.name = c.stream"""


def commitments_of(archive: Readable, record: UUID) -> list[KeptCommitment]:
    """The commitments in a record, in all streams in which it came."""
    return [KeptCommitment(*row) for row in archive.rows(f"{_KEPT} WHERE record = ? ORDER BY 1, 2, 5", [record])]


def commitments_at(archive: Readable, places: Sequence[tuple[str, int]]) -> list[KeptCommitment]:
    """The commitments under these numbers of these streams."""
    streams, numbers = [stream for stream, _ in places], [number for _, number in places]
    where = "(c.stream, c.number) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::BIGINT[])))"
    return [KeptCommitment(*row) for row in archive.rows(f"{_KEPT} WHERE {where} ORDER BY 1, 2, 5", [streams, numbers])]


def openings_of(archive: Readable, record: UUID) -> list[Opening]:
    """What opens the commitments that were made of this record, for whomever."""
    sql = """SELECT DISTINCT ON (id) id, of_stream, record, kind, field, clause, disclosed, time FROM openings
        WHERE record = ? ORDER BY id"""
    names = ("id", "stream", "record", "kind", "field", "clause", "disclosed", "time")
    return [Opening(**dict(zip(names, row, strict=True))) for row in archive.rows(sql, [record])]
