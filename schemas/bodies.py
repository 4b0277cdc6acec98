"""Many records of one kind in Avro's binary encoding, column by column.

What a value is in octets depends on the value alone, and most columns of a list have few values. So each column
remembers what it wrote, and Python works once for each distinct value.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from schemas.derived import FAULTS, body_of, encoders, shapes

_REMEMBERED = 8192
_LONGEST = 128


class _Known(dict[Any, bytes]):
    """What was written of values, in one column."""

    def __init__(self, write: Callable[[Any], bytes]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> bytes:
        octets = self._write(value)
        if (value or value is None) and len(octets) <= _LONGEST:  # not 0.0: it equals -0.0
            self[value] = octets
        return octets

    def column(self, values: Iterable[Any]) -> Iterable[bytes]:
        """Octets of each."""
        if len(self) > _REMEMBERED:
            self.clear()
        return map(self.__getitem__, values)


def bodies_of(kind: type, records: Sequence[Any]) -> list[bytes]:
    """As `body_of` for each of the records, which are of this kind. Raises ValueError where a field does not fit."""
    try:
        columns = [write(map(read, records)) for read, write in _columns(kind)]
        return [*map(b"".join, zip(*columns, strict=True))]
    except FAULTS:
        return [*map(body_of, records)]  # one has commitments, or does not fit: each by itself tells


@cache
def _columns(kind: Any) -> tuple[tuple[Callable[[Any], Any], Callable[[Iterable[Any]], Iterable[bytes]]], ...]:
    plain = {one.name for one in shapes(kind) if one.type is UUID and not one.optional and not one.many}
    return tuple((attrgetter(name), _ids if name in plain else _Known(write).column) for name, write in encoders(kind))


def _ids(ids: Iterable[UUID]) -> Iterable[bytes]:
    """As text, which is 36 characters long; 48 hex is that length as Avro has it."""
    texts = [f"{one.int:032x}" for one in ids]
    return [f"\x48{t[:8]}-{t[8:12]}-{t[12:16]}-{t[16:20]}-{t[20:]}".encode("ascii") for t in texts]
