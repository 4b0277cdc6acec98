"""Local times and dates of a declared form. Nothing is guessed: what the form does not fit is refused."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.exports.formats.row import Cell

ISO = "iso"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - as a clock on the wall shows it
_MICROSECOND = timedelta(microseconds=1)
_PARTS = {"Y": "[0-9]{4}", **dict.fromkeys("mdHMS", "[0-9]{2}")}
_ORDER = "YmdHMS"
_LONGEST_DATE = 10
_DAYS = 4096
"""Most days that are remembered."""
_MODERN = date(1980, 1, 1).toordinal()
"""Since then what the clock shows twice or never has always held one of these minutes (tz database)."""
_MINUTES = range(0, 1440, 30)


class Times:
    """Reads times of one form and zone."""

    def __init__(self, form: str, zone: str) -> None:
        self._form, self._zone_name, self._zone = form, zone, ZoneInfo(zone)
        self._parsed = _parser(form)
        self._offsets: dict[int, int | None] = {}

    def instant(self, cell: Cell) -> int:
        """UTC microseconds. Raises ValueError, also for a time that the clock shows twice or never: both are told."""
        local = cell if isinstance(cell, datetime) else self._local(str(cell).strip())
        if local.tzinfo is None:
            offset = self._offset(local.toordinal())
            if offset is not None:
                return (local - _LOCAL_EPOCH) // _MICROSECOND - offset
            local = first = local.replace(tzinfo=self._zone)
            second = local.replace(fold=1)
            if first.utcoffset() != second.utcoffset():
                both = f"{first.isoformat()} or {second.isoformat()}"
                raise ValueError(f"{str(cell)!r} is unclear in {self._zone_name}: {both}")
        return (local - _EPOCH) // _MICROSECOND

    def _offset(self, day: int) -> int | None:
        """Microseconds ahead of UTC on a whole day, by its ordinal; None where the clock is changed on it."""
        if day not in self._offsets:
            if len(self._offsets) == _DAYS:
                self._offsets.clear()
            midnight = datetime.fromordinal(day).replace(tzinfo=self._zone)
            times = [midnight + timedelta(minutes=one) for one in _MINUTES]
            offsets = {one.replace(fold=fold).utcoffset() for one in times for fold in (0, 1)}
            steady = day >= _MODERN and len(offsets) == 1
            self._offsets[day] = (offsets.pop() or timedelta()) // _MICROSECOND if steady else None
        return self._offsets[day]

    def _local(self, text: str) -> datetime:
        try:
            return self._parsed(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is no time of the form {self._form}") from error


def day(cell: Cell, form: str) -> int:
    """Days since 1970-01-01. Raises ValueError, also for a date of a sheet with a time of day."""
    try:
        given = cell if isinstance(cell, datetime) else _date(str(cell).strip(), form)
    except ValueError as error:
        raise ValueError(f"{str(cell).strip()!r} is no date of the form {form}") from error
    if isinstance(cell, datetime) and given.time() != datetime.min.time():
        raise ValueError(f"{cell} has a time of day, a date is needed")
    return given.toordinal() - _EPOCH.toordinal()


def _date(text: str, form: str) -> datetime:
    if form == ISO:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    return datetime.strptime(text, form)  # noqa: DTZ007 - a date has no zone


def _parser(form: str) -> Callable[[str], datetime]:
    """For forms of digits alone a regular expression does it in a fifth of strptime's time; it knows the rest."""

    def slow(text: str) -> datetime:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is given by the caller

    if form == ISO:
        return _iso
    literals, directives = re.split("%.", form), re.findall("%(.)", form)
    if not {*"Ymd"} <= {*directives} <= {*_PARTS} or len({*directives}) != len(directives):
        return slow
    parts = [f"(?P<{one}>{_PARTS[one]}){re.escape(after)}" for one, after in zip(directives, literals[1:], strict=True)]
    fits = re.compile(re.escape(literals[0]) + "".join(parts)).fullmatch
    order = [one for one in _ORDER if one in directives]
    if order != [*_ORDER[: len(order)]]:
        return slow

    def fast(text: str) -> datetime:
        match = fits(text)
        if match is None:
            return slow(text)
        year, month, day, hour, minute, second = [*map(int, match.group(*order)), 0, 0, 0][: len(_ORDER)]
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - as above

    return fast


def _iso(text: str) -> datetime:
    """ISO 8601, with an offset or without, fractions of any length; a date alone is no time."""
    if len(text) <= _LONGEST_DATE:
        raise ValueError("no time of day")
    return datetime.fromisoformat(text)
