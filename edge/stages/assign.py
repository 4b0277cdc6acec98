"""Assign: which batch is in which room and equipment, from what the MES says and what tags say.

Theory of operation. What is measured in a room in the time of a batch is the batch's. So it costs nothing per sample: a
record tells the time once, and a new version of it tells when that time was another. `gateway/context` works it out.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from gateway.cleanroom.site import Site
from gateway.context.claims import text_of
from gateway.context.context import Context
from gateway.context.timeline import Place
from schemas.codec import Record
from schemas.context import Assignment
from schemas.exported import Exported
from schemas.frame import Frame, Row, TagTable, Value
from schemas.status import severity


class Assign:
    """The stage. What frames say is told before them; what exported records say when `settle` is called."""

    def __init__(self, site: Site, context: Context, now: Callable[[], int]) -> None:
        self._context, self._now = context, now
        self._places: dict[str, list[Place]] = {}
        for tag, place in site.batch_tags():
            self._places.setdefault(tag, []).append(place)
        self._none = set(site.no_batch)
        self._needed: dict[TagTable, NDArray[np.bool_] | None] = {}

    def __call__(self, record: Record) -> Iterator[Record]:
        """All pass."""
        if isinstance(record, Frame):
            news = [self._hear(record, row) for row in self._rows(record)]
            if any(news):
                yield from self.settle()
        elif isinstance(record, Exported):
            self._context.take(record)
        yield record

    def settle(self) -> list[Assignment]:
        """What follows of all that came."""
        return self._context.settle(self._now())

    def absent(self, since: int) -> None:
        """Nobody looked from then on, UTC microseconds: what tags said before may be over."""
        for place in (place for many in self._places.values() for place in many):
            if self._context.word(place) is not None:
                self._context.hear(place, since, None)

    def _hear(self, frame: Frame, row: Row) -> bool:
        """Whether it is news."""
        said = None if row.value is None or severity(row.status) != "Good" else self._batch(row.value)
        if said is None and frame.backfilled:
            return False  # what was not known then is not known now
        time = frame.received if said is None or row.source_time is None else row.source_time
        news = False
        for place in self._places[row.tag]:
            news |= self._context.hear(place, time, said)
            if not frame.backfilled and self._context.word(place) != said:  # known again, with the time of long ago
                news |= self._context.hear(place, frame.received, said)
        return news

    def _batch(self, value: Value) -> str:
        said = text_of(value)
        return "" if said in self._none else said

    def _rows(self, frame: Frame) -> list[Row]:
        """The samples that name a batch."""
        tags = frame.tags
        if tags not in self._needed:
            needed = np.array([name in self._places for name in tags.names], dtype=np.bool_)
            self._needed[tags] = needed if needed.any() else None
        needed_or_none = self._needed[tags]
        if needed_or_none is None:
            return []
        return [frame.row(row) for row in np.flatnonzero(needed_or_none[frame.tag]).tolist()]
