"""The rooms of a batch while it was in them: readings, alarms, gaps. Calls block."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.archive.archive import Archive
from gateway.archive.lives import EVER, AlarmLife
from gateway.archive.withheld import NotSent, TakenBack, not_sent, taken_back
from gateway.batches.procedure import Stay
from gateway.cleanroom.site import Site
from gateway.completeness import Completeness, completeness, percent
from schemas.records import Gap
from schemas.status import StatusCode


@dataclass(frozen=True, slots=True)
class Measured:
    """A tag in that time. `good` and `other` count readings; `least` and `most` are of the good ones, in `unit`.

    `limits` says whether a level stands on it.
    """

    tag: str
    quantity: str
    limits: bool
    good: int = 0
    other: int = 0
    least: float | None = None
    most: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class RoomTime:
    """A stay with what was seen in its room; `known` is False for a room that the site file has not."""

    stay: Stay
    known: bool
    measured: tuple[Measured, ...] = ()
    alarms: tuple[AlarmLife, ...] = ()
    gaps: tuple[Gap, ...] = ()
    withheld: Sequence[NotSent] = ()
    """What of the room did not come by agreement."""
    withdrawn: Sequence[TakenBack] = ()
    """Times of the room that came and are not the holder's own any more."""


def environment(archive: Archive, site: Site, stays: Iterable[Stay], now: int) -> list[RoomTime]:
    """Each stay; one that has no end is looked at up to `now`, UTC microseconds."""
    rooms = {room.id for room in site.rooms}
    return [_room_time(archive, site, stay, now) if stay.room in rooms else RoomTime(stay, known=False)
            for stay in stays]  # fmt: skip


def _room_time(archive: Archive, site: Site, stay: Stay, now: int) -> RoomTime:
    end = max(stay.began, now if stay.ended is None else stay.ended) + 1
    tags = _tags(site, stay.room)
    lives = archive.alarms(stay.began, min(end, EVER))
    alarms = sorted((life for life in lives if life.last.room == stay.room), key=lambda one: one.raised)
    gaps = [gap for gap in archive.gaps(stay.began, end) if not gap.tags or tags.keys() & set(gap.tags)]
    return RoomTime(
        stay, known=True, measured=tuple(_measured(archive, tags, stay.began, end)),
        alarms=tuple(alarms), gaps=tuple(sorted(gaps, key=lambda one: (one.began, str(one.gap)))),
        withheld=not_sent(archive, stay.began, end, stay.room),
        withdrawn=taken_back(archive, stay.began, end, stay.room),
    )  # fmt: skip


def read_share(rooms: Iterable[RoomTime], now: int) -> float | None:
    """Of how much of the batch's time in its rooms the tags there have readings, per cent, rounded down.

    A tag without any good reading has none of it; a gap that was filled in is none. None where nothing is measured.
    """
    spans = [span for room in rooms for one in room.measured if (span := _read(room, one, now)) is not None]
    whole = sum(one.end - one.begin for one in spans)
    return percent(whole - sum(one.missing for one in spans), whole) if whole else None


def _read(room: RoomTime, one: Measured, now: int) -> Completeness | None:
    begin, end = room.stay.began, now if room.stay.ended is None else room.stay.ended
    holes = [
        (gap.began, gap.ended) for gap in room.gaps if not gap.backfilled and (not gap.tags or one.tag in gap.tags)
    ]
    return completeness(begin, end, now, begin, holes if one.good else [(begin, end)])


def _tags(site: Site, room: str) -> dict[str, tuple[str, bool]]:
    """The room's tags with quantity and whether a level stands on them; a differential is of both its rooms."""
    found = {one.tag: (one.quantity, bool(one.levels.all)) for one in site.watched() if one.room == room}
    levels = {one.tag: bool(one.levels.all) for one in site.watched()}
    beside = (one.tag for one in site.differentials if one.against == room)
    return found | {tag: ("differential_pressure", levels[tag]) for tag in beside}


def _measured(archive: Archive, tags: dict[str, tuple[str, bool]], begin: int, end: int) -> list[Measured]:
    sql = """SELECT tags.tag, count(*) FILTER (status < ?), count(*) FILTER (status >= ?),
            min(value) FILTER (status < ?), max(value) FILTER (status < ?), any_value(unit)
        FROM readings JOIN tags ON readings.tag = tags.id
        WHERE list_contains(?, tags.tag) AND time >= ? AND time < ? GROUP BY tags.tag"""
    not_good = int(StatusCode.UNCERTAIN)
    rows = archive.rows(sql, [*[not_good] * 4, list(tags), begin, end])
    seen = {tag: rest for tag, *rest in rows}
    return [Measured(tag, *about, *seen.get(tag, ())) for tag, about in sorted(tags.items())]
