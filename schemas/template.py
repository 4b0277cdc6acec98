"""A frame's samples by a template: the octets of an earlier frame, over which its columns are laid anew.

Most frames are of one form: every sample has a double and the status Good, and all or none of them have a raw number
and a device's time. Then the Avro encoding of a tag's sample has a constant length, and all of it but numbers and time
is constant too. So the octets are written once as any frame's are (`schemas.columnar`), and from then on only numbers
and times are written over them. What is of no such form goes the general way, and so does a frame whose form or rows
are not those of the one before.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
_BRANCH = 1
"""Octets that say which branch of a union follows; alone where there is nothing."""
_CODES = 2
"""Octets of status (0) and reason (NONE)."""
_TABLES = 64
"""Templates kept: one of each of the tables that were written last."""


class _Form(NamedTuple):
    """What the samples of a frame have besides their values."""

    raw: bool
    time: bool

    @property
    def places(self) -> list[int]:
        """Where values, raw numbers and times begin, in octets before the end of a sample; the first is the value's."""
        time = (_WORD,) if self.time else ()
        behind = sum(time) + _BRANCH + _CODES
        raw = (behind + _WORD,) if self.raw else ()
        return [max((behind, *raw)) + _BRANCH + _WORD, *raw, *time]


@dataclass(slots=True)
class _Template:
    """The octets of frames of one form with certain rows; before the first is written, form and rows alone."""

    form: _Form
    rows: NDArray[np.int32]
    octets: NDArray[np.uint8] | None = None
    stride: int = 0
    """Octets of each sample, where all have the same length."""
    at: list[NDArray[np.intp]] = field(default_factory=list)
    """Otherwise where the words of each column stand, (n, 8)."""

    def fits(self, frame: Frame, form: _Form) -> bool:
        return form == self.form and np.array_equal(self.rows, frame.tag)

    def learn(self, frame: Frame) -> NDArray[np.uint8]:
        """The octets of a frame that fits, which are kept."""
        places = self.form.places
        self.octets = np.frombuffer(bytearray(sample_bytes(frame)), dtype=np.uint8)
        lengths = heads(frame.tags).lengths[frame.tag] + _BRANCH + places[0]
        if (lengths == lengths[0]).all():
            self.stride = int(lengths[0])
        else:
            ends = np.cumsum(lengths)[:, None] + np.arange(_WORD)
            self.at = [ends - place for place in places]
        return self.octets

    def write(self, octets: NDArray[np.uint8], columns: Sequence[NDArray[np.uint8]]) -> bytes:
        """With these columns' words in their places."""
        if self.stride:
            rows = octets.reshape(-1, self.stride)
            for place, column in zip(self.form.places, columns, strict=True):
                begin = self.stride - place
                rows[:, begin : begin + _WORD] = column
        else:
            for at, column in zip(self.at, columns, strict=True):
                octets[at] = column
        return octets.tobytes()


class Templates:
    """A template for each table of tags, of the form and the rows that came last; it is used once they came twice."""

    def __init__(self) -> None:
        self._known: OrderedDict[TagTable, _Template] = OrderedDict()

    def sample_bytes(self, frame: Frame) -> bytes:
        """The Avro encoding of the frame's samples, to the octet that of `schemas.columnar.sample_bytes`."""
        form = _form(frame)
        if form is None:
            return sample_bytes(frame)
        template = self._known.pop(frame.tags, None)
        if template is None or not template.fits(frame, form):
            self._keep(frame.tags, _Template(form, frame.tag))
            return sample_bytes(frame)
        self._keep(frame.tags, template)
        octets = template.learn(frame) if template.octets is None else template.octets
        return template.write(octets, list(_words(frame)))

    def _keep(self, tags: TagTable, template: _Template) -> None:
        self._known[tags] = template
        if len(self._known) > _TABLES:
            self._known.popitem(last=False)


def _form(frame: Frame) -> _Form | None:
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
        return _Form(raw, time=False)
    return _Form(raw, time=True) if time.min() >= _EARLIEST and time.max() <= _LATEST else None


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
