"""Rows become records, or are refused with the reason.

Theory of operation. Rows come in blocks of columns. A column is read at once: each cell by what is remembered of its
text (`cells`), so that Python works once for each distinct text, not for each cell. What is wrong with a row is a
reason at its index; the first one counts, in the order: the row's form, words that refuse, final or not, key, version,
fields as the mapping has them. Records are filled slot by slot over all rows, because the setters of frozen
dataclasses, 30 for each record, would take longer than everything else.

The digest of a row is of the columns that the mapping names, in the order of their names: columns may be moved or
added, and one that says nothing about a record makes no correction of it.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Columns
from dataclasses import dataclass, fields
from hashlib import sha256
from itertools import compress, repeat
from operator import methodcaller
from os import urandom
from typing import Any
from uuid import UUID, SafeUUID

from adapters.exports import cells
from adapters.exports.cells import Reading
from adapters.exports.formats.block import Block
from adapters.exports.formats.row import Cell
from adapters.exports.mapping import KINDS, Mapping, given_fields
from adapters.exports.times import Times
from schemas.exported import Exported

_VERSION_4 = 4 << 76 | 2 << 62
_RANDOM = ~(15 << 76 | 3 << 62)


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a block, by row: a record or a reason why not, or neither of a trailer such as a totals line.

    A digest is SHA-256 of what the row says, equal wherever it stands. `declared` is the source's own version.
    """

    records: Sequence[Exported | None]
    reasons: Sequence[str | None]
    digests: Sequence[bytes]
    declared: Sequence[int | None]


class Converter:
    """Makes rows records, as a mapping says. Records have the version that is declared, or 1, and replace none."""

    def __init__(self, mapping: Mapping, file: str | None = None) -> None:
        """`file` is the SHA-256 of the file that the rows stand in."""
        self._mapping, self._file = mapping, file
        self._kind = KINDS[mapping.kind]
        self._trailer = cells.telling(mapping.trailer) if mapping.trailer else None
        self._checks = [*map(cells.refusing, mapping.refuse), *([cells.final(mapping.final)] if mapping.final else [])]
        self._key = [Reading(column, cells.key_part, instead="") for column in mapping.key]
        self._version = Reading(mapping.version, cells.version) if mapping.version else None
        known, times = given_fields(mapping.kind), Times(mapping.time, mapping.zone)
        self._fields = [
            (name, one, cells.reading(known[name], one, mapping, times)) for name, one in mapping.fields.items()
        ]
        self._numbers = Reading("reported", lambda cell: cells.number_of(str(cell or ""), mapping.decimal))
        self._digested = sorted(mapping.columns)
        self._head = sha256(ascii(self._digested).encode("ascii")).digest()

    def convert(self, block: Block) -> Converted:
        """What comes of each row."""
        columns, rows = block.columns(), len(block)
        trailers = self._trailer.values(columns[self._trailer.column], []) if self._trailer else [False] * rows
        reasons: list[str | None] = [None] * rows
        for index, fault in block.faults.items():
            reasons[index] = fault
        for check in self._checks:
            check.values(columns[check.column], reasons)
        keys = self._keys(columns, reasons)
        values = {
            name: read.values(columns[one.column] if one.column else [one.value] * rows, reasons)
            for name, one, read in self._fields
        }
        version = self._version
        declared = version.values(columns[version.column], reasons) if version else [None] * rows
        if True in trailers:
            reasons = [None if trailer else reason for trailer, reason in zip(trailers, reasons, strict=True)]
        good = [reason is None and not trailer for reason, trailer in zip(reasons, trailers, strict=True)]
        made = self._records(values | {"key": keys, "row": block.lines, "version": declared}, good)
        each = iter(made)
        records = made if len(made) == rows else [next(each) if one else None for one in good]
        return Converted(records, reasons, self._digests(columns), declared)

    def _keys(self, columns: Columns[str, Sequence[Cell]], reasons: list[str | None]) -> Sequence[str]:
        parts = [one.values(columns[one.column], reasons) for one in self._key]
        return parts[0] if len(parts) == 1 else [*map("|".join, zip(*parts, strict=True))]

    def _digests(self, columns: Columns[str, Sequence[Cell]]) -> list[bytes]:
        """Empty cells are equal, whatever a format makes of them."""
        head, names = self._head, self._digested
        texts = [columns[name] if {*map(type, columns[name])} == {str} else map(_text, columns[name]) for name in names]
        return [sha256(head + octets).digest() for octets in _unmistakable([*zip(*texts, strict=True)])]

    def _records(self, values: dict[str, Sequence[Any]], good: Sequence[bool]) -> list[Exported]:
        if not all(good):
            values = {name: [*compress(column, good)] for name, column in values.items()}
        count = sum(good)
        if not count:
            return []
        given: dict[str, Iterable[Any]] = dict(values)
        if "reported" in values:
            given["value"], given["qualifier"] = zip(*self._numbers.values(values["reported"], []), strict=True)
        if self._version is None:
            del given["version"]
        given |= {"id": _ids(count), "system": repeat(self._mapping.system, count)}
        return _filled(self._kind, count, given | {"file": repeat(self._file, count)})


def _ids(count: int) -> list[UUID]:
    """Random ones (RFC 9562, version 4), as uuid4 makes them, in a quarter of its time."""
    octets = urandom(16 * count)
    numbers = [int.from_bytes(octets[at : at + 16]) & _RANDOM | _VERSION_4 for at in range(0, 16 * count, 16)]
    made = [*map(object.__new__, repeat(UUID, count))]
    for name, column in (("int", numbers), ("is_safe", repeat(SafeUUID.unknown))):
        deque(map(getattr(UUID, name).__set__, made, column), maxlen=0)
    return made


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _unmistakable(rows: Sequence[tuple[str, ...]]) -> Iterable[bytes]:
    """For each row's texts octets that no other texts have."""
    told = [*map("\0".join, rows)]
    if "".join(told).count("\0") != sum(map(len, rows)) - len(rows):
        for at, texts in enumerate(rows):
            if told[at].count("\0") != len(texts) - 1:
                told[at] = "\0" * len(texts) + ascii(texts)
    return map(methodcaller("encode", "utf-8", "surrogatepass"), told)


def _filled(kind: type[Exported], count: int, columns: Columns[str, Iterable[Any]]) -> list[Exported]:
    """Records with these columns in their slots, and defaults in the others."""
    made: list[Exported] = [*map(object.__new__, repeat(kind, count))]
    for one in fields(kind):
        column = columns.get(one.name)
        default = repeat(one.default, count) if column is None else column
        deque(map(getattr(kind, one.name).__set__, made, default), maxlen=0)
    return made
