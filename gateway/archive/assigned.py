"""Which batch was in which room, beside what the alarms themselves say.

An alarm names the batch that was known when it came. What was learnt later stands in assignments: where they speak of
its room, they say which batch it touched.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.archive.lives import EVER, AlarmLife

SCHEMA = f"""
CREATE OR REPLACE VIEW assigned AS SELECT *, coalesce(ended, {EVER}) AS until
FROM (SELECT DISTINCT ON (system, key) * FROM assignment ORDER BY system, key, version DESC, id::VARCHAR DESC);
"""
"""Of each stay what is in force; also those that are withdrawn."""

Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Answers SQL."""
InRoom = tuple[str, int, int]
"""Room, from, until before; UTC microseconds."""


def in_rooms(rows: Rows, batch: str) -> tuple[InRoom, ...]:
    """When a batch was in which room."""
    sql = "SELECT place, began, until FROM assigned WHERE batch = ? AND place_kind = 'ROOM' AND NOT withdrawn"
    return tuple((place, began, until) for place, began, until in rows(sql, [batch]))


@dataclass(frozen=True, slots=True)
class RoomStay:
    """A batch was in a room from `began` until before `until`, UTC microseconds; `EVER` while it is there."""

    room: str
    batch: str
    began: int
    until: int


def stays_in(rows: Rows, rooms: Sequence[str], begin: int, end: int) -> list[RoomStay]:
    """The batches that were in these rooms at some time in begin ≤ time < end, the first that came first."""
    sql = """SELECT place, batch, began, max(until) FROM assigned WHERE place_kind = 'ROOM' AND list_contains(?, place)
        AND NOT withdrawn AND began < ? AND until > ? GROUP BY place, batch, began ORDER BY began, batch, place"""
    return [RoomStay(*row) for row in rows(sql, [list(rooms), end, begin])] if rooms else []


def touched(rows: Rows, lives: Iterable[AlarmLife]) -> list[AlarmLife]:
    """The alarms with the batch that they touched: the first in the room while the limit was broken."""
    every = list(lives)
    rooms = sorted({life.last.room for life in every if life.last.room is not None})
    if not rooms:
        return every
    sql = """SELECT place, began, until, batch, withdrawn FROM assigned
        WHERE place_kind = 'ROOM' AND list_contains(?, place) AND until > ? ORDER BY began, batch"""
    known = {room: Stays() for room in rooms}
    for place, began, until, batch, withdrawn in rows(sql, [rooms, min(life.last.since for life in every)]):
        known[place].add(began, until, batch, withdrawn=withdrawn)
    return [life if life.last.room is None else _with_batch(life, known[life.last.room]) for life in every]


class Stays:
    """Which batches were in one room, those first that came first."""

    def __init__(self) -> None:
        self.spoken_of: set[str] = set()
        self._began: list[int] = []
        self._until: list[int] = []
        self._batch: list[str] = []
        self._over: list[int] = []
        """Until when any of those up to here was there."""

    def add(self, began: int, until: int, batch: str, *, withdrawn: bool) -> None:
        """One more, that came no earlier than those before."""
        self.spoken_of.add(batch)
        if not withdrawn:
            self._began.append(began)
            self._until.append(until)
            self._batch.append(batch)
            self._over.append(max(until, self._over[-1] if self._over else until))

    def first(self, begin: int, end: int) -> str | None:
        """The first that was there at some time from `begin` to `end`."""
        some = range(bisect_right(self._over, begin), bisect_right(self._began, end))
        return next((self._batch[at] for at in some if self._until[at] > begin), None)


def _with_batch(life: AlarmLife, stays: Stays) -> AlarmLife:
    there = stays.first(life.last.since, EVER if life.returned is None else life.returned)
    if there is not None or life.batch in stays.spoken_of:
        return replace(life, batch=there)
    return life
