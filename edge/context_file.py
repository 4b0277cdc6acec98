"""What the agent knows of batches, from one life to the next: a file beside the journal.

It is written before what follows from records goes into the journal, and along with what follows from tags. What may
not have been in the journal when the agent ended is told again, with the same record id; readers know it by that. All
calls block for the disk and may raise sqlite3.Error.
"""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import structlog

from gateway.context.claims import SPEAKING, Word
from gateway.context.context import Changes, Context
from gateway.context.timeline import Place
from schemas.context import Assignment, PlaceKind
from schemas.derived import record_of, shapes, values_of
from schemas.exported import Exported

log = structlog.get_logger(__name__)
_TABLES = """
CREATE TABLE IF NOT EXISTS records (kind TEXT, system TEXT, key TEXT, data TEXT, PRIMARY KEY (kind, system, key));
CREATE TABLE IF NOT EXISTS words (kind TEXT, place TEXT, time INTEGER, batch TEXT, UNIQUE (kind, place, time, batch));
CREATE TABLE IF NOT EXISTS told (key TEXT, version INTEGER, waits INTEGER, data TEXT, PRIMARY KEY (key, version));
"""
_KINDS = {kind.__name__: kind for kind in SPEAKING}


def beside(journal: Path) -> "ContextFile | None":
    """The file of the agent with that journal. One that is damaged is put aside and begun anew; that is said, and what
    is known of batches begins anew then. None where none can be made.
    """
    file = journal.with_name(journal.name + ".context")
    for _ in range(2):
        try:
            return ContextFile(file)
        except sqlite3.OperationalError as error:
            log.error("what is known of batches cannot be kept", file=str(file), why=str(error))  # noqa: TRY400 - said
            return None
        except sqlite3.DatabaseError as error:
            log.error("what was known of batches is lost", file=str(file), why=str(error))  # noqa: TRY400 - it is said
            file.replace(file.with_name(file.name + ".damaged"))
    return None


class ContextFile:
    """Made where there is none. A connection for each call: it is used some times an hour, from any thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(self._open()) as db:
            db.executescript(_TABLES)

    def load(self, context: Context) -> list[Assignment]:
        """Bring a context to where it was; gives what it told that may not be in the journal."""
        with closing(self._open()) as db:
            records = [_record(_KINDS[kind], data) for kind, data in db.execute("SELECT kind, data FROM records")]
            rows = db.execute("SELECT kind, place, time, batch FROM words ORDER BY time, rowid").fetchall()
            told = db.execute("SELECT waits, data FROM told ORDER BY key, version").fetchall()
        words = [(Place(PlaceKind(kind), place), Word(time, batch)) for kind, place, time, batch in rows]
        every = [(waits, _record(Assignment, data)) for waits, data in told]
        context.restore(records, words, [one for _, one in every])
        return [one for waits, one in every if waits]

    def write(self, changes: Changes) -> None:
        """What was learnt and told since."""
        with closing(self._open()) as db, db:
            db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", map(_row, changes.records))
            words = [(place.kind.value, place.name, word.time, word.batch) for place, word in changes.words]
            db.executemany("INSERT OR IGNORE INTO words VALUES (?, ?, ?, ?)", words)
            told = [(one.key, one.version, 1, _text(one)) for one in changes.told]
            db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", told)

    def in_journal(self, told: Iterable[Assignment]) -> None:
        """These are in the journal; of each stay the newest version is enough from now on."""
        with closing(self._open()) as db, db:
            keys = [(one.key, one.version) for one in told]
            db.executemany("UPDATE told SET waits = 0 WHERE key = ? AND version = ?", keys)
            db.executemany("DELETE FROM told WHERE key = ? AND version < ? AND waits = 0", keys)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db


def _row(record: Exported) -> tuple[str, str, str, str]:
    return type(record).__name__, record.system, record.key, _text(record)


def _text(record: Exported) -> str:
    return json.dumps(values_of(record), ensure_ascii=False)


def _record(kind: type[Exported], text: str) -> Any:
    """Fields that were added since have their default."""
    fields = {one.name: one for one in shapes(kind)}
    defaults = {name: one.default for name, one in fields.items() if not one.required}
    return record_of(kind, defaults | {name: value for name, value in json.loads(text).items() if name in fields})
