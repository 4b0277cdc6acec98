"""A publish request (OPC 10000-4, 5.14.5), as octets: what the library would send. Pure."""

import struct
from collections.abc import Sequence

from asyncua.ua.object_ids import ObjectIds

_TYPE = struct.pack("<BBH", 1, 0, ObjectIds.PublishRequest_Encoding_DefaultBinary)
"""A NodeId of namespace 0 in four bytes (OPC 10000-6, 5.2.2.9)."""
_AFTER_TOKEN = struct.Struct("<qIIiI3s")
_EPOCH = 11_644_473_600_000_000
"""Microseconds from 1601 to 1970."""


def publish_request(token: bytes, sent: int, handle: int, subscription: int, numbers: Sequence[int]) -> bytes:
    """The octets of a request of the session with this encoded token, from its type id on.

    `sent` in UTC microseconds. `numbers` are the sequence numbers of the subscription that it acknowledges.
    """
    # request header (OPC 10000-4, 7.33): no diagnostics, no audit entry, no timeout hint, no additional header
    header = token + _AFTER_TOKEN.pack((sent + _EPOCH) * 10, handle, 0, -1, 0, b"\0\0\0")
    pairs = [field for number in numbers for field in (subscription, number)]
    return _TYPE + header + struct.pack(f"<i{len(pairs)}I", len(numbers), *pairs)
