"""Trends: what one or many tags read over a time, for a picture of so many pixels, and as one figure each.

A pixel shows the lowest and the highest reading of its part of the time, at their true times: a dip of one reading
stays, however long the window is. Where the parts are longer than the cells of a level (`levels.py`), the archive has
these already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from gateway.archive.levels import SUMMARY, Columns, cover, level_for, marks

_NUMBERS = "(SELECT unnest(?::INTEGER[]) AS id, unnest(?::INTEGER[]) AS name) AS numbers"
_COARSE = f"""
WITH bucket AS (
    SELECT name, {SUMMARY}, sum(sum(count)) OVER (PARTITION BY name)::BIGINT AS total
    FROM ({{cells}}) AS cells JOIN {_NUMBERS} ON cells.tag = numbers.id
    GROUP BY name, (moment - {{begin}}) // {{width}})
SELECT name, coalesce(low_at, first) AS time, low AS value, status, total FROM bucket
UNION ALL SELECT name, high_at, high, status, total FROM bucket WHERE high_at <> low_at ORDER BY name, time
"""
_EXACT = f"""
SELECT name, time, value, status FROM readings JOIN {_NUMBERS} ON tag = numbers.id {{within}} ORDER BY name, time
"""
_FIGURES = f"SELECT name, {SUMMARY} FROM ({{cells}}) AS cells JOIN {_NUMBERS} ON cells.tag = numbers.id GROUP BY name"


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


@dataclass(frozen=True, slots=True)
class Figures:
    """What one tag read over a time. `low`, `high` and `mean` are of the `known` readings: numbers that are not Bad.

    They are None where nothing is known; `status` is the worst code of all `count` readings; times UTC microseconds.
    """

    low: float | None
    low_at: int | None
    high: float | None
    high_at: int | None
    mean: float | None
    status: int
    count: int
    known: int


def trends(
    connection: duckdb.DuckDBPyConnection, tags: Sequence[str], begin: int, end: int, buckets: int
) -> dict[str, Trend]:
    """Readings of each tag with begin ≤ time < end, UTC microseconds: every one, or two a bucket if too many.

    The connection is in a transaction, so that all is of one moment.
    """
    ids = _numbers(connection, tags)
    found = dict.fromkeys(tags, NOTHING)
    if not ids:
        return found
    width = max(1, -(-(end - begin) // buckets))
    cells = _parts(connection, ids, begin, end, width)
    coarse = _by_tag(connection, _COARSE.format(cells=cells, begin=begin, width=width), ids)
    few = [(tag, id_) for tag, id_ in ids if tag in coarse and coarse[tag]["total"][0] <= 2 * buckets]
    within = f"WHERE {_among(few)} AND time >= {begin} AND time < {end}"
    exact = _by_tag(connection, _EXACT.format(within=within), few) if few else {}
    found |= {tag: _trend(columns, exact=False) for tag, columns in coarse.items()}
    return found | {tag: _trend(columns, exact=True) for tag, columns in exact.items()}


def figures(connection: duckdb.DuckDBPyConnection, tags: Sequence[str], begin: int, end: int) -> dict[str, Figures]:
    """Of each tag that has readings with begin ≤ time < end, UTC microseconds; in a transaction, as `trends`."""
    ids = _numbers(connection, tags)
    if not ids or begin >= end:
        return {}
    names, values = _places(ids)
    rows = connection.execute(_FIGURES.format(cells=_parts(connection, ids, begin, end, end - begin)), values)
    return {
        names[name]: Figures(low, low_at, high, high_at, total / known if known else None, status, count, known)
        for name, low, low_at, high, high_at, _, status, count, known, total in rows.fetchall()
    }


def _numbers(connection: duckdb.DuckDBPyConnection, tags: Sequence[str]) -> list[tuple[str, int]]:
    return connection.execute("SELECT tag, id FROM tags WHERE list_contains(?, tag)", [list(tags)]).fetchall()


def _parts(
    connection: duckdb.DuckDBPyConnection, ids: Sequence[tuple[str, int]], begin: int, end: int, width: int
) -> str:
    """Everything of these tags within the window, as cells no longer than the width."""
    among = _among(ids)
    parts = cover(level_for(width), (begin, end), marks(connection))
    return " UNION ALL ".join(f"{part} AND {among}" for part in parts)


def _among(ids: Sequence[tuple[str, int]]) -> str:
    return f"tag IN ({', '.join(str(id_) for _, id_ in ids)})"


def _places(ids: Sequence[tuple[str, int]]) -> tuple[list[str], list[list[int]]]:
    """Names in order, and for `_NUMBERS` which of them each number is; a tag may have several numbers."""
    names = sorted({tag for tag, _ in ids})
    place = {name: at for at, name in enumerate(names)}
    return names, [[id_ for _, id_ in ids], [place[tag] for tag, _ in ids]]


def _by_tag(connection: duckdb.DuckDBPyConnection, sql: str, ids: Sequence[tuple[str, int]]) -> dict[str, Columns]:
    """The answer, in the order of time, by tag."""
    names, values = _places(ids)
    columns = connection.execute(sql, values).fetchnumpy()
    ends = np.searchsorted(columns["name"], np.arange(len(names) + 1))
    parts = {name: slice(a, b) for name, a, b in zip(names, ends[:-1], ends[1:], strict=True) if b > a}
    return {name: {key: column[part] for key, column in columns.items()} for name, part in parts.items()}


def _trend(columns: Columns, *, exact: bool) -> Trend:
    value = np.ma.filled(np.ma.asarray(columns["value"], dtype=np.float64), np.nan)
    return Trend(np.asarray(columns["time"]), value, np.asarray(columns["status"]), exact)
