"""The archive: DuckDB, one file, owned by the running node. Calls block; a node makes them in a thread.

A commit is durable when it returns: DuckDB has written its log through to the disk.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import duckdb

from gateway.archive import (
    accesses,
    assigned,
    exported_tables,
    heard,
    judged,
    levels,
    noticed,
    openings,
    samples,
    seals,
    subtrees,
    tables,
)
from gateway.archive.correcting import correct, schemas_in
from gateway.archive.latest import Latest
from gateway.archive.queries import FoundBefore, Queries
from gateway.archive.samples import Numbers
from gateway.archive.storing import store_messages, store_received
from gateway.archive.subtrees import Roots
from gateway.archive.trends import Trend
from gateway.intake.inspection import Inspected, Memory, Received, Standing
from gateway.intake.message import Batch, Message, Place
from gateway.proof.merkle import leaf_hash
from schemas.errors import ToldError
from schemas.records import Schema

__all__ = ["Archive", "ArchiveError", "FoundBefore", "Latest", "Trend"]


class ArchiveError(ToldError):
    """The archive's file cannot be opened; the message names it and says why."""


class Archive(Queries):
    """All that the node received. Reading and storing may happen at once, from several threads."""

    def __init__(self, file: Path | None) -> None:
        """Open or create the file; None keeps everything in memory. Raises ArchiveError."""
        try:
            super().__init__(duckdb.connect(":memory:" if file is None else str(file)))
        except duckdb.Error as error:
            raise ArchiveError(f"archive {file} cannot be opened: {str(error).splitlines()[0]}") from error
        self._writing = Lock()
        there = {name for (name,) in self.rows("SELECT table_name FROM duckdb_tables()")}
        if there and tables.LAYOUT not in there:
            self.close()
            raise ArchiveError(
                f"archive {file} was made by another version; move it away, and a new one is made from the topics"
            )
        parts = (
            *(tables, heard, seals, accesses, noticed, exported_tables, openings, assigned, judged, samples, levels),
            subtrees,
        )
        self._database.execute("".join(part.SCHEMA for part in parts))
        self._numbers, self._roots = Numbers(self._database), Roots(self._database)

    def positions(self) -> dict[Place, int]:
        """The next offset to read of each partition."""
        rows = self.rows("SELECT topic, partition, next FROM positions")
        return {Place(topic, partition): next_ for topic, partition, next_ in rows}

    def memory(self) -> Memory:
        """What the inspector needs to go on."""
        states = dict(self.rows("SELECT name, state FROM streams"))
        rings = dict(self.rows("SELECT name, ring FROM senders"))
        receipts = dict(self.rows("SELECT name, receipt FROM streams WHERE receipt IS NOT NULL"))
        return Memory(states, rings, self.standings(), receipts)

    def standings(self) -> dict[str, Standing]:
        """How far each stream is proven."""
        sql = "SELECT name, received, verified, sealed, confirmed, confirmed_at FROM streams ORDER BY name"
        return {name: Standing(*fields) for name, *fields in self.rows(sql)}

    def leaf(self, stream: str, number: int) -> bytes:
        """The leaf hash of a number that was received. Raises KeyError."""
        for (leaf,) in self.rows("SELECT leaf FROM entries WHERE stream = ? AND number = ?", [stream, number]):
            return bytes(leaf)
        raise KeyError((stream, number))

    def last_numbers(self) -> dict[str, int]:
        """The highest number of each stream, also behind holes."""
        return dict(self.rows("SELECT stream, max(number) FROM entries GROUP BY stream"))

    def schemas(self) -> list[Schema]:
        """The schemas that stand in the streams."""
        with self._cursor() as connection:
            return schemas_in(connection)

    def store(self, messages: Sequence[Message]) -> None:
        """Messages that nobody inspected: for archives that are rebuilt or tested."""
        received = [
            Received(message.stream, message.number or 0, leaf_hash(message.entry), message)
            for message in messages
            if message.record is not None
        ]
        self.store_inspected(Inspected(Batch(tuple(messages)), messages=list(messages), received=received))

    def store_inspected(self, inspected: Inspected) -> None:
        """All of it or nothing, in one transaction."""
        with self._writing, self._transaction() as connection:
            store_received(connection, inspected.received)
            store_messages(connection, inspected.messages, self._numbers)
            for correction in inspected.corrections:
                correct(connection, correction, self._numbers, inspected.now)
            self._store_proof(connection, inspected)
            seals.store_seals(connection, inspected)
            for stream, standing in inspected.standings.items():
                self._roots.grow(connection, stream, standing.verified)
            ends = [(place.topic, place.partition, end) for place, end in inspected.batch.ends().items()]
            if ends:
                connection.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", ends)

    def judge_anew(self, terms: str) -> None:
        """Every record is judged again where these terms are others than those of before."""
        with self._writing, self._transaction() as connection:
            judged.judge_anew(connection, terms)

    def store_judged(
        self,
        steps: Mapping[judged.FindingPlace, judged.FindingStep],
        waited: Collection[judged.Waiting],
        fault: str | None = None,
    ) -> None:
        """Findings that began, changed or ended, and that these records were judged."""
        with self._writing, self._transaction() as connection:
            judged.store_judged(connection, steps, waited, fault)

    def _store_proof(self, connection: duckdb.DuckDBPyConnection, inspected: Inspected) -> None:
        streams = [
            tables.stream_row(name, standing, inspected.states[name], inspected.receipts.get(name))
            for name, standing in inspected.standings.items()
        ]
        findings = [tables.finding_row(finding) for finding in inspected.findings]
        senders = list(inspected.rings.items())
        puts = ((tables.PUT_STREAM, streams), (tables.PUT_SENDER, senders), (tables.PUT_FINDING, findings))
        for sql, rows in puts:
            if rows:
                connection.executemany(sql, rows)

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._cursor() as connection:
            connection.begin()
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                self._numbers, self._roots = Numbers(connection), Roots(connection)
                raise
