"""What is known of a frame beyond one scan: another device than last time, a counter that began anew. Pure."""

from collections.abc import Sequence

import numpy as np

from adapters.modbus.numbers import Kind
from adapters.modbus.places import ModbusTag
from schemas.frame import Frame
from schemas.status import Reason, StatusCode

_SIZES: dict[Kind, int] = {"uint16": 2**16, "uint32": 2**32, "uint64": 2**64, "bcd16": 10**4, "bcd32": 10**8}


def doubt(frame: Frame, reason: Reason) -> None:
    """Good rows become Uncertain; they keep their value."""
    good = frame.status == StatusCode.GOOD
    frame.status[good] = StatusCode.UNCERTAIN
    frame.reason[good] = reason


class Counters:
    """Follows the counters of a source from scan to scan (F28)."""

    def __init__(self, tags: Sequence[ModbusTag]) -> None:
        self._limits = {row: (_SIZES[tag.type], tag.counter) for row, tag in enumerate(tags) if tag.counter is not None}
        self._last: dict[int, int] = {}

    def check(self, frame: Frame) -> list[str]:
        """Mark a counter that jumped or began anew Uncertain, once; names the tags that wrapped or were marked."""
        told = []
        for at in np.flatnonzero((frame.status == StatusCode.GOOD) & np.isin(frame.tag, list(self._limits))):
            row = int(frame.tag[at])
            size, most = self._limits[row]
            value, last = int(frame.value[at]), self._last.get(row)
            self._last[row] = value
            if last is None or (last <= value <= last + most):
                continue
            name = frame.tags.names[row]
            if (value - last) % size <= most:
                told.append(f"{name} wrapped from {last} to {value}")
                continue
            told.append(f"{name} went from {last} to {value}: reset, or more than {most} at once")
            frame.status[at], frame.reason[at] = StatusCode.UNCERTAIN, Reason.SOURCE
        return told
