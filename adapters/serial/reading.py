"""What a balance can say, whatever its dialect: a weight, who it is, or why there is no weight. Pure.

`STATUS` is the one table from a symptom to OPC UA StatusCode and reason; every dialect uses its words.
"""

import re
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Literal

from schemas.status import Reason, StatusCode

SHOWN = 64
"""Octets of a bad line that a message shows."""


class Symptom(Enum):
    """What can be wrong with a weight, or keep it away."""

    UNSTABLE = auto()
    UNCONFIRMED = auto()
    OTHER_BALANCE = auto()
    OTHER_UNIT = auto()
    OVERLOAD = auto()
    UNDERLOAD = auto()
    NOT_READY = auto()
    CALIBRATING = auto()
    HARDWARE = auto()
    COMMAND_UNKNOWN = auto()
    COMMAND_IMPOSSIBLE = auto()
    COMMAND_DAMAGED = auto()
    NOT_A_WEIGHT = auto()
    NO_STATE = auto()
    NOTATION = auto()
    HIGH_BITS = auto()
    NO_LINE = auto()
    NO_ANSWER = auto()


STATUS: dict[Symptom, tuple[StatusCode, Reason]] = {
    Symptom.UNSTABLE: (StatusCode.UNCERTAIN_SUB_NORMAL, Reason.UNSTABLE),
    Symptom.UNCONFIRMED: (StatusCode.UNCERTAIN, Reason.UNPROVEN),
    Symptom.OTHER_BALANCE: (StatusCode.UNCERTAIN, Reason.IDENTITY),
    Symptom.OTHER_UNIT: (StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT),
    Symptom.OVERLOAD: (StatusCode.BAD_OUT_OF_RANGE, Reason.OVERLOAD),
    Symptom.UNDERLOAD: (StatusCode.BAD_OUT_OF_RANGE, Reason.UNDERLOAD),
    Symptom.NOT_READY: (StatusCode.BAD_NO_DATA, Reason.DEVICE),
    Symptom.CALIBRATING: (StatusCode.BAD_NO_DATA, Reason.DEVICE),
    Symptom.HARDWARE: (StatusCode.BAD_DEVICE_FAILURE, Reason.DEVICE),
    Symptom.COMMAND_UNKNOWN: (StatusCode.BAD_NOT_SUPPORTED, Reason.CONFIG),
    Symptom.COMMAND_IMPOSSIBLE: (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG),
    Symptom.COMMAND_DAMAGED: (StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM),
    Symptom.NOT_A_WEIGHT: (StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE),
    Symptom.NO_STATE: (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG),
    Symptom.NOTATION: (StatusCode.BAD_DECODING_ERROR, Reason.COMM),
    Symptom.HIGH_BITS: (StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM),
    Symptom.NO_LINE: (StatusCode.BAD_DECODING_ERROR, Reason.COMM),
    Symptom.NO_ANSWER: (StatusCode.BAD_TIMEOUT, Reason.COMM),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight as shown. `text` is the number as on the line, with sign and brackets, without padding.

    `unit` is as on the line; empty where the balance leaves it out because the weight moves. `unverified` counts
    the last digits that are not verified for trade (in brackets).
    """

    text: str
    value: float
    unit: str
    stable: bool
    unverified: int = 0
    line: bytes = field(default=b"", compare=False)
    """As it came, with its end."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Serial number of the balance; None when it will not tell."""

    serial_number: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command was understood; its answer comes in a later line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """No weight, and why; `text` is for a person."""

    symptom: Symptom
    text: str
    line: bytes = field(default=b"", compare=False)
    """As it came."""

    @property
    def status(self) -> StatusCode:
        """As in `STATUS`."""
        return STATUS[self.symptom][0]

    @property
    def reason(self) -> Reason:
        """As in `STATUS`."""
        return STATUS[self.symptom][1]

    @property
    def is_answer(self) -> bool:
        """Whether a balance said it, and not noise on the line."""
        return self.reason is not Reason.COMM


Reading = Weight | Identity | Accepted | Fault


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers may be written; what is not said here is refused (F46)."""

    decimal: Literal["point", "comma"] = "point"
    leading_zeros: bool = False
    negative_zero: bool = False
    brackets: bool = False


PLAIN = Notation()


def with_line(reading: Reading, line: bytes) -> Reading:
    """The reading with the line that it was read from, where it is a weight or why there is none."""
    return replace(reading, line=line) if isinstance(reading, Weight | Fault) else reading


_NUMBER = re.compile(rb" *(-?)([0-9]+)(?:([.,])([0-9]*))?(?:\[([0-9]+)\])?")
_MARKS = {"point": b".", "comma": b","}


def weight(column: bytes, unit: str, notation: Notation, *, stable: bool, sign: bytes = b"") -> Weight | Fault:
    """The weight in a column of the line, right-justified. `sign` where the dialect keeps that in another column."""
    found = _NUMBER.fullmatch(column)
    if found is None or (found[1] and sign):
        return Fault(Symptom.NO_LINE, f"no number: {column!r}")
    mark, decimals, unverified = found[3] or b"", found[4] or b"", found[5] or b""
    if mark and not decimals + unverified:
        return Fault(Symptom.NO_LINE, f"no digit after the decimal mark: {column!r}")
    negative = b"-" in (found[1], sign)
    digits = found[2] + (b"" if mark else unverified)
    value = float(digits + b"." + (decimals + unverified if mark else b""))
    if (wrong := _wrong(found[2], mark, unverified, notation, negative_zero=negative and value == 0)) is not None:
        return Fault(Symptom.NOTATION, f"{wrong}: {column!r}")
    text = ("-" if negative else "") + column.decode("ascii").strip(" -")
    return Weight(text, -value if negative and value else value, unit, stable, len(unverified))


def _wrong(whole: bytes, mark: bytes, unverified: bytes, notation: Notation, *, negative_zero: bool) -> str | None:
    """What the configuration does not allow about a number, and which setting would."""
    if mark and mark != _MARKS[notation.decimal]:
        return f"decimal {'comma' if mark == b',' else 'point'}, but `decimal` is {notation.decimal}"
    if unverified and not notation.brackets:
        return "digits in brackets, and `brackets` is not set"
    if len(whole) > 1 and whole.startswith(b"0") and not notation.leading_zeros:
        return "leading zeros, and `leading_zeros` is not set"
    if negative_zero and not notation.negative_zero:
        return "negative zero, and `negative_zero` is not set"
    return None


def no_line(line: bytes, dialect: str) -> Fault:
    """What is not a line of the dialect; high bits name the setting that is likely wrong (F45)."""
    if any(octet > 0x7F for octet in line):
        return Fault(Symptom.HIGH_BITS, f"high bits set in {line[:SHOWN]!r}: {_parity(line)}")
    return Fault(Symptom.NO_LINE, f"no line of {dialect}: {line[:SHOWN]!r}")


def _parity(line: bytes) -> str:
    """An octet of 7 bits with even parity, read as 8 bits, has an even number of ones; with odd parity an odd one."""
    odd = {octet.bit_count() % 2 for octet in line}
    if len(odd) > 1:
        return "wrong baud rate or parity, or noise"
    return f"the device probably sends 7 data bits with {'odd' if odd == {1} else 'even'} parity"
