"""One table of tags for each source: a decoded frame has one of its own, which the engine would have to learn anew."""

from dataclasses import replace

import numpy as np

from schemas.frame import Frame, TagTable

_Tag = tuple[str, str, str | None]
"""Unit, origin, room."""


class Tables:
    """The tags of each source as far as they were seen; a table changes only with a tag that is new or another."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, _Tag]] = {}
        self._tables: dict[str, TagTable] = {}

    def shared(self, frame: Frame) -> Frame:
        """The same frame, with the table of its source."""
        tags, known = frame.tags, self._known.setdefault(frame.source, {})
        own = dict(zip(tags.names, zip(tags.units, tags.origins, tags.rooms, strict=True), strict=True))
        table = self._tables.get(frame.source)
        if table is None or table.line != tags.line or any(known.get(name) != one for name, one in own.items()):
            known |= own
            units, origins, rooms = zip(*known.values(), strict=True) if known else ((), (), ())
            table = self._tables[frame.source] = TagTable(tuple(known), units, origins, rooms, tags.line)
        places = np.array([table.index[name] for name in tags.names], dtype=np.int32)
        return replace(frame, tags=table, tag=places[frame.tag])
