"""The newest reading of each tag. A frame costs a dictionary update; a reading is made when somebody looks at it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat

from gateway.archive.latest import Latest
from schemas.frame import Frame


class Newest(Mapping[str, Latest]):
    """By tag, as the frames came."""

    def __init__(self, readings: Iterable[Latest] = ()) -> None:
        self._readings: dict[str, Latest | tuple[Frame, int]] = {reading.tag: reading for reading in readings}

    def __getitem__(self, tag: str) -> Latest:
        found = self._readings[tag]
        if isinstance(found, tuple):
            found = self._readings[tag] = _latest(*found)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._readings)

    def __len__(self) -> int:
        return len(self._readings)

    def take(self, frames: Iterable[Frame]) -> None:
        """Frames in the order in which they came; of a tag that stands twice in one, the later row."""
        last: dict[tuple[int, bytes], Frame] = {}
        for frame in frames:  # of those with the same tags in the same rows only the last one tells news
            form = id(frame.tags), frame.tag.tobytes()
            last.pop(form, None)
            last[form] = frame
        for frame in last.values():
            tags = map(frame.tags.names.__getitem__, frame.tag.tolist())
            self._readings.update(zip(tags, zip(repeat(frame), range(len(frame)), strict=False), strict=True))


def _latest(frame: Frame, at: int) -> Latest:
    row = frame.row(at)
    number = float(row.value) if isinstance(row.value, float | int) else None
    other = None if row.value is None or isinstance(row.value, float) else str(row.value)
    return Latest(
        *(row.tag, frame.source, row.unit, number, other, row.status, row.reason.name, row.source_time),
        frame.received,
    )
