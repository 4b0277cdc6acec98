"""What the archive knows of batches and their dates. Calls block."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeVar

from gateway.archive.evidence import Readable
from gateway.archive.exported import current
from gateway.batches.listed import Known, listed
from gateway.retention.keeping import Made, StoredUntil
from schemas.exported import BatchOrder, Exported, Purpose, Signature, StoredSample

EVERY = 10_000_000
RELEASED = "released"
"""What a signature means that lets the batch go (21 CFR 11.50)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Kind = TypeVar("_Kind", bound=Exported)


def made_in(archive: Readable, zone: tzinfo) -> list[Made]:
    """Every batch that any record names, by product."""
    orders = defaultdict[str, list[BatchOrder]](list)
    released = defaultdict[str | None, list[date]](list)
    samples = defaultdict[str | None, list[StoredUntil]](list)
    for order in _in_force(archive, BatchOrder):
        orders[order.batch].append(order)
    for signature in _in_force(archive, Signature):
        if signature.meaning == RELEASED and (day := _day_of(signature.time, zone)) is not None:
            released[signature.batch].append(day)
    for sample in _in_force(archive, StoredSample):
        if sample.purpose is Purpose.RETENTION and (until := _day(sample.keep_until)) is not None:
            samples[sample.batch].append(StoredUntil(sample.sample, until))
    return [
        Made(
            one.number,
            one.product,
            expires=_last(order.expires for order in orders[one.number] if order.product in {one.product, None}),
            manufactured=_last(
                order.manufactured for order in orders[one.number] if order.product in {one.product, None}
            ),
            released=max(released[one.number], default=None),
            open=one.open,
            samples=tuple(samples[one.number]),
        )
        for one in listed(archive, Known()).batches
    ]


def _in_force(archive: Readable, kind: type[_Kind]) -> Iterable[_Kind]:
    return (one.record for one in current(archive, kind, limit=EVERY) if isinstance(one.record, kind))


def _last(days: Iterable[int | None]) -> date | None:
    return max((day for day in map(_day, days) if day is not None), default=None)


def _day(days: int | None) -> date | None:
    """Days since 1970-01-01; None where no calendar has that day, as with a field that was filled by mistake."""
    try:
        return None if days is None else (_EPOCH + timedelta(days=days)).date()
    except OverflowError:
        return None


def _day_of(time: int, zone: tzinfo) -> date | None:
    try:
        return (_EPOCH + timedelta(microseconds=time)).astimezone(zone).date()
    except OverflowError:
        return None
