"""A frame's samples as Avro bytes, straight from the columns.

Every sample is a row of cells; a cell is the Avro encoding of one field. All cells of one field stand in a byte matrix
of the width of the longest, beside the length of each. Laid side by side, the bytes within their lengths, read row by
row, are the encoding of the array of samples: the same bytes that any Avro library writes for them one by one (Avro
1.12, Binary encoding), for a fixed number of numpy calls per frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.frame import NO_TIME, Beside, Frame, TagTable

ORIGINS = ("DIRECT", "EXPORTED", "KEYED", "KEYED_CHECKED", "SCANNED")
_VARINT_BITS = np.arange(0, 70, 7, dtype=np.uint64)
_LONGER = np.uint64(1) << _VARINT_BITS[1:]
"""From each of these numbers on, a varint has one octet more."""
_NULL, _DOUBLE, _LONG, _BOOLEAN, _STRING, _BYTES = (bytes([branch << 1]) for branch in range(6))


@dataclass(frozen=True, slots=True)
class Cells:
    """One field of n samples: `octets` (n, width) and `lengths` (n,)."""

    octets: NDArray[np.uint8]
    lengths: NDArray[np.int64]

    def take(self, rows: NDArray[np.int32]) -> "Cells":
        """The cells at these rows."""
        return Cells(self.octets[rows], self.lengths[rows])


def long_bytes(number: int) -> bytes:
    """An Avro long: zigzag, then seven bits a byte, least significant first."""
    rest = (number << 1) ^ (number >> 63)
    octets = bytearray()
    while rest > 0x7F:
        octets.append(rest & 0x7F | 0x80)
        rest >>= 7
    octets.append(rest)
    return bytes(octets)


def text_bytes(text: str) -> bytes:
    """An Avro string."""
    octets = text.encode()
    return long_bytes(len(octets)) + octets


def beside_bytes(value: Beside) -> bytes:
    """A value beside the columns, with its branch of the union null, double, long, boolean, string, bytes."""
    if isinstance(value, bool):
        return _BOOLEAN + bytes([value])
    if isinstance(value, int):
        return _LONG + long_bytes(value)
    if isinstance(value, str):
        return _STRING + text_bytes(value)
    return _BYTES + long_bytes(len(value)) + value


def sample_bytes(frame: Frame) -> bytes:
    """The Avro encoding of the frame's samples, without the array's block count."""
    fields = [
        heads(frame.tags).take(frame.tag),
        _values(frame.value, frame.beside),
        _numbers(np.full(len(frame), np.nan) if frame.raw is None else frame.raw),
        _longs(frame.status.astype(np.int64)),
        _longs(frame.reason.astype(np.int64)),
        _optional_longs(frame.source_time),
    ]
    octets = np.concatenate([cells.octets for cells in fields], axis=1)
    used = np.concatenate([np.arange(cells.octets.shape[1]) < cells.lengths[:, None] for cells in fields], axis=1)
    return bytes(octets[used].tobytes())


@lru_cache(maxsize=256)
def heads(tags: TagTable) -> Cells:
    """What is the same in each sample of a tag: tag, room, unit, origin."""
    return _ragged(
        [
            text_bytes(name)
            + (_NULL if room is None else b"\x02" + text_bytes(room))
            + text_bytes(unit)
            + long_bytes(ORIGINS.index(origin))
            for name, room, unit, origin in zip(tags.names, tags.rooms, tags.units, tags.origins, strict=True)
        ]
    )


def _ragged(rows: Sequence[bytes]) -> Cells:
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    width = int(lengths.max(initial=0))
    padded = b"".join(row.ljust(width, b"\0") for row in rows)
    return Cells(np.frombuffer(padded, dtype=np.uint8).reshape(len(rows), width), lengths)


def _numbers(column: NDArray[np.float64]) -> Cells:
    """The union of null and double; NaN stands for null."""
    there = ~np.isnan(column)
    octets = np.zeros((len(column), 9), dtype=np.uint8)
    octets[:, 0] = np.where(there, _DOUBLE[0], _NULL[0])
    octets[:, 1:] = np.ascontiguousarray(column, dtype="<f8").view(np.uint8).reshape(-1, 8)
    return Cells(octets, np.where(there, 9, 1))


def _values(column: NDArray[np.float64], beside: Mapping[int, Beside]) -> Cells:
    numbers = _numbers(column)
    if not beside:
        return numbers
    rows = np.fromiter(beside, dtype=np.int64, count=len(beside))
    others = _ragged([beside_bytes(value) for value in beside.values()])
    width = max(numbers.octets.shape[1], others.octets.shape[1])
    octets = np.zeros((len(column), width), dtype=np.uint8)
    octets[:, : numbers.octets.shape[1]] = numbers.octets
    octets[rows, : others.octets.shape[1]] = others.octets
    lengths = numbers.lengths.copy()
    lengths[rows] = others.lengths
    return Cells(octets, lengths)


def _longs(column: NDArray[np.int64]) -> Cells:
    zigzag = (column.astype(np.int64) << np.int64(1)).view(np.uint64) ^ (column >> np.int64(63)).view(np.uint64)
    if zigzag.max(initial=0) < 0x80:  # statuses and reasons, nearly always
        return Cells(zigzag.astype(np.uint8)[:, None], np.ones(len(column), dtype=np.int64))
    lengths = 1 + np.searchsorted(_LONGER, zigzag, side="right")
    width = int(lengths.max())
    octets = (zigzag[:, None] >> _VARINT_BITS[:width]).astype(np.uint8) | np.uint8(0x80)
    octets[np.arange(len(column)), lengths - 1] &= np.uint8(0x7F)
    return Cells(octets, lengths)


def _optional_longs(column: NDArray[np.int64]) -> Cells:
    """The union of null and long; NO_TIME stands for null."""
    there = column != NO_TIME
    longs = _longs(np.where(there, column, 0))
    branch: NDArray[Any] = np.where(there, 2, 0).astype(np.uint8)[:, None]
    return Cells(np.concatenate([branch, longs.octets], axis=1), np.where(there, longs.lengths + 1, 1))
