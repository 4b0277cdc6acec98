"""Values that change too fast (RATE_OF_CHANGE), in columns.

A condition's window is kept in `PARTS` parts, each with the smallest and the largest value that held in it; the
change is that between the smallest and the largest of all. So it looks back by the window and at most one part more. A
value holds until the next one comes: it may not be sent while it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import Condition
from gateway.alarm.instant import Instant
from gateway.alarm.judge import Finding, Verdict
from gateway.alarm.places import Places, turns
from schemas.frame import Frame

PARTS = 16


class Changes:
    """The windows. Raises ValueError where a tag has two conditions of this kind."""

    def __init__(self, conditions: Sequence[Condition], known: "Changes | None" = None) -> None:
        """`known` is what stood here before the conditions changed."""
        self.names = [one.name for one in conditions]
        self._conditions = conditions
        self._places = Places(one.tag for one in conditions)
        if self._places.others != len(conditions):
            raise ValueError(f"a tag has two conditions RATE_OF_CHANGE: {', '.join(sorted(self.names))}")
        size = len(conditions)
        self._limit = np.array([one.limit for one in conditions])
        self._width = np.array([one.window / PARTS for one in conditions])
        self._low, self._high = np.full((PARTS + 1, size), np.nan), np.full((PARTS + 1, size), np.nan)
        self._value = np.full(size, np.nan)
        self._part = np.zeros(size, dtype=np.int64)
        self._told = np.zeros(size, dtype=np.bool_)
        if known is not None:
            self._go_on(known)

    def _go_on(self, known: "Changes") -> None:
        """The windows of conditions that look back as far as before."""
        before = {(one.tag, one.window): at for at, one in enumerate(known._conditions)}  # noqa: SLF001 - of its own class
        for at, one in enumerate(self._conditions):
            if (was := before.get((one.tag, one.window))) is not None:
                self._low[:, at], self._high[:, at] = known._low[:, was], known._high[:, was]  # noqa: SLF001 - as above
                self._value[at], self._part[at] = known._value[was], known._part[was]  # noqa: SLF001 - as above

    def take(self, frame: Frame, good: NDArray[np.bool_], now: Instant) -> Iterator[tuple[str, Finding]]:
        """A frame came; `good` says which rows have a Good number. What is too fast, or was and is not over yet.

        A value that is not Good is not compared with those before it.
        """
        if not self.names:
            return
        self._move_on(now)
        places = self._places.along(frame.tags)[frame.tag]
        for rows in turns(frame.tag):
            at = places[rows]
            mine = at != self._places.others
            yield from self._rows(at[mine], frame.value[rows][mine], good[rows][mine])

    def tick(self, now: Instant) -> Iterator[tuple[str, Finding]]:
        """What changed long ago leaves the window."""
        if self._told.any():
            self._move_on(now)
            yield from self._found(np.flatnonzero(self._told))

    def restore(self, names: Iterable[str]) -> None:
        """These were too fast already."""
        self._told[[self.names.index(name) for name in names]] = True

    def _rows(
        self, at: NDArray[np.intp], value: NDArray[np.float64], good: NDArray[np.bool_]
    ) -> Iterator[tuple[str, Finding]]:
        unknown, at, value = at[~good], at[good], value[good]
        self._low[:, unknown], self._high[:, unknown], self._value[unknown] = np.nan, np.nan, np.nan
        part = self._part[at] % (PARTS + 1)
        self._low[part, at] = np.fmin(self._low[part, at], value)
        self._high[part, at] = np.fmax(self._high[part, at], value)
        self._value[at] = value
        yield from ((self.names[place], Finding(Verdict.UNKNOWN)) for place in unknown[self._told[unknown]].tolist())
        yield from self._found(at)

    def _move_on(self, now: Instant) -> None:
        """New parts begin with the value that holds."""
        part = np.floor_divide(now.monotonic, self._width).astype(np.int64)
        for back in range(int(min(PARTS, (part - self._part).max(initial=0) - 1)), -1, -1):
            begun = np.flatnonzero(part - back > self._part)
            where = (part[begun] - back) % (PARTS + 1)
            self._low[where, begun] = self._high[where, begun] = self._value[begun]
        self._part = part

    def _found(self, at: NDArray[np.intp]) -> Iterator[tuple[str, Finding]]:
        if not len(at):
            return
        change = np.fmax.reduce(self._high[:, at]) - np.fmin.reduce(self._low[:, at])
        telling = np.flatnonzero((change > self._limit[at]) | self._told[at])
        for place, number in zip(at[telling].tolist(), change[telling].tolist(), strict=True):
            if not isnan(number):
                finding = _finding(self._conditions[place], number)
                self._told[place] = finding.verdict is not Verdict.BACK
                yield self.names[place], finding


def _finding(condition: Condition, change: float) -> Finding:
    if condition.broken(change):
        return Finding(Verdict.BEYOND, change)
    return Finding(Verdict.BACK if condition.back(change) else Verdict.WITHIN, change)
