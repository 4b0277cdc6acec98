"""A report out of the archive. Calls block."""

from collections.abc import Collection, Sequence

from gateway.alarm.condition import Condition
from gateway.archive.archive import Archive
from gateway.archive.reporting import passed_in, readings_of, rests_on, sources_of
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.site import Site
from gateway.reports.measured import SINCE, tag_reports
from gateway.reports.report import Report, Result, SampleSubject, sampled, subjects
from gateway.reports.spells import Around, Spell, judged
from gateway.views.alarms import AlarmRow, alarm_row
from gateway.views.gaps import GapRow, gap_row
from gateway.views.performance import Performance, performance_of
from schemas.records import Gap


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
    tags = [*(one.tag for one in measured), *(one.tag for one in points)]
    gaps = archive.gaps(begin - SINCE, until)
    alarms = _alarms(archive, room, tags, begin, until)
    performance, of_all = _performance(archive, room, tags, begin, until)
    return Report(
        site=site.name, line=site.line, zone=site.zone, room=room, name=about.name, grade=about.grade, begin=begin,
        end=end, until=until, tags=tuple(tag_reports(archive, measured, gaps, begin, until)),
        gaps=tuple(_gaps(archive, gaps, tags, begin, until)), alarms=alarms,
        other_limits=frozenset(one.alarm for one in alarms if _other(one, watched)),
        passed=tuple(passed_in(archive, room, tags, begin, until)), performance=performance, of_all=of_all,
        points=points, results=tuple(_results(archive, points, begin, until)),
        rests=tuple(rests_on(archive, begin, until)),
    )  # fmt: skip


def _gaps(archive: Archive, gaps: Sequence[Gap], tags: Sequence[str], begin: int, until: int) -> list[GapRow]:
    """Those within the period that speak of one of the tags, in order of time."""
    sources = {(source, tag) for tag, given in sources_of(archive, tags).items() for source in given}

    def concerned(gap: Gap) -> bool:
        told = {tag for source, tag in sources if source == gap.source}
        return bool(told & set(gap.tags) if gap.tags else told) and (gap.ended is None or gap.ended > begin)

    return sorted((gap_row(gap, until) for gap in gaps if concerned(gap)), key=lambda row: row.began)


def _alarms(archive: Archive, room: str, tags: Collection[str], begin: int, until: int) -> tuple[AlarmRow, ...]:
    """Alarms of the room or its tags that were open within the period, in order of time."""
    lives = (life for life in archive.alarms(begin, until) if life.last.room == room or life.last.tag in tags)
    return tuple(sorted((alarm_row(life, until) for life in lives), key=lambda row: (row.since, row.condition)))


def _other(row: AlarmRow, watched: Sequence[Condition]) -> bool:
    """Whether the alarm was raised by another limit than is agreed."""
    agreed = next((one for one in watched if one.name == row.condition), None)
    return agreed is not None and (row.limit, row.profile) != (agreed.limit, agreed.profile)


def _performance(
    archive: Archive, room: str, tags: Collection[str], begin: int, until: int
) -> tuple[Performance, Performance]:
    """Of the room's alarms, and of all that the same persons answer."""
    steps = archive.alarm_steps_between(begin, until)
    own = [step for step in steps if step.room == room or step.tag in tags]
    return performance_of(own, begin, until), performance_of(steps, begin, until)


def _results(archive: Archive, points: Sequence[SampleSubject], begin: int, until: int) -> list[Result]:
    """Every result of the period, in order of time."""
    found: list[Result] = []
    by_tag = {one.tag: one for one in points}
    for tag, readings in readings_of(archive, {one.tag: one.unit for one in points}, begin, until).items():
        point = by_tag[tag]
        said = judged(readings.value, readings.status, readings.time, Around(levels=point.levels))
        columns = zip(readings.time.tolist(), readings.value.tolist(), said.tolist(), strict=True)
        found += [Result(point, time, None if one == Spell.BAD else value, Spell(one)) for time, value, one in columns]
    return sorted(found, key=lambda one: (one.time, one.subject.tag))
