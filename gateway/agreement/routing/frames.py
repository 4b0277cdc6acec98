"""Who gets which samples of a frame. Pure; times are UTC microseconds.

A sample belongs to the time that its device gave it, or to that of its reception where there is none or it cannot be
believed. So one frame may hold samples of several batches, and of two versions of an agreement.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from gateway.agreement.routing.counting import Counts
from gateway.agreement.routing.course import Courses
from gateway.agreement.routing.plan import Mask, Outcome, Plan
from gateway.agreement.routing.plant import Plant
from gateway.agreement.routing.rules import Epoch
from gateway.context.claims import text_of
from schemas.frame import NO_TIME, NOTHING_BESIDE, Frame, TagTable
from schemas.status import Reason as Doubt

Share = tuple[tuple[str, ...], Mask | None]
"""Holders, and the rows that they get; None for all of them."""
_TABLES = 256
"""Tables of which plans are kept: those that were used last."""
_Known = tuple[Outcome, int, int]


class Frames:
    """By the agreements of all time and what is known of batches now."""

    def __init__(
        self, epochs: Sequence[Epoch], plant: Plant, courses: Courses, product_of: Callable[[str], str | None]
    ) -> None:
        self._epochs, self._plant, self._product_of = epochs, plant, product_of
        self._begins = [one.begins for one in epochs]
        self.courses = courses
        self._plans: OrderedDict[tuple[TagTable, Epoch], Plan] = OrderedDict()
        self._now: dict[TagTable, _Known] = {}
        self._naming: OrderedDict[TagTable, Mask | None] = OrderedDict()

    def epoch(self, moment: int) -> Epoch:
        """The versions in force."""
        return self._epochs[bisect_right(self._begins, moment) - 1]

    def by(self, courses: Courses) -> "Frames":
        """The same by other knowledge of batches."""
        other = copy(self)
        other.courses, other._now = courses, {}  # noqa: SLF001 - one of us
        return other

    def concerned(self, frame: Frame) -> bool:
        """Whether any of it may turn out to be a holder's once more is known of batches."""
        return self._plan(frame.tags, self.epoch(frame.received)).decided_by_batches

    def gained(self, frame: Frame, before: "Frames") -> list[Share]:
        """Of an older frame what holders get that did not get it by what was known before."""
        known = {holder: rows for holders, rows in before.shares(frame) for holder in holders}
        gained = list[tuple[str, Mask]]()
        for holders, rows in self.shares(frame):
            now = np.ones(len(frame), dtype=np.bool_) if rows is None else rows
            for holder in holders:
                if holder not in known:
                    gained.append((holder, now))
                elif (had := known[holder]) is not None:
                    gained.append((holder, now & ~had))
        return grouped(gained)

    def shares(self, frame: Frame, counts: Counts | None = None) -> list[Share]:
        """The holders that get any of it. What they don't get of what their clauses are about is counted."""
        if not len(frame):
            return []
        first, last = span(frame)
        outcome, since, until = self._at(frame.tags, first)
        if since <= first and last < until:
            found = _rows(outcome, frame.tag)
            if counts is not None:
                counts.count(outcome, frame.tag, frame.received)
        else:
            found = self._in_pieces(frame, counts)
        return self._without_names(frame, found, counts)

    def _in_pieces(self, frame: Frame, counts: Counts | None) -> list[Share]:
        """Of samples of times between which something changed."""
        masks, moments = dict[str, Mask](), times(frame)
        left = np.ones(len(frame), dtype=np.bool_)
        while left.any():
            outcome, _, until = self._at(frame.tags, int(moments[left].min()))
            piece = left & (moments < until)
            for holders, rows in _rows(outcome, frame.tag):
                for holder in holders:
                    masks.setdefault(holder, np.zeros(len(frame), dtype=np.bool_))
                    masks[holder] |= piece if rows is None else piece & rows
            if counts is not None:
                counts.count(outcome, frame.tag[piece], frame.received)
            left &= ~piece
        return grouped(masks.items())

    def _at(self, tags: TagTable, moment: int) -> _Known:
        known = self._now.get(tags)
        if known is None or not known[1] <= moment < known[2]:
            if len(self._now) >= _TABLES:
                self._now.clear()
            known = self._now[tags] = self._plan(tags, self.epoch(moment)).at(moment, self.courses)
        return known

    def _plan(self, tags: TagTable, epoch: Epoch) -> Plan:
        key = tags, epoch
        plan = self._plans.pop(key, None) or Plan(tags, epoch, self._plant.line)
        self._plans[key] = plan
        if len(self._plans) > _TABLES:
            self._plans.popitem(last=False)
        return plan

    def _without_names(self, frame: Frame, shares: list[Share], counts: Counts | None) -> list[Share]:
        """A sample that names a batch goes to nobody but the holder of its product."""
        rows = self._rows_naming(frame)
        if not shares or not rows:
            return shares
        moments, masks = times(frame), dict[str, Mask]()
        owners = {row: self.epoch(int(moments[row])).owner(self._product_of(batch)) for row, batch in rows}
        for holders, mask in shares:
            for holder in holders:
                own = np.ones(len(frame), dtype=np.bool_) if mask is None else mask.copy()
                for row in [row for row, owner in owners.items() if owner != holder and own[row]]:
                    own[row] = False
                    if counts is not None:
                        counts.names(holder, frame.tags.rooms[frame.tag[row]], frame.received)
                masks[holder] = own
        return grouped(masks.items())

    def _rows_naming(self, frame: Frame) -> list[tuple[int, str]]:
        """Rows with the batch that they name."""
        tags = frame.tags
        if tags not in self._naming:
            mask = np.array([name in self._plant.naming for name in tags.names], dtype=np.bool_)
            self._naming[tags] = mask if mask.any() else None
            if len(self._naming) > _TABLES:
                self._naming.popitem(last=False)
        naming = self._naming[tags]
        if naming is None:
            return []
        said = ((row, frame.row(row).value) for row in np.flatnonzero(naming[frame.tag]).tolist())
        named = ((row, text_of(value)) for row, value in said if value is not None)
        return [(row, text) for row, text in named if text not in self._plant.no_batch]


def part(frame: Frame, rows: Mask) -> Frame:
    """The frame with these rows only; what is the same for all stays."""
    beside = frame.beside
    if beside:
        new = np.cumsum(rows) - 1
        beside = {int(new[row]): value for row, value in beside.items() if rows[row]} or NOTHING_BESIDE
    return Frame(
        source=frame.source, tags=frame.tags, tag=frame.tag[rows], value=frame.value[rows],
        status=frame.status[rows], reason=frame.reason[rows], source_time=frame.source_time[rows],
        received=frame.received, raw=None if frame.raw is None else frame.raw[rows], beside=beside,
        backfilled=frame.backfilled, interval=frame.interval, late=frame.late, id=frame.id,
    )  # fmt: skip


def span(frame: Frame) -> tuple[int, int]:
    """The first and the last time of its samples."""
    first, last = int(frame.source_time.min()), int(frame.source_time.max())
    if first == last == NO_TIME:
        return frame.received, frame.received
    if first == NO_TIME or frame.reason.any():
        moments = times(frame)
        return int(moments.min()), int(moments.max())
    return first, last


def times(frame: Frame) -> NDArray[np.int64]:
    """The time to which each sample belongs."""
    unknown = (frame.source_time == NO_TIME) | (frame.reason == Doubt.TIME)
    return np.where(unknown, frame.received, frame.source_time)


def _rows(outcome: Outcome, tag: NDArray[np.int32]) -> list[Share]:
    found, whole = list[Share](), list[str]()
    for holders, mask in outcome.shares:
        rows = None if mask is None else mask[tag]
        if rows is None or rows.all():
            whole += holders
        elif rows.any():
            found.append((holders, rows))
    return [(tuple(whole), None), *found] if whole else found


def grouped(masks: Iterable[tuple[str, Mask]]) -> list[Share]:
    """Holders that get the same rows together."""
    found: dict[bytes, tuple[list[str], Mask]] = {}
    for holder, mask in masks:
        if mask.any():
            found.setdefault(mask.tobytes(), ([], mask))[0].append(holder)
    return [(tuple(holders), None if mask.all() else mask) for holders, mask in found.values()]
