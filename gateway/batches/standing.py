"""How far every batch is: what runs now, what has ended. Calls block.

One question over the orders, the steps and the rooms that are in force, so that it can be asked every few seconds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import TABLES
from gateway.archive.in_force import LATEST
from schemas.exported import KINDS, OrderStatus


class Phase(StrEnum):
    """Where a batch is in its life, as far as its records say."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """A batch and how far it is. Times are UTC microseconds.

    `step` is the one that began last and has not ended, in words where the source has them, and `step_since` when it
    began; None between two steps. `room` is where it is; `began` and `last` are its first and its last record of an
    order or a step.
    """

    number: str
    product: str | None
    line: str | None
    phase: Phase
    step: str | None
    step_since: int | None
    room: str | None
    began: int | None
    last: int | None


AT_WORK = f"""steps AS (SELECT * FROM batch_step QUALIFY {LATEST}),
runs AS (
    SELECT batch, product, step, max(coalesce(name, step)) AS name, any_value(room) AS room,
        max(time) FILTER (event IN ('STARTED', 'REPEATED')) AS since,
        arg_max(event, (time, event IN ('COMPLETED', 'ABORTED', 'SKIPPED'))) AS event
    FROM steps GROUP BY batch, product, step),
running AS (
    SELECT batch, product, arg_max(name, since) AS name, arg_max(room, since) AS room, max(since) AS since FROM runs
    WHERE since IS NOT NULL AND event NOT IN ('COMPLETED', 'ABORTED', 'SKIPPED') GROUP BY batch, product),
stays AS (
    SELECT batch, product, arg_max(place, began) AS place FROM assigned
    WHERE place_kind = 'ROOM' AND ended IS NULL AND NOT withdrawn GROUP BY batch, product)"""
"""The newest step of each batch that has begun and not ended (`running`), and the room that it is in (`stays`)."""
PHASE = """CASE WHEN status = 'COMPLETED' THEN 'ENDED' WHEN status = 'CANCELLED' THEN 'CANCELLED'
    WHEN status = 'STARTED' OR at_work THEN 'RUNNING' WHEN status IN ('PLANNED', 'RELEASED') THEN 'PLANNED'
    ELSE 'ENDED' END"""
"""The phase in SQL, out of the `status` of its order and whether anything of it is `at_work`."""
_SQL = f"""
WITH
same AS (SELECT unnest(?::VARCHAR[]) AS code, unnest(?::VARCHAR[]) AS to_product),
orders AS (SELECT * FROM batch_order QUALIFY {LATEST}),
{AT_WORK},
told AS (
    SELECT batch, product, line, time, status FROM orders
    UNION ALL SELECT batch, product, line, time, NULL FROM steps
    UNION ALL SELECT batch, product, line, began, NULL FROM assigned WHERE NOT withdrawn),
every AS (
    SELECT batch, product, max(line) AS line, min(time) AS began, max(time) AS last,
        arg_max(status, coalesce(time, 0)) AS status
    FROM told GROUP BY batch, product)
SELECT every.batch, coalesce(same.to_product, every.product), every.line, every.status, running.name, running.since,
    stays.place, running.room, every.began, every.last
FROM every LEFT JOIN same ON same.code = every.product
    LEFT JOIN running ON running.batch = every.batch AND running.product IS NOT DISTINCT FROM every.product
    LEFT JOIN stays ON stays.batch = every.batch AND stays.product IS NOT DISTINCT FROM every.product
"""


def batch_standings(archive: Readable, same: Mapping[str, str]) -> list[BatchStanding]:
    """Every batch that an order, a step or a room names, the one with the newest record first.

    `same` has the product by its other codes.
    """
    numbers: dict[str, list[tuple[Any, ...]]] = {}
    for number, *rest in archive.rows(_SQL, [list(same), list(same.values())]):
        numbers.setdefault(number, []).append(tuple(rest))
    found = [one for number, parts in numbers.items() for one in _of_number(number, parts)]
    return sorted(found, key=lambda one: (one.last is None, -(one.last or 0), one.number, one.product or ""))


def _of_number(number: str, parts: Iterable[tuple[Any, ...]]) -> Iterable[BatchStanding]:
    """By product; what names none is the only product's, or stands by itself."""
    every = list(parts)
    products = {product for product, *_ in every} - {None}
    (only,) = products if len(products) == 1 else (None,)
    merged: dict[str | None, list[tuple[Any, ...]]] = {}
    for product, *rest in every:
        merged.setdefault(product or only, []).append(tuple(rest))
    yield from (_standing(number, product, rows) for product, rows in merged.items())


def _standing(number: str, product: str | None, rows: list[tuple[Any, ...]]) -> BatchStanding:
    lines, statuses, names, step_since, stays, rooms, begins, lasts = map(_told, zip(*rows, strict=True))
    """What is told of a room by who assigned it goes before what the step says."""
    phase = _phase(OrderStatus(statuses[0]) if statuses else None, at_work=bool(names or stays))
    at_work = phase is Phase.RUNNING
    return BatchStanding(
        number, product, lines[0] if lines else None, phase,
        names[0] if names and at_work else None, max(step_since) if step_since and at_work else None,
        (stays or rooms or [None])[0] if at_work else None, min(begins, default=None), max(lasts, default=None),
    )  # fmt: skip


def _told(column: tuple[Any, ...]) -> list[Any]:
    return [value for value in column if value is not None]


def _phase(status: OrderStatus | None, *, at_work: bool) -> Phase:
    """As its order says; of a batch without one, whether anything of it has begun and not ended."""
    match status:
        case OrderStatus.COMPLETED:
            return Phase.ENDED
        case OrderStatus.CANCELLED:
            return Phase.CANCELLED
        case OrderStatus.STARTED:
            return Phase.RUNNING
        case OrderStatus.PLANNED | OrderStatus.RELEASED:
            return Phase.RUNNING if at_work else Phase.PLANNED
        case _:
            return Phase.RUNNING if at_work else Phase.ENDED


_COUNTS = " UNION ALL ".join(
    f"SELECT batch, stream, number FROM {table}" for table, kind in TABLES.items() if kind.__name__ in KINDS
)


def record_marks(archive: Readable) -> dict[str, tuple[int, int]]:
    """Of each batch how many records name it and a sum of their numbers: another pair as soon as one more does."""
    sql = f"""SELECT batch, count(*), sum(number)::BIGINT FROM ({_COUNTS}
        UNION ALL SELECT batch, stream, number FROM weighings) WHERE batch IS NOT NULL GROUP BY batch"""
    return {batch: (count, total) for batch, count, total in archive.rows(sql)}


def unnamed_mark(archive: Readable) -> tuple[int, int]:
    """The same of the records that name no batch."""
    ((count, total),) = archive.rows(
        f"SELECT count(*), coalesce(sum(number), 0)::BIGINT FROM ({_COUNTS}) WHERE batch IS NULL"
    )
    return count, total


@dataclass(frozen=True, slots=True)
class OpenEvents:
    """Quality events of a batch that are not closed, by their numbers; and whether an OOS or OOT was ever raised."""

    references: tuple[str, ...]
    out_of_specification: bool


def quality_events(archive: Readable) -> dict[str, OpenEvents]:
    """By batch, of those that have any."""
    sql = f"""SELECT batch, list(reference ORDER BY reference) FILTER (closed IS NULL), bool_or(what IN ('OOS', 'OOT'))
        FROM (SELECT * FROM quality_event QUALIFY {LATEST}) WHERE batch IS NOT NULL GROUP BY batch"""
    return {batch: OpenEvents(tuple(open_ or ()), bool(oos)) for batch, open_, oos in archive.rows(sql)}
