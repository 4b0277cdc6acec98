"""How full a journal is, by size and by age, and what makes room when it is full.

Measurements go, oldest first: their octets, while number and leaf stay, so that the stream can still be proven. Which
ones may go was decided when they were taken.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gateway.journal.entries import OVERHEAD, STUB, Numbered
from gateway.journal.layout import StreamState

SLACK = 0.1
"""Part of the limit that is freed at once when the journal is full."""
SLICE = 500
"""Confirmed entries that are let go in one transaction."""
DAY = 86_400_000_000
"""Microseconds of a day."""
OLDEST = """
SELECT rowid, taken, stream, number, kind, key, time, leaf, octets FROM entries
WHERE may_go AND octets IS NOT NULL ORDER BY taken, rowid LIMIT 100
"""
FIRST = "SELECT taken FROM entries WHERE may_go AND octets IS NOT NULL ORDER BY taken LIMIT 1"
USED = f"SELECT coalesce(sum(iif(octets IS NULL, {STUB}, {OVERHEAD} + length(octets))), 0) FROM entries"


@dataclass(slots=True)
class Room:
    """The bounds, and what is used of them. `limit` and `octets` are octets, `days` how long an entry may wait."""

    limit: int
    days: float
    octets: int = 0

    def filled(self, streams: Iterable[StreamState], now: int) -> float:
        """How full, as a part of the bound that is nearer."""
        oldest = min((state.oldest for state in streams if state.oldest is not None), default=now)
        return max(self.octets / self.limit, (now - oldest) / (self.days * DAY))

    def make(self, db: sqlite3.Connection, names: dict[int, str], now: int) -> Iterator[Numbered]:
        """Take the octets of the measurements that must go, in the open transaction; gives what they were."""
        horizon = now - round(self.days * DAY)
        goal = round(self.limit * (1 - SLACK)) if self.octets > self.limit else self.octets
        while self._due(db, goal, horizon):
            for rowid, taken, id_, *rest in db.execute(OLDEST).fetchall():
                if self.octets <= goal and taken >= horizon:
                    return
                evicted = Numbered(names[id_], *rest)
                db.execute("UPDATE entries SET octets = NULL WHERE rowid = ?", [rowid])
                self.octets -= len(evicted.octets or b"") + OVERHEAD - STUB
                yield evicted

    def let_go(self, db: sqlite3.Connection, state: StreamState) -> bool:
        """Delete some of what is confirmed, in the open transaction; whether there may be more."""
        first = db.execute("SELECT min(number) FROM entries WHERE stream = ?", [state.id]).fetchone()[0]
        if first is None or first > state.confirmed.size:
            return False
        where, bounds = "WHERE stream = ? AND number <= ?", [state.id, min(first + SLICE - 1, state.confirmed.size)]
        octets = used(db, where, bounds)
        db.execute(f"DELETE FROM entries {where}", bounds)
        self.octets -= octets
        return True

    def _due(self, db: sqlite3.Connection, goal: int, horizon: int) -> bool:
        first = db.execute(FIRST).fetchone()
        return first is not None and (self.octets > goal or first[0] < horizon)


def used(db: sqlite3.Connection, where: str = "", values: Iterable[object] = ()) -> int:
    """Octets that entries take."""
    return int(db.execute(f"{USED} {where}", list(values)).fetchone()[0])


def steady_clock(after: int) -> Callable[[], int]:
    """UTC microseconds that begin at the wall clock, not before `after`, and do not follow it when it is stepped: a
    clock set wrong must not make records old.
    """
    offset = max(time.time_ns() // 1000, after) - time.monotonic_ns() // 1000
    return lambda: offset + time.monotonic_ns() // 1000
