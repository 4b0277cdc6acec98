"""What each tag said last: a stage that only looks, and the answer to those who show it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.intake.newest import Newest
from schemas.codec import Record
from schemas.frame import Frame

MOST_FRAMES = 32
"""Frames that wait to be looked at, few enough that taking them in holds nobody up.

What a source says of the same rows takes the place of what it said before, and need not wait.
"""
Columns = dict[str, list[Any]]


class Latest:
    """The newest sample of each tag. A frame costs an entry of a dictionary; rows are looked at when somebody asks."""

    def __init__(self, rooms: Mapping[str, str]) -> None:
        """`rooms` by tag."""
        self._rooms = rooms
        self._newest = Newest()
        self._waiting: dict[tuple[int, bytes], Frame] = {}

    def __call__(self, record: Record) -> Iterator[Record]:
        """Frames are noted, but for those that come afterwards; all records pass."""
        if isinstance(record, Frame) and not record.backfilled:
            form = id(record.tags), record.tag.tobytes()  # the table is kept by the frame that stands there
            self._waiting.pop(form, None)
            self._waiting[form] = record
            if self.waiting >= MOST_FRAMES:
                self._take()
        yield record

    @property
    def waiting(self) -> int:
        """Frames that nobody has looked at yet."""
        return len(self._waiting)

    def columns(self, tags: Iterable[str] | None = None) -> Columns:
        """Those of the tags (or all) that ever said anything, in columns of equal length.

        `value` is None where there is no number, `other` the text of a value that is none; `status` is the OPC UA
        code, `reason` the gateway's; `source_time` and `received` are UTC microseconds.
        """
        self._take()
        asked = self._newest if tags is None else [tag for tag in tags if tag in self._newest]
        found = [self._newest[tag] for tag in asked]
        return {
            "tag": [one.tag for one in found],
            "room": [self._rooms.get(one.tag) for one in found],
            "source": [one.source for one in found],
            "unit": [one.unit for one in found],
            "value": [one.value for one in found],
            "other": [one.other for one in found],
            "status": [one.status for one in found],
            "reason": [one.reason for one in found],
            "source_time": [one.source_time for one in found],
            "received": [one.received for one in found],
        }

    def _take(self) -> None:
        self._newest.take(self._waiting.values())
        self._waiting.clear()
