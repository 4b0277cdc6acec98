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
    "F07": _beyond_a_long,
    "F13": _overflowed,
}
"""Lies about single values. F13 swallows the value before besides."""
DEEDS = ("F01", "F01-frozen", "F02", "F03", "F08", "F09", "F10", "F11", "F12", "F12-sessions")
"""Lies of the server as a whole.

F01 drops all subscriptions and tells nobody; F01-frozen keeps them and tells nothing new; F02 starts anew with other
namespace indexes; F03 cuts every connection and takes none while it is on; F08 leaves holes in the history and
interpolates; F09 forgets which alarms stand; F10 shows another certificate; F11 refuses every user; F12 has the nodes
vanish; F12-sessions takes no more connections.
"""
NAMES = (*VALUES, *DEEDS)
