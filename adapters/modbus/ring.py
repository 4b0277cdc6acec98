"""Which records of a device's ring are still to be read (F30). Pure.

The newest record is followed by its time, not by the mark that reading clears. From a new one the ring is walked
backwards to the last one known. Backwards, because a full ring moves by one with each new record: a step down then
meets a record a second time, and never jumps over one.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Walk:
    at: int
    until: int | None
    floor: int


@dataclass(slots=True)
class Ring:
    """Times are the device's own seconds. `floor` is the oldest time wanted when nothing is known yet."""

    last: int | None = None
    lost: str = ""
    _walks: list[_Walk] = field(default_factory=list)
    _reported: set[int] = field(default_factory=set)

    def newest(self, time: int, count: int, floor: int) -> bool:
        """Take note of the newest of `count` records; whether it is a new one."""
        if time == self.last:
            return False
        self._walks.append(_Walk(count - 2, self.last, floor))
        self.last = time
        self._reported.add(time)
        return True

    @property
    def wanted(self) -> int | None:
        """Index of the record to read next, or None."""
        while self._walks:
            walk = self._walks[-1]
            if walk.at >= 0:
                return walk.at
            self._end(walk, "the ring holds no older record")
        self._reported.clear()
        if self.last is not None:
            self._reported.add(self.last)
        return None

    def met(self, time: int) -> bool:
        """Take note of the record at `wanted`; whether it is to be reported."""
        walk = self._walks[-1]
        walk.at -= 1
        if time in self._reported and time != walk.until:
            return False
        if time == walk.until or (walk.until is None and time < walk.floor):
            self._walks.pop()
            return False
        self._reported.add(time)
        return True

    def refused(self) -> None:
        """There is no record at `wanted`: the ring was emptied."""
        self._end(self._walks[-1], "the ring was emptied")

    def _end(self, walk: _Walk, why: str) -> None:
        self._walks.pop()
        if walk.until is not None:
            self.lost = f"records after device time {walk.until} are lost: {why}"
