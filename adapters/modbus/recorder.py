"""Follows the records that a device makes and keeps: the newest as it appears, older ones after a break (F30).

A record is chosen by writing its index. What is read counts only when the index still stands there afterwards:
another master may have moved it. Nothing else is ever written; above all the ring is never emptied.
"""

from collections.abc import Iterator
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import numpy as np
import structlog

from adapters.contract import now
from adapters.modbus.clock import shown, to_utc
from adapters.modbus.image import Image
from adapters.modbus.marks import doubt
from adapters.modbus.numbers import Order
from adapters.modbus.places import Place
from adapters.modbus.plan import Span, atoms
from adapters.modbus.profile import Records
from adapters.modbus.proof import clock_error
from adapters.modbus.ring import Ring
from adapters.modbus.scan import Scan
from adapters.modbus.settings import ModbusSettings
from adapters.modbus.sweep import Sweep
from adapters.modbus.unit import Unit
from schemas.frame import Frame, TagTable, bad_frame
from schemas.status import Reason, StatusCode

_log = structlog.get_logger(__name__)
_UTC = ZoneInfo("UTC")
_AT_ONCE = 5
"""Older records read between two scans."""


class Recorder:
    """The records of one connected device. `ring` outlives the connection."""

    def __init__(
        self, settings: ModbusSettings, records: Records, unit: Unit, *, tags: TagTable, ring: Ring, order: Order | None
    ) -> None:
        self._settings = settings
        self._records = records
        self._tags = tags
        self._unit = unit
        self._ring = ring
        self._rows = sorted(settings.record_rows)
        self._scan = Scan(settings, tags, self._rows, order)
        wanted = [*self._scan.spans, *self._ring_spans()]
        self._sweep = Sweep(settings.name, wanted, settings.limits, records.block.span)
        self._index: int | None = None
        self._empty = False

    @property
    def failures(self) -> str:
        """What was not read the last time, and why."""
        return self._sweep.failures

    async def frames(self) -> list[Frame]:
        """The newest record if it is a new one, then some of the older ones that are missing. Raises SourceError."""
        place = self._records.ring
        image = await self._look(None if place is None else place.newest)
        if image is None:
            return []
        received, time = now(), image.number(self._records.time)
        count = 0 if place is None else image.number(place.count)
        if time is None or count is None:
            return [self._scan.frame(image, received)]
        if place is not None and count == 0:
            return self._nothing(received)
        self._empty = False
        floor = shown(received, self._zone) - round(self._settings.backfill)
        found = []
        if self._ring.newest(int(time), int(count), floor):
            found.append(self._frame(image, received, int(time), backfilled=False))
        return found if place is None else found + await self._older()

    def take_loss(self) -> str:
        """What was found to be lost since this was last asked; empty when nothing was."""
        lost, self._ring.lost = self._ring.lost, ""
        return lost

    async def _look(self, index: int | None) -> Image | None:
        """The record at an index; None when another master moved the index meanwhile."""
        place = self._records.ring
        if place is None or index is None:
            return await self._sweep.run(self._unit)
        if index != self._index and await self._unit.write(place.index.address, index) is not None:
            return None
        image = await self._sweep.run(self._unit)
        self._index = found = _whole(image.number(place.index))
        if found is not None and found != index:
            _log.warning("another master moved the record index", source=self._settings.name, to=found)
            return None
        return image

    async def _older(self) -> list[Frame]:
        """A few of the records that are still wanted."""
        found: list[Frame] = []
        for _ in range(_AT_ONCE):
            if (index := self._ring.wanted) is None:
                break
            image = await self._look(index)
            time = None if image is None else image.number(self._records.time)
            if image is not None and image.refused(self._records.block.span):
                self._ring.refused()
            if image is None or time is None:
                break
            if self._ring.met(int(time)):
                found.append(self._frame(image, now(), int(time), backfilled=True))
        return found

    def _frame(self, image: Image, received: int, time: int, *, backfilled: bool) -> Frame:
        """A record with its own time, and an id that is the same whenever it is read."""
        frame = self._scan.frame(image, received)
        moment, certain = to_utc(time, self._zone)
        clock = None if self._clock is None else clock_error(self._clock, self._zone, image, received)
        tolerance = self._settings.clock_tolerance
        wrong = clock is not None and abs(clock) > tolerance
        if wrong or not certain or moment > received + round(tolerance * 1e6):
            doubt(frame, Reason.TIME)
        names = " ".join(self._tags.names[row] for row in self._rows)
        return replace(
            frame,
            source_time=np.full(len(frame), moment, dtype=np.int64),
            backfilled=backfilled,
            id=uuid5(NAMESPACE_URL, f"modbus:{self._settings.name}/{time}/{names}"),
        )

    def _nothing(self, received: int) -> list[Frame]:
        """Said once: there is no record yet."""
        said, self._empty = self._empty, True
        if said:
            return []
        return [
            bad_frame(
                self._settings.name,
                self._tags,
                status=StatusCode.BAD_NO_DATA,
                reason=Reason.NO_VALUE,
                received=received,
                rows=self._rows,
            )
        ]

    def _ring_spans(self) -> Iterator[Span]:
        place = self._records.ring
        if place is not None:
            yield from atoms([place.count.span, place.index.span], self._settings.limits, self._settings.wholes)

    @property
    def _clock(self) -> Place | None:
        return None if self._settings.model is None else self._settings.model.clock

    @property
    def _zone(self) -> ZoneInfo:
        return self._settings.zone or _UTC


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
