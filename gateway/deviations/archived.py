"""Draft deviations out of the archive. Calls block."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from gateway.archive.archive import Archive
from gateway.cleanroom.site import Site
from gateway.deviations.draft import DoorOpen, Draft, draft_of
from schemas.status import StatusCode

DAY = 24 * 3600 * 1_000_000
"""A door that said nothing for longer before the breach is not known to have been open, microseconds."""


def drafts(archive: Archive, site: Site, begin: int, end: int, now: int) -> list[Draft]:
    """Drafts of the alarms that were open at some time in begin ≤ time < end (UTC microseconds), newest first."""
    lives = [life for life in archive.alarms(begin, end) if life.batch is not None]
    found = (_draft(archive, site, life.last.alarm, now) for life in lives)
    return sorted((one for one in found if one is not None), key=lambda one: one.began, reverse=True)


def unraised(archive: Archive, begin: int, now: int, count: int) -> list[Draft]:
    """Drafts of alarms raised since `begin` (UTC microseconds) that no quality event completes, the newest first.

    At most so many, and without their doors.
    """
    sql = """SELECT alarm FROM alarms GROUP BY alarm
        HAVING max(time) FILTER (event = 'RAISED') >= ? AND bool_or(batch IS NOT NULL AND room IS NOT NULL)
            AND bool_or(event = 'RAISED' AND priority = 'ACTION')
            AND NOT bool_or(id::VARCHAR IN (SELECT draft FROM quality_event WHERE draft IS NOT NULL))
        ORDER BY max(time) DESC LIMIT ?"""
    wanted = [alarm for (alarm,) in archive.rows(sql, [begin, count])]
    found = (draft_of(steps, now) for steps in archive.steps_of(wanted).values())
    return sorted((one for one in found if one is not None), key=lambda one: one.began, reverse=True)


def draft_with(archive: Archive, site: Site, id_: UUID, now: int) -> Draft | None:
    """The draft of that id; None where there is none."""
    rows = archive.rows("SELECT alarm FROM alarms WHERE id = ?", [id_])
    found = _draft(archive, site, rows[0][0], now) if rows else None
    return found if found is not None and found.id == id_ else None


def draft_for(archive: Archive, alarm: UUID, now: int) -> UUID | None:
    """The id of the draft that the alarm opened; None where it opened none."""
    found = draft_of(archive.alarm_steps(alarm), now)
    return None if found is None else found.id


def doors_open(archive: Archive, site: Site, room: str | None, begin: int, end: int) -> list[DoorOpen]:
    """When the doors of the room stood open in begin ≤ time < end (UTC microseconds), in order of time."""
    doors = [door.tag for door in site.doors if room in door.between]
    spans = (span for tag in doors for span in _open(tag, _said(archive, tag, begin, end), begin))
    return sorted(spans, key=lambda one: (one.began, one.tag))


def _draft(archive: Archive, site: Site, alarm: UUID, now: int) -> Draft | None:
    found = draft_of(archive.alarm_steps(alarm), now)
    if found is None:
        return None
    end = now if found.ended is None else found.ended
    return replace(found, doors=tuple(doors_open(archive, site, found.first.room, found.began, end)))


def _said(archive: Archive, tag: str, begin: int, end: int) -> list[tuple[int, bool]]:
    """What a door's switch said, from its last word before the begin on; nothing of what was Bad."""
    sql = """SELECT time, value > 0 FROM readings JOIN tags ON readings.tag = tags.id
        WHERE tags.tag = ? AND time >= coalesce((SELECT max(time) FROM readings JOIN tags ON readings.tag = tags.id
            WHERE tags.tag = ? AND time >= ? AND time < ?), ?) AND time < ?
            AND value IS NOT NULL AND status < ? ORDER BY time"""
    values = [tag, tag, begin - DAY, begin, begin, end, int(StatusCode.BAD)]
    return [(time, bool(is_open)) for time, is_open in archive.rows(sql, values)]


def _open(tag: str, said: Sequence[tuple[int, bool]], begin: int) -> Iterable[DoorOpen]:
    since: int | None = None
    for time, is_open in said:
        if is_open and since is None:
            since = time
        elif not is_open and since is not None:
            if time > begin:
                yield DoorOpen(tag, since, time)
            since = None
    if since is not None:
        yield DoorOpen(tag, since, None)
