"""Who was told what, in a file beside the journal, so that nobody is told again after a restart."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path
from uuid import UUID

from edge.annunciation.calling import Mark

TABLE = "CREATE TABLE IF NOT EXISTS told (call TEXT, step INTEGER, target TEXT, PRIMARY KEY (call, step, target))"


class Memory:
    """A file of SQLite. Every method raises sqlite3.Error; each opens the file anew, so any thread may call it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def told(self) -> list[Mark]:
        """All that is remembered; the file is made when missing."""
        with closing(self._open()) as db:
            return [Mark(UUID(call), step, target) for call, step, target in db.execute("SELECT * FROM told")]

    def remember(self, marks: Iterable[Mark]) -> None:
        """Once this returns it is on the disk."""
        with closing(self._open()) as db, db:
            rows = [(str(mark.call), mark.step, mark.target) for mark in marks]
            db.executemany("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", rows)

    def keep(self, calls: AbstractSet[UUID]) -> None:
        """Forget all others."""
        with closing(self._open()) as db, db:
            known = {call for (call,) in db.execute("SELECT DISTINCT call FROM told")}
            db.executemany("DELETE FROM told WHERE call = ?", [(one,) for one in known - {str(call) for call in calls}])

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, timeout=5.0)
        db.execute(TABLE)
        return db
