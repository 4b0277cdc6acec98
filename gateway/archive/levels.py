"""Levels: what the readings of each tag were within cells of time, kept beside the readings in three widths.

A cell says how many readings it has, the lowest and the highest with their true times, the sum (so the mean), and the
worst status. Cells of a level are made of frames in the order in which they came, *rolled up* many at once: the finest
level out of readings, each other one out of the level below. `rolled_up` has, for each level, the last frame of every
such roll, and each cell names the roll that made it: of any tag and time there may be several cells, late frames have
theirs in a later one. So what a span reads is a union of (`cover`)

- whole cells of the wanted level, as far as it is rolled up;
- of the finer levels what lies in the cells that the span cuts;
- of the finer levels everything that came since.

Each of these is bounded: what waits to be rolled up is less than `ROLL` rows of the level below, and no question to the
archive reads more than some thousand cells of a tag, however long its span. An entry that is taken out changes only the
cells of the roll that its frame is in (`make_again`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from numpy.typing import NDArray

from schemas.status import StatusCode

BAD = int(StatusCode.BAD)
"""Codes from here on have the severity Bad; what stands in such a sample's value is no reading."""
ROLL = 500_000
"""Rows of the level below that are rolled up at once: enough to make cells of several rows each, few enough to be read
as they are until then.
"""


@dataclass(frozen=True, slots=True)
class Level:
    """A table of cells that last 2^`bits` µs each: a shift finds the cell of a time, also of one before 1970."""

    table: str
    bits: int

    @property
    def width(self) -> int:
        """Microseconds."""
        return 1 << self.bits


LEVELS = (Level("cells_of_minutes", 27), Level("cells_of_hours", 32), Level("cells_of_days", 36))
"""The finest first: 134 s, 72 min and 19 h. Six hundred parts of a day, a month and a year are longer than these."""

_COLUMNS = """
    tag INTEGER NOT NULL, cell BIGINT NOT NULL, low DOUBLE, low_at BIGINT, high DOUBLE, high_at BIGINT,
    first BIGINT NOT NULL, status UINTEGER NOT NULL, count BIGINT NOT NULL, known BIGINT NOT NULL, sum DOUBLE,
    roll BIGINT NOT NULL
"""
SCHEMA = "".join(f"CREATE TABLE IF NOT EXISTS {level.table} ({_COLUMNS});\n" for level in LEVELS) + (
    "CREATE TABLE IF NOT EXISTS rolled_up (level UTINYINT NOT NULL, upto BIGINT NOT NULL);\n"
)
"""`low`, `high` and `sum` are of the `known` readings: numbers that are not Bad. `first` and `status` (the worst) are
of all `count`. Times are UTC microseconds, at which the readings are; `roll` is the last frame of the roll.
"""

_SINGLY = f"""
SELECT tag, time AS moment, CASE WHEN status < {BAD} THEN value END AS low, time AS low_at, low AS high,
    time AS high_at, time AS first, status, 1 AS count, (low IS NOT NULL)::INTEGER AS known, low AS sum
FROM readings
"""
"""Each reading as a cell of its own."""
SUMMARY = """
min(low) AS low, arg_min(low_at, low) AS low_at, max(high) AS high, arg_max(high_at, high) AS high_at,
min(first) AS first, max(status) AS status, sum(count)::BIGINT AS count, sum(known)::BIGINT AS known, sum(sum) AS sum
"""
"""Cells as one; for a GROUP BY."""
EVER = 2**62
"""Later than any time of a reading, as its negative is earlier; microseconds."""

Span = tuple[int, int]
"""Begin ≤ time < end, UTC microseconds; or of frames: those behind the first number up to the second."""
Columns = dict[str, NDArray[Any]]


def marks(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The last frame of which each level was made, 0 where of none."""
    found = dict(connection.execute("SELECT level, max(upto) FROM rolled_up GROUP BY level").fetchall())
    return [found.get(at, 0) for at in range(len(LEVELS))]


def level_for(width: int) -> int:
    """Which level has cells no longer than so many microseconds, the coarsest of them; -1 where only readings do."""
    return sum(level.width <= width for level in LEVELS) - 1


def cover(level: int, span: Span, rolled: Sequence[int], frames: Span = (0, EVER)) -> list[str]:
    """SELECTs that together give all readings of the span, as cells of this level where there are some.

    `rolled` are the `marks`; each ends in a WHERE, to which conditions may be added. Each row has the columns that
    `SUMMARY` takes, `tag`, and as `moment` the begin of its cell, which lies within the span.
    """
    (begin, end), (after, upto) = span, frames
    if begin >= end or after >= upto:
        return []
    if level < 0:
        return [f"{_SINGLY} WHERE frame > {after} AND frame <= {upto} AND time >= {begin} AND time < {end}"]
    at = LEVELS[level]
    mark = min(max(rolled[level], after), upto)
    first, last = -(-begin // at.width), end // at.width
    found = cover(level - 1, span, rolled, (mark, upto))
    if first >= last:
        return cover(level - 1, span, rolled, (after, mark)) + found
    if mark > after:
        found.append(f"{_cells(at)} WHERE roll > {after} AND roll <= {mark} AND cell >= {first} AND cell < {last}")
    for edge in ((begin, first * at.width), (last * at.width, end)):
        found += cover(level - 1, edge, rolled, (after, mark))
    return found


def _cells(level: Level) -> str:
    return f"""SELECT tag, cell * {level.width} AS moment, low, low_at, high, high_at, first, status, count, known, sum
        FROM {level.table}"""


class Rolling:
    """What waits to be rolled up. It has to be made anew where a transaction failed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._marks = marks(connection)
        below = ("readings WHERE frame", *(f"{level.table} WHERE roll" for level in LEVELS))
        self._waiting = [
            int(connection.execute(f"SELECT count(*) FROM {rows} > ?", [mark]).fetchall()[0][0])
            for rows, mark in zip(below, self._marks, strict=False)
        ]

    def stored(self, connection: duckdb.DuckDBPyConnection, readings: int, upto: int) -> None:
        """So many readings came in frames up to this one: roll up what is due, inside their transaction."""
        rows = readings
        for at in range(len(LEVELS)):
            self._waiting[at] += rows
            if self._waiting[at] < ROLL:
                return
            rows = roll_up(connection, at, self._marks[at], upto)
            self._marks[at], self._waiting[at] = upto, 0


def roll_up(connection: duckdb.DuckDBPyConnection, level: int, after: int, upto: int) -> int:
    """Make the cells of frames from the one behind `after` up to `upto`, inside a transaction; how many there are."""
    (made,) = connection.execute(_making(level, after, upto)).fetchall()
    connection.execute("INSERT INTO rolled_up VALUES (?, ?)", [level, upto])
    return int(made[0])


def _making(level: int, after: int, upto: int, where: str = "") -> str:
    """The cells of a roll, of its frames; in the order of tags, which packs well."""
    if level:
        below = f"{_cells(LEVELS[level - 1])} WHERE roll > {after} AND roll <= {upto}"
    else:
        below = f"{_SINGLY} WHERE frame > {after} AND frame <= {upto}"
    return f"""INSERT INTO {LEVELS[level].table}
        SELECT tag, moment >> {LEVELS[level].bits} AS cell, {SUMMARY}, {upto} AS roll FROM ({below})
        {where} GROUP BY tag, cell ORDER BY tag, cell"""


@dataclass(frozen=True, slots=True)
class Touched:
    """A frame with the tags and times of its readings, one in each cell of the finest level."""

    frame: int
    readings: Columns


def touched(connection: duckdb.DuckDBPyConnection, frames: Iterable[int]) -> list[Touched]:
    """What `make_again` needs of frames that are about to go."""
    sql = f"SELECT DISTINCT tag, (time >> {LEVELS[0].bits}) * {LEVELS[0].width} AS moment FROM readings WHERE frame = ?"
    return [Touched(frame, connection.execute(sql, [frame]).fetchnumpy()) for frame in frames]


def make_again(connection: duckdb.DuckDBPyConnection, gone: Iterable[Touched]) -> None:
    """Make the cells anew in which readings were that are there no longer."""
    for one in gone:
        gone_from = one.readings  # found by DuckDB under this name
        for at, level in enumerate(LEVELS if len(gone_from["tag"]) else ()):
            sql = """SELECT coalesce(max(upto) FILTER (upto < ?), 0), min(upto) FILTER (upto >= ?) FROM rolled_up
                WHERE level = ?"""
            after, upto = connection.execute(sql, [one.frame, one.frame, at]).fetchall()[0]
            if upto is None:
                break
            among = f"IN (SELECT tag, moment >> {level.bits} FROM gone_from)"
            connection.execute(f"DELETE FROM {level.table} WHERE roll = {upto} AND (tag, cell) {among}")
            connection.execute(_making(at, after, upto, f"WHERE (tag, moment >> {level.bits}) {among}"))


def readings_kept(connection: duckdb.DuckDBPyConnection) -> int:
    """How many readings there are."""
    everything = cover(len(LEVELS) - 1, (-EVER, EVER), marks(connection))
    counts = " UNION ALL ".join(f"SELECT count FROM ({part})" for part in everything)
    return int(connection.execute(f"SELECT coalesce(sum(count), 0)::BIGINT FROM ({counts})").fetchall()[0][0])
