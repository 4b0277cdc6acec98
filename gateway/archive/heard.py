"""When each source was first and last heard of: kept as entries come, since those of a year are tens of millions."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from numpy.typing import NDArray

SCHEMA = """
CREATE TABLE IF NOT EXISTS heard (
    source VARCHAR NOT NULL, stream VARCHAR NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
    PRIMARY KEY (source, stream)
);
"""
"""UTC microseconds, of the frames in `entries` that tell them."""
_ROWS = "SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::BIGINT[])"
_WIDEN = f"""UPDATE heard SET first = least(heard.first, new.first), last = greatest(heard.last, new.last)
    FROM ({_ROWS}) AS new(source, stream, first, last) WHERE heard.source = new.source AND heard.stream = new.stream"""
_PUT = f"INSERT INTO heard {_ROWS} ON CONFLICT DO NOTHING"
_AT_AN_END = """SELECT heard.source, heard.stream FROM entries JOIN heard USING (source, stream)
    WHERE stream = ? AND number = ? AND (entries.heard = first OR entries.heard = last)"""
_AGAIN = """INSERT INTO heard SELECT source, stream, min(heard), max(heard) FROM entries
    WHERE source = ? AND stream = ? AND heard IS NOT NULL GROUP BY source, stream"""
Place = tuple[str, str]
"""A source and a stream in which it is."""


def store_heard(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, NDArray[Any]]) -> None:
    """Entries as `tables.entry_columns` gives them. Nearly always all places are known: then it is one update."""
    spans: dict[Place, tuple[int, int]] = {}
    for source, stream, time in zip(*(columns[one].tolist() for one in ("source", "stream", "heard")), strict=True):
        if source is not None and time >= 0:
            first, last = spans.get((source, stream), (time, time))
            spans[source, stream] = min(first, time), max(last, time)
    if not spans:
        return
    rows = [list(column) for column in zip(*((*place, *span) for place, span in spans.items()), strict=True)]
    (known,) = connection.execute(_WIDEN, rows).fetchall()[0]
    if known < len(spans):
        connection.execute(_PUT, rows)


def resting_on(connection: duckdb.DuckDBPyConnection, entry: Sequence[object]) -> list[Place]:
    """Of what the first or last time is that of the entry, given by stream and number; mostly of nothing."""
    return connection.execute(_AT_AN_END, list(entry)).fetchall()


def hear_again(connection: duckdb.DuckDBPyConnection, places: Sequence[Place]) -> None:
    """These times anew, out of the entries that are here."""
    for place in places:
        connection.execute("DELETE FROM heard WHERE source = ? AND stream = ?", place)
        connection.execute(_AGAIN, place)
