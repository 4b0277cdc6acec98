"""How well the alarms serve the people who answer them, over a period. Blocks: it asks the archive."""

from dataclasses import dataclass

from gateway.alarm.performance import Figures, figures
from gateway.archive.archive import Archive
from gateway.archive.lives import AlarmLife
from gateway.views.alarms import AlarmRow, alarm_row
from gateway.views.display import DAY, HOUR
from gateway.views.trend import Window
from schemas.records import Alarm


@dataclass(frozen=True, slots=True)
class Performance:
    """Times are UTC microseconds. `named` has the latest alarm of each condition that the figures name.

    `per_operator_hour` counts the persons who acknowledged in the period; None where nobody did.
    """

    begin: int
    end: int
    figures: Figures
    per_hour: float
    per_day: float
    per_operator_hour: float | None
    named: dict[str, AlarmRow]


def performance(archive: Archive, asked: Window, now: int) -> Performance | None:
    """Of the window as far as it has passed; None where none of it has."""
    begin, end = asked.begin, min(asked.end, now)
    return performance_of(archive.alarm_steps_between(begin, end), begin, end) if begin < end else None


def performance_of(steps: list[Alarm], begin: int, end: int) -> Performance:
    """The figures of begin ≤ time < end, from the steps and those before them."""
    found = figures(steps, begin, end)
    per_hour, persons = found.raised * HOUR / (end - begin), len(found.answered)
    wanted = {*(name for name, _ in found.top), *found.chattering, *found.standing}
    last = {one.condition: one for one in steps if one.condition in wanted}
    named = {condition: alarm_row(AlarmLife(one, raised=one.since), end) for condition, one in last.items()}
    return Performance(
        begin, end, found, per_hour, per_hour * DAY / HOUR, per_hour / persons if persons else None, named
    )
