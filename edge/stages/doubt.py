"""What can be wrong with a value of any device: the columns of one source. Pure: time comes in as an argument.

Rules. Only a value that is Good so far is doubted here: what the device or its adapter says of it stays. The first of
these that applies is the reason:

- TIME (F-A5): the device's time is ahead of the agent's by more than the tolerance, goes back, or lies before `OLDEST`,
  where clocks begin that have lost their time.
- STALE (F-A1): a value that has to move has stood still for `stale_after` seconds of the monotonic clock. It keeps the
  device's time of its last change, whatever time is said with it. A Bad sample is no change: a value that comes back
  as it was has still not moved.
- CALIBRATION (F-A9): the last day of the calibration is over.

Samples out of a device's memory (`backfilled`) are older than what was said before: they are never STALE and may go
back in time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from adapters.contract import TagSettings
from gateway.alarm.instant import Instant
from gateway.alarm.looking import OLDEST
from schemas.frame import NO_TIME, Beside, Frame, TagTable
from schemas.status import Reason, StatusCode, is_bad, is_good

NEVER = np.iinfo(np.int64).max
STALE = (StatusCode.UNCERTAIN_LAST_USABLE_VALUE, Reason.STALE)
OVERDUE = (StatusCode.UNCERTAIN_SENSOR_CALIBRATION, Reason.CALIBRATION)
WRONG_TIME = (StatusCode.UNCERTAIN, Reason.TIME)


class Doubts:
    """What is remembered of the tags of one source, in the order of its settings. `tolerance` in seconds."""

    def __init__(self, tags: Sequence[TagSettings], tolerance: float, zone: ZoneInfo) -> None:
        size = len(tags)
        self.expiry = np.array([_expiry(tag.calibration_due, zone) for tag in tags], dtype=np.int64)
        """When each calibration ends, UTC microseconds; `NEVER` where no day is given."""
        self.reason = np.full(size, Reason.COMM, dtype=np.uint8)
        """The reason last said of each tag; COMM before the device said anything, and passed over later."""
        self.ahead: int | None = None
        """How far the newest device time was ahead of the agent's since this was last cleared, microseconds."""
        self.changed = True
        """Whether any reason is another one since this was last cleared."""
        self._first_expiry = int(self.expiry.min(initial=NEVER))
        self._uncertain = np.array([tag.overdue == "uncertain" for tag in tags], dtype=np.bool_)
        self._patience = np.array([tag.stale_after or np.inf for tag in tags])
        self._patient = not np.isfinite(self._patience).any()
        self._tolerance = round(tolerance * 1e6)
        self._table = TagTable(tuple(tag.name for tag in tags), tuple(tag.unit for tag in tags))
        self._distinct = np.array([], dtype=np.int32)
        self._heard = 0
        self._good = np.zeros(size, dtype=np.bool_)
        self._value = np.full(size, np.nan)
        self._other: dict[int, Beside] = {}
        self._since = np.full(size, np.inf)
        self._changed = np.full(size, NO_TIME, dtype=np.int64)
        self._time = np.full(size, NO_TIME, dtype=np.int64)

    def examine(self, frame: Frame, now: Instant) -> Frame:
        """The frame with its doubts. Its tag table is that of the settings."""
        self._heard = max(self._heard, frame.received)
        if self._all_well(frame):
            return frame
        status, reason, time = frame.status.copy(), frame.reason.copy(), frame.source_time.copy()
        for rows in _once_each(frame.tag):
            doubted = self._times(frame, rows)
            _mark(status, reason, rows[doubted], *WRONG_TIME)
            if not frame.backfilled:
                self._stand(frame, rows, now, (status, reason, time))
        overdue = (frame.received >= self.expiry[frame.tag]) & self._uncertain[frame.tag]
        _mark(status, reason, np.flatnonzero(overdue), *OVERDUE)
        if not frame.backfilled:
            said = reason != Reason.COMM
            self.reason[frame.tag[said]] = reason[said]
            self.changed = True
            self._good[frame.tag] = is_good(status)
        return replace(frame, status=status, reason=reason, source_time=time)

    def overdue(self, time: int) -> bool:
        """Whether a calibration is over at that time, UTC microseconds."""
        return time >= self._first_expiry

    def _all_well(self, frame: Frame) -> bool:
        """Whether nothing in the frame can be doubted; then it is remembered here.

        Nearly every frame is so, and that is seen from whole columns.
        """
        tag, time = frame.tag, frame.source_time
        if not len(frame) or frame.backfilled or not self._patient or self.overdue(frame.received):
            return False
        if frame.status.any() or frame.reason.any() or not self._once(tag):
            return False
        newest = int(time.max())
        if newest > frame.received + self._tolerance or time.min() < OLDEST or (time < self._time[tag]).any():
            return False
        self._time[tag] = time
        self.ahead = newest - frame.received if self.ahead is None else max(self.ahead, newest - frame.received)
        if not self._good[tag].all() or self.reason[tag].any():
            self._good[tag], self.reason[tag], self.changed = True, Reason.NONE, True
        return True

    def _once(self, tag: NDArray[np.int32]) -> bool:
        """Whether no tag stands twice; rows that were so the last time still are."""
        if not np.array_equal(tag, self._distinct):
            if np.bincount(tag).max() > 1:
                return False
            self._distinct = tag
        return True

    def stale(self, source: str, now: Instant) -> Iterator[Frame]:
        """The values that have stood still for too long, and of which nothing came since (subscriptions).

        Nobody was heard of: the frame's time of receipt is that of the source's last frame.
        """
        if self._patient:
            return
        due = np.flatnonzero(self._good & (now.monotonic - self._since >= self._patience))
        if not len(due):
            return
        self._good[due], self.reason[due] = False, Reason.STALE
        yield Frame(
            source=source,
            tags=self._table,
            tag=due.astype(np.int32),
            value=self._value[due],
            status=np.full(len(due), STALE[0], dtype=np.uint32),
            reason=np.full(len(due), STALE[1], dtype=np.uint8),
            source_time=self._changed[due],
            received=self._heard,
            beside={at: self._other[tag] for at, tag in enumerate(due.tolist()) if tag in self._other},
        )

    def _times(self, frame: Frame, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which device times cannot be believed."""
        tag, time = frame.tag[rows], frame.source_time[rows]
        timed = (time != NO_TIME) & ~is_bad(frame.status[rows])
        doubted: NDArray[np.bool_] = timed & ((time > frame.received + self._tolerance) | (time < OLDEST))
        if not frame.backfilled and timed.any():
            doubted |= timed & (time < self._time[tag])
            self._time[tag[timed]] = time[timed]
            self.ahead = max(int(time[timed].max()) - frame.received, NO_TIME if self.ahead is None else self.ahead)
        return doubted

    def _stand(
        self,
        frame: Frame,
        rows: NDArray[np.intp],
        now: Instant,
        columns: tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]],
    ) -> None:
        """Which of the values that have to move stand still."""
        rows = rows[np.isfinite(self._patience[frame.tag[rows]]) & ~is_bad(frame.status[rows])]
        tag, value = frame.tag[rows], frame.value[rows]
        listed = enumerate(rows.tolist()) if frame.beside else ()
        other = {at: frame.beside[row] for at, row in listed if row in frame.beside}
        same = value == self._value[tag]
        for at, beside in other.items():
            same[at] = self._other.get(int(tag[at])) == beside
        self._remember(tag[~same], value[~same], frame.source_time[rows[~same]], now)
        for gone in set(self._other).intersection(tag[~same].tolist()):
            del self._other[gone]
        self._other |= {int(tag[at]): beside for at, beside in other.items()}
        stale = same & (now.monotonic - self._since[tag] >= self._patience[tag])
        status, reason, time = columns
        time[rows[stale]] = self._changed[tag[stale]]
        _mark(status, reason, rows[stale], *STALE)

    def _remember(
        self, tag: NDArray[np.int32], value: NDArray[np.float64], time: NDArray[np.int64], now: Instant
    ) -> None:
        self._value[tag], self._changed[tag], self._since[tag] = value, time, now.monotonic


def _mark(
    status: NDArray[np.uint32], reason: NDArray[np.uint8], rows: NDArray[np.intp], code: StatusCode, why: Reason
) -> None:
    """Doubt what is Good so far."""
    rows = rows[is_good(status[rows])]
    status[rows], reason[rows] = code, why


def _once_each(tag: NDArray[np.int32]) -> Iterator[NDArray[np.intp]]:
    """Rows in parts in which no tag stands twice, in their order: mostly one part."""
    if (tag[1:] > tag[:-1]).all():
        yield np.arange(len(tag))
        return
    order = np.argsort(tag, kind="stable")
    ordered = tag[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(tag) else np.array([], dtype=np.intp)
    turn = np.empty(len(tag), dtype=np.intp)
    turn[order] = np.arange(len(tag)) - np.repeat(begins, np.diff(np.r_[begins, len(tag)]))
    for number in range(int(turn.max()) + 1 if len(turn) else 0):
        yield np.flatnonzero(turn == number)


def _expiry(due: date | None, zone: ZoneInfo) -> int:
    """Midnight after the last day."""
    if due is None:
        return NEVER
    end = datetime(due.year, due.month, due.day, tzinfo=zone) + timedelta(days=1)
    return round(end.timestamp() * 1e6)
