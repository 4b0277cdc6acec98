"""Values that hardly move (FLAT_LINE), in columns: a sensor that is frozen says a good value for ever.

Each value has a band, from its smallest to its largest since it last moved. Once the band is wider than the condition's
limit the value moved, and a new band begins. A band that holds for the whole window is a flat line.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import Condition
from gateway.alarm.instant import Instant
from gateway.alarm.places import Places, turns
from schemas.frame import Frame


class Stillness:
    """The bands. Raises ValueError where a tag has two conditions of this kind."""

    def __init__(self, conditions: Sequence[Condition], known: "Stillness | None" = None) -> None:
        """`known` is what stood here before the conditions changed."""
        self.names = [one.name for one in conditions]
        self._places = Places(one.tag for one in conditions)
        if self._places.others != len(conditions):
            raise ValueError(f"a tag has two conditions FLAT_LINE: {', '.join(sorted(self.names))}")
        size = len(self._places)
        self._limit, self._window = (
            np.array([*numbers, np.inf]) for numbers in ([c.limit for c in conditions], [c.window for c in conditions])
        )
        self._bands = np.tile(np.array([[np.inf], [-np.inf], [np.nan], [np.nan]]), size)
        self._low, self._high, self._value, self._since = self._bands
        self._flat = np.zeros(size, dtype=np.bool_)
        for tag, band in () if known is None else known.bands().items():
            if tag in self._places.of:
                self._bands[:, self._places.of[tag]] = band

    def take(self, frame: Frame, good: NDArray[np.bool_], now: Instant) -> Iterator[tuple[str, float]]:
        """A frame came; `good` says which rows have a Good number. Names and values of what moved again.

        Of a value that is not Good nobody knows whether it moves: its band begins anew.
        """
        if not self.names:
            return
        at = self._places.along(frame.tags)[frame.tag]
        for rows in turns(frame.tag):
            yield from self._rows(at[rows], frame.value[rows], good[rows], now)

    def _rows(
        self, at: NDArray[np.intp], value: NDArray[np.float64], good: NDArray[np.bool_], now: Instant
    ) -> Iterator[tuple[str, float]]:
        unknown = at[~good]
        self._low[unknown], self._high[unknown], self._since[unknown] = np.inf, -np.inf, np.nan
        mine = good & (at != self._places.others)
        at, value = at[mine], value[mine]
        low, high = np.minimum(self._low[at], value), np.maximum(self._high[at], value)
        moved = high - low > self._limit[at]
        anew = moved | np.isnan(self._since[at])
        self._low[at], self._high[at] = np.where(moved, value, low), np.where(moved, value, high)
        self._value[at] = value
        self._since[at[anew]] = now.monotonic
        for place in at[moved & self._flat[at]].tolist():
            self._flat[place] = False
            yield self.names[place], float(self._value[place])

    def tick(self, now: Instant) -> list[tuple[str, Instant, float]]:
        """Names of the conditions that are flat from now on, since when they were, and their values."""
        if not self.names:
            return []
        ages = now.monotonic - self._since
        flat = (ages >= self._window) & ~self._flat
        self._flat |= flat
        found = np.flatnonzero(flat).tolist()
        return [(self.names[at], now.earlier(float(ages[at])), float(self._value[at])) for at in found]

    def restore(self, names: Iterable[str]) -> None:
        """These were flat already."""
        self._flat[[self.names.index(name) for name in names]] = True

    def bands(self) -> dict[str, NDArray[np.float64]]:
        """Of each tag its smallest, largest and latest value, and since when, monotonic seconds."""
        return {tag: self._bands[:, at] for tag, at in self._places.of.items()}
