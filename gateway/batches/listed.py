"""Every batch that is known, whatever told of it. Calls block.

Which of them are wanted, and which part of these, is for the archive to find: no batch is looked at for itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import table_of
from gateway.archive.in_force import LATEST
from gateway.archive.judged import STANDING
from gateway.archive.lives import EVER
from gateway.batches.standing import AT_WORK, PHASE, Phase
from schemas.exported import KINDS, BatchOrder, OrderStatus, QualityEvent
from schemas.records import AlarmPriority

EVERYTHING = 100_000
"""More batches than there are."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch in a list. Times are UTC microseconds; `shared` says that several products use its number.

    `status` is its order's, None where none is known; `phase` is how far it is. `findings` of its records stand;
    `alarms` of an action limit or worse began in its rooms while it was there; `open` counts quality events that are
    not closed. `missing` counts what its master batch record wants and is not there, None where it was not counted.
    """

    number: str
    product: str | None
    shared: bool
    status: OrderStatus | None
    phase: Phase
    began: int | None
    ended: int | None
    records: int
    open: int
    corrected: int
    findings: int
    alarms: int
    missing: int | None

    @property
    def exceptions(self) -> int:
        """What somebody has to look at."""
        return self.findings + self.alarms + self.open


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some of those that are wanted, the newest first, those without any time last; `of` are wanted in all."""

    batches: list[Listed]
    of: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which batches: in this phase, with or without exceptions, with or without missing pieces, of these numbers.

    None is any. What was not counted is neither with nor without missing pieces.
    """

    phase: Phase | None = None
    exceptions: bool | None = None
    missing: bool | None = None
    numbers: Collection[str] | None = None


Pieces = Mapping[tuple[str, str | None], int]
"""How many pieces are missing, by number and product."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the archive: the product by its other codes, and the missing pieces that were counted."""

    same: Mapping[str, str] = field(default_factory=dict)
    pieces: Pieces = field(default_factory=dict)


_NOTHING = {"time": "NULL", "status": "NULL", "records": 0, "open": 0, "corrected": 0, "findings": 0, "alarms": 0,
            "at_work": 0}  # fmt: skip


def _part(rows: str, **told: str | int) -> str:
    """What rows with a batch and a product tell of it."""
    columns = ", ".join(f"{value} AS {name}" for name, value in (_NOTHING | told).items())
    return f"SELECT batch, product, {columns} FROM {rows} WHERE batch IS NOT NULL"


def _records(kind: type[Any]) -> str:
    """Those of a kind that are in force."""
    told: dict[str, str | int] = {"time": "time", "records": 1, "corrected": "(version > 1)::INTEGER"}
    told |= {"status": "status"} if kind is BatchOrder else {}
    told |= {"open": "(closed IS NULL)::INTEGER"} if kind is QualityEvent else {}
    return _part(f"(SELECT * FROM {table_of(kind)} QUALIFY {LATEST})", **told)


_WEIGHINGS = "(SELECT DISTINCT id, batch, NULL AS product, time FROM weighings)"
_PLACES = f"""SELECT batch, product, place, began, until FROM assigned WHERE place_kind = 'ROOM' AND NOT withdrawn
    UNION ALL SELECT batch, product, room, min(time),
        CASE WHEN arg_max(event, time) IN ('COMPLETED', 'ABORTED', 'SKIPPED') THEN max(time) + 1 ELSE {EVER} END
    FROM steps WHERE room IS NOT NULL AND time IS NOT NULL
        AND (batch, room) NOT IN (SELECT (batch, place) FROM assigned WHERE place_kind = 'ROOM' AND batch IS NOT NULL)
    GROUP BY batch, product, room, step"""
"""The rooms of batches: as they were assigned, and where nothing was, as steps say."""
_ALARMS = f"""(SELECT DISTINCT alarm, batch, product
    FROM (SELECT alarm, any_value(room) AS room, min(since) AS since, max(time) AS latest,
            arg_max(state, number) AS state, arg_max(priority, number) AS priority FROM alarms
        WHERE event <> 'PASSED' GROUP BY alarm) AS lives
    JOIN places ON place = room AND lives.since < until AND (latest > began OR state <> 'NORMAL')
    WHERE priority <> '{AlarmPriority.ALERT}')"""
_PARTS = " UNION ALL ".join((
    *map(_records, KINDS.values()), _part(_WEIGHINGS, time="time", records=1), _part(_ALARMS, alarms=1),
    _part(f"({STANDING})", findings=1), _part("running", at_work=1), _part("stays", at_work=1),
))  # fmt: skip
_SUMS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in ("records", "open", "corrected", "findings", "alarms"))
_SQL = f"""
WITH same AS (SELECT unnest(?::VARCHAR[]) AS code, unnest(?::VARCHAR[]) AS to_product),
pieces AS (SELECT unnest(?::VARCHAR[]) AS batch, unnest(?::VARCHAR[]) AS product, unnest(?::BIGINT[]) AS missing),
{AT_WORK},
places AS ({_PLACES}),
parts AS (SELECT told.* REPLACE (coalesce(to_product, product) AS product)
    FROM ({_PARTS}) AS told LEFT JOIN same ON code = product),
numbers AS (SELECT batch, count(DISTINCT product) AS products, any_value(product) AS sole FROM parts
    WHERE records > 0 GROUP BY batch),
every AS (
    SELECT batch, coalesce(product, CASE WHEN products = 1 THEN sole END) AS product, any_value(products > 1) AS shared,
        arg_max(status, coalesce(time, 0)) AS status, min(time) AS began, max(time) AS ended,
        {_SUMS},
        sum(at_work) > 0 AS at_work
    FROM parts JOIN numbers USING (batch) GROUP BY ALL HAVING sum(records) > 0),
listed AS (
    SELECT every.batch, every.product, shared, status, {PHASE} AS phase, began, ended, records, open, corrected,
        findings, alarms, missing
    FROM every LEFT JOIN pieces ON pieces.batch = every.batch AND pieces.product IS NOT DISTINCT FROM every.product)
SELECT *, count(*) OVER () FROM listed
WHERE coalesce(phase = ?, true) AND coalesce((findings + alarms + open > 0) = ?, true)
    AND (?::BOOLEAN IS NULL OR (missing > 0) = ?) AND (? OR list_contains(?::VARCHAR[], batch))
ORDER BY ended DESC NULLS LAST, batch, product NULLS FIRST LIMIT ? OFFSET ?
"""


def listed(
    archive: Readable, known: Known, wanted: Wanted = Wanted(), *, count: int = EVERYTHING, first: int = 0
) -> ListedPage:
    """At most `count` of those that are wanted, without the `first`; behind the last there is none."""
    numbers, products = [number for number, _ in known.pieces], [product for _, product in known.pieces]
    values = [
        list(known.same), list(known.same.values()), numbers, products, list(known.pieces.values()), wanted.phase,
        wanted.exceptions, wanted.missing, wanted.missing, wanted.numbers is None, list(wanted.numbers or ()),
    ]  # fmt: skip
    rows = archive.rows(_SQL, [*values, count, first])
    if not rows and first:  # behind the last: how many there are is told still
        return ListedPage([], listed(archive, known, wanted, count=1).of)
    return ListedPage([_listed(*row) for row in rows], rows[0][-1] if rows else 0)


def _listed(number: str, product: str | None, shared: bool, status: str | None, phase: str, *rest: Any) -> Listed:
    *counts, _ = rest
    return Listed(number, product, shared, None if status is None else OrderStatus(status), Phase(phase), *counts)
