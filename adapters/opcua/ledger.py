"""What was reported and when, and therefore what the server's history owes after a break. Pure.

After each break a tag is owed the values between the last source time that was reported and the first live one after
it. What was never told with a source time cannot be asked for, so its gap stays unfilled.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from adapters.opcua.history import Span
from adapters.opcua.values import OVERFLOW, OVERFLOW_MASK
from schemas.frame import NO_TIME, Frame, TagTable
from schemas.records import Gap, GapCause
from schemas.status import Reason

MOST = 20
"""Breaks that may wait to be filled; what breaks more often than that is not filled any more."""


@dataclass(slots=True)
class Break:
    """One time in which nothing was heard of some tags.

    `began` is when the last report before it was received, UTC microseconds. `gap` is the one that was told of single
    tags; the gap of a whole source is the agent's. Columns are along the tags: source times, NO_TIME where unknown.
    """

    began: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    wanted: NDArray[np.bool_]
    gap: Gap | None = None
    spans: dict[int, Span] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether every tag that can be asked for has its first live value again."""
        return bool((~self._askable | (self.end != NO_TIME)).all())

    @property
    def _askable(self) -> NDArray[np.bool_]:
        askable: NDArray[np.bool_] = self.wanted & (self.start != NO_TIME)
        return askable

    def settle(self) -> None:
        """Fix what is to be asked for; tags whose first live value has not come are left out."""
        for row in np.flatnonzero(self._askable & (self.end != NO_TIME)).tolist():
            self.spans.setdefault(row, Span(int(self.start[row]), int(self.end[row])))

    @property
    def filled(self) -> bool:
        """Whether the history covered it for every tag."""
        rows = np.flatnonzero(self.wanted).tolist()
        return all(row in self.spans and self.spans[row].joined for row in rows)


class Ledger:
    """Follows the live frames of one source through all its connections. `changed` is set when there is news."""

    def __init__(self, source: str, tags: TagTable) -> None:
        self._source = source
        self._tags = tags
        self._last = np.full(len(tags), NO_TIME, dtype=np.int64)
        self._received = np.full(len(tags), NO_TIME, dtype=np.int64)
        self._unreadable = np.zeros(len(tags), dtype=np.bool_)
        self._heard: int | None = None
        self._open: Break | None = None
        self.breaks: deque[Break] = deque()
        self.changed = asyncio.Event()

    def broke(self) -> None:
        """The connection begins anew."""
        began = self._heard
        if began is None or (self._open is not None and self._open.began == began):
            return
        unknown = np.full(len(self._tags), NO_TIME, dtype=np.int64)
        self._open = Break(began, self._last.copy(), unknown, ~self._unreadable)
        self._owe(self._open)

    def saw(self, frame: Frame) -> Gap | None:
        """A frame is handed out. Gives the gap where the server says that its queue ran over (F13)."""
        self._heard = frame.received
        if frame.backfilled or not len(frame):
            return None
        gap = self._overflow(frame)
        if self._open is not None:
            self._begin_again(self._open, frame)
        self._last[frame.tag] = frame.source_time
        self._received[frame.tag] = frame.received
        self._unreadable[frame.tag] = frame.reason == Reason.CONFIG
        return gap

    def _begin_again(self, one: Break, frame: Frame) -> None:
        """Note the first live values after a break, until every tag has one."""
        rows, first = _first_times(frame)
        new = one.end[rows] == NO_TIME
        one.end[rows[new]] = first[new]
        if (one.end != NO_TIME).all():
            self._open = None
        self.changed.set()

    def _overflow(self, frame: Frame) -> Gap | None:
        over = frame.status & np.uint32(OVERFLOW_MASK) == OVERFLOW
        if not over.any():
            return None
        rows, first = _first_times(frame)
        tags = rows[np.isin(rows, frame.tag[over])]
        before = self._received[tags]
        began = int(before.min()) if (before != NO_TIME).all() else frame.received
        id_ = uuid4()
        gap = Gap(
            id=id_, gap=id_, source=self._source, tags=tuple(self._tags.names[row] for row in tags.tolist()),
            began=began, ended=frame.received, cause=GapCause.QUEUE_OVERFLOW,
            detail="the server's queue of a tag ran over (Overflow bit); values before this one are lost",
            estimated=bool((before == NO_TIME).any()),
        )  # fmt: skip
        end = np.full(len(self._tags), NO_TIME, dtype=np.int64)
        end[rows] = first
        wanted = np.zeros(len(self._tags), dtype=np.bool_)
        wanted[tags] = True
        self._owe(Break(began, self._last.copy(), end, wanted, gap))
        return gap

    def _owe(self, one: Break) -> None:
        if len(self.breaks) < MOST:
            self.breaks.append(one)
            self.changed.set()


def _first_times(frame: Frame) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Its tags, and when the first value of each was; when it was received, where it has no time."""
    rows, at = np.unique(frame.tag, return_index=True)
    time = frame.source_time[at]
    return rows, np.where(time != NO_TIME, time, frame.received)
