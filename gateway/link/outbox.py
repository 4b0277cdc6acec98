"""What waits to be published: in memory, in order, bounded. Pure.

Measurements make room when it is full, oldest first, and what went is counted by source; alarms and gaps stay. (The
journal of a later version keeps all of it on disk.)
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.frame import Frame

OVERHEAD = 512
"""Octets that a waiting entry takes besides its bytes, roughly."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One encoded record on its way. `time` is UTC microseconds."""

    family: str
    kind: str
    id: str
    key: bytes
    time: int
    octets: bytes


@dataclass(slots=True)
class Lost:
    """Measurements of one source that had to make room: since when until when (UTC microseconds), how many samples."""

    tags: set[str]
    began: int
    ended: int
    samples: int

    def add(self, frame: Frame) -> None:
        """One more frame that went."""
        self.tags.update(frame.tags.names)
        self.ended = frame.received
        self.samples += len(frame)


class Outbox:
    """Entries in the order of their families. `decode` gives a dropped entry's frame back, to tell of its loss."""

    def __init__(self, *, octets: int, decode: Callable[[bytes], Frame]) -> None:
        self._limit = octets
        self._decode = decode
        self._others: deque[Entry] = deque()
        self._measurements: deque[Entry] = deque()
        self._taken: list[Entry] = []
        self._lost: dict[str, Lost] = {}
        self.octets = 0

    def __len__(self) -> int:
        return len(self._others) + len(self._measurements) + len(self._taken)

    def put(self, entry: Entry) -> None:
        """Add an entry, and drop the oldest waiting measurements if that is too much."""
        self._queue(entry).append(entry)
        self.octets += len(entry.octets) + OVERHEAD
        while self.octets > self._limit and self._measurements:
            self._drop(self._measurements.popleft())

    def take(self, count: int) -> list[Entry]:
        """Up to `count` entries to send, alarms and gaps before measurements; held until `confirm` or `give_back`."""
        for queue in (self._others, self._measurements):
            while queue and len(self._taken) < count:
                self._taken.append(queue.popleft())
        return list(self._taken)

    def confirm(self) -> None:
        """What was taken is safe elsewhere."""
        self.octets -= sum(len(entry.octets) + OVERHEAD for entry in self._taken)
        self._taken = []

    def give_back(self) -> None:
        """What was taken waits again, in its old place."""
        for entry in reversed(self._taken):
            self._queue(entry).appendleft(entry)
        self._taken = []

    def take_lost(self) -> Mapping[str, Lost]:
        """What had to make room since the last call, by source."""
        lost, self._lost = self._lost, {}
        return lost

    def _queue(self, entry: Entry) -> deque[Entry]:
        return self._measurements if entry.family == "measurements" else self._others

    def _drop(self, entry: Entry) -> None:
        self.octets -= len(entry.octets) + OVERHEAD
        frame = self._decode(entry.octets)
        lost = self._lost.setdefault(frame.source, Lost(set(), frame.received, frame.received, 0))
        lost.add(frame)
