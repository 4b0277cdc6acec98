"""The archive: DuckDB, one file, owned by the running node. Calls block; a node makes them in a thread."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

import duckdb
import numpy as np
from numpy.typing import NDArray

from gateway.archive import tables
from gateway.archive.lives import AlarmLife, alarm_lives, gap_spans
from gateway.inspection import Inspected, Standing
from gateway.message import Batch, Message, Place
from gateway.proof.findings import Code
from schemas.records import Alarm, AlarmEvent, AlarmState, Gap, GapCause
from schemas.status import StatusCode

BAD = int(StatusCode.BAD)
"""Codes from here on have the severity Bad; what stands in such a sample's value is no reading."""


class ArchiveError(Exception):
    """The archive's file cannot be opened; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Readings of one tag in order of time. `time` UTC microseconds, `value` NaN where there is none, `status` codes.

    `exact` when it holds every reading; otherwise each bucket gives its lowest and highest value that is not Bad, at
    their true times, and its worst status.
    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    exact: bool


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest sample of one tag. `other` is a value that is not a double, as text; times UTC microseconds."""

    tag: str
    source: str
    unit: str
    value: float | None
    other: str | None
    status: int
    reason: str
    source_time: int | None
    received: int


@dataclass(frozen=True, slots=True)
class FoundBefore:
    """A finding as it was stored; `found` is UTC microseconds, numbers are 0 where a message told none."""

    code: str
    stream: str
    first: int
    last: int
    text: str
    found: int


class Archive:
    """All that the node received. Reading and storing may happen at once, from several threads."""

    def __init__(self, file: Path | None) -> None:
        """Open or create the file; None keeps everything in memory. Raises ArchiveError."""
        try:
            self._root = duckdb.connect(":memory:" if file is None else str(file))
        except duckdb.Error as error:
            raise ArchiveError(f"archive {file} cannot be opened: {str(error).splitlines()[0]}") from error
        self._root.execute(tables.SCHEMA)
        self._writing = Lock()

    def close(self) -> None:
        """Write what DuckDB still holds and close the file."""
        with self._writing:
            self._root.close()

    def positions(self) -> dict[Place, int]:
        """The next offset to read of each partition."""
        rows = self._rows("SELECT topic, partition, next FROM positions")
        return {Place(topic, partition): next_ for topic, partition, next_ in rows}

    def states(self) -> dict[str, bytes]:
        """What the verifier of each stream remembers."""
        return dict(self._rows("SELECT name, state FROM streams"))

    def standings(self) -> dict[str, Standing]:
        """How far each stream is proven."""
        rows = self._rows("SELECT name, received, verified, sealed FROM streams ORDER BY name")
        return {name: Standing(*fields) for name, *fields in rows}

    def leaf(self, stream: str, number: int) -> bytes:
        """The leaf hash of a number that was received. Raises KeyError."""
        sql = "SELECT first, hashes FROM leaves WHERE stream = ? AND first <= ? ORDER BY first DESC LIMIT 1"
        for first, hashes in self._rows(sql, [stream, number]):
            leaf = bytes(hashes[(number - first) * 32 : (number - first + 1) * 32])
            if leaf:
                return leaf
        raise KeyError((stream, number))

    def store(self, messages: Sequence[Message]) -> None:
        """Messages that nobody inspected: for archives that are rebuilt or tested."""
        self.store_inspected(Inspected(Batch(tuple(messages)), messages=list(messages)))

    def store_inspected(self, inspected: Inspected) -> None:
        """All of it or nothing, in one transaction. Messages before a known position are left out."""
        with self._writing, self._transaction() as connection:
            known = self.positions()
            new = [message for message in inspected.messages if message.offset >= known.get(message.place, 0)]
            self._store_samples(connection, new)
            self._store_rows(connection, new)
            self._store_proof(connection, inspected)
            ends = [(place.topic, place.partition, end) for place, end in inspected.batch.ends().items()]
            if ends:
                connection.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", ends)

    def _store_proof(self, connection: duckdb.DuckDBPyConnection, inspected: Inspected) -> None:
        standings = [
            (name, standing.received, standing.verified, standing.sealed, inspected.states[name])
            for name, standing in inspected.standings.items()
        ]
        rows = {
            "INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?)": standings,
            "INSERT INTO leaves VALUES (?, ?, ?)": tables.leaf_rows(inspected.leaves),
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)": [tables.finding_row(f) for f in inspected.findings],
        }
        for sql, values in rows.items():
            if values:
                connection.executemany(sql, values)

    def findings(self, count: int) -> list[FoundBefore]:
        """The newest findings, newest first."""
        rows = self._rows(
            "SELECT code, stream, first, last, text, found FROM findings ORDER BY found DESC LIMIT ?", [count]
        )
        return [FoundBefore(*row) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._root.cursor()
        connection.begin()
        try:
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()

    def _store_samples(self, connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
        columns = tables.sample_columns(messages)  # found by DuckDB under this name
        if columns:
            connection.execute(tables.INSERT_SAMPLES)

    def _store_rows(self, connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
        rows: dict[str, list[tuple[Any, ...]]] = {"alarms": [], "gaps": [], "quarantine": []}
        for message in messages:
            if isinstance(message.record, Alarm):
                rows["alarms"].append(tables.alarm_row(message, message.record))
            elif isinstance(message.record, Gap):
                rows["gaps"].append(tables.gap_row(message, message.record))
            elif message.record is None:
                rows["quarantine"].append(tables.quarantine_row(message))
        for table, values in rows.items():
            if values:
                marks = ", ".join("?" * len(values[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        contacts = tables.contact_rows(messages)
        if contacts:
            connection.executemany("INSERT OR REPLACE INTO contacts VALUES (?, ?)", contacts)

    def latest(self) -> list[Latest]:
        """The newest sample of each tag that was heard of within a day of the newest of all."""
        rows = self._rows("""
            SELECT arg_max((tag, source, unit, value, other, status, reason, source_time, received), received)
            FROM samples WHERE received > (SELECT max(received) FROM samples) - 86400000000 GROUP BY tag""")
        return [Latest(*newest) for (newest,) in rows]

    def contacts(self) -> dict[str, int]:
        """When each source was last heard of by its agent, UTC microseconds."""
        return dict(self._rows("SELECT source, received FROM contacts"))

    def trend(self, tag: str, begin: int, end: int, buckets: int) -> Trend:
        """Readings of the tag with begin ≤ time < end (UTC microseconds): every one, or two a bucket if too many."""
        bounds = [tag, begin, end]
        where = "tag = ? AND time >= ? AND time < ?"
        count = self._rows(f"SELECT count(*) FROM samples WHERE {where}", bounds)[0][0]
        if count <= 2 * buckets:
            sql = f"SELECT time, value, status FROM samples WHERE {where} ORDER BY time"
            return self._trend(sql, bounds, exact=True)
        width = max(1, -(-(end - begin) // buckets))
        sql = f"""
            WITH bucket AS (
                SELECT arg_min(time, fit) AS low_at, min(fit) AS low, arg_max(time, fit) AS high_at,
                    max(fit) AS high, min(time) AS first, max(status) AS status
                FROM (SELECT *, CASE WHEN status < {BAD} THEN value END AS fit FROM samples WHERE {where})
                GROUP BY (time - {begin}) // {width})
            SELECT coalesce(low_at, first) AS time, low AS value, status FROM bucket
            UNION ALL SELECT high_at, high, status FROM bucket WHERE high_at <> low_at ORDER BY time"""
        return self._trend(sql, bounds, exact=False)

    def _trend(self, sql: str, bounds: list[Any], *, exact: bool) -> Trend:
        connection = self._root.cursor()
        try:
            columns = connection.execute(sql, bounds).fetchnumpy()
        finally:
            connection.close()
        value = np.ma.filled(np.ma.asarray(columns["value"], dtype=np.float64), np.nan)
        return Trend(np.asarray(columns["time"]), value, np.asarray(columns["status"]), exact)

    def alarms(self, begin: int, end: int) -> list[AlarmLife]:
        """Alarms that were open at some time in begin ≤ time < end (UTC microseconds), newest first."""
        rows = self._rows(
            """
            SELECT * EXCLUDE (stream, "offset") FROM alarms WHERE alarm IN (
                SELECT alarm FROM alarms GROUP BY alarm
                HAVING min(since) < ? AND (max(time) >= ? OR arg_max(state, time) <> 'NORMAL'))
            ORDER BY time, "offset" """,
            [end, begin],
        )
        lives = alarm_lives(_alarm(row) for row in rows).values()
        return sorted(lives, key=lambda life: life.raised, reverse=True)

    def alarm_steps(self, alarm: UUID) -> list[Alarm]:
        """The steps of one alarm in order of time; empty when there is no such alarm."""
        sql = """SELECT * EXCLUDE (stream, "offset") FROM alarms WHERE alarm = ? ORDER BY time, "offset" """
        return [_alarm(row) for row in self._rows(sql, [alarm])]

    def samples_by_source(self, begin: int, end: int, buckets: int) -> dict[str, list[int]]:
        """How many samples each source gave in each equal part of begin ≤ time < end (UTC microseconds)."""
        sql = """SELECT source, (time - ?) * ? // ? AS bucket, count(*) FROM samples
            WHERE time >= ? AND time < ? GROUP BY source, bucket"""
        counts: dict[str, list[int]] = {}
        for source, bucket, count in self._rows(sql, [begin, buckets, end - begin, begin, end]):
            counts.setdefault(source, [0] * buckets)[bucket] = count
        return counts

    def gaps(self, begin: int, end: int) -> list[Gap]:
        """Gaps that lasted at some time in begin ≤ time < end (UTC microseconds), newest first."""
        rows = self._rows(
            """
            SELECT * EXCLUDE (stream, "offset") FROM gaps WHERE gap IN (
                SELECT gap FROM gaps GROUP BY gap HAVING min(began) < ? AND coalesce(max(ended), ?) >= ?)
            ORDER BY began, ended NULLS FIRST""",
            [end, end, begin],
        )
        spans = gap_spans(_gap(row) for row in rows).values()
        return sorted(spans, key=lambda gap: gap.began, reverse=True)

    def counts(self) -> dict[str, int]:
        """Rows of each table; of the findings those that somebody has to look at, so not mere repeats."""
        tables_ = {name: name for name in ("samples", "alarms", "gaps", "quarantine")}
        tables_["findings"] = f"findings WHERE code <> '{Code.DUPLICATE}'"
        return {name: self._rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in tables_.items()}

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        connection = self._root.cursor()
        try:
            return connection.execute(sql, list(values)).fetchall()
        finally:
            connection.close()


def _alarm(row: tuple[Any, ...]) -> Alarm:
    id_, alarm, condition, tag, room, line, event, state, time, since, limit, deadband, on_delay, unit, *rest = row
    value, extreme, actor, comment = rest
    return Alarm(
        id=id_, alarm=alarm, condition=condition, tag=tag, room=room, line=line, event=AlarmEvent(event),
        state=AlarmState(state), time=time, since=since, limit=limit, deadband=deadband, on_delay=on_delay, unit=unit,
        value=value, extreme=extreme, actor=actor, comment=comment,
    )  # fmt: skip


def _gap(row: tuple[Any, ...]) -> Gap:
    id_, gap, source, line, tags, began, ended, cause, detail, estimated, lost, backfilled = row
    return Gap(
        id=id_, gap=gap, source=source, line=line, tags=tuple(tags), began=began, ended=ended, cause=GapCause(cause),
        detail=detail, estimated=estimated, lost=lost, backfilled=backfilled,
    )  # fmt: skip
