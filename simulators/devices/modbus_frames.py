"""Modbus frames as octets, for the side that answers: TCP, RTU and ASCII. Pure.

After "MODBUS Messaging on TCP/IP Implementation Guide V1.0b" and "MODBUS over Serial Line V1.02"; no code of the
product or its libraries, so that the two check each other.
"""

import re
import struct
from dataclasses import dataclass
from typing import Literal

Framing = Literal["tcp", "rtu", "ascii"]
HEADER = struct.Struct(">HHHB")
_LINE = re.compile(rb":((?:[0-9A-F]{2})+)\r\n", re.IGNORECASE)
_POLYNOMIAL = 0xA001


@dataclass(frozen=True)
class Asked:
    """A request: the unit, function code and data, and on TCP its number."""

    unit: int
    pdu: bytes
    transaction: int = 0


def crc(octets: bytes) -> bytes:
    """Cyclic redundancy check of RTU, low octet first (MODBUS over Serial Line 1.02, 6.2.2)."""
    register = 0xFFFF
    for octet in octets:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ _POLYNOMIAL * (register & 1)
    return register.to_bytes(2, "little")


def lrc(octets: bytes) -> bytes:
    """Longitudinal redundancy check of ASCII (MODBUS over Serial Line 1.02, 6.2.1)."""
    return bytes([-sum(octets) & 0xFF])


def framed(framing: Framing, asked: Asked, pdu: bytes) -> bytes:
    """An answer, or a request, as it stands on the wire."""
    body = bytes([asked.unit]) + pdu
    if framing == "rtu":
        return body + crc(body)
    if framing == "ascii":
        return b":" + (body + lrc(body)).hex().upper().encode("ascii") + b"\r\n"
    return HEADER.pack(asked.transaction, 0, len(pdu) + 1, asked.unit) + pdu


def next_request(framing: Framing, received: bytes) -> tuple[Asked | None, bytes]:
    """The first whole request and what follows it. On a line, octets that are no request are skipped."""
    if framing == "tcp":
        return _tcp(received)
    return _rtu(received) if framing == "rtu" else _ascii(received)


def _tcp(received: bytes) -> tuple[Asked | None, bytes]:
    if len(received) < HEADER.size:
        return None, received
    transaction, _, length, unit = HEADER.unpack_from(received)
    end = 6 + length
    if len(received) < end:
        return None, received
    return Asked(unit, received[HEADER.size : end], transaction), received[end:]


def _rtu(received: bytes) -> tuple[Asked | None, bytes]:
    for start in range(len(received)):
        frame = received[start : start + _rtu_size(received[start:])]
        if len(frame) >= 4 and crc(frame[:-2]) == frame[-2:]:
            return Asked(frame[0], frame[1:-2]), received[start + len(frame) :]
    return None, received[-260:]


def _rtu_size(octets: bytes) -> int:
    """Octets of a request that begins so: 8, or by its byte count where several registers are written."""
    if len(octets) > 6 and octets[1] == 16:
        return 9 + octets[6]
    return 8


def _ascii(received: bytes) -> tuple[Asked | None, bytes]:
    match = _LINE.search(received)
    if match is None:
        return None, received[-520:]
    octets = bytes.fromhex(match[1].decode("ascii"))
    if len(octets) < 3 or lrc(octets[:-1]) != octets[-1:]:
        return None, received[match.end() :]
    return Asked(octets[0], octets[1:-1]), received[match.end() :]
