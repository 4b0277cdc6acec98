"""From a DataValue of the server to a row of a frame: never Good unless value, type, status and time all allow it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

import numpy as np
from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from adapters.opcua.settings import OpcUaTag
from schemas.frame import NO_TIME, Value
from schemas.status import Reason, StatusCode

Row = tuple[int, Value, int, Reason, int | None]
"""Tag row, value, status, reason, source time in UTC microseconds: what `frame_of` takes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME_BEFORE = datetime(1601, 1, 2, tzinfo=UTC)
_NO_TIME_AFTER = datetime(9999, 12, 31, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_FLOATS = frozenset({ua.VariantType.Float, ua.VariantType.Double})
_INTEGERS = frozenset(
    {
        ua.VariantType.SByte,
        ua.VariantType.Byte,
        ua.VariantType.Int16,
        ua.VariantType.UInt16,
        ua.VariantType.Int32,
        ua.VariantType.UInt32,
        ua.VariantType.Int64,
        ua.VariantType.UInt64,
    }
)
_OTHERS = frozenset(
    {
        ua.VariantType.Boolean,
        ua.VariantType.String,
        ua.VariantType.ByteString,
        ua.VariantType.LocalizedText,
        ua.VariantType.DateTime,
        ua.VariantType.Guid,
        ua.VariantType.ExtensionObject,
    }
)

EXACT = 2**53
"""Integers up to here are exact in a double."""
_LONG = 2**63
_DECIMAL = ua.NodeId(ua.Int32(ObjectIds.DecimalDataType_Encoding_DefaultBinary))
# The library expects a length before a Decimal's octets, which the specification does not have (OPC 10000-6, 5.1.10):
# it would fail at the whole notification. Unknown to it, a Decimal comes as its octets.
ua.extension_objects_by_typeid.pop(_DECIMAL, None)
_MAX_DECIMAL = 1024
"""Longest Decimal in octets that is believed."""
_EXACT = Context(prec=3 * _MAX_DECIMAL, Emin=-(10**6), Emax=10**6)
_DATA_VALUE = 0x400
OVERFLOW_MASK, OVERFLOW = 0xC80, 0x480
"""InfoType and Overflow among the InfoBits of a StatusCode, and their contents (OPC 10000-4, 7.39): values before this
one were lost in the server's queue (F13)."""
_DERIVED = 0x3
"""Historian bits: calculated or interpolated, not raw (OPC 10000-11, 6.4.2)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value that the server takes for good is none."""

    status: StatusCode
    reason: Reason


WRONG_TYPE = Fault(StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)
WRONG_UNIT = Fault(StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT)
NOT_TEXT = Fault(StatusCode.BAD_DECODING_ERROR, Reason.TYPE)
NOT_A_NUMBER = Fault(StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)
TOO_LARGE = Fault(StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)


class Interpreter:
    """Reads DataValues of a fixed list of tags. Keeps, per tag, the type first seen and the last source time.

    `clock_tolerance` in seconds: how far a source time may be ahead of the time of receipt. The fast path reads and
    keeps the same columns (`fast/interpreting.py`): `types` has numbers of VariantTypes, 0 where none was seen, `times`
    UTC microseconds or NO_TIME.
    """

    def __init__(self, tags: Sequence[OpcUaTag], clock_tolerance: float) -> None:
        self.measured = np.array([_is_measured(tag) for tag in tags], dtype=np.bool_)
        self.index = [tag.index for tag in tags]
        self.indexed = np.array([tag.index is not None for tag in tags], dtype=np.bool_)
        self.tolerance = int(clock_tolerance * 1_000_000)
        self.types = np.zeros(len(tags), dtype=np.uint8)
        self.times = np.full(len(tags), NO_TIME, dtype=np.int64)
        self.wrong_units: frozenset[int] = frozenset()
        """Tags whose server gives another unit than the one that is configured."""

    def row(self, tag: int, data: ua.DataValue, received: int) -> Row:
        """One sample; `received` in UTC microseconds."""
        row = self._row(tag, data, code_of(data))
        if row[1] is None or self._is_believable(tag, row[4], received):
            return row
        return _doubted(row)

    def kept(self, tag: int, data: ua.DataValue, received: int) -> Row:
        """One sample out of the server's history: what the historian made up itself is not Good (F08)."""
        status = code_of(data)
        if status >> 30 == 0 and status & _DATA_VALUE and status & _DERIVED:
            status = StatusCode.UNCERTAIN | status & 0xFFFF
        row = self._row(tag, data, status)
        ahead = row[1] is not None and row[4] is not None and row[4] > received + self.tolerance
        return _doubted(row) if ahead else row

    def _row(self, tag: int, data: ua.DataValue, status: int) -> Row:
        time = micros(data.SourceTimestamp)
        if status >> 31:  # the status decides, whatever value is still in there (OPC 10000-4, 7.11)
            return tag, None, status, Reason.SOURCE, time
        value = WRONG_UNIT if tag in self.wrong_units else self._value(tag, data.Value)
        if isinstance(value, Fault):
            return tag, None, value.status, value.reason, time
        return tag, value, status, Reason.SOURCE if status >> 30 else Reason.NONE, time

    def _value(self, tag: int, variant: ua.Variant | None) -> Value | Fault:
        """The value, of the type that the tag had first: a tag that changes its type is not the same tag."""
        content = None if variant is None else element(variant, self.index[tag])
        if variant is None or content is None:
            return WRONG_TYPE
        kind = variant.VariantType
        if not is_supported(kind) or not self._keeps_type(tag, int(kind.value)):
            return WRONG_TYPE
        if kind in _FLOATS:
            return float(content) if math.isfinite(content) else NOT_A_NUMBER
        if kind in _INTEGERS:
            return _integer(int(content), measured=bool(self.measured[tag]))
        return other(content, measured=bool(self.measured[tag]))

    def _keeps_type(self, tag: int, kind: int) -> bool:
        self.types[tag] = self.types[tag] or kind
        return bool(self.types[tag] == kind)

    def _is_believable(self, tag: int, time: int | None, received: int) -> bool:
        """Whether the source time is neither ahead of ours nor behind the tag's last one."""
        if time is None:
            return True
        last = int(self.times[tag])
        self.times[tag] = time
        return last <= time <= received + self.tolerance


def _doubted(row: Row) -> Row:
    """Uncertain because of its time, unless the server itself has a doubt already."""
    return row if row[2] >> 30 else (row[0], row[1], StatusCode.UNCERTAIN, Reason.TIME, row[4])


def micros(time: datetime | None) -> int | None:
    """UTC microseconds; None for the two values that mean "no time" (OPC 10000-6, 5.2.2.5)."""
    if time is None:
        return None
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND if _NO_TIME_BEFORE < aware < _NO_TIME_AFTER else None


def is_supported(kind: ua.VariantType) -> bool:
    """Whether a sample can hold values of this type."""
    return kind in _FLOATS or kind in _INTEGERS or kind in _OTHERS


def _is_measured(tag: OpcUaTag) -> bool:
    """Whether integers of the tag are measurements, to be scaled and limited, and not codes or states."""
    return (tag.unit, tag.device_unit, tag.scale, tag.offset, tag.range) != ("1", None, 1, 0, None)


def code_of(data: ua.DataValue) -> int:
    """The StatusCode's number; one that is left out is Good (OPC 10000-6, 5.2.2.17)."""
    return StatusCode.GOOD if data.StatusCode is None else int(data.StatusCode.value)


def element(variant: ua.Variant, index: int | None) -> Any:
    """The value, or the one of an array that the tag names; None where there is none (F06)."""
    if index is None:
        return None if variant.is_array else variant.Value
    if not variant.is_array or variant.Value is None or len(variant.Dimensions or ()) > 1:
        return None
    return variant.Value[index] if index < len(variant.Value) else None


def _integer(number: int, *, measured: bool) -> Value | Fault:
    if -_LONG <= number < _LONG:
        return float(number) if measured and abs(number) <= EXACT else number
    return TOO_LARGE if measured else str(number)


def other(value: object, *, measured: bool) -> Value | Fault:
    """Text, bytes and booleans as they are; what has no type of its own in a record as exact text."""
    match value:
        case bool() | bytes():
            return value
        case str() | UUID():
            return _text(str(value))
        case ua.LocalizedText() if value.Text is not None:
            return _text(str(value.Text))
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case ua.ExtensionObject() if value.TypeId == _DECIMAL and not measured:
            return _decimal(value.Body or b"")
    return WRONG_TYPE


def _text(value: str) -> Value | Fault:
    try:
        value.encode()
    except UnicodeEncodeError:  # bytes that were not UTF-8 arrive as lone surrogates
        return NOT_TEXT
    return value


def _decimal(body: bytes) -> Value | Fault:
    """A Decimal as exact text (OPC 10000-6, 5.1.10): Int16 scale, then an integer, little-endian."""
    if not 3 <= len(body) <= _MAX_DECIMAL:
        return WRONG_TYPE
    scale, number = int.from_bytes(body[:2], "little", signed=True), int.from_bytes(body[2:], "little", signed=True)
    return str(Decimal(number).scaleb(-scale, _EXACT))
