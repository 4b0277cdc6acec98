"""Publish responses as servers send them, octet by octet after OPC 10000-6; independent of the library's encoder."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.ua_binary import variant_to_binary

DATA_CHANGE = 811


@dataclass(frozen=True)
class Item:
    """One monitored item; what is None is not sent. Times are ticks of 100 ns since 1601."""

    handle: int
    variant: ua.Variant | None = None
    status: int | None = None
    time: int | None = None
    picoseconds: int | None = None
    server_time: int | None = None
    server_picoseconds: int | None = None

    def octets(self) -> bytes:
        fields = (
            (1, None if self.variant is None else variant_to_binary(self.variant)),
            (2, None if self.status is None else struct.pack("<I", self.status)),
            (4, None if self.time is None else struct.pack("<q", self.time)),
            (16, None if self.picoseconds is None else struct.pack("<H", self.picoseconds)),
            (8, None if self.server_time is None else struct.pack("<q", self.server_time)),
            (32, None if self.server_picoseconds is None else struct.pack("<H", self.server_picoseconds)),
        )
        mask = sum(bit for bit, octets in fields if octets is not None)
        return struct.pack("<IB", self.handle, mask) + b"".join(octets or b"" for _, octets in fields)


def extension(number: int, body: bytes) -> bytes:
    """An ExtensionObject with a binary body."""
    return struct.pack("<BBHBi", 1, 0, number, 1, len(body)) + body


def data_change(items: Sequence[Item]) -> bytes:
    """A DataChangeNotification without diagnostics."""
    body = struct.pack("<i", len(items)) + b"".join(item.octets() for item in items) + struct.pack("<i", -1)
    return extension(DATA_CHANGE, body)


def header(number: int, status: int = 0) -> bytes:
    """A type id and a ResponseHeader in which nothing unusual stands."""
    return struct.pack("<BBHqIIBi3s", 1, 0, number, 0, 7, status, 0, -1, b"\0\0\0")


def response(
    number: int, notifications: Sequence[bytes], *, subscription: int = 1, results: Sequence[int] = ()
) -> bytes:
    """A whole PublishResponse."""
    return b"".join(
        (
            header(829),
            struct.pack("<IiIB", subscription, 1, number, 0),
            struct.pack("<Iqi", number, 0, len(notifications) or -1),
            *notifications,
            struct.pack(f"<i{len(results)}I", len(results), *results),
            struct.pack("<i", -1),
        )
    )
