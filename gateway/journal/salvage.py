"""A journal that was damaged: found when it is opened, and what is good of it goes into a new one.

Looked for are damaged pages, rows whose checksum does not fit, octets that are not those of their leaf, trees that are
not those of their leaves, and fewer entries than the journal has given (SQLite drops the end of a damaged log without a
word). The damaged files are kept beside the new one. Kept of each stream is its good prefix, with numbers and leaves;
an entry in it whose octets are damaged keeps number and leaf, like one that made room.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.journal import layout
from gateway.journal.entries import JournalError
from gateway.journal.examination import Examination
from gateway.journal.layout import LAYOUT, transaction
from gateway.journal.witness import Witness

HEADER = b"SQLite format 3\x00"
BATCH = 500
"""Entries that are copied in one transaction."""
OURS = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_NOMEM}
"""Errors that are no damage of the file."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What happened to a journal: what was found, how many records are missing (None where nobody knows), the time of
    the last good one (UTC microseconds), and where the damaged file is.
    """

    found: str
    missing: int | None
    since: int | None
    kept: str

    def to_text(self) -> str:
        """As a note of the journal."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None) -> "Damage | None":
        """What a note says."""
        return None if text is None else cls(**json.loads(text))


def save(file: Path, witness: Witness) -> None:
    """Look at a journal before it is opened; where it is damaged, put a new one with what is good in its place.

    Raises sqlite3.Error and OSError for what is no damage.
    """
    ready = file.with_name(f"{file.name}.saved")
    if ready.exists() and not file.exists():  # killed between the two steps below
        _put(ready, file)
        with closing(layout.connect_reader(file)) as db:
            witness.tell(Examination(db).given)
    ready.unlink(missing_ok=True)
    fault = examine(file, witness.told())
    if fault is None:
        return
    kept = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    total = _build(ready, file, fault, witness.told(), kept)
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + suffix).rename(kept.with_name(kept.name + suffix))
    file.with_name(f"{file.name}-shm").unlink(missing_ok=True)
    witness.tell(total)
    _put(ready, file)


def _put(ready: Path, file: Path) -> None:
    ready.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def examine(file: Path, told: int) -> str | None:
    """What is wrong with a journal's file that has given `told` entries at least; None when it is sound, new, or of
    another layout. Raises JournalError for a file of somebody else, sqlite3.Error and OSError for what is no damage.
    """
    if not file.exists() or not file.stat().st_size:
        return "the file is gone" if told else None
    with file.open("rb") as start:
        head = start.read(20)
    if head[:16] != HEADER and not told:
        raise JournalError(f"{file} is no journal; name another file")
    if head[:16] != HEADER or not {*head[18:20]} <= {1, 2}:
        return "the file's header is damaged"
    try:
        with closing(layout.connect_reader(file)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version != LAYOUT:
                return "the file's header is damaged" if told else None
            return _fault(db, told)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in OURS:
            raise
        return str(error)


def _fault(db: sqlite3.Connection, told: int) -> str | None:
    for (line,) in db.execute("PRAGMA integrity_check(1)"):
        if line != "ok":
            return str(line)
    examination = Examination(db)
    for _ in examination.rows():
        pass
    if examination.fault is None and examination.given < told:
        return f"its end was cut off: it has given {told} records and knows of {examination.given}"
    return examination.fault


def _build(ready: Path, file: Path, fault: str, told: int, kept: Path) -> int:
    """The new journal, whole and closed; gives how many entries it knows of."""
    with closing(_reader(file)) as old:
        try:
            return _copy(ready, old, fault, told, kept, entries=True)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_FULL:
                raise
    with closing(_reader(file)) as old:  # no room for what is good: go on with what the recipients have confirmed
        return _copy(ready, old, fault, told, kept, entries=False)


def _reader(file: Path) -> sqlite3.Connection:
    return layout.connect_reader(file) if file.exists() else sqlite3.connect(":memory:")


def _copy(ready: Path, old: sqlite3.Connection, fault: str, told: int, kept: Path, *, entries: bool) -> int:
    for suffix in ("", "-wal", "-shm"):
        ready.with_name(ready.name + suffix).unlink(missing_ok=True)
    examination = Examination(old)
    with closing(layout.connect(ready)) as new:
        for rows in _batches(examination.rows() if entries else ()):
            with transaction(new):
                new.executemany(layout.INSERT, rows)
        with transaction(new):
            new.executemany("INSERT INTO alarms VALUES (?, ?, ?)", examination.alarms())
            new.executemany("INSERT INTO notes VALUES (?, ?, ?)", examination.notes())
            states = examination.states()
            for state in states:
                layout.write(new, state)
                layout.write_receipt(new, state)
            total = sum(state.size for state in states)
            damage = Damage(fault, examination.missing(told), examination.since, str(kept))
            layout.write_note(new, "damage", damage.to_text())
            layout.write_note(new, "salvaged", "yes")
    return total


def _batches(rows: Iterable[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    batch: list[tuple[object, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
