"""How a journal lies in its file: tables, rows, and the checksums by which damage is told from content.

Every row has a CRC-32 over all that no hash covers. An entry's octets are covered by its leaf, all leaves by the tree
in `streams`. What a receipt confirmed stands in a table of its own, on another page: either of the two tables is
enough to go on with a stream.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from gateway.journal.entries import JournalError
from gateway.proof.merkle import Tree

LAYOUT = 2
"""Version of the layout, kept in the file's `user_version`."""
TABLES = f"""
CREATE TABLE streams (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, published INTEGER NOT NULL,
    time INTEGER NOT NULL, sealed INTEGER NOT NULL, anchor INTEGER, tree BLOB NOT NULL, fingerprints BLOB NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, time INTEGER NOT NULL,
    tree BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE entries (
    stream INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, key BLOB NOT NULL, time INTEGER NOT NULL,
    taken INTEGER NOT NULL, may_go INTEGER NOT NULL, leaf BLOB NOT NULL, crc INTEGER NOT NULL, octets BLOB,
    PRIMARY KEY (stream, number)
) STRICT;
CREATE INDEX may_go ON entries (taken) WHERE may_go AND octets IS NOT NULL;
CREATE TABLE alarms (condition BLOB PRIMARY KEY, octets BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
PRAGMA user_version = {LAYOUT};
"""
INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FINGERPRINT = 8
"""Octets of a schema's fingerprint."""


@dataclass(slots=True)
class StreamState:
    """What is known of one stream. `time` and `oldest` are UTC microseconds, `sealed` and `receipt` POSIX seconds.

    `confirmed` is the tree up to the last receipt, which came at `receipt`; `oldest` the time at which the first entry
    behind it was taken. `anchor` is the last number that is final, None where all are.
    """

    id: int
    name: str
    size: int = 0
    published: int = 0
    time: int = 0
    sealed: int = 0
    anchor: int | None = None
    tree: Tree = field(default_factory=Tree)
    fingerprints: set[bytes] = field(default_factory=set)
    confirmed: Tree = field(default_factory=Tree)
    receipt: int = 0
    oldest: int | None = None

    def undo(self, before: "StreamState") -> None:
        """Forget what an append that failed did."""
        self.size, self.time, self.oldest = before.size, before.time, before.oldest
        self.tree, self.fingerprints = before.tree, before.fingerprints

    def before(self) -> "StreamState":
        """What `undo` needs."""
        return StreamState(
            self.id, self.name, self.size, time=self.time, oldest=self.oldest, tree=self.tree.copy(),
            fingerprints=set(self.fingerprints),
        )  # fmt: skip

    def row(self) -> tuple[object, ...]:
        """The stream's row of `streams`."""
        values = (
            self.id, self.name, self.size, self.published, self.time, self.sealed, self.anchor, self.tree.to_bytes(),
            b"".join(sorted(self.fingerprints)),
        )  # fmt: skip
        return (*values, checksum(values))

    def receipt_row(self) -> tuple[object, ...]:
        """The stream's row of `receipts`."""
        values = (self.id, self.name, self.confirmed.size, self.receipt, self.confirmed.to_bytes())
        return (*values, checksum(values))


def checksum(values: tuple[object, ...]) -> int:
    """CRC-32 of a row's values; their types count."""
    return crc32(repr(values).encode())


def sound(row: tuple[object, ...]) -> bool:
    """Whether the row still has what was written; its last value is the checksum."""
    return row[-1] == checksum(row[:-1])


def entry_row(values: tuple[object, ...], octets: bytes | None) -> tuple[object, ...]:
    """An entry's row; the values are those of the columns before the checksum."""
    return (*values, checksum(values), octets)


def write(db: sqlite3.Connection, state: StreamState) -> None:
    """Write a stream's state, in the transaction that is open."""
    db.execute("INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", state.row())


def write_receipt(db: sqlite3.Connection, state: StreamState) -> None:
    """Write what is confirmed of a stream, in the transaction that is open."""
    db.execute("INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?, ?, ?)", state.receipt_row())


def stream_of(row: Sequence[Any]) -> StreamState:
    """The state that a row of `streams` tells. Raises ValueError when the row is none."""
    id_, name, size, published, time, sealed, anchor, tree, prints, _ = row
    fingerprints = {prints[at : at + FINGERPRINT] for at in range(0, len(prints), FINGERPRINT)}
    return StreamState(id_, name, size, published, time, sealed, anchor, Tree.from_bytes(tree), fingerprints)


def receipt_of(row: Sequence[Any]) -> StreamState:
    """A stream of which only the row of `receipts` is known. Raises ValueError when the row is none."""
    id_, name, size, time, octets, _ = row
    tree = Tree.from_bytes(octets)
    return StreamState(id_, name, size=size, tree=tree, confirmed=tree.copy(), receipt=time)


def load(db: sqlite3.Connection) -> dict[str, StreamState]:
    """All streams of a sound file, by name."""
    found = {state.name: state for state in map(stream_of, db.execute("SELECT * FROM streams"))}
    for receipt in map(receipt_of, db.execute("SELECT * FROM receipts")):
        found[receipt.name].confirmed, found[receipt.name].receipt = receipt.confirmed, receipt.receipt
    for state in found.values():
        state.oldest = oldest(db, state)
    return found


def tree_at(read: Callable[[str, list[object]], list[tuple[bytes]]], state: StreamState, size: int) -> Tree:
    """The stream's tree when it had `size` entries, which must not be below what is confirmed."""
    sql = "SELECT leaf FROM entries WHERE stream = ? AND number > ? AND number <= ? ORDER BY number"
    tree = state.confirmed.copy()
    while tree.size < size:
        rows = read(sql, [state.id, tree.size, min(size, tree.size + 10_000)])
        if not rows:
            break
        tree.extend(b"".join([leaf for (leaf,) in rows]))
    return tree


def oldest(db: sqlite3.Connection, state: StreamState) -> int | None:
    """When the first entry without a receipt was taken, UTC microseconds."""
    sql = "SELECT taken FROM entries WHERE stream = ? AND number = ?"
    row = db.execute(sql, [state.id, state.confirmed.size + 1]).fetchone()
    return None if row is None else int(row[0])


def note(db: sqlite3.Connection, name: str) -> str | None:
    """A note by its name."""
    row = db.execute("SELECT text FROM notes WHERE name = ?", [name]).fetchone()
    return None if row is None else str(row[0])


def write_note(db: sqlite3.Connection, name: str, text: str | None) -> None:
    """Write a note, or take it away, in the transaction that is open or one of its own."""
    if text is None:
        db.execute("DELETE FROM notes WHERE name = ?", [name])
    else:
        db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", [name, text, checksum((name, text))])


def connect(file: Path) -> sqlite3.Connection:
    """Open or make a journal's file for writing. Raises sqlite3.Error, and JournalError for another layout."""
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    new = version == 0 and not db.execute("SELECT 1 FROM sqlite_schema").fetchone()
    if version != LAYOUT and not new:
        raise JournalError(
            f"journal {file} has layout {version}, this program writes layout {LAYOUT}: publish what it holds with the "
            "program that wrote it, or move it away"
        )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    if new:
        with transaction(db):
            for statement in filter(str.strip, TABLES.split(";")):
                db.execute(statement)
    return db


def connect_reader(file: Path) -> sqlite3.Connection:
    """Open a journal's file for reading what is committed. Raises sqlite3.Error."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Raises sqlite3.Error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
