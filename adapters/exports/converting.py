"""A row becomes a record or is refused with the reason; nothing is mended on the way."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from adapters.exports.mapping import KINDS, Column, Mapping, Words, kinds_of_fields, required_fields
from adapters.exports.rows import Cell, Row
from schemas.exported import Exported, Movement, Origin
from schemas.units import check_unit

_NUMBER = re.compile(r"(<=|>=|≤|≥|<|>)? *([+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?)", re.ASCII)
_QUALIFIERS = {"<=": "≤", ">=": "≥", None: "="}
_WOUND = re.compile(r"\d(\.\d+)?[eE]\+\d+", re.ASCII)
"""What Excel makes of a long number: the digits are lost."""
_ENUMS = {"movement": Movement, "origin": Origin}
_unit = lru_cache(maxsize=1024)(check_unit)


class RowRefusedError(Exception):
    """The row gives no record; the message says why, in a line."""


class Converter:
    """Makes rows records, as a mapping says."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._kind = KINDS[mapping.kind]
        required, kinds = required_fields(mapping.kind), kinds_of_fields(mapping.kind)
        self._fields: list[tuple[str, Column, bool, Callable[[Row, Column], Any]]] = [
            (name, one, name in required, self._reader(kinds[name], name)) for name, one in mapping.fields.items()
        ]
        self._instant = lru_cache(maxsize=65_536)(self._time)

    def is_trailer(self, row: Row) -> bool:
        """Whether the row is none of data, such as a totals line."""
        return _has(row, self._mapping.trailer)

    def digest(self, row: Row) -> bytes:
        """SHA-256 of what the row says; equal for the same row wherever it stands, in any order of columns."""
        return sha256(repr(sorted(row.cells.items())).encode("utf-8", "surrogatepass")).digest()

    def key(self, row: Row) -> str:
        """What names the row; parts are joined by a bar. Raises RowRefusedError."""
        parts = [_named(row, column) for column in self._mapping.key]
        return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)

    def version(self, row: Row) -> int | None:
        """What the source calls the row's version; None where it has none. Raises RowRefusedError."""
        if self._mapping.version is None:
            return None
        text = _named(row, self._mapping.version)
        if not re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII):
            raise RowRefusedError(f"{self._mapping.version}: {text!r} is no version; it counts from 1")
        return int(text)

    def record(self, row: Row) -> Exported:
        """The record, without what depends on earlier ones. Raises RowRefusedError."""
        if "" in row.cells:
            raise RowRefusedError(str(row.cells[""]))
        for refused in self._mapping.refuse:
            if _has(row, refused):
                raise RowRefusedError(f"{refused.column}: {_text(row, refused.column)!r} is refused")
        final = self._mapping.final
        if final is not None and not _has(row, final):
            raise RowRefusedError(f"not final: {final.column} is {_text(row, final.column)!r}")
        values: dict[str, Any] = {"system": self._mapping.system, "key": self.key(row)}
        for name, given, required, read in self._fields:
            value = read(row, given)
            if value is None and required:
                raise RowRefusedError(f"{given.column}: is empty, {name} is needed")
            if value is not None:
                values[name] = value
        if "reported" in values:
            values["number"], values["qualifier"] = number_of(values["reported"], self._mapping.decimal)
        return self._kind(**values)

    def _reader(self, kind: str, name: str) -> Callable[[Row, Column], Any]:
        if kind == "time":
            return self._read_time
        if kind == "number":
            return self._read_number
        if kind == "unit":
            return _read_unit
        if kind == "word":
            return lambda row, given: _read_word(row, given, name)
        return _read_reported if name == "reported" else _read_text

    def _read_number(self, row: Row, given: Column) -> float | None:
        text = _read_reported(row, given)
        if text is None:
            return None
        number, qualifier = number_of(text, self._mapping.decimal)
        if number is None or qualifier != "=":
            raise RowRefusedError(f"{given.column}: {text!r} is no number")
        return number

    def _read_time(self, row: Row, given: Column) -> int | None:
        cell = row.cells.get(given.column) if given.column else given.value
        if cell is None or cell == "":
            return None
        try:
            return self._instant(cell)
        except RowRefusedError as error:
            raise RowRefusedError(f"{given.column}: {error}") from error

    def _time(self, cell: Cell) -> int:
        """UTC microseconds. An hour that the clock shows twice, or never, refuses: both candidates are told."""
        form, zone = self._mapping.time, self._mapping.zone
        try:
            local = cell if isinstance(cell, datetime) else datetime.strptime(str(cell).strip(), form)  # noqa: DTZ007 - a zone is given below
        except ValueError as error:
            raise RowRefusedError(f"{str(cell)!r} is no time of the form {form}") from error
        if local.tzinfo is None:
            first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
            if first.utcoffset() != second.utcoffset():
                both = f"{first.isoformat()} or {second.isoformat()}"
                raise RowRefusedError(f"{str(cell)!r} is unclear in {zone}: {both}")
            local = first
        since = local - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def number_of(reported: str, decimal: str) -> tuple[float | None, str | None]:
    """Number and qualifier of a result as reported; None and None where it is none. Full-width signs count."""
    text = unicodedata.normalize("NFKC", reported).strip()
    if decimal == ",":
        if "." in text:
            return None, None
        text = text.replace(",", ".")
    match = _NUMBER.fullmatch(text)
    if match is None or not math.isfinite(number := float(match[2])):
        return None, None
    return number, _QUALIFIERS.get(match[1], match[1])


def _has(row: Row, words: Words | None) -> bool:
    return words is not None and str(row.cells.get(words.column) or "").strip() in words.words


def _text(row: Row, column: str) -> str:
    return str(row.cells.get(column) or "").strip()


def _named(row: Row, column: str) -> str:
    """A cell that names something. Raises RowRefusedError where it is empty or a spreadsheet took its form."""
    cell = row.cells.get(column)
    if isinstance(cell, datetime | int | float):
        raise RowRefusedError(f"{column}: a spreadsheet made a {type(cell).__name__} of it; format the cell as text")
    text = (cell or "").strip()
    if not text:
        raise RowRefusedError(f"{column}: is empty")
    if _WOUND.fullmatch(text):
        raise RowRefusedError(f"{column}: {text!r} has lost its digits in a spreadsheet; format the cell as text")
    return text


def _coded(given: Column, text: str) -> str:
    if not given.codes:
        return text
    if text not in given.codes:
        raise RowRefusedError(f"{given.column}: {text!r} is not among the codes {', '.join(given.codes)}")
    return given.codes[text]


def _read_text(row: Row, given: Column) -> str | None:
    if given.column is None:
        return given.value
    if row.cells.get(given.column) in (None, ""):
        return None
    return _coded(given, _named(row, given.column))


def _read_reported(row: Row, given: Column) -> str | None:
    """As `_read_text`, but numbers of a spreadsheet are numbers."""
    cell = row.cells.get(given.column) if given.column else given.value
    if isinstance(cell, bool | datetime):
        raise RowRefusedError(f"{given.column}: a spreadsheet made a {type(cell).__name__} of it")
    if cell is None or cell == "":
        return None
    return _coded(given, str(cell).strip())


def _read_unit(row: Row, given: Column) -> str | None:
    text = _read_text(row, given)
    try:
        return None if text is None else _unit(text)
    except ValueError as error:
        raise RowRefusedError(f"{given.column or 'unit'}: {error}; give it a code in the mapping") from error


def _read_word(row: Row, given: Column, name: str) -> Any:
    text = _read_text(row, given)
    try:
        return None if text is None else _ENUMS[name](text.upper())
    except ValueError as error:
        words = ", ".join(one.value.lower() for one in _ENUMS[name])
        raise RowRefusedError(f"{given.column or name}: {text!r} is none of {words}; give it a code") from error
