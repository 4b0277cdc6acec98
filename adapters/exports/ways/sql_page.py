"""How a view is read in pages: the statement, the place where a page ends, and the page as CSV. Pure.

Rows come in the order of columns that grow. A page begins behind the last row of the one before; a new round begins
`look_back` before it, because a row may be committed later than one with a later time. What is known there is no part
of the page.
"""

import csv
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from io import StringIO
from math import ceil
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Numeric,
    Select,
    String,
    Uuid,
    and_,
    column,
    exists,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from adapters.exports.ways.sql_settings import ViewSettings

Value = datetime | date | int | float | Decimal | str | UUID
Place = tuple[Value, ...]
"""The values of a row in the columns that grow."""
_KINDS: tuple[tuple[str, type[Any], Callable[[str], Value]], ...] = (
    ("time", datetime, datetime.fromisoformat),
    ("date", date, date.fromisoformat),
    ("whole", int, int),
    ("number", float, float),
    ("decimal", Decimal, Decimal),
    ("text", str, str),
    ("uuid", UUID, UUID),
)
"""Kinds of values that rows can be ordered by; a time is also a date, so it stands first."""


class ViewError(Exception):
    """The view cannot be read so; the message says why, in a line."""


def placed(values: Sequence[object], names: Sequence[str]) -> Place:
    """Raises ViewError for a kind of value that has no order here."""
    for name, value in zip(names, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, Value):
            raise ViewError(f"{name} is a {type(value).__name__}; rows are ordered by times, numbers or texts")
    return cast(Place, tuple(values))


def written(place: Place, page: int) -> str:
    """What the ledger remembers: the place, and how many pages there were."""
    return json.dumps([page, *([_kind(one), _text(one)] for one in place)])


def read(text: str) -> tuple[Place, int]:
    """Place and pages."""
    page, *values = json.loads(text)
    makers = {kind: make for kind, _, make in _KINDS}
    return tuple(makers[kind](value) for kind, value in values), int(page)


def earlier(place: Place, view: ViewSettings) -> Value:
    """Where a new round begins, in the first column. Raises ViewError."""
    first, back = place[0], view.look_back
    if not back:
        return first
    match first:
        case datetime():
            return first - timedelta(seconds=back)
        case date():
            return first - timedelta(days=ceil(back / 86_400))
        case Decimal():
            return first - Decimal(back)
        case int() | float():
            return first - type(first)(ceil(back))
    raise ViewError(f"{view.order[0]} is neither a time nor a number: nothing can be read again; set look_back to 0")


def further(one: Place, other: Place) -> Place:
    """By the first column, for the rest is the database's own order. Raises ViewError."""
    return other if before(one[0], other[0]) else one


def before(one: Value, other: Value) -> bool:
    """Whether a value of the first column is less. Raises ViewError for another kind of it."""
    try:
        return bool(cast(Any, one) < other)
    except TypeError as error:
        raise ViewError(f"the kind of its first column changed: {error}") from error


def rows_of(view: ViewSettings, most: int, start: Value | None, behind: Place | None) -> Select[Any]:
    """The next rows: from a value of the first column on, or those behind a place, or all."""
    columns: list[ColumnElement[Any]] = [column(name) for name in view.order]
    statement: Select[Any] = select(literal_column("*")).select_from(_relation(view)).order_by(*columns).limit(most)
    if behind is not None:
        statement = statement.where(_behind(columns, behind))
    elif start is not None:
        statement = statement.where(columns[0] >= _bound(start))
    return statement.where(*(one.is_not(None) for one in columns))


def lost_rows(view: ViewSettings) -> Select[Any]:
    """Whether there are rows that no place is behind."""
    lost = (
        exists(literal_column("1"))
        .select_from(_relation(view))
        .where(or_(*(column(one).is_(None) for one in view.order)))
    )
    return select(lost)


def _relation(view: ViewSettings) -> Any:
    schema, _, name = view.view.rpartition(".")
    return table(name, schema=schema or None)


def _behind(columns: Sequence[ColumnElement[Any]], place: Place) -> ColumnElement[bool]:
    first, value = columns[0], _bound(place[0])
    if len(columns) == 1:
        return first > value
    return or_(first > value, and_(first == value, _behind(columns[1:], place[1:])))


def _bound(value: Value) -> ColumnElement[Any]:
    """With the widest type, so that a driver that declares types cuts nothing off."""
    types: dict[type[Any], TypeEngine[Any]] = {
        datetime: DateTime(timezone=isinstance(value, datetime) and value.tzinfo is not None), date: Date(),
        int: BigInteger(), float: Double(), Decimal: Numeric(), str: String(), UUID: Uuid(),
    }  # fmt: skip
    return literal(value, next(type_ for kind, type_ in types.items() if isinstance(value, kind)))


class Page:
    """CSV with a header, of rows that come one by one; not more octets than `most`, as long as one row fits."""

    def __init__(self, names: Sequence[str], most: int) -> None:
        self._lines, self._most = [_line(names)], most
        self._octets = len(self._lines[0])

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self._lines) - 1

    def take(self, row: Sequence[object], known: Callable[[bytes], bool]) -> bytes | None:
        """The row's digest; None where it is known, then it is no part of the page. Raises PageFullError."""
        line = _line([_text(value) for value in row])
        digest = blake2b(line, digest_size=16).digest()
        if known(digest):
            return None
        if self.rows and self._octets + len(line) > self._most:
            raise PageFullError
        self._lines.append(line)
        self._octets += len(line)
        return digest

    def content(self) -> bytes:
        """The page."""
        return b"".join(self._lines)


class PageFullError(Exception):
    """The row belongs into the next page."""


def _line(cells: Sequence[str]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "surrogatepass")  # what is no text refuses the page, with the reason


def _kind(value: Value) -> str:
    return next(kind for kind, type_, _ in _KINDS if isinstance(value, type_))


def _text(value: object) -> str:
    """The same for the same value, whatever session or driver gave it: times in UTC, numbers as they are."""
    for type_, text in _TEXTS:
        if isinstance(value, type_):
            return text(value)
    return str(value)


_TEXTS: tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any], str]], ...] = (
    (str, str),
    (type(None), lambda _: ""),
    (bool, lambda value: str(value).lower()),
    (datetime, lambda value: (value.astimezone(UTC) if value.tzinfo else value).isoformat()),
    (date, date.isoformat),
    (Decimal, lambda value: format(value, "f")),
    ((bytes, memoryview), lambda value: bytes(value).hex()),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True, default=_text)),
)
