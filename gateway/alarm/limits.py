"""Which samples can change an alarm at all, found in columns before any is looked at: nearly always none.

A Good sample within all limits of its tag changes nothing while the tag is not busy: no on-delay runs, and each of its
alarms is normal. Nor does one that is not Good.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from schemas.frame import Frame, TagTable

Bound = tuple[str, int, float]
"""Tag, sign (-1 for a low limit, +1 for a high one), limit."""


class Limits:
    """Columns along all tags that have a limit; the last place, never busy, is that of all others."""

    def __init__(self, bounds: Iterable[Bound]) -> None:
        bounds = list(bounds)
        self._place = {tag: at for at, tag in enumerate(dict.fromkeys(tag for tag, _, _ in bounds))}
        size = len(self._place) + 1
        self._low, self._high = np.full(size, -np.inf), np.full(size, np.inf)
        self._busy = np.zeros(size, dtype=np.bool_)
        self._places: dict[TagTable, NDArray[np.intp]] = {}
        for tag, sign, limit in bounds:
            at = self._place[tag]
            if sign < 0:
                self._low[at] = max(self._low[at], limit)
            else:
                self._high[at] = min(self._high[at], limit)

    def tell(self, tag: str, *, busy: bool) -> None:
        """Whether every sample of the tag has to be looked at."""
        self._busy[self._place[tag]] = busy

    def telling(self, frame: Frame, good: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The rows to look at one by one, in order: of a tag that is busy, or that breaks a limit in this frame."""
        at = self._places_of(frame.tags)[frame.tag]
        broken = good & ((frame.value < self._low[at]) | (frame.value > self._high[at]))
        concerned = self._busy.copy()
        concerned[at[broken]] = True
        return np.flatnonzero(concerned[at])

    def _places_of(self, tags: TagTable) -> NDArray[np.intp]:
        places = self._places.get(tags)
        if places is None:
            others = len(self._place)
            places = np.array([self._place.get(name, others) for name in tags.names], dtype=np.intp)
            self._places[tags] = places
        return places
