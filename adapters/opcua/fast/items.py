"""The monitored items of a data change notification, as columns over its octets. Pure.

An item is a client handle and a DataValue (OPC 10000-6, 5.2.2.17): an encoding mask, then the fields that it names.
With a scalar of fixed width inside, the mask and the variant's type octet tell the item's length and where each field
stands. So:

1. *Runs.* The first item tells its length. Whatever stands at that stride with the same mask and type is an item of the
   same layout, by induction; a run ends at the first that differs. It is read as one structured array, without a copy.
   Several arrays that are such a run each are read as one.
2. *Walks.* Where layouts change from item to item, a table of lengths by mask and type leads from one to the next:
   two octets and an addition for each. Items of equal layout are then gathered and read together.
3. *Apart.* What has no fixed width (text, arrays, structures) is read by the library, one item at a time.

Picoseconds stand behind the timestamp that they belong to, not behind both.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import variant_from_binary
from numpy.typing import DTypeLike, NDArray

from adapters.opcua.values import code_of, micros
from schemas.frame import NO_TIME

NULL, APART = 0, 0xFF
"""Kinds beside the numbers of VariantTypes: no value, and a value that stands in `Items.apart`."""
FLOATS = (10, 11)
UNSIGNED = 9
"""VariantType UInt64: its bits are an unsigned number."""

_VALUE, _STATUS, _TIME, _SERVER_TIME, _PICOSECONDS, _SERVER_PICOSECONDS = 1, 2, 4, 8, 16, 32
_MASKS = 64
_SCALARS: Mapping[int, str] = MappingProxyType(
    {1: "u1", 2: "i1", 3: "u1", 4: "<i2", 5: "<u2", 6: "<i4", 7: "<u4", 8: "<i8", 9: "<u8", 10: "<f4", 11: "<f8"}
)
_LONG = 16
"""Items of one layout in succession that are worth an array of their own."""
_WINDOW = 256
"""Items that are looked at at once, at first and times as many at each further look: a short run costs little."""
_EPOCH = 11_644_473_600_000_000
"""Microseconds from 1601 to 1970."""
_FIRST = 86_400_000_000 - _EPOCH
_LAST = 253_402_214_400_000_000
"""Times that are none: up to 1601-01-02, from 9999-12-31 on (OPC 10000-6, 5.2.2.5). UTC microseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """An array of MonitoredItemNotifications (OPC 10000-4, 7.25.2) as octets: from `at` on, within `end`."""

    octets: bytes
    at: int
    end: int
    count: int

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What a notification says, in its order. All columns `(n,)`.

    `kind` is the number of the VariantType; `bits` holds a float as the bits of a double, all others as an integer;
    `time` is the source time in UTC microseconds or NO_TIME. `apart` has the DataValues of the kind APART, by row.
    """

    handle: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    bits: NDArray[np.int64]
    status: NDArray[np.uint32]
    time: NDArray[np.int64]
    apart: Mapping[int, ua.DataValue]

    def __len__(self) -> int:
        return len(self.handle)

    def where(self, wanted: NDArray[np.bool_]) -> "Items":
        """Some of them, in their order."""
        row = np.cumsum(wanted) - 1
        return Items(
            self.handle[wanted],
            self.kind[wanted],
            self.bits[wanted],
            self.status[wanted],
            self.time[wanted],
            {int(row[at]): data for at, data in self.apart.items() if wanted[at]},
        )


def empty(count: int) -> Items:
    """Items that are to be filled in: null, Good, without a time."""
    return Items(
        np.zeros(count, np.uint32), np.zeros(count, np.uint8), np.zeros(count, np.int64), np.zeros(count, np.uint32),
        np.full(count, NO_TIME, np.int64), {},
    )  # fmt: skip


def joined(parts: Sequence[Items]) -> Items:
    """One after the other."""
    if not parts:
        return empty(0)
    if len(parts) == 1:
        return parts[0]
    begins = np.cumsum([0, *map(len, parts)]).tolist()
    return Items(
        np.concatenate([part.handle for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.bits for part in parts]),
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.time for part in parts]),
        {begin + row: data for begin, part in zip(begins, parts, strict=False) for row, data in part.apart.items()},
    )


def of_objects(changes: Sequence[ua.MonitoredItemNotification]) -> Items:
    """The same of what the library has decoded; all of it stands apart."""
    items = empty(len(changes))
    items.handle[:] = [change.ClientHandle for change in changes]
    items.kind[:] = APART
    items.status[:] = [code_of(change.Value) for change in changes]
    times = [micros(change.Value.SourceTimestamp) for change in changes]
    items.time[:] = [NO_TIME if time is None else time for time in times]
    return replace(items, apart=dict(enumerate(change.Value for change in changes)))


def encoded(octets: bytes, at: int, end: int) -> Encoded:
    """The array that begins at `at`. Raises ValueError and struct.error when its length cannot be true."""
    (count,) = struct.unpack_from("<i", octets, at)
    if not 0 <= count <= (end - at) // _SHORTEST:
        raise ValueError(f"{count} items in {end - at} octets")
    return Encoded(octets, at, end, count)


def read_all(parts: Sequence[Encoded | Items]) -> Items:
    """What these hold, one after the other.

    Raises ValueError, IndexError, struct.error, or what the library raises, when the octets are no such arrays.
    """
    whole = [part for part in parts if isinstance(part, Encoded)]
    if len(whole) == len(parts) and (items := _read_alike(whole)) is not None:
        return items
    return joined([part if isinstance(part, Items) else _read(part) for part in parts])


def _read_alike(parts: Sequence[Encoded]) -> Items | None:
    """Read as one array, where each item of each has one and the same layout; None where not.

    An array that is as long as so many items of that layout, and the empty one of diagnostics behind it, is taken for
    such a run; that each item then has the layout shows that it was one.
    """
    if not parts or not parts[0].count:
        return None
    octets, at = parts[0].octets, parts[0].at
    mask, encoding = octets[at + 8], octets[at + 9]
    size = _SIZES[mask << 8 | encoding]
    if not size or any(part.end - part.at != part.count * size + 8 for part in parts):
        return None
    octets = b"".join([part.octets[part.at + 4 : part.end - 4] for part in parts])
    count, raw = len(octets) // size, np.frombuffer(octets, np.uint8)
    if (raw[4::size] != mask).any() or (mask & _VALUE and (raw[5::size] != encoding).any()):
        return None
    kind = encoding if mask & _VALUE else NULL
    return _columns(np.frombuffer(octets, _layout(mask, kind), count), kind)


def _columns(records: NDArray[np.void], kind: int) -> Items:
    """Items of one layout."""
    names, count = records.dtype.names or (), len(records)
    return Items(
        records["handle"].copy(),
        np.full(count, kind, np.uint8),
        _bits(records["value"], kind) if "value" in names else np.zeros(count, np.int64),
        records["status"].copy() if "status" in names else np.zeros(count, np.uint32),
        _micros(records["time"]) if "time" in names else np.full(count, NO_TIME, np.int64),
        {},
    )


def _read(part: Encoded) -> Items:
    reader = _Reader(part.octets, part.at + 4, part.end, empty(part.count))
    while reader.done < part.count:
        reader.step()
    if reader.at > part.end:
        raise ValueError("items reach beyond their notification")
    return reader.items


class _Reader:
    """How far an array of items is read: `done` of them, up to the octet `at`."""

    def __init__(self, octets: bytes, at: int, end: int, items: Items) -> None:
        self._octets = octets
        self._raw = np.frombuffer(octets, dtype=np.uint8)
        self._end = end
        self._apart: dict[int, ua.DataValue] = {}
        self.items = Items(items.handle, items.kind, items.bits, items.status, items.time, self._apart)
        self.at = at
        self.done = 0

    def step(self) -> None:
        """Read as many items as go together."""
        mask, encoding = self._octets[self.at + 4], self._octets[self.at + 5]
        size = _SIZES[mask << 8 | encoding]
        if not size:
            self._read_apart()
        elif (run := self._run(size)) >= _LONG:
            self._read_run(run, mask, encoding)
        else:
            self._read_walk()

    def _run(self, size: int) -> int:
        """How many items of the layout of the next one follow each other; looked at in growing windows."""
        most = min(len(self.items) - self.done, (self._end - self.at) // size)
        found, window = 0, _WINDOW
        while found < most:
            asked = min(window, most - found)
            same = self._same(self.at + found * size, asked, size)
            found += same
            if same < asked:
                break
            window *= _WINDOW
        return found

    def _same(self, at: int, count: int, size: int) -> int:
        end = at + count * size
        mask = self._octets[self.at + 4]
        same = self._raw[at + 4 : end : size] == mask
        if mask & _VALUE:
            same &= self._raw[at + 5 : end : size] == self._octets[self.at + 5]
        first = int(same.argmin())
        return count if same[first] else first

    def _read_run(self, count: int, mask: int, encoding: int) -> None:
        layout = _layout(mask, encoding if mask & _VALUE else NULL)
        records = np.frombuffer(self._octets, layout, count, self.at)
        self._put(slice(self.done, self.done + count), records, encoding if mask & _VALUE else NULL)
        self.done += count
        self.at += count * layout.itemsize

    def _read_walk(self) -> None:
        starts = np.array(self._starts(), dtype=np.int64)
        masks = self._raw[starts + 4].astype(np.int64)
        encodings = np.where(masks & _VALUE, self._raw[starts + 5], NULL)
        keys = masks << 8 | encodings
        for key in np.unique(keys).tolist():
            rows = np.flatnonzero(keys == key)
            layout = _layout(key >> 8, key & 0xFF)
            octets = self._raw[starts[rows, None] + np.arange(layout.itemsize)]
            self._put(self.done + rows, octets.view(layout)[:, 0], key & 0xFF)
        self.done += len(starts)

    def _starts(self) -> list[int]:
        """Where the next items begin, up to one that stands apart or to where a run seems to begin."""
        octets, at, starts = self._octets, self.at, []
        last, steady = -1, 0
        for _ in range(len(self.items) - self.done):
            key = octets[at + 4] << 8 | octets[at + 5]
            steady = steady + 1 if key == last else 0
            if not _SIZES[key] or steady == _LONG:
                break
            starts.append(at)
            at += _SIZES[key]
            last = key
        if at > self._end:
            raise ValueError("an item reaches beyond its notification")
        self.at = at
        return starts

    def _put(self, where: slice | NDArray[np.int64], records: NDArray[np.void], kind: int) -> None:
        items, names = self.items, records.dtype.names or ()
        items.handle[where] = records["handle"]
        items.kind[where] = kind
        if "value" in names:
            items.bits[where] = _bits(records["value"], kind)
        if "status" in names:
            items.status[where] = records["status"]
        if "time" in names:
            items.time[where] = _micros(records["time"])

    def _read_apart(self) -> None:
        items, row = self.items, self.done
        (items.handle[row],) = struct.unpack_from("<I", self._octets, self.at)
        data, status, ticks, self.at = _data_value(self._octets, self.at + 4)
        items.kind[row], items.status[row] = APART, status
        items.time[row] = _micros(np.array([ticks]))[0]
        self._apart[row] = data
        self.done += 1


def _data_value(octets: bytes, at: int) -> tuple[ua.DataValue, int, int, int]:
    """The DataValue at `at`, its status, its source time in ticks (0 where it has none), and where it ends."""
    mask, variant, status, ticks = octets[at], None, 0, 0
    at += 1
    if mask & _VALUE:
        rest = Buffer(octets, at)
        variant = variant_from_binary(rest)
        at = len(octets) - len(rest)
    if mask & _STATUS:
        (status,) = struct.unpack_from("<I", octets, at)
        at += 4
    if mask & _TIME:
        (ticks,) = struct.unpack_from("<q", octets, at)
        at += 8
    at += 2 * bool(mask & _PICOSECONDS) + 8 * bool(mask & _SERVER_TIME) + 2 * bool(mask & _SERVER_PICOSECONDS)
    return ua.DataValue(variant, ua.StatusCode(ua.UInt32(status))), status, ticks, at


def _bits(column: NDArray[np.generic], kind: int) -> NDArray[np.int64]:
    if kind in FLOATS:
        with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
            return column.astype(np.float64).view(np.int64)
    return (column != 0).astype(np.int64) if kind == 1 else column.astype(np.int64)


def _micros(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """UTC microseconds of ticks of 100 ns since 1601; NO_TIME for the values that mean no time."""
    micros = ticks // 10 - _EPOCH
    if micros.min() > _FIRST and micros.max() < _LAST:
        return micros
    return np.where((micros > _FIRST) & (micros < _LAST), micros, NO_TIME)


@cache
def _layout(mask: int, encoding: int) -> np.dtype[np.void]:
    """The fields of an item with this mask and this scalar, in the order in which they are sent."""
    fields: list[tuple[int, str, DTypeLike]] = [
        (_VALUE, "encoding", "u1"),
        (_VALUE if encoding in _SCALARS else 0, "value", _SCALARS.get(encoding, "u1")),
        (_STATUS, "status", "<u4"),
        (_TIME, "time", "<i8"),
        (_PICOSECONDS, "picoseconds", "<u2"),
        (_SERVER_TIME, "server_time", "<i8"),
        (_SERVER_PICOSECONDS, "server_picoseconds", "<u2"),
    ]
    present = [(name, kind) for bit, name, kind in fields if mask & bit]
    return np.dtype([("handle", "<u4"), ("mask", "u1"), *present])


def _size(mask: int, encoding: int) -> int:
    fixed = mask < _MASKS and (encoding in _SCALARS or encoding == NULL or not mask & _VALUE)
    return _layout(mask, encoding if mask & _VALUE else NULL).itemsize if fixed else 0


_SIZES = bytes(_size(mask, encoding) for mask in range(256) for encoding in range(256))
"""Length of an item by mask and type octet; 0 for those that stand apart."""
_SHORTEST = 5
