"""Samples that were planned, and those that were taken: what is missing is a finding. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from gateway.cleanroom.times import Plan, Window


def missed(plan: Plan, taken: Sequence[int], since: int, now: int, zone: ZoneInfo) -> list[Window]:
    """The windows that ended after `since` and not after `now` in which no sample was taken; UTC microseconds.

    A sample that was taken late does not fill the window that is over.
    """
    windows = list(plan.windows(since, now, zone))
    moments = np.sort(np.array(taken, dtype=np.int64))
    begins, ends = (np.array([getattr(w, side) for w in windows], dtype=np.int64) for side in ("begin", "end"))
    empty = np.searchsorted(moments, begins) == np.searchsorted(moments, ends)
    return [window for window, nothing in zip(windows, empty.tolist(), strict=True) if nothing]


def overdue(plan: Plan, newest: int | None, now: int, zone: ZoneInfo) -> bool:
    """Whether nothing was taken since the last window that is over began; `newest` is the last sample, if any.

    So a sample that comes late ends it. UTC microseconds.
    """
    return newest is None or newest < plan.latest(now, zone).begin
