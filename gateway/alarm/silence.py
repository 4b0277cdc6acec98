"""Tags of which nothing usable was heard for too long (STALE), in columns."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import Condition
from gateway.alarm.instant import Instant
from gateway.alarm.places import Places
from schemas.frame import Frame
from schemas.status import Reason, is_bad


class Silence:
    """When each tag was heard last, monotonic seconds. The first moment that is known counts as heard.

    A Bad value tells nothing, nor does one that the agent itself repeats, with the reason STALE.
    """

    def __init__(self, conditions: Sequence[Condition], known: "Silence | None" = None) -> None:
        """`known` is what stood here before the conditions changed."""
        self.names = [one.name for one in conditions]
        self._places = Places(one.tag for one in conditions)
        self._at = np.array([self._places.of[one.tag] for one in conditions], dtype=np.intp)
        self._window = np.array([one.window for one in conditions], dtype=np.float64)
        before = {} if known is None else known.last()
        self._heard = np.array([*(before.get(tag, np.nan) for tag in self._places.of), np.inf])
        self._silent = np.zeros(len(self.names), dtype=np.bool_)

    def take(self, frame: Frame, now: Instant) -> list[str]:
        """A frame came. Names of the conditions that were silent and are not any more."""
        if not self.names:
            return []
        usable = ~is_bad(frame.status) & (frame.reason != Reason.STALE)
        at = self._places.along(frame.tags)[frame.tag[usable]]
        self._heard[at] = now.monotonic
        self._heard[-1] = np.inf
        if not self._silent.any():
            return []
        spoke = self._silent & np.isin(self._at, at)
        self._silent[spoke] = False
        return self._named(spoke)

    def tick(self, now: Instant) -> list[tuple[str, Instant]]:
        """Names of the conditions that are silent for too long from now on, and since when they were."""
        if not self.names:
            return []
        self._heard[np.isnan(self._heard)] = now.monotonic
        ages = now.monotonic - self._heard[self._at]
        late = (ages > self._window) & ~self._silent
        self._silent |= late
        return [(self.names[i], now.earlier(float(ages[i]))) for i in np.flatnonzero(late).tolist()]

    def restore(self, names: Iterable[str]) -> None:
        """These were silent already."""
        self._silent[[self.names.index(name) for name in names]] = True

    def last(self) -> Mapping[str, float]:
        """When each tag was heard last."""
        return {tag: float(self._heard[at]) for tag, at in self._places.of.items()}

    def _named(self, which: NDArray[np.bool_]) -> list[str]:
        return [self.names[i] for i in np.flatnonzero(which).tolist()]
