"""Where each number of a frame's samples stands among their octets: learned row by row once, then used in columns.

The octets are those of the Avro array block without its count (Avro 1.12, Binary encoding): for each sample tag, room,
unit, origin (together its *head*), value, raw, status, reason, source_time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.columnar import ORIGINS
from schemas.frame import NO_TIME, NOTHING_BESIDE, Beside, Frame, TagTable
from schemas.status import Reason

NULL, DOUBLE, LONG, BOOLEAN, STRING, BYTES = range(0, 12, 2)
"""First octets of the branches of a value; those of room, raw and source_time are 0 and 2 too."""
WORD = 8
"""Octets of a double, and of the longest varint that is read here."""
CONSTANT, TOP_BIT, FREE = 0xFF, 0x80, 0x00
"""Masks of octets that are the same in each frame of a layout, of varints and of numbers."""
_HIGHEST_STATUS = np.uint64((2**32 - 1) << 1)
_HIGHEST_REASON = max(Reason) << 1
_ONE, _ONE_8 = np.uint64(1), np.uint8(1)
_EVEN_7, _ODD_7 = np.uint64(0x007F007F007F007F), np.uint64(0x7F007F007F007F00)
_EVEN_14, _ODD_14 = np.uint64(0x00003FFF00003FFF), np.uint64(0x3FFF00003FFF0000)
_EVEN_28, _ODD_28 = np.uint64(0x000000000FFFFFFF), np.uint64(0x0FFFFFFF00000000)
_LOW = np.array([int.from_bytes(b"\x7f" * size, "little") for size in range(WORD + 1)], dtype=np.uint64)


class UnusualError(Exception):
    """Not of the common form; the general decoder knows what it is, or what is wrong."""


class Row(NamedTuple):
    """Where the parts of one sample stand. Two octets before a time, and one before a raw, there is their branch."""

    tag: int
    branch: int
    value: int
    value_end: int
    status: int
    reason: int
    end: int


@dataclass(frozen=True, slots=True)
class Longs:
    """Where varints stand: the rows that have one, at which octet it begins, and the bits of it in a word of eight.

    `short` when all are of one octet.
    """

    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    bits: NDArray[np.uint64]
    short: bool

    def zigzag(self, words: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The numbers before zigzag is undone; `words` are those that begin at each octet.

        The seven bits of each octet are moved together in three steps: pairs of octets, of their pairs, of those.
        """
        seven: NDArray[np.uint64] = words[self.at] & self.bits
        if self.short:
            return seven
        fourteen = (seven & _EVEN_7) | ((seven & _ODD_7) >> np.uint64(1))
        double = (fourteen & _EVEN_14) | ((fourteen & _ODD_14) >> np.uint64(2))
        joined: NDArray[np.uint64] = (double & _EVEN_28) | ((double & _ODD_28) >> np.uint64(4))
        return joined


@dataclass(frozen=True, slots=True)
class Doubles:
    """Where doubles stand: the rows that have one, and at which octet it begins."""

    rows: NDArray[np.int64]
    at: NDArray[np.int64]

    def column(self, words: NDArray[np.uint64], count: int) -> NDArray[np.float64]:
        """The column; NaN where there is none."""
        return _spread(words[self.at].view(np.float64), self.rows, count, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The form that frames of one source share: those whose octets under `mask` are `constant`."""

    tags: TagTable
    tag: NDArray[np.int32]
    mask: NDArray[np.uint8]
    constant: NDArray[np.uint8]
    value: Doubles
    raw: Doubles
    status: Longs
    reason_at: NDArray[np.int64]
    time: Longs
    beside: Mapping[int, tuple[int, int, int]]
    """By row: branch, first octet and the one behind the last."""

    def fits(self, octets: bytes) -> bool:
        """Whether octets, as many as the layout has, are of it."""
        return np.array_equal(np.frombuffer(octets, dtype=np.uint8) & self.mask, self.constant)

    def read(self, octets: bytes, head: Mapping[str, Any]) -> Frame:
        """The frame of octets that fit; `head` has the frame's fields without tags. Raises UnusualError, ValueError."""
        padded, count = octets + bytes(WORD), len(self.tag)
        words = np.ndarray((len(octets),), dtype="<u8", buffer=padded, strides=(1,))
        status, reason = self.status.zigzag(words), np.frombuffer(octets, dtype=np.uint8)[self.reason_at]
        if status.max() > _HIGHEST_STATUS or (status & _ONE).any():
            raise UnusualError
        if reason.max() > _HIGHEST_REASON or (reason & _ONE_8).any():
            raise UnusualError
        times = self.time.zigzag(words)
        signed = (times >> _ONE).view(np.int64) ^ -(times & _ONE).view(np.int64)
        return Frame(
            **head,
            tags=self.tags,
            tag=self.tag,
            value=self.value.column(words, count),
            raw=self.raw.column(words, count) if len(self.raw.rows) else None,
            status=(status >> _ONE).astype(np.uint32),
            reason=reason >> _ONE_8,
            source_time=_spread(signed, self.time.rows, count, NO_TIME),
            beside={row: _beside(octets, *where) for row, where in self.beside.items()} or NOTHING_BESIDE,
        )


def _spread(numbers: NDArray[Any], rows: NDArray[np.int64], count: int, none: float) -> NDArray[Any]:
    """Numbers of some rows as a column of all."""
    if len(rows) == count:
        return numbers
    column = np.full(count, none, dtype=numbers.dtype)
    column[rows] = numbers
    return column


def _beside(octets: bytes, branch: int, begin: int, end: int) -> Beside:
    if branch == LONG:
        return read_long(octets, begin)[0]
    if branch == BOOLEAN:
        if octets[begin] > 1:
            raise UnusualError
        return bool(octets[begin])
    _, begin = read_long(octets, begin)
    return octets[begin:end].decode() if branch == STRING else octets[begin:end]


def read_long(octets: bytes, at: int) -> tuple[int, int]:
    """The number whose varint begins there, and where it ends. Raises UnusualError and IndexError."""
    end = _long_end(octets, at)
    zigzag = 0
    for octet in reversed(octets[at:end]):
        zigzag = zigzag << 7 | octet & 0x7F
    return (zigzag >> 1) ^ -(zigzag & 1), end


def _long_end(octets: bytes, at: int) -> int:
    end = at
    while octets[end] & TOP_BIT:
        end += 1
    if end - at >= WORD:
        raise UnusualError
    return end + 1


Heads = dict[bytes, bytes]
"""Heads that were met before, by the octets in which the tag's name begins (for a short name: all of it)."""


def layout_of(octets: bytes, count: int, line: str | None, met: Heads) -> Layout:
    """The layout of a frame's samples. Raises UnusualError, ValueError and IndexError where they have none."""
    rows, heads = _walk(octets, count, met)
    tag, branch, value, value_end, status, reason, end = np.array(rows, dtype=np.int64).T.copy()
    doubles = np.flatnonzero(branch == DOUBLE)
    scaled = np.flatnonzero(status - value_end > 1)
    timed = np.flatnonzero(end - reason > 2)
    beside = {at: (row.branch, row.value, row.value_end) for at, row in enumerate(rows) if row.branch > DOUBLE}
    names, rooms, units, origins = zip(*map(_head_parts, heads), strict=True)
    made = Layout(
        tags=TagTable(names, units, origins, rooms, line),
        tag=tag.astype(np.int32),
        mask=np.full(len(octets), CONSTANT, dtype=np.uint8),
        constant=np.frombuffer(octets, dtype=np.uint8).copy(),
        value=Doubles(doubles, value[doubles]),
        raw=Doubles(scaled, value_end[scaled] + 1),
        status=_longs(np.arange(count), status, reason),
        reason_at=reason,
        time=_longs(timed, reason[timed] + 2, end[timed]),
        beside=beside,
    )
    made.tag.setflags(write=False)  # the frames of this layout share it
    _open(made, octets)
    return made


def _longs(rows: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]) -> Longs:
    return Longs(rows, begin, _LOW[end - begin], short=bool((end - begin == 1).all()))


def _open(layout: Layout, octets: bytes) -> None:
    """Open the mask where numbers stand."""
    mask, constant = layout.mask, layout.constant
    for doubles in (layout.value, layout.raw):
        mask[doubles.at[:, None] + np.arange(WORD)] = FREE
    for longs in (layout.status, layout.time):
        for place in range(WORD):
            mask[longs.at[longs.bits >> np.uint64(8 * place) != 0] + place] = TOP_BIT
    mask[layout.reason_at] = FREE
    for branch, begin, end in layout.beside.values():
        mask[begin:end] = TOP_BIT if branch == LONG else FREE
        if branch >= STRING:
            mask[begin : _long_end(octets, begin)] = CONSTANT
    np.bitwise_and(constant, mask, out=constant)


def _walk(octets: bytes, count: int, met: Heads) -> tuple[list[Row], dict[bytes, int]]:
    """Every sample in turn, and the row of each head."""
    heads: dict[bytes, int] = {}
    rows, at = [], 0
    for _ in range(count):
        name = octets[at : at + 1 + (octets[at] >> 1)]
        head = met.get(name)
        if head is None or not octets.startswith(head, at):
            head = met[name] = _head_at(octets, at)
        at += len(head)
        row = _row(octets, at, heads.setdefault(head, len(heads)))
        rows.append(row)
        at = row.end
    if at != len(octets):
        raise UnusualError
    return rows, heads


def _row(octets: bytes, at: int, tag: int) -> Row:
    """The sample whose value's branch stands at that octet."""
    branch = octets[at]
    end = _value_end(octets, at + 1, branch)
    status = end + 1 + (WORD if _is_there(octets, end) else 0)
    reason = _long_end(octets, status)
    end_of_row = _long_end(octets, reason + 2) if _is_there(octets, reason + 1) else reason + 2
    return Row(tag, branch, at + 1, end, status, reason, end_of_row)


def _is_there(octets: bytes, at: int) -> bool:
    """Whether the union of null and something else, whose branch stands there, is not null."""
    if octets[at] > DOUBLE or octets[at] & 1:
        raise UnusualError
    return octets[at] == DOUBLE


def _value_end(octets: bytes, at: int, branch: int) -> int:
    if branch == NULL:
        return at
    if branch == DOUBLE:
        return at + WORD
    if branch == LONG:
        return _long_end(octets, at)
    if branch == BOOLEAN:
        return at + 1
    if branch in {STRING, BYTES}:
        return _text_end(octets, at)
    raise UnusualError


def _text_end(octets: bytes, at: int) -> int:
    size, begin = read_long(octets, at)
    if size < 0:
        raise UnusualError
    return begin + size


def _head_at(octets: bytes, at: int) -> bytes:
    """Tag, room, unit and origin of the sample that begins there."""
    room = _text_end(octets, at)
    unit = _text_end(octets, room + 1) if _is_there(octets, room) else room + 1
    origin = _text_end(octets, unit)
    if octets[origin] & 1 or octets[origin] >> 1 >= len(ORIGINS):
        raise UnusualError
    return octets[at : origin + 1]


@lru_cache(maxsize=4096)
def _head_parts(head: bytes) -> tuple[str, str | None, str, str]:
    """Tag, room, unit and origin. Raises ValueError where they are no text."""
    tag, at = _text(head, 0)
    room, at = _text(head, at + 1) if head[at] else (None, at + 1)
    unit, at = _text(head, at)
    return tag, room, unit, ORIGINS[head[at] >> 1]


def _text(octets: bytes, at: int) -> tuple[str, int]:
    size, begin = read_long(octets, at)
    return octets[begin : begin + size].decode(), begin + size
