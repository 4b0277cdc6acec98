"""Samples in the archive: three tables of short rows, and a view that says all of each.

A reading is a number, a time and a status; what it shares with others stands once: what is the same for all of a frame
in `frames`, what is the same for all of a tag in `tags`. So a million readings take few octets, and the file has them
nearly in order of time: of a period DuckDB reads only the row groups whose least and greatest time lie around it.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from gateway.archive.levels import Rolling, make_again, touched
from gateway.intake.message import Message
from schemas.frame import NO_TIME, Frame, TagTable
from schemas.status import Reason

REASONS = [reason.name for reason in Reason]
"""As an SQL list too: `{REASONS}[reason + 1]`."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS tags (
    id INTEGER NOT NULL, source VARCHAR NOT NULL, tag VARCHAR NOT NULL, room VARCHAR, unit VARCHAR NOT NULL,
    origin VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS frames (
    id BIGINT NOT NULL, record UUID NOT NULL, stream VARCHAR NOT NULL, number BIGINT NOT NULL,
    received BIGINT NOT NULL, backfilled BOOLEAN NOT NULL, interval DOUBLE
);
CREATE TABLE IF NOT EXISTS readings (
    frame BIGINT NOT NULL, tag INTEGER NOT NULL, time BIGINT NOT NULL, timed BOOLEAN NOT NULL,
    value DOUBLE, other VARCHAR, raw DOUBLE, status UINTEGER NOT NULL, reason UTINYINT NOT NULL
);
CREATE OR REPLACE VIEW samples AS SELECT
    record, stream, number, source, tags.tag, room, unit, origin, value, other, raw, status,
    {REASONS}[reason + 1] AS reason, CASE WHEN timed THEN time END AS source_time, received, time, backfilled,
    interval
FROM readings JOIN frames ON readings.frame = frames.id JOIN tags ON readings.tag = tags.id;
"""
"""`timed` says that `time` is the device's own. `other` is the value of a sample that is not a double, as text.
`backfilled` are frames that tell nothing of now, late ones too.
"""

INSERT_TAGS = "INSERT INTO tags SELECT id, source, tag, room::VARCHAR, unit, origin FROM columns"
INSERT_FRAMES = """
INSERT INTO frames SELECT id, record::UUID, stream, number, received, backfilled,
    CASE WHEN isnan(interval) THEN NULL ELSE interval END
FROM columns
"""
INSERT_READINGS = """
INSERT INTO readings SELECT frame, tag, time, timed, CASE WHEN isnan(value) THEN NULL ELSE value END, {other},
    CASE WHEN isnan(raw) THEN NULL ELSE raw END, status, reason
FROM columns
"""

TABLES_KEPT = 256
"""Tag tables whose numbers are remembered as a column; frames of one source share theirs."""

Columns = dict[str, NDArray[Any]]
Tag = tuple[str, str, str | None, str, str]
"""Source, tag, room, unit, origin."""


class Numbers:
    """The numbers by which readings name their frame and their tag."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        tags = connection.execute("SELECT id, source, tag, room, unit, origin FROM tags").fetchall()
        self._tags: dict[Tag, int] = {(source, *rest): id_ for id_, source, *rest in tags}
        self._tables: dict[tuple[str, TagTable], NDArray[np.int32]] = {}
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM frames").fetchall()[0]
        self._frames = int(last)
        self._fresh: list[tuple[Any, ...]] = []
        self._rolling = Rolling(connection)

    def frames(self, sizes: Sequence[int]) -> NDArray[np.int64]:
        """New ones for frames of so many readings."""
        self._frames += len(sizes)
        return np.arange(self._frames - len(sizes) + 1, self._frames + 1)

    def stored(self, connection: duckdb.DuckDBPyConnection, readings: int) -> None:
        """So many readings of the numbered frames were stored, inside this transaction."""
        self._rolling.stored(connection, readings, self._frames)

    def tags(self, source: str, table: TagTable) -> NDArray[np.int32]:
        """The number of each tag of the table, new where it was never met like this."""
        known = self._tables.get((source, table))
        if known is not None:
            return known
        if len(self._tables) >= TABLES_KEPT:
            self._tables.clear()
        rows = zip(repeat(source), table.names, table.rooms, table.units, table.origins, strict=False)
        numbers = np.array([self._tag(row) for row in rows], dtype=np.int32)
        self._tables[source, table] = numbers
        return numbers

    def fresh(self) -> list[tuple[Any, ...]]:
        """Rows of `tags` for the new ones since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def _tag(self, tag: Tag) -> int:
        number = self._tags.get(tag)
        if number is None:
            number = self._tags[tag] = len(self._tags) + 1
            self._fresh.append((number, *tag))
        return number


def store_frames(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message], numbers: Numbers) -> None:
    """The samples of all frames among the messages, inside a transaction; where it fails, `numbers` has to go."""
    framed = [(m, m.record) for m in messages if isinstance(m.record, Frame) and len(m.record)]
    if not framed:
        return
    frames = [frame for _, frame in framed]
    ids = numbers.frames([len(frame) for frame in frames])
    columns = _frame_columns(framed, ids)  # found by DuckDB under this name
    connection.execute(INSERT_FRAMES)
    columns = _reading_columns(frames, ids, [numbers.tags(frame.source, frame.tags)[frame.tag] for frame in frames])
    connection.execute(INSERT_READINGS.format(other="other" if "other" in columns else "NULL"))
    if fresh := numbers.fresh():
        columns = _tag_columns(fresh)
        connection.execute(INSERT_TAGS)
    numbers.stored(connection, sum(map(len, frames)))


def delete_frame(connection: duckdb.DuckDBPyConnection, stream: str, number: int) -> None:
    """What came of an entry leaves the tables; its tags stay."""
    found = connection.execute("SELECT id FROM frames WHERE stream = ? AND number = ?", [stream, number]).fetchall()
    frames = [id_ for (id_,) in found]
    gone = touched(connection, frames)
    for table, column in (("readings", "frame"), ("frames", "id")):
        for frame in frames:
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [frame])
    make_again(connection, gone)


def _tag_columns(rows: Sequence[tuple[Any, ...]]) -> Columns:
    names = ("source", "tag", "room", "unit", "origin")
    id_, *texts = zip(*rows, strict=True)
    columns = {name: np.array(column, dtype=object) for name, column in zip(names, texts, strict=True)}
    return {"id": np.array(id_, dtype=np.int32)} | columns


def _frame_columns(framed: Sequence[tuple[Message, Frame]], ids: NDArray[np.int64]) -> Columns:
    return {
        "id": ids,
        "record": np.array([str(frame.id) for _, frame in framed], dtype=object),
        "stream": np.array([message.stream for message, _ in framed], dtype=object),
        "number": np.array([message.number or 0 for message, _ in framed], dtype=np.int64),
        "received": np.array([frame.received for _, frame in framed], dtype=np.int64),
        "backfilled": np.array([frame.backfilled or frame.late for _, frame in framed], dtype=np.bool_),
        "interval": np.array([np.nan if f.interval is None else f.interval for _, f in framed], dtype=np.float64),
    }


def _reading_columns(frames: Sequence[Frame], ids: NDArray[np.int64], tags: Sequence[NDArray[np.int32]]) -> Columns:
    sizes = [len(frame) for frame in frames]
    source_time = np.concatenate([frame.source_time for frame in frames])
    timed = source_time != NO_TIME
    received = np.repeat(np.array([frame.received for frame in frames], dtype=np.int64), sizes)
    columns: Columns = {
        "frame": np.repeat(ids, sizes),
        "tag": np.concatenate(tags),
        "time": np.where(timed, source_time, received),
        "timed": timed,
        "value": np.concatenate([_with_numbers_beside(frame) for frame in frames]),
        "raw": np.concatenate([np.full(len(f), np.nan) if f.raw is None else f.raw for f in frames]),
        "status": np.concatenate([frame.status for frame in frames]),
        "reason": np.concatenate([frame.reason for frame in frames]),
    }
    if any(frame.beside for frame in frames):
        columns["other"] = np.concatenate([_others(frame) for frame in frames])
    return columns


def _with_numbers_beside(frame: Frame) -> NDArray[np.float64]:
    """Integers and booleans also as doubles, so that they can be drawn; the exact value stays in `other`."""
    numbers = {row: value for row, value in frame.beside.items() if isinstance(value, bool | int)}
    if not numbers:
        return frame.value
    values = frame.value.copy()
    values[list(numbers)] = [float(value) for value in numbers.values()]
    return values


def _others(frame: Frame) -> NDArray[Any]:
    others = np.full(len(frame), None, dtype=object)
    for row, value in frame.beside.items():
        others[row] = value.hex() if isinstance(value, bytes) else str(value)
    return others
