"""One pass over the device: what was read and what failed, and the frame that follows from it. Pure."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapters.modbus.answer import Failure
from adapters.modbus.numbers import Kind, Order, decode, encode, is_float, typed
from adapters.modbus.plan import Block, Span, Table
from adapters.modbus.settings import Constant, ModbusSettings, ModbusTag, Place
from schemas.frame import NO_TIME, Beside, Frame, TagTable
from schemas.status import Reason, StatusCode

_UNREAD = Failure(StatusCode.BAD_NO_DATA, Reason.COMM, "not read")
_EXACT = 2**53

Sort = tuple[bool, bool, str, str]
"""Values whose word and byte order are proven together: float, several words, word order, byte order."""


class Image:
    """The device's memory as one scan saw it. Made anew for each scan, so that nothing old can be in it."""

    def __init__(self) -> None:
        self._words: dict[Table, NDArray[np.uint16]] = {}
        self._read: dict[Table, NDArray[np.bool_]] = {}
        self._failures: dict[Span, Failure] = {}

    def put(self, block: Block, words: Sequence[int]) -> None:
        """The answer to a block: as many registers, or bits, as it has addresses."""
        place = slice(block.start, block.start + block.count)
        self._words.setdefault(block.table, np.zeros(65_536, np.uint16))[place] = words
        self._read.setdefault(block.table, np.zeros(65_536, np.bool_))[place] = True

    def fail(self, block: Block, failure: Failure) -> None:
        """The block could not be read."""
        self._failures |= dict.fromkeys(block.spans, failure)

    @property
    def failures(self) -> Mapping[Span, Failure]:
        """What could not be read, and why."""
        return self._failures

    def was_read(self, table: Table, addresses: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which addresses have a content, of the shape of the addresses."""
        if table not in self._read:
            return np.zeros(addresses.shape, np.bool_)
        return self._read[table][addresses]

    def words(self, table: Table, addresses: NDArray[np.intp]) -> NDArray[np.uint16]:
        """Contents, of the shape of the addresses; 0 where nothing was read."""
        if table not in self._words:
            return np.zeros(addresses.shape, np.uint16)
        return self._words[table][addresses]


@dataclass(slots=True)
class _Columns:
    """The frame while it is being made."""

    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    reason: NDArray[np.uint8]
    beside: dict[int, Beside] = field(default_factory=dict)

    def mark(self, rows: NDArray[np.intp] | int, status: StatusCode, reason: Reason) -> None:
        """Say that rows are not Good; a Bad one loses its value."""
        self.status[rows] = status
        self.reason[rows] = reason


class _Group:
    """Tags that are decoded in one go: same table, type and orders."""

    def __init__(self, rows: Sequence[int], tags: Sequence[ModbusTag]) -> None:
        first = tags[0]
        self.rows = np.array(rows, dtype=np.intp)
        self._table: Table = first.table
        self._kind: Kind = first.type
        self._orders: tuple[Order, Order] = (first.word_order, first.byte_order)
        starts = np.array([tag.address for tag in tags], dtype=np.intp)
        self._addresses = starts[:, None] + np.arange(first.span.count, dtype=np.intp)
        self._marks = [
            (at, typed(tag.type, mark)) for at, tag in enumerate(tags) for mark in tag.no_value if not math.isnan(mark)
        ]
        self._nan_is_mark = np.array([any(math.isnan(mark) for mark in tag.no_value) for tag in tags])

    def fill(self, columns: _Columns, image: Image) -> None:
        """Values, and the faults that the numbers themselves show."""
        native = decode(image.words(self._table, self._addresses), self._kind, *self._orders)
        values = native.astype(np.float64)
        columns.value[self.rows] = values
        odd = ~np.isfinite(values)
        columns.mark(self.rows[odd], StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)
        inexact = (values > _EXACT) | (values < -_EXACT)
        if not is_float(self._kind):
            columns.mark(self.rows[inexact], StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)
        marked = np.isnan(values) & self._nan_is_mark
        for at, mark in self._marks:
            marked[at] |= native[at] == mark
        columns.mark(self.rows[marked], StatusCode.BAD_NO_DATA, Reason.NO_VALUE)


class Scan:
    """How the image of a device becomes a frame: one row per tag, in the order of the table."""

    def __init__(self, settings: ModbusSettings, tags: TagTable) -> None:
        self._settings = settings
        self._tags = tags
        alike: defaultdict[tuple[Table, Kind, Order, Order], list[int]] = defaultdict(list)
        needed: defaultdict[Table, list[tuple[int, int]]] = defaultdict(list)
        self._rows: defaultdict[Span, list[int]] = defaultdict(list)
        for row, tag in enumerate(settings.tags):
            alike[tag.table, tag.type, tag.word_order, tag.byte_order].append(row)
            for span in tag.spans:
                self._rows[span].append(row)
                needed[span.table] += [(row, address) for address in range(span.start, span.end)]
        self._groups = [
            _Group(rows, [settings.tags[row] for row in rows])
            for (_, kind, _, _), rows in alike.items()
            if kind != "bool"
        ]
        self._needed = {table: np.array(cells, dtype=np.intp).T for table, cells in needed.items()}
        self._bools = [row for row, tag in enumerate(settings.tags) if tag.type == "bool"]
        self._judged = [(row, register) for row, tag in enumerate(settings.tags) for register in tag.status_registers]
        self._to_prove = [(row, _sort(tag)) for row, tag in enumerate(settings.tags) if _needs_proof(tag)]

    @property
    def spans(self) -> list[Span]:
        """All that has to be read."""
        constants = [constant.span for constant in self._settings.constants]
        return constants + [span for tag in self._settings.tags for span in tag.spans]

    def frame(self, image: Image, received: int) -> Frame:
        """All tags as this scan saw them; `received` in UTC microseconds."""
        size = len(self._tags)
        columns = _Columns(np.full(size, np.nan), np.zeros(size, np.uint32), np.zeros(size, np.uint8))
        for group in self._groups:
            group.fill(columns, image)
        for row in self._bools:
            columns.beside[row] = _bool(self._settings.tags[row], image)
        self._judge(columns, image)
        self._prove(columns, image)
        bad = columns.status >> 31 == 1
        columns.value[bad] = np.nan
        return Frame(
            source=self._settings.name,
            tags=self._tags,
            tag=np.arange(size, dtype=np.int32),
            value=columns.value,
            status=columns.status,
            reason=columns.reason,
            source_time=np.full(size, NO_TIME, dtype=np.int64),
            received=received,
            beside={row: value for row, value in columns.beside.items() if not bad[row]},
        )

    def _judge(self, columns: _Columns, image: Image) -> None:
        """What the device itself calls bad, and what was not read."""
        for row, register in self._judged:
            if not register.is_good(_word(register.table, register.address, image)):
                columns.mark(row, StatusCode.BAD_SENSOR_FAILURE, Reason.DEVICE)
        for table, (rows, addresses) in self._needed.items():
            columns.mark(rows[~image.was_read(table, addresses)], _UNREAD.status, _UNREAD.reason)
        for span, failure in image.failures.items():
            for row in self._rows.get(span, ()):
                columns.mark(row, failure.status, failure.reason)

    def _prove(self, columns: _Columns, image: Image) -> None:
        """Hold back what stands in an order that is not proven; all of it where a constant is not as it must be."""
        if self._settings.proof == "none-available":
            return
        proven: set[Sort] = set()
        for constant in self._settings.constants:
            holds = _holds(constant, image)
            if holds is False:
                columns.mark(np.arange(len(self._tags)), StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNPROVEN)
                return
            if holds:
                proven.add(_sort(constant))
        unproven = [row for row, sort in self._to_prove if sort not in proven and columns.status[row] == 0]
        columns.mark(np.array(unproven, dtype=np.intp), StatusCode.UNCERTAIN, Reason.UNPROVEN)


def _holds(constant: Constant, image: Image) -> bool | None:
    """Whether the constant is as it must be; None when it could not be read this time."""
    span = constant.span
    if span in image.failures:
        return False if image.failures[span].is_refused else None
    addresses = np.arange(span.start, span.end, dtype=np.intp)
    if not image.was_read(span.table, addresses).all():
        return None
    expected = encode(constant.type, constant.word_order, constant.byte_order, constant.value)
    return bool((image.words(span.table, addresses) == expected).all())


def _sort(place: Place) -> Sort:
    several = place.span.count > 1
    return is_float(place.type), several, place.word_order if several else "", place.byte_order


def _needs_proof(place: Place) -> bool:
    return place.type != "bool" and (place.span.count > 1 or place.byte_order != "big")


def _bool(tag: ModbusTag, image: Image) -> bool:
    return bool(_word(tag.table, tag.address, image) >> (tag.bit or 0) & 1)


def _word(table: Table, address: int, image: Image) -> int:
    return int(image.words(table, np.array(address, dtype=np.intp)))
