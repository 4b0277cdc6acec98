"""The journal: what the agent has said, on disk, before anybody is told.

SQLite in WAL mode with `synchronous=FULL`: a commit is on the disk when it returns. One transaction takes a batch of
records into their streams: each gets the stream's next number and a leaf in its Merkle tree, the schema it needs goes
before its first use, and the publish cursor moves along. Numbers run from 1 without holes and are never given twice.

The journal is bounded. When it is full, entries that Kafka has confirmed go first. If that is not enough, the oldest
measurements make room: their octets go, number and leaf hash stay, so that the stream can still be proven, and what
went is counted. Alarms, gaps and schemas always stay.

`append` blocks for the disk and comes from one thread at a time; what is read meanwhile, from any thread, is what was
committed before.
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gateway.proof.merkle import Tree, leaf_hash
from schemas import records
from schemas.catalogue import KINDS, Schema, schema
from schemas.codec import HEAD, decode, encode
from schemas.records import Alarm

TABLES = """
CREATE TABLE IF NOT EXISTS streams (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, published INTEGER NOT NULL,
    time INTEGER NOT NULL, tree BLOB NOT NULL, sealed INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
    stream INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, key BLOB NOT NULL, time INTEGER NOT NULL,
    leaf BLOB NOT NULL, octets BLOB, PRIMARY KEY (stream, number)
) STRICT;
CREATE TABLE IF NOT EXISTS schemas_used (
    stream INTEGER NOT NULL, fingerprint BLOB NOT NULL, PRIMARY KEY (stream, fingerprint)
) STRICT;
CREATE TABLE IF NOT EXISTS alarms (condition BLOB PRIMARY KEY, octets BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS may_go ON entries (time) WHERE kind = 'Frame' AND octets IS NOT NULL;
"""
OLDEST = """
SELECT stream, number, kind, key, time, leaf, octets FROM entries
WHERE kind = 'Frame' AND octets IS NOT NULL ORDER BY time, stream, number LIMIT 100
"""
MEASUREMENT = "Frame"
"""The kind that may make room, oldest first."""
ROOM = 0.1
"""Part of the limit that is freed at once when the journal is full."""
OVERHEAD = 256
"""Octets that an entry takes besides its own, roughly."""


class JournalError(Exception):
    """The journal cannot be used; the message names the file and says what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An encoded record on its way into a stream. `time` is UTC microseconds."""

    stream: str
    kind: str
    key: bytes
    time: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry with its number. `octets` is None where it had to make room; then only the leaf is left."""

    stream: str
    number: int
    kind: str
    key: bytes
    time: int
    leaf: bytes
    octets: bytes | None


@dataclass(slots=True)
class _Stream:
    id: int
    size: int
    published: int
    time: int
    tree: Tree
    sealed: int
    fingerprints: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ends: its last number, the root over all entries, and the time of its last seal, POSIX seconds."""

    size: int
    root: bytes
    sealed: int


class Journal:
    """All streams of one agent."""

    def __init__(self, file: Path, *, limit: int) -> None:
        """Open or make the file; `limit` is in octets of entries. Raises JournalError."""
        self._file, self._limit = file, limit
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(file)
            self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            damage = [line for (line,) in self._db.execute("PRAGMA quick_check(1)") if line != "ok"]
            self._db.executescript(TABLES)
            self._streams = self._load()
            self._reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)
            used = "SELECT coalesce(sum(length(octets) + ?), 0) FROM entries WHERE octets IS NOT NULL"
            self.octets: int = self._db.execute(used, [OVERHEAD]).fetchone()[0]
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"journal {file} cannot be opened: {error}") from error
        if damage:
            raise JournalError(f"journal {file} is damaged: {damage[0]}; keep the file, and start with a new one")

    def _load(self) -> dict[str, _Stream]:
        rows = self._db.execute("SELECT name, id, size, published, time, tree, sealed FROM streams").fetchall()
        streams = {
            name: _Stream(id_, size, published, time, Tree.from_bytes(tree), sealed)
            for name, id_, size, published, time, tree, sealed in rows
        }
        by_id = {stream.id: stream for stream in streams.values()}
        for id_, fingerprint in self._db.execute("SELECT stream, fingerprint FROM schemas_used"):
            by_id[id_].fingerprints.add(fingerprint)
        return streams

    def close(self) -> None:
        """Write the cursors and close the file."""
        with self._transaction():
            self._write_streams()
        self._reader.close()
        self._db.close()
        self._lock.close()

    @property
    def filled(self) -> float:
        """How full it is, as a part of its limit."""
        return self.octets / self._limit

    @property
    def waiting(self) -> int:
        """Entries that Kafka has not confirmed."""
        return sum(stream.size - stream.published for stream in list(self._streams.values()))

    def size(self, stream: str) -> int:
        """The last number given in a stream; 0 for one that has none yet."""
        return self._streams[stream].size if stream in self._streams else 0

    def heads(self) -> dict[str, Head]:
        """Where each stream ends on the disk."""
        rows = self._reader.execute("SELECT name, size, tree FROM streams").fetchall()
        return {name: Head(size, Tree.from_bytes(tree).root(), self._streams[name].sealed) for name, size, tree in rows}

    def sealed(self, stream: str, time: int) -> None:
        """A seal of the stream was signed at this time, POSIX seconds. Written with the next commit."""
        self._streams[stream].sealed = time

    def latest_alarms(self) -> list[Alarm]:
        """The last step of each condition that ever had an alarm; they stay when their entries are let go."""
        published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
        found = [decode(octets, published) for (octets,) in self._reader.execute("SELECT octets FROM alarms")]
        return [alarm for alarm in found if isinstance(alarm, Alarm)]

    def last_time(self) -> int | None:
        """Time of the newest record, UTC microseconds; None where there is none."""
        return max((stream.time for stream in self._streams.values()), default=None)

    def append(self, drafts: Iterable[Draft]) -> list[Numbered]:
        """Number the records and commit; gives the measurements that had to make room. Raises sqlite3.Error.

        When it raises, nothing of it was taken: numbers and cursors are as before.
        """
        before = {name: (s.size, s.time, s.tree.copy(), set(s.fingerprints)) for name, s in self._streams.items()}
        octets = self.octets
        try:
            with self._transaction():
                for draft in drafts:
                    self._take(draft)
                evicted = list(self._make_room()) if self.octets > self._limit else []
                self._write_streams()
        except BaseException:
            self.octets = octets
            self._streams = {name: stream for name, stream in self._streams.items() if name in before}
            for name, stream in self._streams.items():
                stream.size, stream.time, stream.tree, stream.fingerprints = before[name]
            raise
        return evicted

    def unpublished(self, stream: str, after: int, count: int) -> list[Numbered]:
        """Up to `count` entries of the stream behind number `after`, in order."""
        columns, known = "number, kind, key, time, leaf, octets", self._streams.get(stream)
        if known is None:
            return []
        sql = f"SELECT {columns} FROM entries WHERE stream = ? AND number > ? ORDER BY number LIMIT ?"
        return [Numbered(stream, *row) for row in self._reader.execute(sql, [known.id, after, count])]

    def cursor(self, stream: str) -> int:
        """The last number of the stream that Kafka is known to have."""
        return self._streams[stream].published if stream in self._streams else 0

    def published(self, ends: Mapping[str, int]) -> None:
        """Kafka has these streams up to these numbers. Written with the next commit; what is lost is read back."""
        for name, number in ends.items():
            self._streams[name].published = number

    def _take(self, draft: Draft) -> None:
        stream = self._streams.get(draft.stream)
        if stream is None:
            new = "INSERT INTO streams VALUES (NULL, ?, 0, 0, 0, ?, 0)"
            id_ = self._db.execute(new, [draft.stream, Tree().to_bytes()]).lastrowid
            stream = self._streams[draft.stream] = _Stream(int(id_ or 0), 0, 0, 0, Tree(), 0)
        for needed in _schemas_for(draft, stream.fingerprints):
            text = records.Schema(fingerprint=needed.fingerprint, text=needed.text)
            self._insert(stream, Draft(draft.stream, "Schema", needed.fingerprint, draft.time, encode(text)))
            self._db.execute("INSERT INTO schemas_used VALUES (?, ?)", [stream.id, needed.fingerprint])
            stream.fingerprints.add(needed.fingerprint)
        self._insert(stream, draft)

    def _insert(self, stream: _Stream, draft: Draft) -> None:
        leaf = leaf_hash(draft.octets)
        stream.size += 1
        stream.time = draft.time
        stream.tree.append(leaf)
        self.octets += len(draft.octets) + OVERHEAD
        row = (stream.id, stream.size, draft.kind, draft.key, draft.time, leaf, draft.octets)
        self._db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        if draft.kind == "Alarm":
            self._db.execute("INSERT OR REPLACE INTO alarms VALUES (?, ?)", [draft.key, draft.octets])

    def _make_room(self) -> Iterator[Numbered]:
        """Free a part of the limit: confirmed entries go, then the oldest measurements lose their octets."""
        names = {stream.id: name for name, stream in self._streams.items()}
        goal = round(self._limit * (1 - ROOM))
        for stream in self._streams.values():
            where = "stream = ? AND number <= ?"
            gone = f"SELECT coalesce(sum(length(octets) + ?), 0) FROM entries WHERE {where} AND octets IS NOT NULL"
            self.octets -= self._db.execute(gone, [OVERHEAD, stream.id, stream.published]).fetchone()[0]
            self._db.execute(f"DELETE FROM entries WHERE {where}", [stream.id, stream.published])
        while self.octets > goal and (rows := self._db.execute(OLDEST).fetchall()):
            for id_, number, *rest in rows:
                evicted = Numbered(names[id_], number, *rest)
                self._db.execute("UPDATE entries SET octets = NULL WHERE stream = ? AND number = ?", [id_, number])
                self.octets -= len(evicted.octets or b"") + OVERHEAD
                yield evicted

    def _write_streams(self) -> None:
        rows = [(s.size, s.published, s.time, s.tree.to_bytes(), s.sealed, s.id) for s in self._streams.values()]
        sql = "UPDATE streams SET size = ?, published = ?, time = ?, tree = ?, sealed = ? WHERE id = ?"
        self._db.executemany(sql, rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


def _locked(file: Path) -> IO[str]:
    """Hold the journal's lock file until it is closed; the kernel frees it also when the process is killed."""
    lock = file.with_name(f"{file.name}.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise JournalError(f"journal {file} is in use: an agent with this configuration is already running") from error
    return lock


def _schemas_for(draft: Draft, known: set[bytes]) -> Sequence[Schema]:
    """The schemas that must stand in the stream before this record: that of schemas, then the record's own."""
    fingerprint = draft.octets[2:HEAD]
    if fingerprint in known:
        return ()
    own = next(one for one in map(schema, KINDS) if one.fingerprint == fingerprint)
    first = schema("Schema")
    return [one for one in (first, own) if one.fingerprint not in known]
