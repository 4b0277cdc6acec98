"""How numbers, units and times are written. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.cleanroom.levels import Limit
from gateway.languages import Words

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_SYMBOLS = {"Cel": "°C", "{#}/m3": "/m³", "{#}": "", "1": ""}
_DECIMALS = {"{#}/m3": 0, "{#}": 0, "g": 2}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NARROW = "\N{NARROW NO-BREAK SPACE}"


def number(value: float, unit: str, *limits: float | None) -> str:
    """The number alone, with as many decimals as its unit wants; more where rounding would move it over a limit.

    >>> number(9.96, "Pa", 10.0)
    '9.96'
    """
    decimals = _DECIMALS.get(unit, 1)
    while decimals < 6 and any(_moved(value, round(value, decimals), limit) for limit in limits if limit is not None):
        decimals += 1
    text = f"{value:,.{decimals}f}".replace(",", _NARROW)
    if text.strip("-0.") == "":
        return text.removeprefix("-")
    return text.replace("-", "\N{MINUS SIGN}")


def _moved(value: float, rounded: float, limit: float) -> bool:
    return (value < limit) != (rounded < limit) or (value > limit) != (rounded > limit)


def quantity(value: float, unit: str, *limits: float | None) -> str:
    """A number with its unit, such as `7.8 Pa`."""
    return f"{number(value, unit, *limits)} {symbol(unit)}".rstrip()


def symbol(unit: str) -> str:
    """How a UCUM code is written for a reader."""
    return _SYMBOLS.get(unit, unit)


def limit_text(limit: Limit, say: Words) -> str:
    """`≥ 10 Pa` or `≤ 26 °C`."""
    bound = limit.high if limit.low is None else limit.low
    if bound is None:
        raise ValueError("a limit has a low or a high side")
    return bound_text(bound, limit.unit, say, low=limit.low is not None)


def bound_text(bound: float, unit: str, say: Words, *, low: bool, line: bool = False) -> str:
    """A bound as a condition on good values; `line` adds the word for the line drawn in a trend."""
    text = f"{bound:g}".replace("-", "\N{MINUS SIGN}") + f" {symbol(unit)}".rstrip()
    return say(("limit.low" if low else "limit.high") + ("_line" if line else ""), value=text)


def age(micros: int, say: Words) -> str:
    """A length of time in its two largest units, such as `2 min 15 s`."""
    seconds = max(0, micros) // SECOND
    parts = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    units = ("days", "hours", "minutes", "seconds")
    first = next((at for at, part in enumerate(parts) if part), 3)
    shown = [(parts[at], units[at]) for at in range(first, min(first + 2, 4)) if parts[at] or at == first]
    return " ".join(say(f"unit.{unit}", n=part) for part, unit in shown)


@dataclass(frozen=True)
class Clock:
    """Times of one zone: the plant's, named on every page."""

    zone: ZoneInfo

    @classmethod
    def of(cls, name: str) -> "Clock":
        """The clock of an IANA zone."""
        return cls(ZoneInfo(name))

    def local(self, micros: int) -> datetime:
        """The moment in this zone."""
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(self.zone)

    def stamp(self, micros: int) -> str:
        """`2026-06-11 14:03:22 UTC+8`."""
        return f"{self.local(micros):%Y-%m-%d %H:%M:%S} {self.offset(micros)}"

    def offset(self, micros: int) -> str:
        """`UTC+8`, `UTC+5:30`, `UTC−3` or `UTC`, as it is at that moment."""
        minutes = self.shift(micros) // MINUTE
        if minutes == 0:
            return "UTC"
        hours, rest = divmod(abs(minutes), 60)
        sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
        return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")

    def shift(self, micros: int) -> int:
        """How far this zone is ahead of UTC at that moment, microseconds."""
        offset = self.local(micros).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)

    def instant(self, text: str) -> int:
        """The moment that an ISO 8601 text names, in this zone where it names none. Raises ValueError."""
        moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return micros_of(moment)

    def unshifted(self, shown: int) -> int:
        """The moment whose local time, read as if it were UTC, is `shown` (axes are drawn in shifted time)."""
        naive = (_EPOCH + timedelta(microseconds=shown)).replace(tzinfo=self.zone)
        return micros_of(naive)


def micros_of(moment: datetime) -> int:
    """UTC microseconds of an aware moment."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
