"""A report on one room and period, as data: what stands in PDF, CSV and the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import Condition
from gateway.archive.reporting import Passed, Rest
from gateway.archive.trends import Trend
from gateway.cleanroom.levels import UNITS, Grade, Probe, Words
from gateway.cleanroom.site import Site
from gateway.completeness import Interval
from gateway.reports.figures import Figures
from gateway.reports.spells import Spell
from gateway.views.alarms import AlarmRow
from gateway.views.gaps import GapRow
from gateway.views.performance import Performance
from schemas.records import AlarmKind
from schemas.status import is_bad

JUDGED = {AlarmKind.LOW, AlarmKind.HIGH, AlarmKind.LOW_LOW, AlarmKind.HIGH_HIGH, AlarmKind.REVERSED}
"""Kinds whose limit is one of the value, so that each moment is within it or not."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A tag of the room that is measured all the time. `silence` is the longest that a reading counts, seconds.

    `store` says that the tag is the temperature of a store; `between` are the rooms of a differential.
    """

    tag: str
    quantity: str
    unit: str
    grade: Grade | None
    probe: Probe
    silence: float | None
    levels: tuple[Condition, ...]
    store: bool = False
    between: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SampleSubject:
    """A point of the room where samples are taken by hand."""

    point: str
    method: str
    tag: str
    unit: str
    levels: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Unmonitored:
    """How many times nothing was known of a tag, and the longest of them in order, UTC microseconds."""

    times: int
    longest: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class TagReport:
    """One tag over the period. `without_value` is when there was no good value; it and `trend` are for drawing.

    The trend begins with what was read before and still counted when the period began.
    """

    subject: Subject
    figures: Figures
    without_value: tuple[Interval, ...]
    unmonitored: Unmonitored
    trend: Trend

    @property
    def drawn(self) -> NDArray[np.float64]:
        """The values of the trend's points, NaN for one of a Bad reading; a coarse trend has none of these."""
        bad = is_bad(self.trend.status) & self.trend.exact
        return np.where(bad | ~np.isfinite(self.trend.value), np.nan, self.trend.value)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one sample; `time` (UTC microseconds) is when it was taken, `value` None where it is Bad."""

    subject: SampleSubject
    time: int
    value: float | None
    spell: Spell


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of one room in begin ≤ time < end, as known up to `until`; times are UTC microseconds.

    `alarms` are all that were open in the period, `other_limits` those that were raised by another limit or profile
    than is agreed now; `gaps` those that speak of a tag of the room. `performance` is of the room's alarms, `of_all` of
    all.
    """

    site: Words
    line: str
    zone: str
    room: str
    name: Words
    grade: Grade
    begin: int
    end: int
    until: int
    tags: tuple[TagReport, ...]
    gaps: tuple[GapRow, ...]
    alarms: tuple[AlarmRow, ...]
    other_limits: frozenset[UUID]
    passed: tuple[Passed, ...]
    performance: Performance
    of_all: Performance
    points: tuple[SampleSubject, ...]
    results: tuple[Result, ...]
    rests: tuple[Rest, ...]

    @property
    def profiles(self) -> list[str]:
        """Limit profiles with their version, by name."""
        levels = [*(level for one in self.tags for level in one.subject.levels)]
        levels += [level for point in self.points for level in point.levels]
        return sorted({level.profile for level in levels if level.profile})


def subjects(site: Site, room: str, conditions: list[Condition]) -> Iterator[Subject]:
    """What is measured all the time in the room and towards its neighbours, in the order of the site file."""
    store = site.room(room).store
    between = {d.tag: (d.room, d.against) for d in site.differentials if room in {d.room, d.against}}
    for one in site.watched():
        if one.room == room or one.tag in between:
            levels = _levels(one.tag, conditions)
            unit = levels[0].unit if levels else UNITS[one.quantity]
            yield Subject(
                one.tag, one.quantity, unit, one.grade, one.probe, one.watch.silence, levels,
                store=store and one.quantity == "temperature" and one.room == room,
                between=between.get(one.tag),
            )  # fmt: skip
    for water in site.water:
        for quantity, test in water.tests.items():
            if water.room == room and test.plan is None:
                levels = _levels(test.tag, conditions)
                yield Subject(test.tag, quantity, water.units[quantity], None, "monitor", None, levels)


def sampled(site: Site, room: str, conditions: list[Condition]) -> Iterator[SampleSubject]:
    """Where samples are taken by hand in the room, so that their results have a tag."""
    for point in site.sampling:
        if point.room == room and point.tag is not None:
            yield SampleSubject(point.id, point.method, point.tag, UNITS[point.method], _levels(point.tag, conditions))
    for water in site.water:
        for quantity, test in water.tests.items():
            if water.room == room and test.plan is not None:
                levels = _levels(test.tag, conditions)
                yield SampleSubject(water.id, quantity, test.tag, water.units[quantity], levels)


def _levels(tag: str, conditions: list[Condition]) -> tuple[Condition, ...]:
    return tuple(one for one in conditions if one.tag == tag and one.kind in JUDGED)
