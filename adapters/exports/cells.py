"""Cells become values of a record's fields, or are refused with the column and the reason; nothing is mended.

What a text means depends on the text and its column alone. So each column remembers what it found: codes, units, dates
and most numbers of a list are few, and each is looked at once.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from adapters.exports.formats.row import Cell
from adapters.exports.mapping import Column, Mapping, Sort, Words, sort_of
from adapters.exports.times import Times, day
from schemas.derived import Shape
from schemas.units import check_unit

Read = Callable[[Cell], Any]
"""What a cell means. Raises ValueError with the reason where it means nothing."""
_NUMBER = re.compile(r"(<=|>=|≤|≥|<|>)? *([+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?)", re.ASCII)
_QUALIFIERS = {"<=": "≤", ">=": "≥", None: "="}
_WOUND = re.compile(r"\d(\.\d+)?[eE]\+\d+", re.ASCII)
"""What Excel makes of a long number: the digits are lost."""
_OF_SHEETS = (datetime, int, float)
_VERSION = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_REMEMBERED = 8192
_LONGEST_REMEMBERED = 128
_unit = cache(check_unit)


class CellRefusedError(ValueError):
    """The cell means nothing; the message says why."""


class _Refused:
    """Stands for the value of a cell that has none."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Known(dict[Cell, Any]):
    """What was found of texts. A number or time of a sheet is looked at each time: 1, 1.0 and true are equal keys."""

    def __init__(self, look: Read) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, cell: Cell) -> Any:
        value = self._look(cell)
        if isinstance(cell, str) and len(cell) <= _LONGEST_REMEMBERED:
            self[cell] = value
        return value


class Reading:
    """Reads the cells of one column."""

    def __init__(self, column: str, read: Read, instead: Any = None) -> None:
        """`instead` is the value of a cell that is refused. A field without a column is told by its name."""
        self.column = column
        self._read, self._instead = read, instead
        self._known = _Known(self._looked_at)
        self._refused = False

    def values(self, cells: Sequence[Cell], reasons: list[str | None]) -> list[Any]:
        """What the cells mean. A reason is put at the index of one that is refused, where none stands already."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        found = [*map(self._known.__getitem__, cells)]
        if self._refused:
            for index, value in enumerate(found):
                if value.__class__ is _Refused:
                    reasons[index] = reasons[index] or value.reason
                    found[index] = self._instead
        return found

    def _looked_at(self, cell: Cell) -> Any:
        try:
            return self._read(cell)
        except ValueError as error:
            self._refused = True
            return _Refused(f"{self.column}: {error}")


def reading(field: Shape, given: Column, mapping: Mapping, times: Times) -> Reading:
    """For a field of a record, as the mapping says where it comes from."""
    read = _read(field, given, mapping, times)

    def read_field(cell: Cell) -> Any:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if field.required:
                raise CellRefusedError(f"is empty, {field.name} is needed")
            return None
        return read(cell)

    return Reading(given.column or field.name, read_field)


def _read(field: Shape, given: Column, mapping: Mapping, times: Times) -> Read:
    """For cells that are not empty."""
    sort = sort_of(field)
    if sort is Sort.TIME:
        return (Times(given.form, mapping.zone) if given.form else times).instant
    if sort is Sort.DATE:
        return lambda cell: day(cell, given.form or mapping.date)
    text = _reported if sort in (Sort.NUMBER, Sort.REPORTED) else named
    last: dict[Sort, Callable[[str], Any]] = {
        Sort.NUMBER: lambda text: _number(text, mapping.decimal),
        Sort.UNIT: _unit_of,
        Sort.WORD: lambda text: _word(text, field.type),
    }
    end = last.get(sort, str)
    return lambda cell: end(_coded(given, text(cell)))


def named(cell: Cell) -> str:
    """A cell that names something. Raises CellRefusedError where it is empty or a spreadsheet took its form."""
    if isinstance(cell, _OF_SHEETS):
        raise CellRefusedError(f"a spreadsheet made a {type(cell).__name__} of it; format the cell as text")
    text = (cell or "").strip()
    if not text:
        raise CellRefusedError("is empty")
    if "+" in text and _WOUND.fullmatch(text):
        raise CellRefusedError(f"{text!r} has lost its digits in a spreadsheet; format the cell as text")
    return text


def key_part(cell: Cell) -> str:
    """As `named`; no part can be taken for two, since parts are joined by a bar."""
    return named(cell).replace("\\", "\\\\").replace("|", "\\|")


def version(cell: Cell) -> int:
    """What the source calls a row's version. Raises CellRefusedError."""
    text = named(cell)
    if not _VERSION.fullmatch(text):
        raise CellRefusedError(f"{text!r} is no version; it counts from 1")
    return int(text)


def plain(cell: Cell) -> str:
    """The text of any cell."""
    return str(cell or "").strip()


def telling(words: Words) -> Reading:
    """Whether a cell has one of the words."""
    return Reading(words.column, lambda cell: plain(cell) in words.words)


def refusing(words: Words) -> Reading:
    """Refuses what has one of the words."""

    def read(cell: Cell) -> None:
        if (text := plain(cell)) in words.words:
            raise CellRefusedError(f"{text!r} is refused")

    return Reading(words.column, read)


def final(words: Words) -> Reading:
    """Refuses what has none of the words."""

    def read(cell: Cell) -> None:
        if (text := plain(cell)) not in words.words:
            raise CellRefusedError(f"{text!r} is not final")

    return Reading(words.column, read)


def number_of(reported: str, decimal: str) -> tuple[float | None, str | None]:
    """Number and qualifier of a result as reported; None and None where it is none. Full-width signs count."""
    text = (reported if reported.isascii() else unicodedata.normalize("NFKC", reported)).strip()
    if decimal == ",":
        if "." in text:
            return None, None
        text = text.replace(",", ".")
    match = _NUMBER.fullmatch(text)
    if match is None or not math.isfinite(number := float(match[2])):
        return None, None
    return number, _QUALIFIERS.get(match[1], match[1])


def _number(text: str, decimal: str) -> float:
    number, qualifier = number_of(text, decimal)
    if number is None or qualifier != "=":
        raise CellRefusedError(f"{text!r} is no number")
    return number


def _reported(cell: Cell) -> str:
    """Numbers of a spreadsheet are numbers."""
    if isinstance(cell, bool | datetime):
        raise CellRefusedError(f"a spreadsheet made a {type(cell).__name__} of it")
    return str(cell).strip()


def _coded(given: Column, text: str) -> str:
    if not given.codes:
        return text
    if text not in given.codes:
        raise CellRefusedError(f"{text!r} is not among the codes {', '.join(given.codes)}")
    return given.codes[text]


def _unit_of(text: str) -> str:
    try:
        return _unit(text)
    except ValueError as error:
        raise CellRefusedError(f"{error}; give it a code in the mapping") from error


def _word(text: str, words: type[StrEnum]) -> StrEnum:
    try:
        return words(text.upper())
    except ValueError as error:
        known = ", ".join(one.value.lower() for one in words)
        raise CellRefusedError(f"{text!r} is none of {known}; give it a code") from error
