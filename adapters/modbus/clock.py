"""A device's clock: seconds since 1970 as it counts them, mostly in the plant's local time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the device's own time, of no zone
_MICROSECOND = timedelta(microseconds=1)


def to_utc(seconds: int, zone: ZoneInfo) -> tuple[int, bool]:
    """UTC microseconds of a moment that the clock of a device in that zone showed, and whether it is the only one.

    In the hour that is repeated, or skipped, when summer time changes, the earlier reading is given.
    """
    local = _EPOCH + timedelta(seconds=seconds)
    early, late = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if early is None or late is None:
        raise ValueError(f"{zone} has no offset")
    return (local - early - _EPOCH) // _MICROSECOND, early == late


def shown(moment: int, zone: ZoneInfo) -> int:
    """What a clock that is right shows at a moment in UTC microseconds."""
    local = datetime.fromtimestamp(moment / 1e6, UTC).astimezone(zone).replace(tzinfo=None)
    return (local - _EPOCH) // timedelta(seconds=1)
