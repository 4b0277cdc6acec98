"""The lines of a balance that speaks MT-SICS, level 0 and 1 (Mettler-Toledo, reference manual 11780711). Pure.

A line counts only as a whole and in its exact columns: `S S     100.00 g` CR LF is id, state, the value right in ten
columns, the unit. So a lost character never makes another weight. Nothing searches for a number inside a line.
"""

import re
from dataclasses import dataclass

from schemas.status import Reason, StatusCode

WEIGH = b"SI\r\n"
"""Send the weight at once, stable or not. `S` would wait for stability, and hang."""
IDENTIFY = b"I4\r\n"
"""Send the serial number; the same line greets unasked after power on."""
LONGEST = 64
"""Octets; no line of the command set used here is longer."""

UNITS = {b"g": "g", b"kg": "kg", b"mg": "mg"}
"""Unit as on the line → UCUM."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight as shown; `unit` as on the line."""

    value: float
    unit: bytes
    stable: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Serial number of the balance; None when it will not tell."""

    serial_number: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """No weight, and why."""

    status: StatusCode
    reason: Reason
    text: str

    @property
    def is_answer(self) -> bool:
        """Whether a balance said it, and not noise on the line."""
        return self.reason is not Reason.COMM


Answer = Weight | Identity | Fault

_WEIGHT = re.compile(rb"S ([SD]) ([ 0-9.-]{10}) ([!-~]{1,5})\r\n")
_NUMBER = re.compile(rb" *-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_IDENTITY = re.compile(rb'I4 A "([ !#-~]{1,32})"\r\n')
_BROKEN = re.compile(rb"S [SD] Error ([0-9A-Za-z]{1,4})\r\n")

_SAID: dict[bytes, Answer] = {
    b"S I\r\n": Fault(StatusCode.BAD_NO_DATA, Reason.DEVICE, "the balance cannot weigh now"),
    b"S +\r\n": Fault(StatusCode.BAD_OUT_OF_RANGE, Reason.OVERLOAD, "overload"),
    b"S -\r\n": Fault(StatusCode.BAD_OUT_OF_RANGE, Reason.UNDERLOAD, "underload"),
    b"ES\r\n": Fault(StatusCode.BAD_NOT_SUPPORTED, Reason.CONFIG, "the balance does not know the command"),
    b"EL\r\n": Fault(StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG, "the balance cannot do the command"),
    b"ET\r\n": Fault(StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM, "the balance received a damaged command"),
    b"I4 I\r\n": Identity(None),
}


def parse(line: bytes, *, negative_zero: bool = False) -> Answer:
    """What one line says, with its line end. Anything that is not exactly a line of the command set is a Fault."""
    if line in _SAID:
        return _SAID[line]
    if found := _WEIGHT.fullmatch(line):
        return _weight(found[1] == b"S", found[2], found[3], negative_zero=negative_zero)
    if found := _IDENTITY.fullmatch(line):
        return Identity(found[1].decode("ascii"))
    if found := _BROKEN.fullmatch(line):
        return Fault(StatusCode.BAD_DEVICE_FAILURE, Reason.DEVICE, f"hardware fault {found[1].decode('ascii')}")
    return _garbage(line)


def _weight(stable: bool, column: bytes, unit: bytes, *, negative_zero: bool) -> Answer:
    if not _NUMBER.fullmatch(column):
        return _garbage(column)
    value = float(column)
    if value == 0 and b"-" in column:
        if not negative_zero:
            return _garbage(column)
        value = 0.0
    return Weight(value, unit, stable)


def _garbage(line: bytes) -> Fault:
    if any(octet > 0x7F for octet in line):
        return Fault(
            StatusCode.BAD_COMMUNICATION_ERROR,
            Reason.COMM,
            f"high bits set in {line[:LONGEST]!r}: the balance probably sends 7 data bits and parity",
        )
    return Fault(StatusCode.BAD_DECODING_ERROR, Reason.COMM, f"no line of MT-SICS: {line[:LONGEST]!r}")
