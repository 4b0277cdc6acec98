"""What was last notified of each tag, to be compared with what a read gives."""

import struct
from typing import Any

import numpy as np
from asyncua import ua
from numpy.typing import NDArray

from adapters.opcua.fast.items import APART, FLOATS, NULL, UNSIGNED, Items
from adapters.opcua.values import code_of

Content = tuple[int, str]
"""StatusCode and value: what makes a change. InfoBits differ between a read and a notification. NaN equals itself."""


class Latest:
    """Of each tag the last DataValue, in columns or, where it does not fit there, as the library's object."""

    def __init__(self, size: int) -> None:
        """`size` is how many tags there are."""
        self._turn = 0
        self._turns = np.zeros(size, dtype=np.int64)
        self._kind = np.zeros(size, dtype=np.uint8)
        self._bits = np.zeros(size, dtype=np.int64)
        self._status = np.zeros(size, dtype=np.uint32)
        self._apart: dict[int, ua.DataValue] = {}

    def put(self, row: int, data: ua.DataValue) -> None:
        """One tag was notified."""
        self._turn += 1
        self._turns[row], self._kind[row], self._apart[row] = self._turn, APART, data

    def put_items(self, rows: NDArray[np.int32], items: Items) -> None:
        """Several were, in their order; of a tag that stands there twice the last one counts."""
        self._turn += 1
        self._turns[rows] = self._turn
        self._kind[rows], self._bits[rows], self._status[rows] = items.kind, items.bits, items.status
        for at, data in items.apart.items():
            self._apart[int(rows[at])] = data

    def turn(self, row: int) -> int:
        """A number that grows with each notification of the tag; 0 before the first."""
        return int(self._turns[row])

    def content(self, row: int) -> Content | None:
        """What was told; None before the first notification."""
        if not self._turns[row]:
            return None
        kind = int(self._kind[row])
        if kind == APART:
            return content_of(self._apart[row])
        return int(self._status[row]) & 0xFFFF0000, repr(_value(kind, int(self._bits[row])))


def content_of(data: ua.DataValue) -> Content:
    """The same of a DataValue."""
    return code_of(data) & 0xFFFF0000, repr(None if data.Value is None else data.Value.Value)


def _value(kind: int, bits: int) -> Any:
    if kind == NULL:
        return None
    if kind in FLOATS:
        return struct.unpack("<d", struct.pack("<q", bits))[0]
    if kind == ua.VariantType.Boolean.value:
        return bool(bits)
    return bits & 0xFFFFFFFFFFFFFFFF if kind == UNSIGNED else bits
