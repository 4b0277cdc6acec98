"""How many samples each holder did not get of what its clauses are about, and how many nobody got. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.agreement.routing.plan import Bucket, Outcome, Tally
from gateway.agreement.routing.reason import Reason

PERIOD = 600_000_000
"""How long samples are counted together, by the time of their reception; UTC microseconds."""


@dataclass(frozen=True, slots=True)
class Count:
    """Of samples that were received in `began` ≤ time < `ended`."""

    bucket: Bucket
    began: int
    ended: int
    samples: int


class Counts:
    """Of the period that runs."""

    def __init__(self) -> None:
        self.unassigned = 0
        """Samples in the agent's life that went to no holder though a clause is about them."""
        self._began = 0
        self._sums: dict[Tally, NDArray[np.int64]] = {}
        self._named = Counter[Bucket]()
        self._over = list[Count]()

    def count(self, outcome: Outcome, tag: NDArray[np.int32], received: int) -> None:
        """Of a frame the samples that are not sent."""
        if outcome.nobodys is not None:
            self.unassigned += int(np.count_nonzero(outcome.nobodys[tag]))
        tally = outcome.tally
        if tally is None:
            return
        self._go_on(received)
        sums = np.bincount(tally.of_tag[:, tag].ravel(), minlength=len(tally.buckets) + 1)
        known = self._sums.get(tally)
        self._sums[tally] = sums if known is None else known + sums

    def names(self, holder: str, room: str | None, received: int) -> None:
        """A sample that names the batch of another."""
        self._go_on(received)
        self._named[Bucket(holder, room, None, Reason.NAMES_OTHER)] += 1

    def due(self, now: int) -> Iterator[Count]:
        """What was counted in periods that are over; with a time behind all of them, everything."""
        if now >= self._began + PERIOD:
            self._close(now)
        over, self._over = self._over, []
        yield from over

    def _go_on(self, received: int) -> None:
        if not self._began <= received < self._began + PERIOD:
            self._close(received)

    def _close(self, moment: int) -> None:
        found, self._named = self._named, Counter[Bucket]()
        for tally, sums in self._sums.items():
            for bucket, samples in zip(tally.buckets, sums[1:].tolist(), strict=True):
                found[bucket] += samples
        self._over += [Count(one, self._began, self._began + PERIOD, n) for one, n in found.items() if n]
        self._sums.clear()
        self._began = moment - moment % PERIOD
