"""A simulated year: an archive as a plant of one line fills it, made by DuckDB itself, day by day.

`python -m tests.bench.year FILE --share 0.01` makes four days of it. A year has 30 tags at 1 Hz and 300 once a minute
(1.1 billion readings), 500 batches with their records, ten alarms a day, and 500 gaps of ten minutes. Entries have
leaves of the true size; of frames their octets are one octet each, since nothing that is asked reads more than a few of
them. Levels are made as the node makes them.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from gateway.archive import tables
from gateway.archive.archive import Archive
from gateway.archive.exported_tables import TABLES
from gateway.intake.inspection import Standing
from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from schemas.exported import Movement, StepEvent
from schemas.records import AlarmEvent, AlarmState
from tests.gateway.batches.records import BATCH, PRODUCT, RECORDS, START, analysed, moved, step
from tests.gateway.messages import SECOND, alarm, gap, message

DAY = 86_400
END = 1_781_150_400
"""2026-06-11 12:00 UTC+8, POSIX seconds: when the year ends."""
FAST = ["F1.DP.M1", "M1.DP.C1", "F1.DP.C1", "F1.Temperature", "Door.F1-M1", *(f"F1.P{n:02}" for n in range(25))]
SLOW = [f"U{n:03}" for n in range(300)]
LINE, UTILITIES = "cmo-a.line-3.holder-b.measurements.v1", "cmo-a.utilities.holder-b.measurements.v1"
ALARMS, GAPS = "cmo-a.line-3.holder-b.alarms.v1", "cmo-a.line-3.holder-b.gaps.v1"
EXPORTS = "cmo-a.line-3.holder-b.records.v1"
BATCHES, ALARMS_A_DAY = 500, 10
APART, LASTS = 63_072, 600
"""Seconds from gap to gap, and of each gap."""
ALARM: dict[str, Any] = {"alarm": uuid4(), "tag": FAST[0], "since": START - 30 * SECOND}
SEALER, SEALED = "cmo-a/sender/line-3+0123abcd", 5 * SECOND
"""Whose key seals, and how often."""
DIP = 3.5
"""The lowest reading of the first tag, for one second in the middle of the year."""


@dataclass(frozen=True, slots=True)
class Year:
    """So many days up to `END`; times are POSIX seconds."""

    days: int

    @property
    def begin(self) -> int:
        """Its first second."""
        return END - self.days * DAY

    @property
    def dip(self) -> int:
        """When the first tag dips."""
        at = self.begin + self.days * DAY // 2
        return at if (at - self.begin) % APART >= LASTS else at + LASTS


def year_of(share: float) -> Year:
    """So much of a year, a day at least."""
    return Year(max(1, round(365 * share)))


def build(file: Path, year: Year) -> Iterator[str]:
    """Make the archive; what is done so far. A file that is half made stands under another name."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(Archive(part)) as archive:
        connection = archive._database.cursor()
        connection.execute("SET memory_limit = '3GB'")
        tags = [(n, "ems" if n <= len(FAST) else "bms", name) for n, name in enumerate([*FAST, *SLOW], 1)]
        connection.executemany("INSERT INTO tags VALUES (?, ?, ?, 'F1', 'Pa', 'DIRECT')", tags)
        _events(archive, connection, year)
        for day in range(year.days):
            _day(archive, connection, year, day)
            if day % 10 == 0:
                yield f"day {day + 1} of {year.days}"
        _standings(archive, connection)
        _seals(connection)
        connection.execute("""INSERT INTO heard SELECT source, stream, min(heard), max(heard) FROM entries
            WHERE heard IS NOT NULL GROUP BY source, stream""")
        connection.execute("CHECKPOINT")
    part.rename(file)
    yield f"{file.stat().st_size / 1e9:.2f} GB"


def _day(archive: Archive, connection: duckdb.DuckDBPyConnection, year: Year, day: int) -> None:
    """One transaction. Seconds `s` count from the begin of the year; `n` is the number in the stream, gaps left out."""
    fast = f"""FROM (SELECT s, s - s // {APART} * {LASTS} - {LASTS} + 1 AS n, ({year.begin} + s) * 1000000 AS moment
        FROM range({day * DAY}, {(day + 1) * DAY}) AS t(s) WHERE s % {APART} >= {LASTS})"""
    slow = f"""FROM (SELECT s, s // 60 + 1 AS n, ({year.begin} + s) * 1000000 AS moment
        FROM range({day * DAY}, {(day + 1) * DAY}, 60) AS t(s))"""
    connection.begin()
    frames = 0
    for stream, source, rows, id_, tags in (
        (LINE, "ems", fast, "2 * s + 2", range(1, 1 + len(FAST))),
        (UTILITIES, "bms", slow, "2 * s + 1", range(1 + len(FAST), 1 + len(FAST) + len(SLOW))),
    ):
        every = 1.0 if source == "ems" else 60.0
        connection.execute(
            f"INSERT INTO frames SELECT {id_}, uuid(), '{stream}', n, moment + 150000, false, {every} {rows} ORDER BY s"
        )
        connection.execute(f"""INSERT INTO entries SELECT '{stream}', n, unhex(sha256('{source}' || n)),
            '\\x01'::BLOB, 'Frame', '{source}', moment + 150000 {rows} ORDER BY s""")
        made = connection.execute(f"""INSERT INTO readings SELECT {id_}, tag,
            moment - (hash(s, tag) % 900)::BIGINT * 1000, true,
            CASE WHEN tag = 1 AND s = {year.dip - year.begin} THEN {DIP}
                WHEN tag = 5 THEN (s // 40 % 45 = 0)::INTEGER
                ELSE round(15 + sin(s / 3e4 + tag) + (hash(tag, s) % 1000) / 1e3, 3) END,
            NULL, NULL, CASE WHEN hash(s + tag) % 100000 = 0 THEN 2147483648 ELSE 0 END, 0
            FROM (SELECT * {rows}), range({tags.start}, {tags.stop}) AS t(tag) ORDER BY s""").fetchall()
        frames += made[0][0]
    archive._numbers._frames = 2 * (day + 1) * DAY
    archive._numbers.stored(connection, frames)
    connection.commit()


def _events(archive: Archive, connection: duckdb.DuckDBPyConnection, year: Year) -> None:
    """One batch, alarm and gap as the node stores them, then copies of these, evenly over the year."""
    steps = [
        alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, time=START, **ALARM),
        alarm(AlarmEvent.ACKNOWLEDGED, AlarmState.ACKNOWLEDGED, time=START + 60 * SECOND, **ALARM),
        alarm(AlarmEvent.RETURNED, AlarmState.NORMAL, time=START + 90 * SECOND, **ALARM),
    ]
    lives = [replace(one, condition=f"{FAST[0]}.LOW", room="F1", line="line-3") for one in steps]
    told = replace(gap(began=START, ended=START + LASTS * SECOND), tags=())
    batches, gaps = max(1, BATCHES * year.days // 365), -(-year.days * DAY // APART)
    whole = year.days * DAY * SECOND
    for stream, records, apart, copies, called in (
        (EXPORTS, [*_batch()], whole // batches, batches, (BATCH, "printf('B%05d', copy)")),
        (ALARMS, lives, whole // (ALARMS_A_DAY * year.days), ALARMS_A_DAY * year.days, None),
        (GAPS, [told], APART * SECOND, gaps, None),
    ):
        archive.store([replace(message(one, n), stream=stream) for n, one in enumerate(records)])
        connection.execute("DELETE FROM unjudged")
        copied = _Copied(stream, copies, f"({year.begin * SECOND} + copy * {apart} - {START})", len(records), called)
        for table in (*TABLES, "weighings", "alarms", "gaps", "entries"):
            copied.make(connection, table)


def _batch() -> Iterator[Record]:
    """Its records: those of a whole batch, and as many steps, results and movements as a real one has."""
    yield from RECORDS
    for n, room in enumerate(("F1", "M1")):
        began = START + n * 3600 * SECOND
        yield Assignment(
            system="agent", key=f"{BATCH}|{room}", batch=BATCH, place_kind=PlaceKind.ROOM, place=room, began=began,
            ended=began + 12 * 3600 * SECOND, time=began,
        )  # fmt: skip
    for n in range(40):
        yield analysed(f"Test {n}", f"S-{n // 8 + 2}", 99.0 + n / 40)
    for n in range(60):
        yield step(f"phase {n // 2}", (StepEvent.STARTED, StepEvent.COMPLETED)[n % 2], 30 + n)
    for n in range(20):
        yield moved(Movement.ISSUE, f"RM-{n + 2}-{BATCH}", -20 + n, batch=BATCH, product=PRODUCT)


@dataclass(frozen=True, slots=True)
class _Copied:
    """Rows of a stream, many times over: `shift` is SQL for what is added to times, `called` a name and its new one."""

    stream: str
    copies: int
    shift: str
    numbers: int
    called: tuple[str, str] | None

    def make(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        """In place of those that are there; ids and numbers of their own."""
        columns = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall()
        chosen = ", ".join(f'{self._copy(name, kind)} AS "{name}"' for name, kind in columns)
        connection.execute(f"CREATE TEMP TABLE one AS SELECT * FROM {table} WHERE stream = '{self.stream}'")
        connection.execute(f"DELETE FROM {table} WHERE stream = '{self.stream}'")
        connection.execute(
            f"INSERT INTO {table} SELECT {chosen} FROM range({self.copies}) AS t(copy), one ORDER BY copy, one.number"
        )
        connection.execute("DROP TABLE one")

    def _copy(self, name: str, kind: str) -> str:
        column = f'one."{name}"'
        match kind:
            case "UUID":
                return f"CASE WHEN {column} IS NOT NULL THEN md5({column}::VARCHAR || copy)::UUID END"
            case "BIGINT" if name == "number":
                return f"{column} + copy * {self.numbers}"
            case "BIGINT":
                return f"CASE WHEN {column} > 1000000000000000 THEN {column} + {self.shift} ELSE {column} END"
            case "VARCHAR" if self.called and name != "stream":
                text = f"replace({column}, '{self.called[0]}', {self.called[1]})"
                return f"{text} || '|' || copy" if name == "key" else text
        return column


def _standings(archive: Archive, connection: duckdb.DuckDBPyConnection) -> None:
    """All streams received and verified to their last number, with what proofs need."""
    last = connection.execute("SELECT stream, max(number) FROM entries GROUP BY stream").fetchall()
    for stream, number in last:
        standing = Standing(number, number, END, number, END)
        connection.execute(tables.PUT_STREAM, tables.stream_row(stream, standing, b"", None))
        archive._roots.grow(connection, stream, number)


def _seals(connection: duckdb.DuckDBPyConnection) -> None:
    """One for each five seconds in which frames came."""
    connection.execute(f"""INSERT INTO seals SELECT stream, max(number), unhex(sha256(stream || max(number))),
            max(heard) // 1000000 + 1, '{SEALER}', max(heard) + 2000000, max(heard) // 1000000 + 2
        FROM entries WHERE heard IS NOT NULL GROUP BY stream, heard // {SEALED} ORDER BY max(heard)""")


def main() -> None:
    """Make the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="of a year")
    arguments = parser.parse_args()
    began = time.monotonic()
    for told in build(arguments.file, year_of(arguments.share)):
        sys.stderr.write(f"{time.monotonic() - began:7.0f} s  {told}\n")


if __name__ == "__main__":
    main()
