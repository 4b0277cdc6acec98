"""A publish response (OPC 10000-4, 5.14.5), read from its octets. Pure.

The envelope is read field by field; data changes stay octets until several are read as columns at once (`items_of`);
events and status changes are decoded by the library, each by itself. A response with diagnostics, a string table or an
additional header raises UnusualError: the library then reads the whole of it.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import extensionobject_from_binary, struct_from_binary

from adapters.opcua.fast.items import Encoded, Items, encoded, of_objects, read_all


def _four_byte(number: int) -> bytes:
    """A NodeId of namespace 0 as servers write it (OPC 10000-6, 5.2.2.9, four byte encoding)."""
    return bytes([1, 0]) + number.to_bytes(2, "little")


_RESPONSE = _four_byte(ObjectIds.PublishResponse_Encoding_DefaultBinary)
_FAULT = _four_byte(ObjectIds.ServiceFault_Encoding_DefaultBinary)
_DATA_CHANGE = _four_byte(ObjectIds.DataChangeNotification_Encoding_DefaultBinary)
_BODY = 1
"""Encoding octet of an ExtensionObject with a binary body."""


class UnusualError(Exception):
    """These octets are for the library to read."""


class FaultError(Exception):
    """The server refused the request; `status` is the StatusCode's number."""

    def __init__(self, status: int) -> None:
        super().__init__(f"0x{status:08X}")
        self.status = status


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What one response says. `changes` are its data changes, `others` notifications of other kinds, as the library's
    objects.

    `refused` are the StatusCodes of acknowledgements that the server did not take. A keep-alive carries no
    notification; its number is that of the next one.
    """

    subscription: int
    number: int
    keep_alive: bool
    changes: tuple[Encoded | Items, ...]
    others: tuple[Any, ...]
    refused: tuple[int, ...]

    def __len__(self) -> int:
        """How many items it has."""
        return sum(map(len, self.changes))


def read_response(octets: bytes) -> Published:
    """A response's octets from its type id on. Raises FaultError, UnusualError, and ValueError, IndexError,
    struct.error or what the library raises when the octets are none.
    """
    kind, (status,) = octets[:4], struct.unpack_from("<I", octets, 16)
    if kind not in {_RESPONSE, _FAULT}:
        raise UnusualError("another type id")
    if kind == _FAULT or status >> 31:
        raise FaultError(status)
    at = _header_end(octets)
    subscription, available = struct.unpack_from("<Ii", octets, at)
    at += 8 + 4 * max(0, available) + 1  # the octet is MoreNotifications: the next request is under way anyway
    number, _, count = struct.unpack_from("<Iqi", octets, at)
    at += 16
    changes: list[Encoded | Items] = []
    others: list[Any] = []
    for _ in range(max(0, count)):
        at = _notification(octets, at, changes, others)
    return Published(subscription, number, count <= 0, tuple(changes), tuple(others), _refused(octets, at))


def items_of(responses: Sequence[Published]) -> Items:
    """The items of these, one after the other. Raises whatever the library does where it cannot read them either."""
    parts = [part for one in responses for part in one.changes]
    try:
        return read_all(parts)
    except Exception:
        if len(responses) > 1 or not isinstance(parts[0], Encoded):
            raise
        return items_of([read_by_library(parts[0].octets)])


def read_by_library(octets: bytes) -> Published:
    """A whole response that is unusual. Raises whatever the library does."""
    return of_library(struct_from_binary(ua.PublishResponse, Buffer(octets)).Parameters)


def of_library(result: ua.PublishResult) -> Published:
    """The same of what the library has decoded."""
    message = result.NotificationMessage
    notifications = message.NotificationData or []
    changes = [item for part in notifications for item in getattr(part, "MonitoredItems", ())]
    return Published(
        int(result.SubscriptionId),
        int(message.SequenceNumber),
        not notifications,
        (of_objects(changes),),
        tuple(part for part in notifications if not isinstance(part, ua.DataChangeNotification)),
        tuple(int(status.value) for status in result.Results or () if status.value >> 31),
    )


def _header_end(octets: bytes) -> int:
    """Where the ResponseHeader ends (OPC 10000-4, 7.34): after time, handle, status and what is usually empty."""
    diagnostics, strings = octets[20], struct.unpack_from("<i", octets, 21)[0]
    if diagnostics or strings > 0 or octets[25:28] != b"\0\0\0":
        raise UnusualError("diagnostics, a string table or an additional header")
    return 28


def _notification(octets: bytes, at: int, changes: list[Encoded | Items], others: list[Any]) -> int:
    """Read one notification into one of the two lists; where it ends."""
    if octets[at : at + 4] == _DATA_CHANGE and octets[at + 4] == _BODY:
        length: int = struct.unpack_from("<i", octets, at + 5)[0]
        end = at + 9 + length
        if length < 0 or end > len(octets):
            raise UnusualError("a notification without a length")
        changes.append(encoded(octets, at + 9, end))
        return end
    rest = Buffer(octets, at)
    others.append(extensionobject_from_binary(rest))
    return len(octets) - len(rest)


def _refused(octets: bytes, at: int) -> tuple[int, ...]:
    (count,) = struct.unpack_from("<i", octets, at)
    if count <= 0:
        return ()
    return tuple(status for status in struct.unpack_from(f"<{count}I", octets, at + 4) if status >> 31)
