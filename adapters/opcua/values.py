"""From a DataValue of the server to a row of a frame: never Good unless value, type, status and time all allow it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asyncua import ua

from adapters.contract import TagSettings
from schemas.frame import Value
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
_OTHERS = frozenset({ua.VariantType.Boolean, ua.VariantType.String, ua.VariantType.ByteString})

EXACT = 2**53
"""Integers up to here are exact in a double."""
_LONG = 2**63


@dataclass(frozen=True, slots=True)
class _Fault:
    status: StatusCode
    reason: Reason


_WRONG_TYPE = _Fault(StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)
_WRONG_UNIT = _Fault(StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT)
_NOT_TEXT = _Fault(StatusCode.BAD_DECODING_ERROR, Reason.TYPE)
_NOT_A_NUMBER = _Fault(StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)
_TOO_LARGE = _Fault(StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)


class Interpreter:
    """Reads DataValues of a fixed list of tags. Keeps, per tag, the type first seen and the last source time.

    `clock_tolerance` in seconds: how far a source time may be ahead of the time of receipt.
    """

    def __init__(self, tags: Sequence[TagSettings], clock_tolerance: float) -> None:
        self._measured = [_is_measured(tag) for tag in tags]
        self._tolerance = int(clock_tolerance * 1_000_000)
        self.wrong_units: frozenset[int] = frozenset()
        """Tags whose server gives another unit than the one that is configured."""
        self._types: dict[int, ua.VariantType] = {}
        self._times: dict[int, int] = {}

    def row(self, tag: int, data: ua.DataValue, received: int) -> Row:
        """One sample; `received` in UTC microseconds."""
        status = StatusCode.GOOD if data.StatusCode is None else int(data.StatusCode.value)
        time = micros(data.SourceTimestamp)
        if status >> 31:  # the status decides, whatever value is still in there (OPC 10000-4, 7.11)
            return tag, None, status, Reason.SOURCE, time
        value = _WRONG_UNIT if tag in self.wrong_units else self._value(tag, data.Value)
        if isinstance(value, _Fault):
            return tag, None, value.status, value.reason, time
        believable = self._is_believable(tag, time, received)
        if status >> 30:
            return tag, value, status, Reason.SOURCE, time
        if not believable:
            return tag, value, StatusCode.UNCERTAIN, Reason.TIME, time
        return tag, value, status, Reason.NONE, time

    def _value(self, tag: int, variant: ua.Variant | None) -> Value | _Fault:
        """The value, of the type that the tag had first: a tag that changes its type is not the same tag."""
        if variant is None or variant.is_array or variant.Value is None:
            return _WRONG_TYPE
        kind = variant.VariantType
        if kind not in _FLOATS and kind not in _INTEGERS and kind not in _OTHERS:
            return _WRONG_TYPE
        if self._types.setdefault(tag, kind) is not kind:
            return _WRONG_TYPE
        if kind in _FLOATS:
            return float(variant.Value) if math.isfinite(variant.Value) else _NOT_A_NUMBER
        if kind in _INTEGERS:
            return _integer(int(variant.Value), measured=self._measured[tag])
        return _other(variant.Value)

    def _is_believable(self, tag: int, time: int | None, received: int) -> bool:
        """Whether the source time is neither ahead of ours nor behind the tag's last one."""
        if time is None:
            return True
        last = self._times.get(tag, time)
        self._times[tag] = time
        return last <= time <= received + self._tolerance


def micros(time: datetime | None) -> int | None:
    """UTC microseconds; None for the two values that mean "no time" (OPC 10000-6, 5.2.2.5)."""
    if time is None:
        return None
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND if _NO_TIME_BEFORE < aware < _NO_TIME_AFTER else None


def _is_measured(tag: TagSettings) -> bool:
    """Whether integers of the tag are measurements, to be scaled and limited, and not codes or states."""
    return (tag.unit, tag.device_unit, tag.scale, tag.offset, tag.range) != ("1", None, 1, 0, None)


def _integer(number: int, *, measured: bool) -> Value | _Fault:
    if not -_LONG <= number < _LONG:
        return _TOO_LARGE
    return float(number) if measured and abs(number) <= EXACT else number


def _other(value: bool | str | bytes) -> Value | _Fault:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:  # bytes that were not UTF-8 arrive as lone surrogates
            return _NOT_TEXT
    return value
