"""A report out of the archive. Calls block."""

from collections.abc import Mapping, Sequence

import numpy as np

from gateway.alarm.condition import Condition
from gateway.archive.archive import Archive
from gateway.archive.reporting import (
    Readings,
    passed_in,
    readings_of,
    rests_on,
    sources_of,
    unheard,
    words_of,
)
from gateway.archive.trends import Trend
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.site import Site
from gateway.completeness import Interval, without
from gateway.console.views.alarms import AlarmRow, alarm_row
from gateway.console.views.sources import SILENT_AFTER
from gateway.reports.figures import figures
from gateway.reports.report import Report, Result, SampleSubject, Subject, TagReport, sampled, subjects
from gateway.reports.spells import Around, Said, Spell, judged, spells
from schemas.records import Gap

DAY = 24 * 3600 * 1_000_000
"""A value that was said longer before the period is not known to have lasted into it, microseconds."""
BUCKETS = 400
"""A trend has at most two points for each."""


class NoReportError(Exception):
    """There can be no such report; the message says why and what to do, in a line."""


def report_of(archive: Archive, site: Site, room: str, begin: int, end: int, *, now: int) -> Report:
    """The report on begin ≤ time < end, all UTC microseconds, as far as it has passed. Raises NoReportError."""
    until = min(end, now)
    if room not in {one.id for one in site.rooms}:
        raise NoReportError(f"no room {room}; there are {', '.join(one.id for one in site.rooms)}")
    if begin >= until:
        raise NoReportError("nothing of this period has passed; name one that begins before now and before its end")
    about, watched = site.room(room), conditions(site)
    measured, points = tuple(subjects(site, room, watched)), tuple(sampled(site, room, watched))
    tags = [one.tag for one in measured] + [one.tag for one in points]
    excursions = _excursions(archive, room, tags, begin, until)
    return Report(
        site=site.name, line=site.line, zone=site.zone, room=room, name=about.name, grade=about.grade, begin=begin,
        end=end, until=until, tags=tuple(_Period(archive, begin, end, until).reports(measured)),
        excursions=excursions, other_limits=frozenset(one.alarm for one in excursions if _other(one, watched)),
        passed=tuple(passed_in(archive, room, tags, begin, until)), points=points,
        results=tuple(_results(archive, points, begin, until)), rests=tuple(rests_on(archive, begin, until)),
    )  # fmt: skip


class _Period:
    """The tags of one period."""

    def __init__(self, archive: Archive, begin: int, end: int, until: int) -> None:
        self._archive, self._begin, self._end, self._until = archive, begin, end, until
        self._since = begin - DAY
        self._gaps = archive.gaps(self._since, until)
        self._unheard: dict[tuple[str, ...], list[Interval]] = {}

    def reports(self, measured: Sequence[Subject]) -> list[TagReport]:
        """One for each, in their order."""
        by_tag = {one.tag: one for one in measured}
        sources = sources_of(self._archive, list(by_tag))
        said = _said(self._archive, measured, self._begin, self._until)
        trends = self._archive.trends(list(by_tag), self._begin, self._until, BUCKETS) if by_tag else {}
        found: dict[str, TagReport] = {}
        units = {one.tag: one.unit for one in measured}
        for tag, readings in readings_of(self._archive, units, self._since, self._until):
            around = self._around(by_tag[tag], sources.get(tag, []), said)
            found[tag] = self._report(by_tag[tag], readings, around, trends[tag])
        return [found[one.tag] for one in measured]

    def _report(self, subject: Subject, readings: Readings, around: Around, trend: Trend) -> TagReport:
        stretches = spells(readings, self._begin, self._until, around)
        numbers = figures(readings, stretches, mean_kinetic=subject.store)
        return TagReport(subject, numbers, tuple(stretches.without_value()), trend)

    def _around(self, subject: Subject, sources: Sequence[str], said: Mapping[str, Said]) -> Around:
        silence = None if subject.silence is None else round(subject.silence * 1e6)
        return Around(self._absent(subject.tag, sources), silence, subject.levels, said)

    def _absent(self, tag: str, sources: Sequence[str]) -> tuple[Interval, ...]:
        """Not heard of, or a gap says so; what the device's memory filled in later is not missing."""
        concerned = [gap for gap in self._gaps if gap.source in sources and (not gap.tags or tag in gap.tags)]
        silences = self._silences(tuple(sources))
        lost = [self._span(gap) for gap in concerned if not gap.backfilled]
        return without([*silences, *lost], [self._span(gap) for gap in concerned if gap.backfilled])

    def _span(self, gap: Gap) -> Interval:
        return gap.began, self._until if gap.ended is None else gap.ended

    def _silences(self, sources: tuple[str, ...]) -> list[Interval]:
        if sources not in self._unheard:
            self._unheard[sources] = unheard(self._archive, sources, self._since, self._until, SILENT_AFTER)
        return self._unheard[sources]


def _said(archive: Archive, measured: Sequence[Subject], begin: int, end: int) -> dict[str, Said]:
    """What the rooms' states were, by their tag."""
    levels = [level for one in measured for level in one.levels if level.suppressed_in]
    found: dict[str, Said] = {}
    for tag in sorted({level.state_tag for level in levels if level.state_tag}):
        times, words = words_of(archive, tag, begin, end)
        found[tag] = Said(np.array(times, dtype=np.int64), tuple(words))
    return found


def _excursions(archive: Archive, room: str, tags: Sequence[str], begin: int, until: int) -> tuple[AlarmRow, ...]:
    """Alarms of the room or its tags that were open within the period, in order of time."""
    lives = (life for life in archive.alarms(begin, until) if life.last.room == room or life.last.tag in tags)
    return tuple(sorted((alarm_row(life, until) for life in lives), key=lambda row: (row.since, row.condition)))


def _other(row: AlarmRow, watched: Sequence[Condition]) -> bool:
    """Whether the alarm was raised by another limit than is agreed."""
    agreed = next((one for one in watched if one.name == row.condition), None)
    return agreed is not None and (row.limit, row.profile) != (agreed.limit, agreed.profile)


def _results(archive: Archive, points: Sequence[SampleSubject], begin: int, until: int) -> list[Result]:
    """Every result of the period, in order of time."""
    found: list[Result] = []
    by_tag = {one.tag: one for one in points}
    for tag, readings in readings_of(archive, {one.tag: one.unit for one in points}, begin, until):
        point = by_tag[tag]
        said = judged(readings.value, readings.status, readings.time, Around(levels=point.levels))
        columns = zip(readings.time.tolist(), readings.value.tolist(), said.tolist(), strict=True)
        found += [
            Result(point, time, value if np.isfinite(value) else None, Spell(one)) for time, value, one in columns
        ]
    return sorted(found, key=lambda one: (one.time, one.subject.tag))
