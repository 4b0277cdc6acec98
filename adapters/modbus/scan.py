"""One pass over the device: the frame that follows from what was read and what failed. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapters.modbus.answer import Failure
from adapters.modbus.image import Image
from adapters.modbus.numbers import Kind, Order, decode, digits, is_float, is_number, text, typed
from adapters.modbus.places import ModbusTag, Place
from adapters.modbus.plan import Span, Table, atoms
from adapters.modbus.proof import DAY, FLOATS, Sort, Verdict, clock_error, judge, needs_proof, sort_of, spans
from adapters.modbus.settings import ModbusSettings
from schemas.frame import NO_TIME, Beside, Frame, TagTable
from schemas.status import Reason, StatusCode

_UNREAD = Failure(StatusCode.BAD_NO_DATA, Reason.COMM, "not read")
_EXACT = 2**53


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
    """Tags that are decoded in one go: same table, type and orders. `rows` are those of the frame."""

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
        coded = self._kind.startswith("bcd")
        with np.errstate(invalid="ignore"):  # a signalling NaN is as good a NaN as a quiet one
            values = digits(native) if coded else native.astype(np.float64)
        columns.value[self.rows] = values
        odd = ~np.isfinite(values)
        columns.mark(self.rows[odd], StatusCode.BAD_OUT_OF_RANGE, Reason.TYPE if coded else Reason.NOT_A_NUMBER)
        inexact = (values > _EXACT) | (values < -_EXACT)
        if not is_float(self._kind):
            columns.mark(self.rows[inexact], StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)
        marked = np.isnan(values) & self._nan_is_mark
        for at, mark in self._marks:
            marked[at] |= native[at] == mark
        columns.mark(self.rows[marked], StatusCode.BAD_NO_DATA, Reason.NO_VALUE)


class Scan:
    """How the image of a device becomes a frame: one row per tag, in the order of the table.

    `rows` of the table, all unless given. `order` is that of the profile's floats, where the device's version tells.
    Nothing is kept from one image to the next but that an order was proven; so a scan is made anew for a connection.
    """

    def __init__(
        self,
        settings: ModbusSettings,
        tags: TagTable,
        rows: Iterable[int] | None = None,
        order: Order | None = None,
    ) -> None:
        self._settings = settings
        self._table = tags
        self._rows = list(range(len(tags)) if rows is None else rows)
        self._tags = [_ordered(settings, row, order) for row in self._rows]
        self._told: set[Sort] = set() if order is None else {FLOATS[order]}
        self._proven: set[Sort] = set()
        alike: defaultdict[tuple[Table, Kind, Order, Order], list[int]] = defaultdict(list)
        needed: defaultdict[Table, list[tuple[int, int]]] = defaultdict(list)
        self._waiting: defaultdict[Span, list[int]] = defaultdict(list)
        for row, tag in enumerate(self._tags):
            alike[tag.table, tag.type, tag.word_order, tag.byte_order].append(row)
            for span in atoms(tag.spans, settings.limits, settings.wholes):
                self._waiting[span].append(row)
            for span in tag.spans:
                needed[span.table] += [(row, address) for address in range(span.start, span.end)]
        self._groups = [
            _Group(found, [self._tags[row] for row in found])
            for (_, kind, _, _), found in alike.items()
            if is_number(kind)
        ]
        self._needed = {table: np.array(cells, dtype=np.intp).T for table, cells in needed.items()}
        self._beside = [row for row, tag in enumerate(self._tags) if not is_number(tag.type)]
        self._judged = [(row, register) for row, tag in enumerate(self._tags) for register in tag.status_registers]
        self._to_prove = [(row, sort_of(tag)) for row, tag in enumerate(self._tags) if needs_proof(tag)]

    @property
    def spans(self) -> list[Span]:
        """All that has to be read."""
        limits, wholes = self._settings.limits, self._settings.wholes
        wanted = [atom for proof in self._settings.proofs for atom in atoms(spans(proof), limits, wholes)]
        if self._clock is not None:
            wanted += atoms([self._clock.span], limits, wholes)
        return wanted + list(self._waiting)

    def frame(self, image: Image, received: int) -> Frame:
        """All tags as this scan saw them; `received` in UTC microseconds."""
        size = len(self._rows)
        columns = _Columns(np.full(size, np.nan), np.zeros(size, np.uint32), np.zeros(size, np.uint8))
        for group in self._groups:
            group.fill(columns, image)
        for row in self._beside:
            self._put_beside(row, columns, image)
        self._judge(columns, image)
        self._prove(columns, image, received)
        bad = columns.status >> 31 == 1
        columns.value[bad] = np.nan
        return Frame(
            source=self._settings.name,
            tags=self._table,
            tag=np.array(self._rows, dtype=np.int32),
            value=columns.value,
            status=columns.status,
            reason=columns.reason,
            source_time=np.full(size, NO_TIME, dtype=np.int64),
            received=received,
            beside={row: value for row, value in columns.beside.items() if not bad[row]},
        )

    @property
    def _clock(self) -> Place | None:
        model = self._settings.model
        return None if model is None or self._settings.zone is None else model.clock

    def _put_beside(self, row: int, columns: _Columns, image: Image) -> None:
        """A bool or a text."""
        tag = self._tags[row]
        if tag.type == "bool":
            columns.beside[row] = bool(image.word(tag.table, tag.address) >> (tag.bit or 0) & 1)
            return
        words = image.span(tag.span)
        letters = None if words is None else text(words, tag.byte_order)
        if letters is None:
            columns.mark(row, StatusCode.BAD_DECODING_ERROR, Reason.TYPE)
        else:
            columns.beside[row] = letters

    def _judge(self, columns: _Columns, image: Image) -> None:
        """What the device itself calls bad, and what was not read."""
        for row, register in self._judged:
            if not register.is_good(image.word(register.table, register.address)):
                status = StatusCode.BAD_SENSOR_FAILURE if register.means == "device" else StatusCode.BAD_NO_DATA
                columns.mark(row, status, register.reason)
        for table, (rows, addresses) in self._needed.items():
            columns.mark(rows[~image.was_read(table, addresses)], _UNREAD.status, _UNREAD.reason)
        for span, failure in image.failures.items():
            for row in self._waiting.get(span, ()):
                columns.mark(row, failure.status, failure.reason)

    def _prove(self, columns: _Columns, image: Image, received: int) -> None:
        """Hold back what stands in an order that is not proven; all of it where a proof fails."""
        if self._settings.proof == "none-available":
            return
        verdicts = {proof: judge(proof, image) for proof in self._settings.proofs}
        if Verdict.FAILS in verdicts.values():
            self._proven.clear()
            columns.mark(np.arange(len(self._rows)), StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNPROVEN)
            return
        self._proven |= {sort_of(proof) for proof, verdict in verdicts.items() if verdict is Verdict.HOLDS}
        unread = {sort_of(proof) for proof, verdict in verdicts.items() if verdict is Verdict.UNREAD}
        proven = self._told | (self._proven - unread)
        if self._clock is not None and self._settings.zone is not None:
            error = clock_error(self._clock, self._settings.zone, image, received)
            if error is not None and abs(error) < DAY:
                proven.add(sort_of(self._clock))
        unproven = [row for row, sort in self._to_prove if sort not in proven and columns.status[row] == 0]
        columns.mark(np.array(unproven, dtype=np.intp), StatusCode.UNCERTAIN, Reason.UNPROVEN)


def _ordered(settings: ModbusSettings, row: int, order: Order | None) -> ModbusTag:
    """The tag, with the order of the device's version where it is a float of the profile."""
    tag = settings.all_tags[row]
    if order is None or row >= len(settings.points) or not is_float(tag.type):
        return tag
    return tag.model_copy(update={"word_order": order})
