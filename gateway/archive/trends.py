"""Trends: what one or many tags read over a time, for a picture of so many pixels.

A pixel shows the lowest and the highest reading of its part of the time, at their true times: a dip of one reading
stays, however long the window is. For windows whose parts are longer than a *cell* the archive has these already
(`extremes`, a row for each tag and cell), for all frames up to a number; what came since, and what lies in the cells
that the window cuts, is taken from the readings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from schemas.status import StatusCode

BAD = int(StatusCode.BAD)
"""Codes from here on have the severity Bad; what stands in such a sample's value is no reading."""
CELL_BITS = 26
"""A cell of the extremes lasts 2^26 µs, 67 s: a shift finds it, also for times before 1970."""
CELL = 1 << CELL_BITS
ROLL = 500_000
"""Readings that are rolled up at once: enough to make cells of several readings each, few enough to be read as they
are until then.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS extremes (
    tag INTEGER NOT NULL, cell BIGINT NOT NULL, low DOUBLE, low_at BIGINT, high DOUBLE, high_at BIGINT,
    first BIGINT NOT NULL, status UINTEGER NOT NULL, count BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS rolled_up (upto BIGINT NOT NULL);
"""
"""`low` and `high` are of readings that are not Bad, `first` and `status` (the worst) of all. A cell may stand in more
than one row of a tag. `rolled_up` has the frames up to which `extremes` was made, each time it was.
"""

SINGLY = f"""
SELECT tag, time AS moment, CASE WHEN status < {BAD} THEN value END AS low, time AS low_at, low AS high,
    time AS high_at, time AS first, status, 1 AS count
FROM readings
"""
"""Each reading as a cell of its own."""
FROM_CELLS = f"SELECT tag, cell * {CELL} AS moment, low, low_at, high, high_at, first, status, count FROM extremes"
SUMMARY = """
min(low) AS low, arg_min(low_at, low) AS low_at, max(high) AS high, arg_max(high_at, high) AS high_at,
min(first) AS first, max(status) AS status, sum(count)::BIGINT AS count
"""
ROLL_UP = f"""
INSERT INTO extremes SELECT tag, moment >> {CELL_BITS} AS cell, {SUMMARY} FROM ({SINGLY}{{where}}) GROUP BY ALL
"""
NUMBERS = "(SELECT unnest(?::INTEGER[]) AS id, unnest(?::INTEGER[]) AS name) AS numbers"
COARSE = f"""
WITH bucket AS (
    SELECT name, {SUMMARY}, sum(sum(count)) OVER (PARTITION BY name)::BIGINT AS total
    FROM ({{cells}}) AS cells JOIN {NUMBERS} ON cells.tag = numbers.id
    GROUP BY name, (moment - {{begin}}) // {{width}})
SELECT name, coalesce(low_at, first) AS time, low AS value, status, total FROM bucket
UNION ALL SELECT name, high_at, high, status, total FROM bucket WHERE high_at <> low_at ORDER BY name, time
"""
EXACT = f"""
SELECT name, time, value, status FROM readings JOIN {NUMBERS} ON tag = numbers.id {{within}} ORDER BY name, time
"""

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Trend:
    """Readings of one tag in order of time. `time` UTC microseconds, `value` NaN where there is none, `status` codes.

    `exact` when it holds every reading; otherwise each bucket gives its lowest and highest value that is not Bad, at
    their true times, and its worst status.
    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    exact: bool


NOTHING = Trend(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.uint32), exact=True)


def rolled_up(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the last frame that the extremes are made of."""
    return int(connection.execute("SELECT coalesce(max(upto), 0) FROM rolled_up").fetchall()[0][0])


def roll_up(connection: duckdb.DuckDBPyConnection, after: int, upto: int) -> None:
    """Make the extremes of frames from the one behind `after` up to `upto`, inside a transaction."""
    connection.execute(ROLL_UP.format(where="WHERE frame > ? AND frame <= ?"), [after, upto])
    connection.execute("INSERT INTO rolled_up VALUES (?)", [upto])


def cells_of(connection: duckdb.DuckDBPyConnection, stream: str, number: int) -> Columns:
    """Tags and cells of an entry's readings that the extremes are made of."""
    sql = f"""SELECT DISTINCT readings.tag, time >> {CELL_BITS} AS cell FROM readings JOIN frames ON frame = id
        WHERE stream = ? AND number = ? AND frame <= ?"""
    return connection.execute(sql, [stream, number, rolled_up(connection)]).fetchnumpy()


def roll_up_again(connection: duckdb.DuckDBPyConnection, cells: Columns) -> None:
    """Make these cells anew, of the readings that are there now."""
    if not len(cells["cell"]):
        return
    times = int(cells["cell"].min()) * CELL, (int(cells["cell"].max()) + 1) * CELL
    among = f"(tag, time >> {CELL_BITS}) IN (SELECT tag, cell FROM cells)"  # found by DuckDB under this name
    connection.execute("DELETE FROM extremes WHERE (tag, cell) IN (SELECT tag, cell FROM cells)")
    where = f"WHERE frame <= ? AND time >= ? AND time < ? AND {among}"
    connection.execute(ROLL_UP.format(where=where), [rolled_up(connection), *times])


def trends(
    connection: duckdb.DuckDBPyConnection, tags: Sequence[str], begin: int, end: int, buckets: int
) -> dict[str, Trend]:
    """Readings of each tag with begin ≤ time < end, UTC microseconds: every one, or two a bucket if too many.

    The connection is in a transaction, so that all is of one moment.
    """
    ids = connection.execute("SELECT tag, id FROM tags WHERE list_contains(?, tag)", [list(tags)]).fetchall()
    found = dict.fromkeys(tags, NOTHING)
    if not ids:
        return found
    width = max(1, -(-(end - begin) // buckets))
    cells = _parts([id_ for _, id_ in ids], begin, end, width, rolled_up(connection))
    coarse = _by_tag(connection, COARSE.format(cells=cells, begin=begin, width=width), ids)
    few = [(tag, id_) for tag, id_ in ids if tag in coarse and coarse[tag]["total"][0] <= 2 * buckets]
    within = _where([id_ for _, id_ in few], f"time >= {begin} AND time < {end}")
    exact = _by_tag(connection, EXACT.format(within=within), few) if few else {}
    found |= {tag: _trend(columns, exact=False) for tag, columns in coarse.items()}
    return found | {tag: _trend(columns, exact=True) for tag, columns in exact.items()}


def _parts(ids: Sequence[int], begin: int, end: int, width: int, upto: int) -> str:
    """Everything within the window: whole cells where there are some, else single readings."""
    first, last = -(-begin // CELL), end // CELL
    if width < CELL or first >= last:
        return SINGLY + _where(ids, f"time >= {begin} AND time < {end}")
    parts = (
        FROM_CELLS + _where(ids, f"cell >= {first} AND cell < {last}"),
        SINGLY + _where(ids, f"frame > {upto} AND time >= {begin} AND time < {end}"),
        SINGLY + _where(ids, f"frame <= {upto} AND time >= {begin} AND time < {first * CELL}"),
        SINGLY + _where(ids, f"frame <= {upto} AND time >= {last * CELL} AND time < {end}"),
    )
    return " UNION ALL ".join(parts)


def _where(ids: Sequence[int], rest: str) -> str:
    return f" WHERE tag IN ({', '.join(map(str, ids))}) AND {rest}"


def _by_tag(connection: duckdb.DuckDBPyConnection, sql: str, ids: Sequence[tuple[str, int]]) -> dict[str, Columns]:
    """The answer, in the order of time, by tag; a tag may have several numbers."""
    names = sorted({tag for tag, _ in ids})
    place = {name: at for at, name in enumerate(names)}
    columns = connection.execute(sql, [[id_ for _, id_ in ids], [place[tag] for tag, _ in ids]]).fetchnumpy()
    ends = np.searchsorted(columns["name"], np.arange(len(names) + 1))
    parts = {name: slice(a, b) for name, a, b in zip(names, ends[:-1], ends[1:], strict=True) if b > a}
    return {name: {key: column[part] for key, column in columns.items()} for name, part in parts.items()}


def _trend(columns: Columns, *, exact: bool) -> Trend:
    value = np.ma.filled(np.ma.asarray(columns["value"], dtype=np.float64), np.nan)
    return Trend(np.asarray(columns["time"]), value, np.asarray(columns["status"]), exact)
