"""What is asked of the archive: readings, alarms, gaps, findings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition
from typing import Any
from uuid import UUID

import duckdb
from numpy.typing import NDArray

from gateway.archive.assigned import in_rooms, touched
from gateway.archive.choosing import EVERY, Chosen
from gateway.archive.latest import Latest
from gateway.archive.levels import cover, level_for, marks, readings_kept
from gateway.archive.lives import ASIDE, AlarmLife, alarm_lives, gap_spans
from gateway.archive.samples import REASONS
from gateway.archive.trends import Figures, Trend, figures, trends
from gateway.proof.findings import Code
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmMeaning, AlarmPriority, AlarmState, Gap, GapCause

DAY = 86_400_000_000
"""How far back the newest reading of a tag is looked for, microseconds."""


@dataclass(frozen=True, slots=True)
class FoundBefore:
    """A finding as it was stored; `found` is UTC microseconds, numbers are 0 where a message told none."""

    code: str
    stream: str
    first: int
    last: int
    text: str
    found: int


class Queries:
    """Questions to an open database; from several threads, also while it is written."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self._database = database
        self._idle, self._cursors = Condition(), 0

    def latest(self) -> list[Latest]:
        """The newest sample of each tag that was heard of within a day of the newest of all."""
        ((newest,),) = self.rows("SELECT max(received) FROM frames")
        return [] if newest is None else self.latest_of(newest - DAY, newest)

    def latest_of(self, after: int, until: int) -> list[Latest]:
        """The newest sample of each tag with after < received ≤ until (UTC microseconds); none that came late.

        The frame is found first and its values then, since putting values aside for each reading costs most.
        """
        sql = f"""
            WITH recent AS (SELECT id, received FROM frames WHERE received > ? AND received <= ? AND NOT backfilled),
            newest AS (
                SELECT tag, arg_max(frame, received) AS frame, max(received) AS received
                FROM readings JOIN recent ON frame = recent.id
                WHERE frame >= (SELECT min(id) FROM recent) AND frame <= (SELECT max(id) FROM recent) GROUP BY tag)
            SELECT arg_max((tags.tag, source, unit, value, other, status, {REASONS}[reason + 1],
                CASE WHEN timed THEN time END, received), received)
            FROM readings JOIN newest USING (frame, tag) JOIN tags ON readings.tag = tags.id
            WHERE frame >= (SELECT min(frame) FROM newest) GROUP BY tags.tag"""
        return [Latest(*newest) for (newest,) in self.rows(sql, [after, until])]

    def contacts(self) -> dict[str, int]:
        """When each source was last heard of by its agent, UTC microseconds."""
        return dict(self.rows("SELECT source, max(last) FROM heard GROUP BY source"))

    def trend(self, tag: str, begin: int, end: int, buckets: int) -> Trend:
        """Readings of the tag with begin ≤ time < end (UTC microseconds): every one, or two a bucket if too many."""
        return self.trends([tag], begin, end, buckets)[tag]

    def trends(self, tags: Sequence[str], begin: int, end: int, buckets: int) -> dict[str, Trend]:
        """As `trend`, of many tags at once: much faster than one by one."""
        with self._cursor() as connection:
            connection.begin()
            return trends(connection, tags, begin, end, buckets)

    def figures(self, tags: Sequence[str], begin: int, end: int) -> dict[str, Figures]:
        """Lowest, highest, mean and worst of each tag that has readings with begin ≤ time < end (UTC microseconds)."""
        with self._cursor() as connection:
            connection.begin()
            return figures(connection, tags, begin, end)

    def findings(self, count: int) -> list[FoundBefore]:
        """The newest findings, newest first."""
        rows = self.rows(
            "SELECT code, stream, first, last, text, found FROM findings ORDER BY found DESC LIMIT ?", [count]
        )
        return [FoundBefore(*row) for row in rows]

    def alarms(self, begin: int, end: int, chosen: Chosen = EVERY) -> list[AlarmLife]:
        """Alarms that were open at some time in begin ≤ time < end (UTC microseconds), newest first."""
        having, values = self._chosen(chosen).having()
        rows = self.rows(
            f"""
            SELECT * EXCLUDE (stream, number) FROM alarms WHERE alarm IN (
                SELECT alarm FROM alarms GROUP BY alarm
                HAVING min(since) < ? AND (max(time) >= ? OR arg_max(state, number) <> 'NORMAL') AND {having})
            ORDER BY number""",
            [end, begin, *values],
        )
        lives = touched(self.rows, alarm_lives(alarm_of(row) for row in rows).values())
        return sorted(lives, key=lambda life: life.raised, reverse=True)

    def _chosen(self, chosen: Chosen) -> Chosen:
        """With the rooms in which the batch was that is asked for."""
        return chosen if chosen.batch is None else replace(chosen, in_rooms=in_rooms(self.rows, chosen.batch))

    def standing_alarms(self, chosen: Chosen) -> frozenset[UUID]:
        """Which of them are not normal now, open or put aside."""
        having, values = self._chosen(chosen).having()
        sql = f"SELECT alarm FROM alarms GROUP BY alarm HAVING arg_max(state, number) <> 'NORMAL' AND {having}"
        return frozenset(alarm for (alarm,) in self.rows(sql, values))

    def alarm_steps(self, alarm: UUID) -> list[Alarm]:
        """The steps of one alarm in the order its agent told them; empty when there is no such alarm."""
        sql = """SELECT * EXCLUDE (stream, number) FROM alarms WHERE alarm = ? ORDER BY number"""
        return [alarm_of(row) for row in self.rows(sql, [alarm])]

    def steps_of(self, alarms: Sequence[UUID]) -> dict[UUID, list[Alarm]]:
        """As `alarm_steps`, of many alarms at once."""
        sql = "SELECT * EXCLUDE (stream, number) FROM alarms WHERE list_contains(?::UUID[], alarm) ORDER BY number"
        found: dict[UUID, list[Alarm]] = {}
        for row in self.rows(sql, [list(alarms)]):
            step = alarm_of(row)
            found.setdefault(step.alarm, []).append(step)
        return found

    def held_alarms(self) -> list[Alarm]:
        """The last step of each alarm that is shelved, suppressed by design or out of service."""
        sql = """SELECT * EXCLUDE (stream, number) FROM alarms WHERE (stream, number) IN (
            SELECT stream, max(number) FROM alarms WHERE event <> 'PASSED' GROUP BY stream, alarm)
            AND list_contains(?, state) ORDER BY number"""
        return [alarm_of(row) for row in self.rows(sql, [[state.value for state in ASIDE]])]

    def alarm_steps_between(self, begin: int, end: int) -> list[Alarm]:
        """Steps with begin ≤ time < end (UTC microseconds), and before them the last one of each condition."""
        sql = """SELECT * EXCLUDE (stream, number) FROM alarms WHERE time < ? AND (time >= ? OR (stream, number) IN (
                SELECT stream, max(number) FROM alarms WHERE time < ? AND event <> 'PASSED' GROUP BY stream, condition))
            ORDER BY time, number"""
        return [alarm_of(row) for row in self.rows(sql, [end, begin, begin])]

    def consequences(self, alarm: UUID) -> list[AlarmLife]:
        """The alarms of its group that followed this one, in the order in which they were raised."""
        sql = """SELECT * EXCLUDE (stream, number) FROM alarms
            WHERE alarm IN (SELECT alarm FROM alarms WHERE head = ? AND alarm <> ?) ORDER BY number"""
        lives = alarm_lives(alarm_of(row) for row in self.rows(sql, [alarm, alarm])).values()
        return sorted(lives, key=lambda life: life.raised)

    def samples_by_source(self, begin: int, end: int, buckets: int) -> dict[str, list[int]]:
        """How many samples each source gave in each equal part of begin ≤ time < end (UTC microseconds).

        Of a long time to an eighth of a part: a cell that two parts share counts for the earlier.
        """
        with self._cursor() as connection:
            connection.begin()
            parts = cover(level_for((end - begin) // buckets // 8), (begin, end), marks(connection))
            cells = " UNION ALL ".join(f"SELECT tag, moment, count FROM ({part})" for part in parts)
            sql = f"""SELECT source, (moment - ?) * ? // ? AS bucket, sum(count)::BIGINT
                FROM ({cells}) AS cells JOIN tags ON cells.tag = tags.id GROUP BY source, bucket"""
            rows = connection.execute(sql, [begin, buckets, end - begin]).fetchall()
        counts: dict[str, list[int]] = {}
        for source, bucket, number in rows:
            counts.setdefault(source, [0] * buckets)[bucket] = number
        return counts

    def samples_by_origin(self, begin: int, end: int) -> list[tuple[str, str, int]]:
        """Sources, how their samples came to be, and how many with begin ≤ time < end (UTC microseconds) did so."""
        with self._cursor() as connection:
            connection.begin()
            parts = cover(level_for(max(end - begin, 1)), (begin, end), marks(connection))
            cells = " UNION ALL ".join(f"SELECT tag, count FROM ({part})" for part in parts)
            sql = f"""SELECT source, origin, sum(counted.count)::BIGINT
                FROM (SELECT tag, sum(count) AS count FROM ({cells}) GROUP BY tag) AS counted
                JOIN tags ON counted.tag = tags.id GROUP BY ALL ORDER BY ALL"""
            return connection.execute(sql).fetchall()

    def gaps(self, begin: int, end: int) -> list[Gap]:
        """Gaps that lasted at some time in begin ≤ time < end (UTC microseconds), newest first."""
        rows = self.rows(
            """
            SELECT * EXCLUDE (stream, number) FROM gaps WHERE gap IN (
                SELECT gap FROM gaps GROUP BY gap HAVING min(began) < ? AND coalesce(max(ended), ?) >= ?)
            ORDER BY began, ended NULLS FIRST""",
            [end, end, begin],
        )
        spans = gap_spans(_gap(row) for row in rows).values()
        return sorted(spans, key=lambda gap: gap.began, reverse=True)

    def counts(self) -> dict[str, int]:
        """Rows of each table; of the findings those that somebody has to look at, so not mere repeats."""
        tables_ = {name: name for name in ("alarms", "gaps", "weighings", "quarantine")}
        tables_["findings"] = f"findings WHERE code <> '{Code.DUPLICATE}'"
        with self._cursor() as connection:
            samples = readings_kept(connection)
        rows = {name: self.rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in tables_.items()}
        return {"samples": samples} | rows

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one thread. Closing the file waits for it: DuckDB refuses to while one is at work."""
        with self._idle:
            connection = self._database.cursor()
            self._cursors += 1
        try:
            yield connection
        finally:
            with self._idle:
                connection.close()
                self._cursors -= 1
                self._idle.notify_all()

    @contextmanager
    def attached(self, file: Path) -> Iterator[str]:
        """The name under which questions find the tables of another archive's file, which is only read."""
        name = str(file).replace("'", "''")
        self.rows(f"ATTACH '{name}' AS beside (READ_ONLY)")
        try:
            yield "beside"
        finally:
            self.rows("DETACH beside")

    def close(self) -> None:
        """Let every question be answered, write what DuckDB still holds and close the file."""
        with self._idle:
            self._idle.wait_for(lambda: not self._cursors)
            self._database.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of the answer to an SQL question, for the modules beside."""
        with self._cursor() as connection:
            return connection.execute(sql, list(values)).fetchall()

    def columns(self, sql: str, values: Sequence[Any] = ()) -> dict[str, NDArray[Any]]:
        """As `rows`, each column by its name; masked where it may be NULL."""
        with self._cursor() as connection:
            return connection.execute(sql, list(values)).fetchnumpy()


def alarm_of(row: tuple[Any, ...]) -> Alarm:
    """The step that a row of `alarms` without stream and number tells."""
    id_, alarm, condition, tag, room, line, event, state, time, since, limit, deadband, on_delay, unit, *rest = row
    value, extreme, actor, comment, kind, priority, off_delay, window, allowed, profile, duration, *rest = rest
    room_state, batch, retrospective, group, first_out, head, until, held, meaning, doubt = rest
    return Alarm(
        id=id_, alarm=alarm, condition=condition, tag=tag, room=room, line=line, event=AlarmEvent(event),
        state=AlarmState(state), time=time, since=since, limit=limit, deadband=deadband, on_delay=on_delay, unit=unit,
        value=value, extreme=extreme, actor=actor, comment=comment, kind=AlarmKind(kind),
        priority=AlarmPriority(priority), off_delay=off_delay, window=window, allowed=allowed, profile=profile,
        duration=duration, room_state=room_state, batch=batch, retrospective=retrospective, group=group,
        first_out=first_out, head=head, until=until, held=held,
        meaning=None if meaning is None else AlarmMeaning(meaning), doubt=doubt,
    )  # fmt: skip


def _gap(row: tuple[Any, ...]) -> Gap:
    id_, gap, source, line, tags, began, ended, cause, detail, estimated, lost, backfilled = row
    return Gap(
        id=id_, gap=gap, source=source, line=line, tags=tuple(tags), began=began, ended=ended, cause=GapCause(cause),
        detail=detail, estimated=estimated, lost=lost, backfilled=backfilled,
    )  # fmt: skip
