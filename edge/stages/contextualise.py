"""Contextualise: which room and which line a tag belongs to. (Batch and phase follow with the MES.)"""

from collections.abc import Iterator
from dataclasses import replace

from gateway.cleanroom.site import Site
from schemas.codec import Record
from schemas.derived import changed
from schemas.exported import Exported
from schemas.frame import Frame, TagTable
from schemas.records import Condition, Gap, Weighing


class Contextualise:
    """The stage. Context stands in the tag table, so it costs nothing per sample."""

    def __init__(self, site: Site) -> None:
        self._line = site.line
        self._rooms = dict(site.tagged_rooms())
        self._tables: dict[TagTable, TagTable] = {}

    def __call__(self, record: Record) -> Iterator[Record]:
        """Frames with rooms and line, all others that have one with the line."""
        match record:
            case Frame():
                yield replace(record, tags=self._with_context(record.tags))
            case Gap() | Condition() | Weighing():
                yield replace(record, line=self._line)
            case Exported() if record.line is None:
                yield changed(record, line=self._line)
            case _:
                yield record

    def _with_context(self, tags: TagTable) -> TagTable:
        known = self._tables.get(tags)
        if known is None:
            rooms = tuple(self._rooms.get(name) for name in tags.names)
            known = self._tables[tags] = TagTable(tags.names, tags.units, tags.origins, rooms, self._line)
        return known
