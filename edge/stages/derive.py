"""Derive: what the agent works out of the values of devices, as frames of its own behind those it came from.

Frames of the agent carry its name as source: so derived values are told from measured ones. `derivers.py` says what
is derived. Values that come from a device's memory are past: of these only the times of samples count.
"""

from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from edge.stages.derivers import (
    Concentration,
    Deriver,
    DoorsOfAirLock,
    MissedSample,
    OfLimit,
    OpenDoor,
    Said,
    StateOfRoom,
)
from gateway.cleanroom.profile import profile
from gateway.cleanroom.site import Site
from schemas.codec import Record
from schemas.frame import Frame, Row, TagTable, frame_of

PERIOD = 1_000_000
"""Microseconds between two looks at the clock."""


class Derive:
    """The stage. Frames must carry their tags' units; the frames it makes need context as all others."""

    def __init__(self, site: Site, sender: str, now: Callable[[], int]) -> None:
        self._sender, self._now, self._looked = sender, now, 0
        units = site.derived()
        self._table = TagTable(tuple(units), tuple(units.values()))
        self._derivers: list[Deriver] = list(_derivers(site, now()))
        self._by_tag: dict[str, list[Deriver]] = {}
        for deriver in self._derivers:
            for tag in deriver.inputs:
                self._by_tag.setdefault(tag, []).append(deriver)
        self._latest: dict[str, Row] = {}
        self._needed: dict[TagTable, NDArray[np.bool_] | None] = {}

    def __call__(self, record: Record) -> Iterator[Record]:
        """All pass; behind a frame stands what it means for derived tags."""
        yield record
        if isinstance(record, Frame) and (rows := self._rows(record)):
            yield from self._frame(self._take(record, rows), record.received)

    def tick(self) -> Iterator[Frame]:
        """What is due by the clock alone."""
        now = self._now()
        if abs(now - self._looked) >= PERIOD:
            self._looked = now
            yield from self._frame((said for deriver in self._derivers for said in deriver.tick(now)), now)

    def _take(self, frame: Frame, rows: list[Row]) -> Iterator[Said]:
        heard = {row.tag: row for row in rows}
        if not frame.backfilled:
            self._latest |= heard
        for deriver in dict.fromkeys(one for row in rows for one in self._by_tag[row.tag]):
            if not frame.backfilled:
                yield from deriver.take(self._latest, frame.received)
            elif isinstance(deriver, MissedSample):
                yield from deriver.take(heard, frame.received)

    def _rows(self, frame: Frame) -> list[Row]:
        """The samples that something is derived of."""
        tags = frame.tags
        if tags not in self._needed:
            needed = np.array([name in self._by_tag for name in tags.names], dtype=np.bool_)
            self._needed[tags] = needed if needed.any() else None
        needed_or_none = self._needed[tags]
        if needed_or_none is None:
            return []
        return [frame.row(row) for row in np.flatnonzero(needed_or_none[frame.tag]).tolist()]

    def _frame(self, said: Iterable[Said], received: int) -> Iterator[Frame]:
        index = self._table.index
        rows = [(index[tag], value, status, reason, time) for tag, value, status, reason, time in said]
        if rows:
            yield frame_of(self._sender, self._table, rows, received=received)


def _derivers(site: Site, started: int) -> Iterator[Deriver]:
    zone = ZoneInfo(site.zone)
    states = {room.id: StateOfRoom(room, zone) for room in site.rooms if room.state is not None}
    yield from states.values()
    yield from (OpenDoor(door) for door in site.doors if door.open is not None)
    yield from map(DoorsOfAirLock, site.air_locks)
    yield from (Concentration(counter, states.get(counter.room)) for counter in site.counters)
    yield from (MissedSample(planned, zone, started) for planned in site.planned())
    for point in site.water:
        table = None if point.pharmacopoeia is None else profile(point.pharmacopoeia).table(point.kind)
        if table is not None:
            yield OfLimit(point, table)
