"""Every batch that is known, whatever told of it. Calls block."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.archive.evidence import Readable
from gateway.archive.exported_tables import table_of
from gateway.archive.in_force import LATEST
from schemas.exported import KINDS, BatchOrder, OrderStatus, QualityEvent


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch in a list. Times are UTC microseconds; `shared` says that several products use its number.

    `status` is its order's, None where none is known; `open` counts quality events that are not closed.
    """

    number: str
    product: str | None
    shared: bool
    status: OrderStatus | None
    began: int | None
    ended: int | None
    records: int
    open: int
    corrected: int


_COUNTS = """SELECT batch, product, min(time), max(time), count(*), sum(open), sum(corrected),
    arg_max(status, coalesce(time, 0))"""


def listed(archive: Readable, same: Mapping[str, str], count: int) -> list[Listed]:
    """The newest ones first, at most so many; those without any time last."""
    parts = " UNION ALL ".join(_part(kind) for kind in KINDS.values())
    rows = archive.rows(f"{_COUNTS} FROM ({parts}) GROUP BY batch, product")
    numbers: dict[str, list[tuple[Any, ...]]] = {}
    for number, product, *rest in rows:
        numbers.setdefault(number, []).append((same.get(product, product), *rest))
    found = [one for number, parts_ in numbers.items() for one in _of_number(number, parts_)]
    found.sort(key=lambda one: (one.ended is None, -(one.ended or 0), one.number, one.product or ""))
    return found[:count]


def _part(kind: type[Any]) -> str:
    """Records of a kind in force that name a batch; and weighings, beside the first of them."""
    status = "status" if kind is BatchOrder else "NULL"
    is_open = "CAST(closed IS NULL AS INTEGER)" if kind is QualityEvent else "0"
    part = f"""SELECT batch, product, time, {is_open} AS open, CAST(version > 1 AS INTEGER) AS corrected,
        {status}::VARCHAR AS status FROM (SELECT * FROM {table_of(kind)}
            QUALIFY {LATEST})
        WHERE batch IS NOT NULL"""
    if kind is not BatchOrder:
        return part
    return f"""{part} UNION ALL SELECT batch, NULL, time, 0, 0, NULL
        FROM (SELECT DISTINCT id, batch, time FROM weighings) WHERE batch IS NOT NULL"""


def _of_number(number: str, parts: list[tuple[Any, ...]]) -> Iterable[Listed]:
    """By product; what names none is the only product's, or stands by itself."""
    products = {product for product, *_ in parts} - {None}
    (only,) = products if len(products) == 1 else (None,)
    merged: dict[str | None, list[tuple[Any, ...]]] = {}
    for product, *rest in parts:
        merged.setdefault(product or only, []).append(tuple(rest))
    for product, rows in merged.items():
        begins, ends, counts, opens, corrected, statuses = zip(*rows, strict=True)
        status = next((one for one in statuses if one is not None), None)
        yield Listed(
            number, product, len(products) > 1, None if status is None else OrderStatus(status),
            min((one for one in begins if one is not None), default=None),
            max((one for one in ends if one is not None), default=None),
            sum(counts), sum(opens), sum(corrected),
        )  # fmt: skip
