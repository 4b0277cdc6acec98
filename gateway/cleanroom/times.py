"""Times of the week in the plant's zone: when rooms are in use, and when samples are to be taken. Pure.

Times are wall-clock times: on the day on which the clocks change, a window has an hour more or less, as the people
who work by it have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schemas.settings import Strict

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _of_yaml(given: object) -> object:
    """YAML 1.1 reads `18:30` without quotes as 1110, base sixty."""
    return f"{given // 60:02}:{given % 60:02}" if isinstance(given, int) and 0 <= given < 24 * 60 else given


def _plain(given: time) -> time:
    if given.tzinfo is not None or given.microsecond:
        raise ValueError("a time of day in the plant's zone, such as 08:00")
    return given


TimeOfDay = Annotated[time, BeforeValidator(_of_yaml), AfterValidator(_plain)]


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A span of time, UTC microseconds; `end` is no longer part of it."""

    begin: int
    end: int


class WeeklyTime(Strict):
    """A span of some days of the week."""

    days: tuple[Day, ...] = Field(DAYS, min_length=1, description="Days on which it begins.")
    begin: TimeOfDay = Field(alias="from", description="When it begins, in the plant's zone.", examples=["08:00"])
    end: TimeOfDay = Field(alias="to", description="When it ends; on the next day where not later than `from`.")

    def holds(self, moment: datetime) -> bool:
        """Whether the local `moment` lies within it."""
        now, today = moment.time(), DAYS[moment.weekday()]
        if self.begin < self.end:
            return today in self.days and self.begin <= now < self.end
        yesterday = DAYS[moment.weekday() - 1]
        return (today in self.days and now >= self.begin) or (yesterday in self.days and now < self.end)


class Plan(Strict):
    """When samples are to be taken: on days of the week, or on dates of the month."""

    days: tuple[Day, ...] | None = Field(None, min_length=1, description="Days of the week; left out, every day.")
    dates: tuple[Annotated[int, Field(ge=1, le=28)], ...] | None = Field(
        None, min_length=1, description="Dates of the month, instead of days.", examples=[[1, 15]]
    )
    begin: TimeOfDay = Field(time(0), alias="from", description="From when on it may be taken, in the plant's zone.")
    within: float = Field(24.0, gt=0, le=31 * 24, description="Hours in which it must have been taken.")

    @model_validator(mode="after")
    def _one_kind(self) -> "Plan":
        if self.days and self.dates:
            raise ValueError("give either days or dates")
        return self

    def windows(self, since: int, until: int, zone: ZoneInfo) -> Iterator[Window]:
        """The windows that end after `since` and not after `until`, UTC microseconds, in their order."""
        first = local(since, zone).date() - timedelta(hours=self.within) - timedelta(days=1)
        last = local(until, zone).date()
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if self._falls_on(day):
                begin = datetime.combine(day, self.begin, tzinfo=zone)
                window = Window(micros(begin), micros(begin + timedelta(hours=self.within)))
                if since < window.end <= until:
                    yield window

    def latest(self, now: int, zone: ZoneInfo) -> Window:
        """The last window that is over, UTC microseconds."""
        *_, window = self.windows(now - _TWO_MONTHS, now, zone)
        return window

    def _falls_on(self, day: date) -> bool:
        if self.dates is not None:
            return day.day in self.dates
        return self.days is None or DAYS[day.weekday()] in self.days


_TWO_MONTHS = 62 * 86_400 * 1_000_000


def local(moment: int, zone: ZoneInfo) -> datetime:
    """UTC microseconds as a local time."""
    return (_EPOCH + timedelta(microseconds=moment)).astimezone(zone)


def micros(moment: datetime) -> int:
    """A local time as UTC microseconds."""
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
