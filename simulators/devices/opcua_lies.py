"""What OPC UA servers do wrong, on purpose: each behaviour of the fault catalogue by its id.

Lies about values change what is written while they are on; the others are deeds, done when they are switched on and,
where that makes sense, undone when they are switched off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

FUTURE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What a server says of a variable at one moment."""

    value: ua.Variant
    status: int
    time: datetime | None


def _bad_with_a_value(told: Told) -> Told:
    return replace(told, status=int(StatusCodes.BadSensorFailure))


def _last_usable(told: Told) -> Told:
    return replace(told, status=int(StatusCodes.UncertainLastUsableValue))


def _without_time(told: Told) -> Told:
    return replace(told, time=None)


def _ahead(told: Told) -> Told:
    return replace(told, time=told.time + FUTURE if told.time else None)


def _behind(told: Told) -> Told:
    return replace(told, time=told.time - FUTURE if told.time else None)


def _as_text(told: Told) -> Told:
    return replace(told, value=ua.Variant(str(told.value.Value), ua.VariantType.String))


def _as_array(told: Told) -> Told:
    return replace(told, value=ua.Variant([told.value.Value], told.value.VariantType, is_array=True))


def _as_null(told: Told) -> Told:
    return replace(told, value=ua.Variant())


def _beyond_a_long(told: Told) -> Told:
    return replace(told, value=ua.Variant(2**64 - 1, ua.VariantType.UInt64))


def _overflowed(told: Told) -> Told:
    return replace(told, status=told.status | 0x480)


VALUES: Mapping[str, Callable[[Told], Told]] = {
    "F04": _bad_with_a_value,
    "F04-uncertain": _last_usable,
    "F05": _without_time,
    "F05-future": _ahead,
    "F05-backwards": _behind,
    "F06": _as_text,
    "F06-array": _as_array,
    "F06-null": _as_null,
    "F07": _beyond_a_long,
    "F13": _overflowed,
}
"""Lies about single values. F13 swallows the value before besides."""
LIES = {
    "F01": "all subscriptions are dropped, and nobody is told (F01)",
    "F01-frozen": "subscriptions are kept, and told nothing new (F01)",
    "F02": "the server starts anew, with other namespace indexes while it is on (F02)",
    "F03": "every connection is cut, and none taken while it is on (F03)",
    "F04": "Bad, with the value beside it (F04)",
    "F04-uncertain": "the last usable value (F04)",
    "F05": "no source time (F05)",
    "F05-future": "the source time an hour ahead (F05)",
    "F05-backwards": "the source time an hour behind (F05)",
    "F06": "text in place of each value (F06)",
    "F06-array": "an array in place of each value (F06)",
    "F06-null": "null, and Good, in place of each value (F06)",
    "F07": "an integer beyond 64 bits signed (F07)",
    "F08": "the history has holes and made-up values (F08)",
    "F09": "which alarms stand is forgotten, once (F09)",
    "F10": "the server starts anew with another certificate (F10)",
    "F11": "no user is let in (F11)",
    "F12": "the nodes vanish (F12)",
    "F12-sessions": "there are too many sessions for another one (F12)",
    "F13": "every second value is swallowed, and the overflow bit set (F13)",
}
"""Each with its behaviour in the catalogue."""
DEEDS = frozenset(LIES) - frozenset(VALUES)
"""Lies of the server as a whole."""
