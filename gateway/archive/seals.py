"""Seals that came to be proven, one for each size of a stream, and what its verifier still waits with.

A seal that counts nothing new has no row: its time is in `streams`. Notes are not kept, since they stand in the topic
for good and would be most of a year's archive; that of the newest is in its receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from gateway.archive.evidence import Readable
from gateway.archive.queries import FoundBefore
from gateway.intake.inspection import Inspected
from gateway.link.topics import stream_named
from gateway.proof.checkpoint import Seal
from gateway.proof.findings import Code
from gateway.proof.note import Note
from gateway.proof.state import State
from gateway.proof.statement import Sender

SCHEMA = """
CREATE TABLE IF NOT EXISTS seals (
    stream VARCHAR NOT NULL, size BIGINT NOT NULL, root BLOB NOT NULL, time BIGINT NOT NULL, key VARCHAR NOT NULL,
    proven BIGINT NOT NULL, confirmed BIGINT
);
"""
"""`time` is the signed one and `confirmed` that of our receipt for it, POSIX seconds; `proven` is when its entries were
here and fitted, UTC microseconds."""
_INSERT = """INSERT INTO seals SELECT stream, size, root, time, key, proven, CASE WHEN confirmed >= 0 THEN confirmed END
    FROM columns"""
_NEVER = -1
OF_SEALS = (Code.FORKED, Code.STALE_SEAL, Code.LATE_SEAL)
"""Findings that are always about seals."""
OF_NOTES = (Code.ALTERED, Code.UNSIGNED, Code.WRONG_KEY, Code.AFTER_CLOSING)
"""Findings that are about a note where they name neither a number nor a leaf."""


@dataclass(frozen=True, slots=True)
class KeptSeal:
    """A proven seal; `size` entries, times as in the table. `key` is the name and the id of the key that signed it."""

    size: int
    root: bytes
    time: int
    key: str
    proven: int
    confirmed: int | None


@dataclass(frozen=True, slots=True)
class Unproven:
    """A genuine seal that proves nothing yet: entries that it counts are not here, or (`disputed`) what is here does
    not fit its root. `time` is POSIX seconds.
    """

    size: int
    root: bytes
    time: int
    disputed: bool


def store_seals(connection: duckdb.DuckDBPyConnection, inspected: Inspected) -> None:
    """What was proven, inside the transaction that stores the proof."""
    seals = inspected.seals
    if not seals:
        return
    count = len(seals)
    columns = {  # found by DuckDB under this name  # noqa: F841
        "stream": np.array([one.checkpoint.origin for one in seals], dtype=object),
        "size": np.array([one.size for one in seals], dtype=np.int64),
        "root": np.array([one.root for one in seals], dtype=object),
        "time": np.array([one.time for one in seals], dtype=np.int64),
        "key": np.array([signer(one) for one in seals], dtype=object),
        "proven": np.full(count, round(inspected.now * 1e6), dtype=np.int64),
        "confirmed": np.array([_confirmed(one, inspected) for one in seals], dtype=np.int64),
    }
    connection.execute(_INSERT)


def signer(seal: Seal) -> str:
    """The name and the id of the first line by which its sender signed it."""
    named = stream_named(seal.checkpoint.origin)
    name = None if named is None else Sender(named.origin, named.sender).key_name
    lines = Note.parse(seal.note).signatures
    line = next((line for line in lines if line.name == name), lines[0])
    return f"{line.name}+{line.id.hex()}"


def _confirmed(seal: Seal, inspected: Inspected) -> int:
    stream = seal.checkpoint.origin
    standing = inspected.standings.get(stream)
    if standing is None or stream not in inspected.receipts or standing.confirmed != seal.size:
        return _NEVER
    return _NEVER if standing.confirmed_at is None else standing.confirmed_at


def newest_seals(archive: Readable, stream: str, to: int | None, count: int) -> list[KeptSeal]:
    """The newest seals of at most so many entries, the largest first; at most `count` of them."""
    sql = """SELECT size, root, time, key, proven, confirmed FROM seals WHERE stream = ? AND size <= ?
        ORDER BY size DESC LIMIT ?"""
    rows = archive.rows(sql, [stream, 2**63 - 1 if to is None else to, count])
    return [KeptSeal(size, bytes(root), *rest) for size, root, *rest in rows]


def sizes_from(archive: Readable, stream: str, least: int, count: int) -> list[int]:
    """The sizes of the first seals that count the number `least`, rising; the first of them proved it."""
    sql = "SELECT size FROM seals WHERE stream = ? AND size >= ? ORDER BY size LIMIT ?"
    return [size for (size,) in archive.rows(sql, [stream, least, count])]


def unproven_seals(archive: Readable, stream: str) -> list[Unproven]:
    """What the verifier of the stream waits with, by size."""
    for (state,) in archive.rows("SELECT state FROM streams WHERE name = ? AND octet_length(state) > 0", [stream]):
        known = State.from_bytes(bytes(state))
        waiting = [(held.seal, False) for held in known.pending] + [(held.seal, True) for held in known.disputed]
        return sorted((Unproven(one.size, one.root, one.time, told) for one, told in waiting), key=lambda one: one.size)
    return []


def found_of_seals(archive: Readable, stream: str, count: int) -> list[FoundBefore]:
    """What was found about seals of the stream, the newest first."""
    sql = """SELECT code, stream, first, last, text, found FROM findings WHERE stream = ? AND (list_contains(?, code)
        OR (list_contains(?, code) AND last = 0 AND leaf IS NULL)) ORDER BY found DESC LIMIT ?"""
    codes: Sequence[list[str]] = [[code.value for code in some] for some in (OF_SEALS, OF_NOTES)]
    return [FoundBefore(*row) for row in archive.rows(sql, [stream, *codes, count])]
