"""Which batch was in which room, beside what the alarms themselves say.

An alarm names the batch that was known when it came. What was learnt later stands in assignments: where they speak of
its room, they say which batch it touched.
"""

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
    known: dict[str, list[tuple[int, int, str, bool]]] = {}
    sql = """SELECT place, began, until, batch, withdrawn FROM assigned
        WHERE place_kind = 'ROOM' AND list_contains(?, place) AND until > ? ORDER BY began, batch"""
    for place, *rest in rows(sql, [rooms, min(life.last.since for life in every)]):
        began, until, batch, withdrawn = rest
        known.setdefault(place, []).append((began, until, batch, withdrawn))
    return [_with_batch(life, known.get(life.last.room or "", [])) for life in every]


def _with_batch(life: AlarmLife, known: Sequence[tuple[int, int, str, bool]]) -> AlarmLife:
    begin, end = life.last.since, EVER if life.returned is None else life.returned
    there = [batch for began, until, batch, withdrawn in known if not withdrawn and began <= end and until > begin]
    if there:
        return replace(life, batch=there[0])
    spoken_of = any(batch == life.batch for _, _, batch, _ in known)
    return replace(life, batch=None) if spoken_of else life
