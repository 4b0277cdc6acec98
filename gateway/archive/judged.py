"""Findings of the review, in the archive, and what waits to be judged.

`unjudged` holds the place of each record that arrived and was not judged yet; it is filled in the transaction that
stores the record, so none is forgotten wherever the node is killed. `record_findings` gets a row when a rule begins to
fail, whenever that answer changes, and when it fails no longer. No row is ever changed or taken away: what stands now
is the last row of its place, and the rows before it are its history.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import groupby
from typing import Any
from uuid import UUID

import duckdb

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import TABLES
from gateway.intake.message import Message
from schemas.exported import Exported
from schemas.records import Weighing

FAILED = "FAILED"
WEIGHING = Weighing.__name__
SCHEMA = """
CREATE TABLE IF NOT EXISTS unjudged (kind VARCHAR NOT NULL, stream VARCHAR NOT NULL, number BIGINT NOT NULL,
    fault VARCHAR);
CREATE TABLE IF NOT EXISTS judged_by (terms VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS record_findings (
    step BIGINT NOT NULL, code VARCHAR NOT NULL, kind VARCHAR NOT NULL, system VARCHAR NOT NULL, key VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL, severity VARCHAR, id UUID, version BIGINT, batch VARCHAR, product VARCHAR,
    about VARCHAR NOT NULL, time BIGINT, expected VARCHAR NOT NULL, found VARCHAR NOT NULL, records VARCHAR[] NOT NULL,
    judged BIGINT NOT NULL
);
"""
"""`judged` is when this node told it, UTC microseconds. `fault` says why a record could not be judged."""


@dataclass(frozen=True, slots=True, order=True)
class FindingPlace:
    """Which rule about which thing; `key` is its key in `system`, whatever its version."""

    code: str
    kind: str
    system: str
    key: str


@dataclass(frozen=True, slots=True)
class FindingStep:
    """What a rule answered about a place from one moment on.

    `verdict` is a review's, or NOTHING where the rule has nothing to say any more. `version` is that of the record;
    `about` names its step, test or material. `expected` and `found` are sentences as `review.kept` writes them.
    `records` are those that the answer rests on: kind, system, key, version. Times are UTC microseconds.
    """

    verdict: str
    severity: str | None
    id: UUID | None
    version: int | None
    batch: str | None
    product: str | None
    about: str
    time: int | None
    expected: str
    found: str
    records: tuple[str, ...]
    judged: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with its history, the oldest step first; it stands while the last one fails."""

    place: FindingPlace
    steps: tuple[FindingStep, ...]

    @property
    def last(self) -> FindingStep:
        """The answer that holds now."""
        return self.steps[-1]

    @property
    def told(self) -> FindingStep:
        """The last answer that failed."""
        return next(one for one in reversed(self.steps) if one.verdict == FAILED)

    @property
    def stands(self) -> bool:
        """Whether the rule fails still."""
        return self.last.verdict == FAILED


Waiting = tuple[str, str, int]
"""Kind, stream and number of a record that waits to be judged."""
_PLACE = ", ".join(one.name for one in fields(FindingPlace))
_STEP = ", ".join(one.name for one in fields(FindingStep))
_PUT = f"INSERT INTO record_findings (step, {_PLACE}, {_STEP}) VALUES ({', '.join('?' * 17)})"


def store_unjudged(connection: duckdb.DuckDBPyConnection, messages: Sequence[Message]) -> None:
    """The exported records and weighings among these wait to be judged, in the transaction that stores them."""
    waiting = [
        (type(one.record).__name__, one.stream, one.number)
        for one in messages
        if isinstance(one.record, Exported | Weighing)
    ]
    if waiting:
        kinds, streams, numbers = map(list, zip(*waiting, strict=True))
        sql = "INSERT INTO unjudged SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), NULL"
        connection.execute(sql, [kinds, streams, numbers])


def judge_anew(connection: duckdb.DuckDBPyConnection, terms: str) -> None:
    """Everything waits again where the terms are others than those of before; else what could not be judged does."""
    connection.execute("UPDATE unjudged SET fault = NULL")
    if connection.execute("SELECT terms FROM judged_by").fetchall() == [(terms,)]:
        return
    connection.execute("DELETE FROM unjudged")
    for table, kind in {**{name: kind.__name__ for name, kind in TABLES.items()}, "weighings": WEIGHING}.items():
        connection.execute(f"INSERT INTO unjudged SELECT ?, stream, number, NULL FROM {table}", [kind])
    connection.execute("DELETE FROM judged_by")
    connection.execute("INSERT INTO judged_by VALUES (?)", [terms])


def waiting(archive: Readable, count: int) -> list[Waiting]:
    """Records that wait to be judged, at most so many."""
    return [(kind, stream, number) for kind, stream, number in archive.rows(
        "SELECT kind, stream, number FROM unjudged WHERE fault IS NULL LIMIT ?", [count]
    )]  # fmt: skip


def store_judged(
    connection: duckdb.DuckDBPyConnection,
    steps: Mapping[FindingPlace, FindingStep],
    judged: Collection[Waiting],
    fault: str | None = None,
) -> None:
    """The steps, and that these records wait no longer; with a fault, that they could not be judged."""
    (last,) = connection.execute("SELECT coalesce(max(step), 0) FROM record_findings").fetchall()[0]
    rows = [
        (number, *astuple(place), *astuple(step)) for number, (place, step) in enumerate(steps.items(), start=last + 1)
    ]
    if rows:
        connection.executemany(_PUT, [[list(v) if isinstance(v, tuple) else v for v in row] for row in rows])
    if not judged:
        return
    what = "DELETE FROM unjudged" if fault is None else "UPDATE unjudged SET fault = ?"
    columns = [list(column) for column in zip(*judged, strict=True)]
    connection.execute(
        f"""{what} WHERE (kind, stream, number) IN
            (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[])))""",
        [*([] if fault is None else [fault]), *columns],
    )


def last_steps(archive: Readable, places: Collection[FindingPlace]) -> dict[FindingPlace, FindingStep]:
    """What was told last of those of these places of which a finding was ever told."""
    columns = [list(column) for column in zip(*map(astuple, places), strict=True)] or [[]] * 4
    sql = f"""WITH asked AS (SELECT unnest(?::VARCHAR[]) AS code, unnest(?::VARCHAR[]) AS kind,
            unnest(?::VARCHAR[]) AS system, unnest(?::VARCHAR[]) AS key)
        SELECT {_PLACE}, {_STEP} FROM record_findings SEMI JOIN asked USING ({_PLACE})
        QUALIFY row_number() OVER (PARTITION BY {_PLACE} ORDER BY step DESC) = 1"""
    return dict(_read(row) for row in archive.rows(sql, columns))


def findings_of_records(
    archive: Readable, *, batch: str | None = None, beside: Iterable[tuple[str, str, str]] = (), count: int = 10_000
) -> list[Finding]:
    """Findings with their history, those that stand first, then the newest; at most so many.

    Of a batch: those whose record was ever in it, and those about the records `beside` it (kind, system, key).
    """
    near = [list(column) for column in zip(*beside, strict=True)] or [[], [], []]
    sql = f"""WITH beside AS (SELECT unnest(?::VARCHAR[]) AS kind, unnest(?::VARCHAR[]) AS system,
            unnest(?::VARCHAR[]) AS key),
        wanted AS (SELECT {_PLACE}, arg_max(verdict, step) = '{FAILED}' AS stands, max(step) AS latest
            FROM record_findings GROUP BY {_PLACE}
            HAVING ?::VARCHAR IS NULL OR bool_or(batch = ?) OR (kind, system, key) IN (SELECT (kind, system, key)
                FROM beside)
            ORDER BY stands DESC, latest DESC LIMIT ?)
        SELECT {_PLACE}, {_STEP} FROM record_findings JOIN wanted USING ({_PLACE})
        ORDER BY stands DESC, latest DESC, step"""
    rows = map(_read, archive.rows(sql, [*near, batch, batch, count]))
    return [Finding(place, tuple(step for _, step in group)) for place, group in groupby(rows, lambda one: one[0])]


@dataclass(frozen=True, slots=True)
class BatchFindings:
    """How many findings about a batch stand; `since` is when the oldest of them was told, UTC microseconds.

    `oos_since` is the same of those out of specification or out of trend. `steps` counts all that was
    ever told of it, so another number says that something changed.
    """

    batch: str
    actions: int
    alerts: int
    since: int | None
    oos_since: int | None
    steps: int


STANDING = f"""SELECT arg_max(batch, step) AS batch, arg_max(product, step) AS product FROM record_findings
    GROUP BY {_PLACE} HAVING arg_max(verdict, step) = '{FAILED}'"""
"""Of each finding that stands its batch and product, as SQL."""
OUT_OF = ("OUT_OF_SPECIFICATION", "OUT_OF_TREND", "STABILITY_OUT_OF_TREND")
"""Rules about results that have to be told (107 G4 (6) 1)."""


def findings_by_batch(archive: Readable) -> list[BatchFindings]:
    """Of every batch of which a finding was ever told, the one with the oldest standing finding first."""
    sql = f"""SELECT batch, count(*) FILTER (stands AND severity = 'ACTION'),
            count(*) FILTER (stands AND severity <> 'ACTION'), min(judged) FILTER (stands),
            min(judged) FILTER (stands AND list_contains(?, code)), sum(steps)::BIGINT
        FROM (SELECT code, arg_max(batch, step) AS batch, arg_max(verdict, step) = '{FAILED}' AS stands,
                coalesce(arg_max(severity, step), '') AS severity, arg_max(judged, step) AS judged, count(*) AS steps
            FROM record_findings GROUP BY {_PLACE})
        WHERE batch IS NOT NULL GROUP BY batch ORDER BY 4 NULLS LAST, batch"""
    return [BatchFindings(*row) for row in archive.rows(sql, [list(OUT_OF)])]


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """Of each rule how many findings stand and how many do no longer; records that wait or could not be judged."""

    standing: dict[str, int]
    ended: dict[str, int]
    waiting: int
    not_judged: int


def finding_counts(archive: Readable) -> FindingCounts:
    """The node's figures."""
    sql = f"""SELECT code, count(*) FILTER (stands), count(*) FILTER (NOT stands) FROM (
            SELECT code, arg_max(verdict, step) = '{FAILED}' AS stands FROM record_findings GROUP BY {_PLACE})
        GROUP BY code ORDER BY code"""
    rows = archive.rows(sql)
    ((waits, faulty),) = archive.rows("SELECT count(*) FILTER (fault IS NULL), count(fault) FROM unjudged")
    return FindingCounts({code: n for code, n, _ in rows}, {code: n for code, _, n in rows}, waits, faulty)


def _read(row: tuple[Any, ...]) -> tuple[FindingPlace, FindingStep]:
    place, step = row[:4], list(row[4:])
    step[-2] = tuple(step[-2])
    return FindingPlace(*place), FindingStep(*step)
