"""The archive as of a moment of the past: what was known then. Times are UTC microseconds; calls block."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.archive.latest import Latest
from gateway.archive.lives import ASIDE, AlarmLife, alarm_lives
from gateway.archive.queries import DAY, Queries, alarm_of
from schemas.records import Alarm, Gap


def latest_at(archive: Queries, moment: int) -> list[Latest]:
    """The newest sample of each tag that had been received by then, of the day before; what came late is not among."""
    return archive.latest_of(moment - DAY, moment)


def contacts_at(archive: Queries, moment: int) -> dict[str, int]:
    """When each source had last been heard of by then, within the day before."""
    sql = "SELECT source, max(heard) FROM entries WHERE heard > ? AND heard <= ? GROUP BY source"
    return dict(archive.rows(sql, [moment - DAY, moment]))


def alarms_at(archive: Queries, moment: int) -> list[AlarmLife]:
    """Alarms that were open then, as their steps up to then tell them."""
    return [life for life in alarm_lives(_unsettled(archive, moment)).values() if life.open]


def held_at(archive: Queries, moment: int) -> list[Alarm]:
    """The last step of each alarm that was put aside then."""
    last = {step.alarm: step for step in _unsettled(archive, moment)}
    return [step for step in last.values() if step.state in ASIDE]


def _unsettled(archive: Queries, moment: int) -> Sequence[Alarm]:
    """The steps up to then of every alarm that was not normal."""
    sql = """SELECT * EXCLUDE (stream, number) FROM alarms WHERE time <= ? AND event <> 'PASSED' AND alarm IN (
            SELECT alarm FROM alarms WHERE time <= ? AND event <> 'PASSED'
            GROUP BY alarm HAVING arg_max(state, number) <> 'NORMAL')
        ORDER BY number"""
    return [alarm_of(row) for row in archive.rows(sql, [moment, moment])]


def gaps_at(archive: Queries, moment: int) -> list[Gap]:
    """Gaps within which the moment lies, by all that is known now, as if they lasted."""
    there = (gap for gap in archive.gaps(moment, moment + 1) if gap.ended is None or gap.ended > moment)
    return [replace(gap, ended=None) for gap in there]
