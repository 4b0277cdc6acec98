"""A frame's samples by templates: of each tag the octets of a sample, in which only numbers and time are written anew.

Most frames are of one form: every sample has a double and the status Good, and all or none of them have a raw number
and a device's time. Then the Avro encoding of a tag's sample has a constant length, and all of it but numbers and time
is constant too. So for each tag these octets are kept as a row, aligned at their ends, where numbers and time stand at
the same columns in all rows. A frame is those of its tags, whichever they are and in whatever order, with its columns
written over them. What is of no such form goes the general way (`schemas.columnar`).
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.columnar import heads, sample_bytes
from schemas.frame import NO_TIME, Frame, TagTable

_WORD = 8
"""Octets of a double; and of a time of this form, a long in zigzag with seven bits an octet: 1978 to 3111."""
_EARLIEST, _LATEST = 1 << 48, (1 << 55) - 1
_HALVES = tuple(
    (np.uint64(shift), np.uint64(low), np.uint64(high))
    for shift, low, high in (
        (4, 0x000000000FFFFFFF, 0x00FFFFFFF0000000),
        (2, 0x00003FFF00003FFF, 0x0FFFC0000FFFC000),
        (1, 0x007F007F007F007F, 0x3F803F803F803F80),
    )
)
_GOES_ON = np.uint64(0x0080808080808080)
"""The high bit of every octet of a long but its last."""
_NULL, _DOUBLE, _LONG = b"\0", b"\x02" + bytes(_WORD), b"\x02" + bytes(_WORD)
"""Nothing; and the branch of a union that is there, with room for it."""
_CODES = bytes(2)
"""Status 0 and reason NONE."""
_TABLES = 64
"""Tables of which templates are kept: those that were written last."""


class Form(NamedTuple):
    """What the samples of a frame have besides their values."""

    raw: bool
    time: bool

    @property
    def tail(self) -> bytes:
        """The octets from a sample's value on."""
        return _DOUBLE + (_DOUBLE if self.raw else _NULL) + _CODES + (_LONG if self.time else _NULL)

    @property
    def places(self) -> list[int]:
        """Where value, raw number and time begin, in octets of the tail."""
        parts = (_DOUBLE, _DOUBLE if self.raw else _NULL, _CODES, _LONG if self.time else _NULL)
        ends = np.cumsum([len(part) for part in parts]).tolist()
        return [end - _WORD for part, end in zip(parts, ends, strict=True) if len(part) > _WORD]


@dataclass(frozen=True, slots=True)
class _Template:
    """Of each tag of a table the octets of a sample, at the right of its row, (tags, width)."""

    octets: NDArray[np.uint8]
    used: NDArray[np.bool_] | None
    """Which octets of the rows there are; None where it is all of them."""
    places: list[int]
    """Columns at which the words begin."""

    @classmethod
    def of(cls, tags: TagTable, form: Form) -> "_Template":
        head, tail = heads(tags), np.frombuffer(form.tail, dtype=np.uint8)
        width, size = head.octets.shape[1], len(tags)
        at = np.arange(width) - (width - head.lengths)[:, None]
        octets = np.concatenate(
            [np.take_along_axis(head.octets, np.maximum(at, 0), axis=1), np.tile(tail, (size, 1))], axis=1
        )
        used = np.concatenate([at >= 0, np.ones((size, len(tail)), dtype=np.bool_)], axis=1)
        return cls(octets, None if used.all() else used, [width + place for place in form.places])

    def write(self, frame: Frame) -> bytes:
        """The samples of a frame of the form."""
        rows = self.octets[frame.tag]
        for place, words in zip(self.places, _words(frame), strict=True):
            rows[:, place : place + _WORD] = words
        return rows.tobytes() if self.used is None else rows[self.used[frame.tag]].tobytes()


class Templates:
    """Templates of the tables that were written last, by form."""

    def __init__(self) -> None:
        self._known: OrderedDict[TagTable, dict[Form, _Template]] = OrderedDict()

    def sample_bytes(self, frame: Frame) -> bytes:
        """The Avro encoding of the frame's samples, to the octet that of `schemas.columnar.sample_bytes`."""
        form = _form(frame)
        if form is None:
            return sample_bytes(frame)
        known = self._known[frame.tags] = self._known.pop(frame.tags, {})
        if len(self._known) > _TABLES:
            self._known.popitem(last=False)
        if form not in known:
            known[form] = _Template.of(frame.tags, form)
        return known[form].write(frame)


def _form(frame: Frame) -> Form | None:
    """The form of the frame, or None where it has none of those."""
    if frame.beside or not len(frame) or frame.status.any() or frame.reason.any() or np.isnan(frame.value).any():
        return None
    time, raw = frame.source_time, False
    if frame.raw is not None:
        missing = np.isnan(frame.raw)
        raw = not missing.any()
        if not raw and not missing.all():
            return None
    if time[0] == NO_TIME and (time == NO_TIME).all():
        return Form(raw, time=False)
    return Form(raw, time=True) if time.min() >= _EARLIEST and time.max() <= _LATEST else None


def _words(frame: Frame) -> Iterator[NDArray[np.uint8]]:
    """Values, raw numbers and times that there are, in octets, (n, 8) each."""
    yield _doubles(frame.value)
    if frame.raw is not None and not np.isnan(frame.raw[0]):
        yield _doubles(frame.raw)
    if frame.source_time[0] != NO_TIME:
        yield _longs(frame.source_time)


def _doubles(column: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(column, dtype="<f8").view(np.uint8).reshape(-1, _WORD)


def _longs(column: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Longs of eight octets each, (n, 8): 56 bits are spread by halves, into lanes of 32, 16 and 8 bits."""
    bits = column.astype("<u8") << np.uint64(1)
    for shift, low, high in _HALVES:
        bits = (bits & low) | ((bits & high) << shift)
    return (bits | _GOES_ON).view(np.uint8).reshape(-1, _WORD)
