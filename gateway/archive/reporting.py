"""What reports ask the archive: readings of many tags in columns, when a source was not heard of, what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.archive.archive import Archive
from gateway.archive.evidence import Readable
from gateway.completeness import Interval

ROWS_AT_ONCE = 2_000_000
"""Readings that are held in memory together, some 200 MB with all that is made of them; an hour may have more."""
HOUR = 3_600_000_000
WEEK = 7 * 24 * HOUR


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one tag, each exactly as received, in order of time.

    `time` is UTC microseconds, `value` NaN where there is none or where it came in another unit, `status` OPC UA codes.
    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]

    @property
    def last(self) -> "Readings":
        """The last one alone; nothing where there is none."""
        return Readings(self.time[-1:], self.value[-1:], self.status[-1:])

    def then(self, later: "Readings") -> "Readings":
        """With those that follow."""
        return Readings(
            np.concatenate([self.time, later.time]), np.concatenate([self.value, later.value]),
            np.concatenate([self.status, later.status]),
        )  # fmt: skip


NOTHING = Readings(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.uint32))


def parts(archive: Readable, tags: Sequence[str], begin: int, end: int) -> Iterator[Interval]:
    """The period begin ≤ time < end (UTC microseconds) cut into parts of which each is read at once, in order."""
    sql = """SELECT time // ? AS hour, count(*) FROM readings
        WHERE tag IN (SELECT id FROM tags WHERE list_contains(?, tag)) AND time >= ? AND time < ?
        GROUP BY hour ORDER BY hour"""
    low, size = begin, 0
    for hour, count in archive.rows(sql, [HOUR, list(tags), begin, end]):
        if size and size + count > ROWS_AT_ONCE:
            yield low, hour * HOUR
            low, size = hour * HOUR, 0
        size += count
    yield low, end


def readings_of(archive: Archive, units: Mapping[str, str], begin: int, end: int) -> dict[str, Readings]:
    """Every reading with begin ≤ time < end (UTC microseconds) of the tags, whose units are given.

    Sorted here, since columns are nearly in order of time: DuckDB's sort takes several times as long.
    """
    sql = "SELECT id, tag, unit FROM tags WHERE list_contains(?, tag) ORDER BY id"
    ids = [(id_, tag, unit == units[tag]) for id_, tag, unit in archive.rows(sql, [list(units)])]
    if not ids:
        return dict.fromkeys(units, NOTHING)
    names = list(units)
    among = ", ".join(str(id_) for id_, *_ in ids)
    sql = f"SELECT tag, time, value, status FROM readings WHERE tag IN ({among}) AND time >= ? AND time < ?"
    columns = archive.columns(sql, [begin, end])  # in the order in which they were stored
    place, fits = (np.zeros(1 + max(id_ for id_, *_ in ids), dtype=kind) for kind in (np.int16, np.bool_))
    for id_, name, fitting in ids:
        place[id_], fits[id_] = names.index(name), fitting
    tag, value = columns["tag"], np.ma.filled(np.ma.asarray(columns["value"], dtype=np.float64), np.nan)
    value[~fits[tag]] = np.nan
    by_tag = np.argsort(place[tag], kind="stable")
    ends = np.searchsorted(place[tag], np.arange(len(names) + 1), sorter=by_tag).tolist()
    rows = {name: by_tag[a:b] for name, a, b in zip(names, ends[:-1], ends[1:], strict=True)}
    return {name: _in_order(some, columns["time"], value, columns["status"]) for name, some in rows.items()}


def _in_order(
    rows: NDArray[np.intp], time: NDArray[np.int64], value: NDArray[np.float64], status: NDArray[np.uint32]
) -> Readings:
    """These rows, by time; of one time as they were stored."""
    rows = rows[np.argsort(time[rows], kind="stable")]
    return Readings(time[rows], value[rows], status[rows])


def words_of(archive: Readable, tag: str, begin: int, end: int) -> tuple[list[int], list[str | None]]:
    """What a text tag said, from its last word before the begin on: when it changed, and to what.

    None stands for what was not Good.
    """
    sql = """WITH said AS (SELECT time, frame, CASE WHEN status >> 30 = 0 THEN other END AS word
            FROM readings JOIN tags ON readings.tag = tags.id WHERE tags.tag = ? AND time < ?),
        steps AS (SELECT time, frame, word, lag(word) OVER (ORDER BY time, frame) AS before,
                lag(time) OVER (ORDER BY time, frame) AS since
            FROM said WHERE time >= coalesce((SELECT max(time) FROM said WHERE time <= ?), ?))
        SELECT time, word FROM steps WHERE since IS NULL OR word IS DISTINCT FROM before ORDER BY time, frame"""
    rows = archive.rows(sql, [tag, end, begin, begin])
    return [time for time, _ in rows], [word for _, word in rows]


def sources_of(archive: Readable, tags: Sequence[str]) -> dict[str, list[str]]:
    """The sources that ever gave each tag."""
    found: dict[str, list[str]] = {}
    sql = "SELECT DISTINCT tag, source FROM tags WHERE list_contains(?, tag) ORDER BY ALL"
    for tag, source in archive.rows(sql, [list(tags)]):
        found.setdefault(tag, []).append(source)
    return found


def unheard(archive: Readable, sources: Sequence[str], begin: int, end: int, within: int) -> list[Interval]:
    """When within begin ≤ time < end nothing was heard of any of the sources, for longer than `within`; microseconds.

    A sender that is named as a source is heard of with each of its records: what it derives has no sign of life of its
    own. `heard` is of frames only, also of empty ones, in which a device says that it has nothing new. Asked week by
    week, since they are sorted; what lasts longer is told in touching pieces.
    """
    sql = """WITH signs AS (SELECT heard FROM entries WHERE heard >= ? AND heard < ?
            AND (list_contains(?, source) OR list_contains(?, split_part(stream, '.', 2)))),
        steps AS (SELECT heard, lead(heard) OVER (ORDER BY heard) AS next FROM signs)
        SELECT heard + ? AS low, coalesce(next, ?) AS high FROM steps WHERE high > low
        UNION ALL SELECT ?, coalesce(min(heard), ?) FROM signs HAVING coalesce(min(heard), ?) > ? ORDER BY 1"""
    found: list[Interval] = []
    for low in range(begin, end, WEEK):
        high = min(low + WEEK, end)
        values = [low - within, high, list(sources), list(sources), within, high, low, high, high, low]
        found += [(max(at, low), to) for at, to in archive.rows(sql, values) if to > low]
    return found


@dataclass(frozen=True, slots=True)
class Rest:
    """Numbers of one stream that lie in a period, and how far the stream is sealed and verified.

    `missing` are not in the archive, `hashes` are there by their leaf hash alone. `sealed_at` is POSIX seconds.
    """

    stream: str
    first: int
    last: int
    missing: int
    hashes: int
    sealed_at: int | None
    verified: int

    @property
    def proven(self) -> bool:
        """Whether seals prove all of these numbers."""
        return self.verified >= self.last and not self.missing


def rests_on(archive: Readable, begin: int, end: int) -> list[Rest]:
    """What was told in begin ≤ time < end (UTC microseconds): frames received, alarms, gaps, by stream."""
    sql = """WITH told AS (
            SELECT stream, number FROM frames WHERE received >= ? AND received < ?
            UNION ALL SELECT stream, number FROM entries WHERE heard >= ? AND heard < ?
            UNION ALL SELECT stream, number FROM alarms WHERE time >= ? AND time < ?
            UNION ALL SELECT stream, number FROM gaps WHERE gap IN (
                SELECT gap FROM gaps GROUP BY gap HAVING min(began) < ? AND coalesce(max(ended), ?) >= ?)),
        spans AS (SELECT stream, min(number) AS first, max(number) AS last FROM told GROUP BY stream),
        kept AS (SELECT spans.stream, count(*) AS count, count(*) FILTER (WHERE octets IS NULL) AS hashes
            FROM spans JOIN entries ON entries.stream = spans.stream AND number BETWEEN first AND last
            GROUP BY spans.stream)
        SELECT spans.stream, first, last, last - first + 1 - coalesce(count, 0), coalesce(hashes, 0), sealed,
            coalesce(verified, 0)
        FROM spans LEFT JOIN kept USING (stream) LEFT JOIN streams ON name = spans.stream ORDER BY 1"""
    return [Rest(*row) for row in archive.rows(sql, [*(begin, end) * 3, end, end, begin])]


@dataclass(frozen=True, slots=True)
class Passed:
    """Breaches of one condition that made no alarm: over within the delay, or while the condition was not in force.

    `longest` is seconds, `extreme` the value farthest from the limit.
    """

    condition: str
    tag: str
    count: int
    longest: float | None
    extreme: float | None
    unit: str


def passed_in(archive: Readable, room: str, tags: Sequence[str], begin: int, end: int) -> list[Passed]:
    """Those of a room and these tags that ended in begin ≤ time < end (UTC microseconds), by condition."""
    sql = """SELECT condition, any_value(tag), count(*), max(duration), arg_max(extreme, abs(extreme - "limit")),
            any_value(unit)
        FROM alarms WHERE event = 'PASSED' AND time >= ? AND time < ? AND (room = ? OR list_contains(?, tag))
        GROUP BY condition ORDER BY condition"""
    return [Passed(*row) for row in archive.rows(sql, [begin, end, room, list(tags)])]
