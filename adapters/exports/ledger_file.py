"""How a ledger lies in its file, and what anybody may read of it while the agent runs.

`readings` are files that arrived, once for each mapping; `portions` what was counted of their rows; `refused` the rows
that gave no record, as they came; `versions` all that was ever taken of each key. Nothing is deleted but the last
portion, when the journal does not have it.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from adapters.exports.accounting import Account

LAYOUT = 1
NAME = "ledger.db"
"""The file, in the folder that a source keeps."""
_TABLES = f"""
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE seen (path BLOB PRIMARY KEY, signature TEXT NOT NULL) STRICT;
CREATE TABLE mappings (sha TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE readings (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha TEXT, size INTEGER NOT NULL, mapping TEXT, mapping_sha TEXT,
    began INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT
) STRICT;
CREATE INDEX by_name ON readings (name, number);
CREATE INDEX by_sha ON readings (sha);
CREATE INDEX by_state ON readings (state) WHERE state IN ('open', 'refused');
CREATE TABLE portions (
    number INTEGER PRIMARY KEY, reading INTEGER NOT NULL, last INTEGER NOT NULL, read INTEGER NOT NULL,
    records INTEGER NOT NULL, corrections INTEGER NOT NULL, repeats INTEGER NOT NULL, refused INTEGER NOT NULL,
    trailers INTEGER NOT NULL
) STRICT;
CREATE INDEX by_reading ON portions (reading);
CREATE TABLE refused (
    reading INTEGER NOT NULL, line INTEGER NOT NULL, portion INTEGER NOT NULL, reason TEXT NOT NULL, raw BLOB NOT NULL
) STRICT;
CREATE INDEX of_reading ON refused (reading, line);
CREATE TABLE versions (
    kind TEXT NOT NULL, system TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, id BLOB NOT NULL,
    digest BLOB NOT NULL, portion INTEGER NOT NULL, PRIMARY KEY (kind, system, key, version)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {LAYOUT};
"""
COUNTS = tuple(one.name for one in fields(Account))
_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTS)
_SUPERSEDED = """
SELECT 1 FROM readings later WHERE later.name = readings.name AND later.number > readings.number
AND (readings.mapping IS NULL OR later.mapping IS readings.mapping)
"""


class LedgerError(Exception):
    """The ledger cannot be used; the message says what to do, in a line."""


class State(StrEnum):
    """What became of a file that arrived."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    REPEAT = "repeat"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that arrived under a name, for a mapping. `began` is UTC microseconds, `sha` None of one not kept."""

    number: int
    name: str
    sha: str | None
    size: int
    mapping: str | None
    mapping_sha: str | None
    began: int
    state: State
    reason: str | None


def reading_of(row: Sequence[Any]) -> Reading:
    """A row of `readings`."""
    number, name, sha, size, mapping, mapping_sha, began, state, reason = row
    return Reading(number, name, sha, size, mapping, mapping_sha, began, State(state), reason)


def connect(file: Path) -> sqlite3.Connection:
    """Open or make a ledger for writing. Raises LedgerError for another layout, sqlite3.Error and OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version not in {0, LAYOUT}:
        db.close()
        raise LedgerError(f"{file} has layout {version}, this program writes layout {LAYOUT}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -16384")  # KiB: the inner pages of some million keys
    if not version:
        with transaction(db):
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            db.execute("INSERT INTO notes VALUES ('ledger', ?)", [str(uuid4())])
    return db


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


@contextmanager
def looking(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """The ledger in a folder, for reading only; None where there is none yet. Raises sqlite3.Error."""
    file = folder / NAME
    if not file.exists():
        yield None
        return
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
        yield db


def total(db: sqlite3.Connection) -> Account:
    """Of all rows that were ever read."""
    return Account(*db.execute(f"SELECT {_SUMS} FROM portions").fetchone())


def account(db: sqlite3.Connection, reading: int) -> Account:
    """What came of the rows of a reading so far."""
    return Account(*db.execute(f"SELECT {_SUMS} FROM portions WHERE reading = ?", [reading]).fetchone())


def readings(db: sqlite3.Connection, most: int) -> list[Reading]:
    """The newest, the last one first."""
    return [reading_of(row) for row in db.execute("SELECT * FROM readings ORDER BY number DESC LIMIT ?", [most])]


def refused_files(db: sqlite3.Connection) -> list[Reading]:
    """Those that were refused as a whole, and of which nothing newer came under the same name."""
    sql = f"SELECT * FROM readings WHERE state = 'refused' AND NOT EXISTS ({_SUPERSEDED}) ORDER BY number"
    return [reading_of(row) for row in db.execute(sql)]


def refused_rows(db: sqlite3.Connection, most: int) -> Iterator[tuple[Reading, int, str, bytes]]:
    """Reading, line, reason and raw octets of rows that no newer reading of their original went over again, and that
    nobody dismissed.
    """
    again = "SELECT 1 FROM readings later WHERE later.sha = readings.sha AND later.mapping = readings.mapping"
    sql = f"""
    SELECT readings.*, line, refused.reason, raw FROM refused JOIN readings ON reading = readings.number
    WHERE NOT EXISTS ({again} AND later.number > readings.number AND later.state IN ('open', 'done', 'dismissed'))
    ORDER BY reading, line LIMIT ?
    """
    for *row, line, reason, raw in db.execute(sql, [most]):
        yield reading_of(row), line, reason, raw


def came(db: sqlite3.Connection, name: str, sha: str) -> list[Reading]:
    """What became of an original under a name: the newest reading for each mapping."""
    newest = "SELECT max(number) FROM readings WHERE name = ? AND sha = ? GROUP BY mapping"
    rows = db.execute(f"SELECT * FROM readings WHERE number IN ({newest}) ORDER BY number", [name, sha])
    return [reading_of(row) for row in rows]


def named(db: sqlite3.Connection, file: str) -> list[Reading]:
    """The newest readings, one for each mapping, of what arrived under this name, or of the one original whose SHA-256
    begins so; none where there are several such originals.
    """
    by = "name = ?" if db.execute("SELECT 1 FROM readings WHERE name = ?", [file]).fetchone() else "sha = ?"
    if by == "sha = ?":
        like = "SELECT DISTINCT sha FROM readings WHERE substr(sha, 1, ?) = ? LIMIT 2"
        found = db.execute(like, [len(file), file]).fetchall()
        if len(found) != 1 or not file:
            return []
        file = found[0][0]
    newest = f"SELECT max(number) FROM readings WHERE {by} GROUP BY mapping"
    rows = db.execute(f"SELECT * FROM readings WHERE number IN ({newest}) ORDER BY number", [file])
    return [reading_of(row) for row in rows]
