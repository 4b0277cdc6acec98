"""Who of the other side looked at what: the access records that came."""

from collections.abc import Sequence

import duckdb

from gateway.access.wanted import KeptAccess, WantedAccess
from gateway.archive.evidence import Readable
from gateway.intake.message import Message
from schemas.access import Access
from schemas.catalogue import KINDS, schema
from schemas.codec import decode

TABLES = ("accesses",)
SCHEMA = """
CREATE TABLE IF NOT EXISTS accesses (
    stream VARCHAR NOT NULL, number BIGINT NOT NULL, id UUID NOT NULL, time BIGINT NOT NULL, account VARCHAR,
    name VARCHAR, batch VARCHAR, path VARCHAR NOT NULL
);
"""
_PUT = "INSERT INTO accesses VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def store_accesses(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
    """Those among these messages."""
    rows = [
        (one.stream, one.number, it.id, it.time, it.account, it.name, it.batch, it.path)
        for one in messages
        if isinstance(it := one.record, Access)
    ]
    if rows:
        connection.executemany(_PUT, rows)


def accesses_of(archive: Readable, wanted: WantedAccess, count: int) -> list[KeptAccess]:
    """The newest of those that are asked for, newest first, at most so many."""
    rows = archive.rows(
        """
        SELECT a.stream, a.number, e.octets FROM accesses AS a JOIN entries AS e USING (stream, number)
        WHERE a.time BETWEEN ? AND ? AND (? = '' OR a.batch = ?) AND octets IS NOT NULL
            AND contains(lower(concat(a.name, chr(10), a.account)), lower(?))
            AND (len(?::VARCHAR[]) = 0 OR list_contains(?::VARCHAR[], a.path)
                OR len(list_filter(?::VARCHAR[], lambda one: starts_with(a.path, one || '/'))) > 0)
        ORDER BY a.time DESC, a.number DESC LIMIT ?""",
        [wanted.begin, wanted.end, wanted.batch, wanted.batch, wanted.person, *[list(wanted.paths)] * 3, count],
    )
    known = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
    found = ((stream, number, decode(octets, known)) for stream, number, octets in rows)
    return [KeptAccess(number, one, stream) for stream, number, one in found if isinstance(one, Access)]
