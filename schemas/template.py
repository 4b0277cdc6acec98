"""A frame's samples by a template: the octets of an earlier frame, over which two columns are laid anew.

Most frames are of one form: every sample has a double, no raw number, the status Good, and a device's time. Then the
Avro encoding of a tag's sample has a constant length, and all of it but value and time is constant too. So the octets
are written once as any frame's are (`schemas.columnar`), and from then on only values and times are written over them.
What is not of this form goes the general way, and so does a frame whose rows are not those of the one before.
"""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from schemas.columnar import heads, sample_bytes
from schemas.frame import Frame, TagTable

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
"""Octets before a value: that it is a double."""
_BETWEEN = 4
"""Octets between value and time: raw (null), status (0), reason (NONE), and that there is a time."""
_TABLES = 64
"""Templates kept: one of each of the tables that were written last."""


class _Template:
    """The octets of frames of the common form with certain rows, and where in them values and times stand."""

    def __init__(self, frame: Frame) -> None:
        self._octets = np.frombuffer(bytearray(sample_bytes(frame)), dtype=np.uint8)
        lengths = heads(frame.tags).lengths[frame.tag] + _BRANCH + _WORD + _BETWEEN + _WORD
        ends = np.cumsum(lengths)
        self._stride = int(lengths[0]) if (lengths == lengths[0]).all() else None
        word = np.arange(_WORD)
        self._times = (ends - _WORD)[:, None] + word
        self._values = self._times - _BETWEEN - _WORD

    def write(self, values: NDArray[np.uint8], times: NDArray[np.uint8]) -> bytes:
        """With these octets of values and times, (n, 8) each."""
        octets, stride = self._octets, self._stride
        if stride is None:
            octets[self._values], octets[self._times] = values, times
        else:
            rows = octets.reshape(-1, stride)
            rows[:, stride - 2 * _WORD - _BETWEEN : stride - _WORD - _BETWEEN] = values
            rows[:, stride - _WORD :] = times
        return octets.tobytes()


class Templates:
    """The rows that were written last of each table of tags, with their template once they came twice."""

    def __init__(self) -> None:
        self._known: OrderedDict[TagTable, tuple[NDArray[np.int32], _Template | None]] = OrderedDict()

    def sample_bytes(self, frame: Frame) -> bytes:
        """The Avro encoding of the frame's samples, to the octet that of `schemas.columnar.sample_bytes`."""
        if not _is_common(frame):
            return sample_bytes(frame)
        rows, template = self._known.pop(frame.tags, (None, None))
        if rows is None or not np.array_equal(rows, frame.tag):
            self._keep(frame.tags, frame.tag, None)
            return sample_bytes(frame)
        if template is None:
            template = _Template(frame)
        self._keep(frame.tags, rows, template)
        values = np.ascontiguousarray(frame.value, dtype="<f8").view(np.uint8).reshape(-1, _WORD)
        return template.write(values, _longs(frame.source_time))

    def _keep(self, tags: TagTable, rows: NDArray[np.int32], template: _Template | None) -> None:
        self._known[tags] = rows, template
        if len(self._known) > _TABLES:
            self._known.popitem(last=False)


def _is_common(frame: Frame) -> bool:
    """Whether every sample is a double and no raw number, Good without a reason, with a time of eight octets."""
    if frame.beside or not len(frame) or frame.status.any() or frame.reason.any():
        return False
    if frame.raw is not None and not np.isnan(frame.raw).all():
        return False
    time = frame.source_time
    return bool(time.min() >= _EARLIEST and time.max() <= _LATEST and not np.isnan(frame.value).any())


def _longs(column: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Longs of eight octets each, (n, 8): 56 bits are spread by halves, into lanes of 32, 16 and 8 bits."""
    bits = column.astype("<u8") << np.uint64(1)
    for shift, low, high in _HALVES:
        bits = (bits & low) | ((bits & high) << shift)
    return (bits | _GOES_ON).view(np.uint8).reshape(-1, _WORD)
