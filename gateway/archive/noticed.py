"""What was said about quality: the steps of notices that came, from the other side and from the own node."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from gateway.archive.evidence import Readable
from gateway.intake.message import Message
from gateway.link.topics import stream_named
from schemas.catalogue import KINDS, schema
from schemas.codec import decode
from schemas.notices import NoticeStep

TABLES = ("notice_steps",)
SCHEMA = """
CREATE TABLE IF NOT EXISTS notice_steps (
    stream VARCHAR NOT NULL, number BIGINT NOT NULL, id UUID NOT NULL, notice UUID NOT NULL, appended BIGINT NOT NULL
);
"""
_PUT = "INSERT INTO notice_steps VALUES (?, ?, ?, ?, ?)"
_STEPS = """
SELECT n.stream, n.number, n.appended, e.octets FROM notice_steps AS n JOIN entries AS e USING (stream, number)
WHERE e.octets IS NOT NULL ORDER BY n.stream, n.number
"""


@dataclass(frozen=True, slots=True)
class KeptStep:
    """A step, and where it stands. `origin` is the party whose stream it is; a step's own `party` proves nothing.

    `appended` is Kafka's time of the message, UTC microseconds; None while the step waits in the own node's journal.
    """

    stream: str
    number: int
    origin: str
    appended: int | None
    step: NoticeStep


def store_steps(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
    """Those among these messages."""
    rows = [
        (one.stream, one.number, it.id, it.notice, one.appended)
        for one in messages
        if isinstance(it := one.record, NoticeStep)
    ]
    if rows:
        connection.executemany(_PUT, rows)


def steps_of(archive: Readable) -> list[KeptStep]:
    """All of them, by stream and number."""
    return list(_steps(archive.rows(_STEPS)))


def _steps(rows: Sequence[tuple[str, int, int | None, bytes]]) -> Iterator[KeptStep]:
    known = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
    for stream, number, appended, octets in rows:
        record, named = decode(octets, known), stream_named(stream)
        if isinstance(record, NoticeStep) and named is not None:
            yield KeptStep(stream, number, named.origin, appended, record)
