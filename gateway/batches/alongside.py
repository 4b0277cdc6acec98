"""A tag in several batches of one product, laid over each other from where each begins. Calls block.

A batch counts from when it came into the tag's room, or into one that it protects; with a step, from when that step
began to when it ended. Around the chosen batches lies the band of those that went before: the lowest and the highest
that any of them read at that distance from its begin ("golden batch").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gateway.archive.archive import Archive, Trend
from gateway.archive.exported import current
from gateway.archive.in_force import LATEST
from gateway.archive.lives import EVER
from gateway.archive.trends import Figures
from gateway.batches.batch import Told, told
from gateway.batches.procedure import Run, runs
from schemas.exported import BatchStep
from schemas.status import is_bad

BUCKETS = 600
"""A curve has at most two points for each."""
REFERENCES = 24
"""Batches that the band is made of at most, the newest that had ended."""
SHOWN = 6
"""Batches that are laid over each other at most."""


_STAYS = f"""
WITH ran AS (
    SELECT batch, max(product) AS product, max(room) AS place, min(time) AS began,
        max(time) FILTER (event IN ('COMPLETED', 'ABORTED')) AS ended
    FROM (SELECT * FROM batch_step QUALIFY {LATEST}) WHERE event <> 'SKIPPED' GROUP BY batch, step),
told AS (
    SELECT batch, product, began, until, 1 AS rank FROM assigned
    WHERE place_kind = 'ROOM' AND list_contains(?, place) AND NOT withdrawn
    UNION ALL SELECT batch, product, began, coalesce(ended, {EVER}), 2 FROM ran WHERE list_contains(?, place))
SELECT batch, max(product), min(began), max(until)
FROM (SELECT * FROM told WHERE batch IS NOT NULL QUALIFY rank = min(rank) OVER (PARTITION BY batch))
GROUP BY batch ORDER BY min(began) DESC, batch
"""
"""As the agents assigned the batches; of those that were not, as their own steps say."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A tag, its rooms and those that it protects, the batches to be laid over each other, from which step on."""

    tag: str
    rooms: tuple[str, ...]
    batches: tuple[str, ...]
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A batch, or one of its steps, in the tag's rooms; UTC microseconds. `ended` is None while it lasts."""

    batch: str
    product: str | None
    began: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A batch as the tag read in it. `trend` has the true times; those of the picture count from `span.began`."""

    span: Span
    trend: Trend
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Band:
    """The lowest and the highest of `batches`, microseconds after the begin of each; NaN where none of them read."""

    batches: tuple[str, ...]
    time: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alongside:
    """What stands beside what. `others` are further batches, of the same product, that can be laid over them.

    `steps` are those that every chosen batch has, by name; `missing` are chosen batches that never were in these rooms,
    or never had the step; `length` is the longest of the curves, microseconds.
    """

    tag: str
    unit: str
    step: str | None
    steps: Mapping[str, str]
    curves: tuple[Curve, ...]
    band: Band | None
    others: tuple[Span, ...]
    missing: tuple[str, ...]
    length: int


def alongside(archive: Archive, asked: Asked, same: Mapping[str, str], now: int) -> Alongside:
    """What was asked for, with the band of the others of the first batch's product.

    `same` has a product by its other codes; `now`, UTC microseconds, ends what lasts.
    """
    stays = _stays(archive, asked.rooms, same)
    found = [stays[batch] for batch in dict.fromkeys(asked.batches) if batch in stays][:SHOWN]
    product = found[0].product if found else None
    fellows = [one for one in stays.values() if one not in found and (not found or one.product == product)]
    past = [one for one in fellows if one.ended is not None][:REFERENCES] if found else []
    ran = {one.batch: _steps(archive, one.batch) for one in [*found, *(past if asked.step else ())]}
    spans = [one for one in (_of_step(one, ran[one.batch], asked.step) for one in found) if one is not None]
    before = [one for one in (_of_step(one, ran.get(one.batch, ()), asked.step) for one in past) if one is not None]
    length = max(((now if one.ended is None else one.ended) - one.began for one in spans), default=0)
    here, known = {one.batch for one in spans}, {one.batch for one in found}
    missing = (one for one in dict.fromkeys(asked.batches) if one not in here and (one in known or one not in stays))
    return Alongside(
        asked.tag, _unit(archive, asked.tag), asked.step, _common(ran[one.batch] for one in found),
        tuple(_curve(archive, asked.tag, one, now) for one in spans), _band(archive, asked.tag, before, length),
        tuple(fellows), tuple(missing), length,
    )  # fmt: skip


def _stays(archive: Archive, rooms: Sequence[str], same: Mapping[str, str]) -> dict[str, Span]:
    """Each batch that was in one of these rooms, the one that came last first."""
    rows = archive.rows(_STAYS, [list(rooms), list(rooms)])
    return {
        batch: Span(batch, same.get(product, product), began, None if until >= EVER else until)
        for batch, product, began, until in rows
    }


def _steps(archive: Archive, batch: str) -> Sequence[Run]:
    return runs(cast("list[Told[BatchStep]]", told(current(archive, BatchStep, batch=batch))))


def _of_step(span: Span, ran: Iterable[Run], step: str | None) -> Span | None:
    """The first time that it went through the step; the whole where none is asked for."""
    if step is None:
        return span
    known = next((one for one in ran if one.step == step and one.began is not None), None)
    return None if known is None or known.began is None else Span(span.batch, span.product, known.began, known.ended)


def _common(every: Iterable[Iterable[Run]]) -> dict[str, str]:
    """Steps that have begun in all of them, with their names, in the order of the first."""
    named = [{one.step: one.name for one in ran if one.began is not None} for ran in every]
    return {step: name for step, name in named[0].items() if all(step in one for one in named)} if named else {}


def _curve(archive: Archive, tag: str, span: Span, now: int) -> Curve:
    end = now if span.ended is None else span.ended
    found = archive.figures([tag], span.began, end)
    return Curve(span, archive.trend(tag, span.began, end, BUCKETS), found.get(tag))


def _band(archive: Archive, tag: str, spans: Sequence[Span], length: int) -> Band | None:
    """The extremes of these batches in as many parts of the length as a curve has."""
    if not spans or length <= 0:
        return None
    width = max(1, -(-length // BUCKETS))
    count = -(-length // width)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    for one in spans:
        end = one.began + length if one.ended is None else min(one.ended, one.began + length)
        trend = archive.trend(tag, one.began, end, BUCKETS)
        at, value = (trend.time - one.began) // width, trend.value
        good = (at >= 0) & (at < count) & ~is_bad(trend.status) & np.isfinite(value)
        np.minimum.at(low, at[good], value[good])
        np.maximum.at(high, at[good], value[good])
    if not np.isfinite(low).any():
        return None
    empty = ~np.isfinite(low)
    low[empty] = high[empty] = np.nan
    return Band(tuple(one.batch for one in spans), np.arange(count, dtype=np.int64) * width + width // 2, low, high)


def _unit(archive: Archive, tag: str) -> str:
    return next((unit for (unit,) in archive.rows("SELECT unit FROM tags WHERE tag = ? ORDER BY id DESC", [tag])), "")
