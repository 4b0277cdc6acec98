"""What an agent recorded, out of a holder's archive, read in its order and never whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gateway.alarm.condition import Condition
from gateway.alarm.context import GRACE
from gateway.archive.archive import Archive
from gateway.link.topics import Stream, stream_named
from gateway.replaying.evaluable import needed
from gateway.replaying.replay import Hole, Recorded
from schemas.catalogue import KINDS, Schema, family_of, schema, schema_of
from schemas.codec import decode
from schemas.frame import Frame
from schemas.records import Alarm

PAGE = 1000
"""Entries that are read at once."""
MARGIN = 2 * GRACE
"""Seconds that the engine runs before the window, beyond the longest delay or window of a condition."""
_ALARMS = family_of("Alarm").name
_OF_THE_PAST = "(retrospective AND actor IS NULL)"
"""Steps whose time does not tell when they were reported."""
_BEFORE = f"({_OF_THE_PAST} OR time < ?)"
_LIVE = f"stream = ? AND NOT {_OF_THE_PAST}"
_NO_NUMBER = 2**62


@dataclass(frozen=True, slots=True)
class Window:
    """begin ≤ time < end, UTC microseconds."""

    begin: int
    end: int


def all_of(archive: Archive) -> Window | None:
    """From the first frame to behind the last record; None where there is none."""
    ((begin, end),) = archive.rows("SELECT min(received), max(received) FROM frames")
    ((alarm,),) = archive.rows("SELECT max(time) FROM alarms")
    return None if begin is None else Window(begin, max(end, alarm or end) + 1_000_000)


def warm_up(conditions: Sequence[Condition]) -> int:
    """How long before the window the engine must run to know what lasts, microseconds."""
    times = (one.window + one.on_delay + one.off_delay + (one.doors.cap if one.doors else 0.0) for one in conditions)
    return round((max(times, default=0.0) + MARGIN) * 1e6)


class Archived:
    """The records of one agent in an archive."""

    def __init__(self, archive: Archive, frames: Stream, conditions: Sequence[Condition]) -> None:
        self._archive, self._conditions = archive, conditions
        self._frames, self._alarms = frames.name, replace(frames, family=_ALARMS).name
        self._published = _published(archive)

    def recorded(self, window: Window) -> Recorded:
        """All that belongs to the window, with what goes before it."""
        start = window.begin - warm_up(self._conditions)
        low, high = self._between(start, window.end)
        first, last = self._ends()
        return Recorded(
            frames=self._all_frames(start, window.end),
            reported=self._steps(f"number > ? AND number < ? AND {_BEFORE}", [low, high, window.end]),
            gaps=self._archive.gaps(start, window.end), latest=list(self._latest(low)),
            tags=self._tags(window.end), begin=window.begin, end=window.end,
            from_first=first >= start, to_last=last < window.end,
        )  # fmt: skip

    def _ends(self) -> tuple[int, int]:
        """When the first and the last frame were received, UTC microseconds."""
        ((first, last),) = self._archive.rows(
            "SELECT min(received), max(received) FROM frames WHERE stream = ?", [self._frames]
        )
        return first, last

    def _between(self, start: int, end: int) -> tuple[int, int]:
        """The numbers before and behind the steps of that time. Steps of the past count with those around them."""
        sql = f"SELECT min(number) FILTER (time >= ?), max(number) FILTER (time < ?) FROM alarms WHERE {_LIVE}"
        ((first, last),) = self._archive.rows(sql, [start, end, self._alarms])
        sql = f"""SELECT max(number) FILTER (time < ? AND number < ?), min(number) FILTER (time >= ? AND number > ?)
            FROM alarms WHERE {_LIVE}"""
        first, last = _NO_NUMBER if first is None else first, -1 if last is None else last
        ((low, high),) = self._archive.rows(sql, [start, first, end, last, self._alarms])
        return -1 if low is None else low, _NO_NUMBER if high is None else high

    def _all_frames(self, start: int, end: int) -> Iterator[Frame | Hole]:
        yield from self._before(start)
        sql = "SELECT min(number), max(number) FROM frames WHERE stream = ? AND received >= ? AND received < ?"
        ((first, last),) = self._archive.rows(sql, [self._frames, start, end])
        if first is None:
            return
        wall, expected = start, first
        for number, kind, octets in self._entries(first, last):
            if number != expected or octets is None or kind == "Evicted":
                yield Hole(wall, f"record {expected} of {self._frames} is not in the archive")
            expected = number + 1
            record = None if octets is None or kind != "Frame" else decode(octets, self._published)
            if isinstance(record, Frame):
                wall = record.received
                yield record

    def _entries(self, first: int, last: int) -> Iterator[tuple[int, str, bytes | None]]:
        sql = """SELECT number, kind, octets FROM entries WHERE stream = ? AND number BETWEEN ? AND ?
            ORDER BY number"""
        for page in range(first, last + 1, PAGE):
            yield from self._archive.rows(sql, [self._frames, page, min(last, page + PAGE - 1)])

    def _before(self, start: int) -> Iterator[Frame]:
        """What each tag said last before the start, as if it were said then: many are sent only when they change."""
        tags = sorted({tag for one in self._conditions for tag in needed(one)})
        sql = """SELECT tags.tag, arg_max(frames.number, frames.id) FROM readings
            JOIN frames ON readings.frame = frames.id JOIN tags ON readings.tag = tags.id
            WHERE frames.stream = ? AND frames.received < ? AND NOT frames.backfilled AND list_contains(?, tags.tag)
            GROUP BY tags.tag ORDER BY 2"""
        for tag, number in self._archive.rows(sql, [self._frames, start, tags]):
            for _, _, octets in self._entries(number, number):
                frame = None if octets is None else decode(octets, self._published)
                if isinstance(frame, Frame):
                    yield _last_of(tag, frame, start)

    def _latest(self, number: int) -> Iterator[Alarm]:
        """The last step of each condition up to that number."""
        where = """(stream, number) IN (SELECT stream, max(number) FROM alarms
            WHERE stream = ? AND number <= ? AND event <> 'PASSED' GROUP BY condition, stream)"""
        yield from self._steps(where, [self._alarms, number])

    def _steps(self, where: str, values: Sequence[object]) -> Iterator[Alarm]:
        """Reported steps in their order."""
        numbers = [
            number
            for (number,) in self._archive.rows(
                f"SELECT number FROM alarms WHERE stream = ? AND {where} ORDER BY number", [self._alarms, *values]
            )
        ]
        for at in range(0, len(numbers), PAGE):
            sql = "SELECT octets FROM entries WHERE stream = ? AND list_contains(?, number) ORDER BY number"
            for (octets,) in self._archive.rows(sql, [self._alarms, numbers[at : at + PAGE]]):
                step = decode(octets, self._published)
                if isinstance(step, Alarm):
                    yield step

    def _tags(self, end: int) -> frozenset[str]:
        sql = """SELECT DISTINCT tags.tag FROM readings JOIN frames ON readings.frame = frames.id
            JOIN tags ON readings.tag = tags.id WHERE frames.stream = ? AND frames.received < ?"""
        return frozenset(tag for (tag,) in self._archive.rows(sql, [self._frames, end]))


def archived(archive: Archive, conditions: Sequence[Condition]) -> dict[str, Archived]:
    """The records of each agent, by its name."""
    names = [name for (name,) in archive.rows("SELECT DISTINCT stream FROM frames ORDER BY stream")]
    streams = [stream for stream in map(stream_named, names) if stream is not None]
    return {stream.sender: Archived(archive, stream, conditions) for stream in streams}


def _last_of(tag: str, frame: Frame, start: int) -> Frame:
    rows = np.flatnonzero(frame.tag == frame.tags.index[tag])[-1:]
    beside = {0: frame.beside[int(rows[0])]} if int(rows[0]) in frame.beside else {}
    return replace(
        frame, tag=frame.tag[rows], value=frame.value[rows], status=frame.status[rows], reason=frame.reason[rows],
        source_time=frame.source_time[rows], raw=None if frame.raw is None else frame.raw[rows], beside=beside,
        received=start,
    )  # fmt: skip


def _published(archive: Archive) -> Mapping[bytes, Schema]:
    """Schemas by fingerprint: what the streams say, and those of this version."""
    said = {one.fingerprint: schema_of(one.text) for one in archive.schemas()}
    return said | {schema(kind).fingerprint: schema(kind) for kind in KINDS}
