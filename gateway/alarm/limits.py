"""Which samples can change an alarm at all, found in columns before any is looked at: nearly always none.

A Good sample within all limits of its tag changes nothing while the tag is not busy: no breach lasts, and each of its
alarms is normal. Nor does one that is not Good, unless the status itself is watched.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.places import Places
from schemas.frame import Frame
from schemas.status import is_good

Bound = tuple[str, int, float]
"""Tag, sign (-1 for a low limit, +1 for a high one), limit."""


class Limits:
    """Columns along all tags that have a limit, whose status is watched, or that are always looked at."""

    def __init__(self, bounds: Iterable[Bound], *, status: Iterable[str] = (), always: Iterable[str] = ()) -> None:
        bounds, status, always = list(bounds), list(status), list(always)
        self._places = Places([*(tag for tag, _, _ in bounds), *status, *always])
        size = len(self._places)
        self._low, self._high = np.full(size, -np.inf), np.full(size, np.inf)
        self._status, self._always, self._busy = (np.zeros(size, dtype=np.bool_) for _ in range(3))
        for tag, sign, limit in bounds:
            at = self._places.of[tag]
            if sign < 0:
                self._low[at] = max(self._low[at], limit)
            else:
                self._high[at] = min(self._high[at], limit)
        self._status[[self._places.of[tag] for tag in status]] = True
        self._always[[self._places.of[tag] for tag in always]] = True
        self._busy |= self._always
        self._watches_status = bool(status)

    def tell(self, tag: str, *, busy: bool) -> None:
        """Whether every sample of the tag has to be looked at."""
        at = self._places.of[tag]
        self._busy[at] = busy or self._always[at]

    def telling(self, frame: Frame, good: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The rows to look at one by one, in order: of a tag that is busy, or that breaks a limit in this frame.

        `good` says which rows have a number that is judged. Booleans stand beside the columns and are always looked at.
        """
        at = self._places.along(frame.tags)[frame.tag]
        broken = good & ((frame.value < self._low[at]) | (frame.value > self._high[at]))
        if self._watches_status:
            broken |= self._status[at] & ~is_good(frame.status)
        if frame.beside:
            broken[list(frame.beside)] = True
        concerned = self._busy.copy()
        concerned[at[broken]] = True
        concerned[-1] = False
        return np.flatnonzero(concerned[at])
