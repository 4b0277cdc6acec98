"""From columns of a notification to a frame: `values.Interpreter`, for all items at once.

Same rules, same state (types first seen, last source times), so that both may take turns. What depends on the order of
a tag's items within a notification (its type, its last time) is found for all of them together.

Most notifications have nothing but Good, finite floats of the type that their tags had before: `_plain` looks whether
that is so, which costs little. All others go through a `_Sheet`, on which each step fills in a fault, by its number,
for the rows that have none yet; 0 is none.
"""

import struct

import numpy as np
from asyncua import ua
from numpy.typing import NDArray

from adapters.opcua.fast.items import APART, FLOATS, NULL, UNSIGNED, Items
from adapters.opcua.values import (
    EXACT,
    NOT_A_NUMBER,
    NOT_TEXT,
    TOO_LARGE,
    WRONG_TYPE,
    WRONG_UNIT,
    Fault,
    Interpreter,
    element,
    is_supported,
    other,
)
from schemas.frame import NO_TIME, NOTHING_BESIDE, Beside, Frame, TagTable
from schemas.status import Reason, StatusCode

_FAULTS = (WRONG_UNIT, WRONG_TYPE, NOT_A_NUMBER, TOO_LARGE, NOT_TEXT)
_NUMBER = {fault: number for number, fault in enumerate(_FAULTS, start=1)}
_STATUS = np.array([0, *(fault.status for fault in _FAULTS)], dtype=np.uint32)
_REASON = np.array([0, *(fault.reason for fault in _FAULTS)], dtype=np.uint8)
_BOOLEAN = 1
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


def interpret(known: Interpreter, source: str, tags: TagTable, items: Items, received: int) -> Frame:
    """The frame of these items, whose handles are rows of the table + 1; `received` in UTC microseconds."""
    return _plain(known, source, tags, items, received) or _Sheet(known, tags, items).frame(source, received)


def _plain(known: Interpreter, source: str, tags: TagTable, items: Items, received: int) -> Frame | None:
    """The frame where there is no doubt about any item; None, and nothing is noted, where there is."""
    kind, value = items.kind, items.bits.view(np.float64)
    if not len(items) or known.wrong_units or items.apart or items.status.any() or kind.min() < FLOATS[0]:
        return None
    tag = _rows(items)
    if known.indexed[tag].any() or (kind != known.types[tag]).any() or not np.isfinite(value).all():
        return None
    time = items.time
    if time.min() == NO_TIME or time.max() > received + known.tolerance or not _follow(known.times, tag, time):
        return None
    return Frame(
        source=source, tags=tags, tag=tag, value=value, status=items.status, reason=np.zeros(len(items), np.uint8),
        source_time=time, received=received,
    )  # fmt: skip


def _follow(times: NDArray[np.int64], tag: NDArray[np.int32], time: NDArray[np.int64]) -> bool:
    """Whether each tag has times that are not before its last one, which they are now; else nothing is noted."""
    last = times[tag]
    if (time < last).any():
        return False
    times[tag] = order = np.arange(len(tag))
    if not (times[tag] == order).all() and not _each_forward(tag, time):
        times[tag] = last
        return False
    times[tag] = time  # of a tag that stands here twice the last counts
    return True


def _each_forward(tag: NDArray[np.int32], time: NDArray[np.int64]) -> bool:
    """Whether among these the times of no tag go back."""
    order = np.argsort(tag, kind="stable")
    by_tag, by_time = tag[order], time[order]
    return not ((by_tag[1:] == by_tag[:-1]) & (by_time[1:] < by_time[:-1])).any()


def _rows(items: Items) -> NDArray[np.int32]:
    return (items.handle - np.uint32(1)).view(np.int32)


class _Sheet:
    """One notification while it is interpreted. Columns are along its items."""

    def __init__(self, known: Interpreter, tags: TagTable, items: Items) -> None:
        size = len(items)
        self._known = known
        self._tags = tags
        self._items = items
        self._tag = _rows(items)
        self._kind, self._bits = items.kind, items.bits
        self._value = np.full(size, np.nan)
        self._fault = np.zeros(size, np.uint8)
        self._texts: dict[int, Beside] = {}
        self._beside: dict[int, Beside] = {}

    def frame(self, source: str, received: int) -> Frame:
        items = self._items
        told = items.status >> np.uint32(31) == 0  # a Bad status decides, whatever value is in there
        self._open_apart()
        self._check_units(told)
        self._check_types(told)
        self._read_values(told & (self._fault == 0))
        valued = told & (self._fault == 0)
        status = np.where(told, _STATUS[self._fault], items.status)
        reason = np.where(told, _REASON[self._fault], np.uint8(Reason.SOURCE))
        status[valued] = items.status[valued]
        reason[valued] = np.where(status[valued] >> np.uint32(30), Reason.SOURCE, Reason.NONE)
        doubted = valued & (status >> np.uint32(30) == 0)
        doubted &= ~self._believable(valued & (items.time != NO_TIME), received)
        status[doubted], reason[doubted] = StatusCode.UNCERTAIN, Reason.TIME
        return Frame(
            source=source, tags=self._tags, tag=self._tag, value=self._value, status=status, reason=reason,
            source_time=items.time, received=received, beside=self._beside or NOTHING_BESIDE,
        )  # fmt: skip

    def _open_apart(self) -> None:
        """Elements of arrays join the columns; text and its like is kept beside; the rest is null."""
        indexed = self._known.indexed[self._tag]
        if not self._items.apart and not indexed.any():
            return
        self._kind = np.where(indexed & (self._kind != APART), np.uint8(NULL), self._kind)
        self._bits = self._bits.copy()
        for row, data in self._items.apart.items():
            self._kind[row] = self._open(row, int(self._tag[row]), data.Value)

    def _open(self, row: int, tag: int, variant: ua.Variant | None) -> int:
        content = None if variant is None else element(variant, self._known.index[tag])
        if variant is None or content is None or not is_supported(variant.VariantType):
            return NULL
        kind = int(variant.VariantType.value)
        if kind in FLOATS:
            self._bits[row] = struct.unpack("<q", struct.pack("<d", content))[0]
        elif kind <= UNSIGNED:
            self._bits[row] = int(content) - (int(content) >> 63 << 64 if kind == UNSIGNED else 0)
        else:
            found = other(content, measured=bool(self._known.measured[tag]))
            if isinstance(found, Fault):
                self._fault[row] = _NUMBER[found]  # told only where unit and type are right
            elif isinstance(found, Beside):
                self._texts[row] = found
        return kind

    def _check_units(self, told: Mask) -> None:
        wrong = self._known.wrong_units
        if wrong:
            self._fault[told & np.isin(self._tag, list(wrong))] = _NUMBER[WRONG_UNIT]

    def _check_types(self, told: Mask) -> None:
        """A tag keeps the type that it had first, of the items that could give it one."""
        types, tag, kind = self._known.types, self._tag, self._kind
        usable = told & (self._fault != _NUMBER[WRONG_UNIT])
        typed = usable & (kind != NULL)
        first = np.flatnonzero(typed & (types[tag] == NULL))[::-1]  # of several of one tag the first is written last
        types[tag[first]] = kind[first]
        self._fault[usable & ((kind == NULL) | (kind != types[tag]))] = _NUMBER[WRONG_TYPE]

    def _read_values(self, usable: Mask) -> None:
        kinds = np.flatnonzero(np.bincount(self._kind[usable])).tolist()
        for kind in kinds:
            rows = np.flatnonzero(usable & (self._kind == kind))
            if kind in FLOATS:
                self._read_floats(rows)
            elif kind == _BOOLEAN:
                self._set_beside(rows, self._bits[rows].astype(np.bool_))
            elif kind <= UNSIGNED:
                self._read_integers(rows, unsigned=kind == UNSIGNED)
            else:
                self._beside.update((row, self._texts[row]) for row in rows.tolist())

    def _read_floats(self, rows: Rows) -> None:
        numbers = self._bits[rows].view(np.float64)
        finite = np.isfinite(numbers)
        self._value[rows] = np.where(finite, numbers, np.nan)
        self._fault[rows[~finite]] = _NUMBER[NOT_A_NUMBER]

    def _read_integers(self, rows: Rows, *, unsigned: bool) -> None:
        """Measurements are numbers while a double holds them; codes and states are exact."""
        numbers, measured = self._bits[rows], self._known.measured[self._tag[rows]]
        huge = (numbers < 0) & unsigned
        exact = measured & (numbers >= -EXACT) & (numbers <= EXACT) & ~huge
        self._value[rows[exact]] = numbers[exact]
        self._fault[rows[huge & measured]] = _NUMBER[TOO_LARGE]
        whole = ~exact & ~huge
        self._set_beside(rows[whole], numbers[whole])
        for row, number in zip(rows[huge & ~measured].tolist(), numbers[huge & ~measured].tolist(), strict=True):
            self._beside[row] = str(number + (1 << 64))

    def _set_beside(self, rows: Rows, values: NDArray[np.generic]) -> None:
        self._beside.update(zip(rows.tolist(), values.tolist(), strict=True))

    def _believable(self, timed: Mask, received: int) -> Mask:
        """Whether each source time is neither ahead of ours nor behind the tag's last one."""
        rows = np.flatnonzero(timed)
        time = self._items.time[rows]
        last = _last_times(self._known.times, self._tag[rows], time)
        believable = np.ones(len(timed), np.bool_)
        believable[rows] = (last <= time) & (time <= received + self._known.tolerance)
        return believable


def _last_times(times: NDArray[np.int64], tag: NDArray[np.int32], time: NDArray[np.int64]) -> NDArray[np.int64]:
    """The time before each of these, of the same tag: in `times`, or among them. The newest are then in `times`."""
    at, order = np.empty(len(times), np.int64), np.arange(len(tag))
    at[tag] = order
    if (at[tag] == order).all():  # no tag twice
        last = times[tag]
        times[tag] = time
        return last
    order = np.argsort(tag, kind="stable")
    sorted_tag, sorted_time = tag[order], time[order]
    begins = np.append(np.True_, sorted_tag[1:] != sorted_tag[:-1])
    before = np.append(NO_TIME, sorted_time[:-1])
    last = np.empty_like(time)
    last[order] = np.where(begins, times[sorted_tag], before)
    ends = np.append(begins[1:], np.True_)
    times[sorted_tag[ends]] = sorted_time[ends]
    return last
