"""The frame in memory: samples in columns, so that a thousand samples cost little more than one.

Rows that belong together stand at the same index of `tag`, `value`, `status`, `reason` and `source_time`. What is
the same for every sample of a tag (name, unit, room) stands once, in the `TagTable` that `tag` points into.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from schemas.status import Reason, StatusCode

NO_TIME = np.iinfo(np.int64).min
"""Source time of a sample whose device has no clock."""

Beside = bool | int | str | bytes
"""A value that is not a double: it stands beside the columns, by row."""
Value = float | Beside | None

NOTHING_BESIDE: Mapping[int, Beside] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class TagTable:
    """What is constant per tag. Columns of equal length; `index` finds a name's row.

    Units are UCUM codes; `rooms` and `line` are None until the pipeline has given the context.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    origins: tuple[str, ...] = ()
    rooms: tuple[str | None, ...] = ()
    line: str | None = None
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.names)
        object.__setattr__(self, "origins", self.origins or ("DIRECT",) * size)
        object.__setattr__(self, "rooms", self.rooms or (None,) * size)
        object.__setattr__(self, "index", {name: row for row, name in enumerate(self.names)})
        if not len(self.units) == len(self.origins) == len(self.rooms) == len(self.index) == size:
            raise ValueError("a tag table needs distinct names and columns of one length")

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What one source reported at one moment.

    Shapes: all columns `(n,)`. `value` and `raw` are NaN where there is none; text, booleans, bytes and integers
    beyond a double stand in `beside`, by row. `source_time` and `received` are UTC microseconds.
    """

    source: str
    tags: TagTable
    tag: NDArray[np.int32]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    reason: NDArray[np.uint8]
    source_time: NDArray[np.int64]
    received: int
    raw: NDArray[np.float64] | None = None
    beside: Mapping[int, Beside] = field(default_factory=lambda: NOTHING_BESIDE)
    backfilled: bool = False
    """Whether the samples come from the device's own memory, after a time in which they could not be read."""
    late: bool = False
    """Whether the samples were known to be the recipient's only after they were read."""
    interval: float | None = None
    """Seconds between two looks at each value; what comes and goes within it is not seen (F-A7)."""
    id: UUID = field(default_factory=uuid4)

    def __len__(self) -> int:
        return len(self.tag)

    @property
    def lost(self) -> bool:
        """Whether it says of every tag that the device does not answer."""
        return len(self) > 0 and bool((self.reason == Reason.COMM).all())

    def rows(self) -> Iterator["Row"]:
        """The samples one by one, for people and tests; never on the way to the wire."""
        for row in range(len(self)):
            yield self.row(row)

    def row(self, row: int) -> "Row":
        """One sample as an object."""
        tag = int(self.tag[row])
        number = float(self.value[row])
        raw = None if self.raw is None else float(self.raw[row])
        source_time = int(self.source_time[row])
        return Row(
            tag=self.tags.names[tag],
            room=self.tags.rooms[tag],
            unit=self.tags.units[tag],
            origin=self.tags.origins[tag],
            value=self.beside.get(row, None if number != number else number),  # noqa: PLR0124 - NaN
            raw=None if raw is None or raw != raw else raw,  # noqa: PLR0124 - NaN
            status=int(self.status[row]),
            reason=Reason(int(self.reason[row])),
            source_time=None if source_time == NO_TIME else source_time,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One sample, as on the wire."""

    tag: str
    room: str | None
    unit: str
    origin: str
    value: Value
    raw: float | None
    status: int
    reason: Reason
    source_time: int | None


def frame_of(
    source: str,
    tags: TagTable,
    rows: Sequence[tuple[int, Value, int, Reason, int | None]],
    *,
    received: int,
) -> Frame:
    """Columns from rows of (tag row, value, status, reason, source time), for sources that report a few at a time."""
    beside = {at: row[1] for at, row in enumerate(rows) if isinstance(row[1], Beside)}
    numbers = [row[1] if isinstance(row[1], float) else np.nan for row in rows]
    return Frame(
        source=source,
        tags=tags,
        tag=np.array([row[0] for row in rows], dtype=np.int32),
        value=np.array(numbers, dtype=np.float64),
        status=np.array([row[2] for row in rows], dtype=np.uint32),
        reason=np.array([row[3] for row in rows], dtype=np.uint8),
        source_time=np.array([NO_TIME if row[4] is None else row[4] for row in rows], dtype=np.int64),
        received=received,
        beside=beside or NOTHING_BESIDE,
    )


def bad_frame(
    source: str,
    tags: TagTable,
    *,
    status: StatusCode,
    reason: Reason,
    received: int,
    rows: Sequence[int] | None = None,
) -> Frame:
    """A frame that says of all tags (or of the given rows of the table) that there is no value, and why."""
    tag = np.arange(len(tags), dtype=np.int32) if rows is None else np.asarray(rows, dtype=np.int32)
    size = len(tag)
    return Frame(
        source=source,
        tags=tags,
        tag=tag,
        value=np.full(size, np.nan),
        status=np.full(size, status, dtype=np.uint32),
        reason=np.full(size, reason, dtype=np.uint8),
        source_time=np.full(size, NO_TIME, dtype=np.int64),
        received=received,
    )
