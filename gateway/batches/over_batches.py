"""One test over the batches of a product: its results in time, against their limits, and how capable it is."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from gateway.archive.evidence import Readable
from gateway.archive.exported import Kept, current
from gateway.batches.results import where
from gateway.review.limits import Where
from schemas.exported import TestResult

SHOWN = 60
"""Results that are shown, the newest."""
CENTRED, CAPABLE = 8, 25
"""Results that a mean with its spread needs, and that a capability needs (console design: "Cpk needs 25 values")."""
AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """A result in `unit`; `time` is when it became final, UTC microseconds. Its record is `number` of `stream`."""

    batch: str
    sample: str
    value: float
    qualifier: str | None
    unit: str | None
    low: float | None
    high: float | None
    where: Where
    time: int
    stream: str
    number: int


@dataclass(frozen=True, slots=True)
class OverBatches:
    """Results of a test at a stage, the oldest first; `others` have no number, no time or another unit.

    `values` counts the results that are plain numbers, of which the figures are made; `others` also older ones.
    `mean` and `deviation` (standard deviation of single results) are None of fewer than `CENTRED`; `capability` is Cpk
    by the newest limits, None of fewer than `CAPABLE` or without limits.
    """

    test: str
    stage: str | None
    product: str | None
    unit: str | None
    points: tuple[Point, ...]
    others: int
    values: int = 0
    mean: float | None = None
    deviation: float | None = None
    capability: float | None = None


def over_batches(
    archive: Readable, test: str, stage: str | None, product: str | None, codes: Collection[str]
) -> OverBatches:
    """Of the batches whose results name one of these product codes, in the unit of the newest. Blocks."""
    kept = [one for one in current(archive, TestResult, limit=AT_MOST, test=test) if _is_of(one, stage, codes)]
    timed = [(one, one.record) for one in kept if isinstance(one.record, TestResult)]
    fit = [(one, record) for one, record in timed if record.value is not None and record.time is not None]
    unit = max(fit, key=lambda pair: pair[1].time or 0)[1].unit if fit else None
    points = sorted((_point(one, record) for one, record in fit if record.unit == unit), key=lambda one: one.time)
    shown = tuple(points[-SHOWN:])
    return _reckoned(OverBatches(test, stage, product, unit, shown, len(kept) - len(shown)))


def _is_of(one: Kept, stage: str | None, codes: Collection[str]) -> bool:
    record = one.record
    if not isinstance(record, TestResult) or record.batch is None:
        return False
    told = None if record.stage is None else record.stage.value
    return told == stage and (record.product in codes or (record.product is None and not codes))


def _point(one: Kept, record: TestResult) -> Point:
    return Point(
        record.batch or "", record.sample, float(record.value or 0.0), record.qualifier, record.unit, record.low,
        record.high, where(record), record.time or 0, one.stream, one.number,
    )  # fmt: skip


def _reckoned(found: OverBatches) -> OverBatches:
    values = [one.value for one in found.points if one.qualifier in {None, "="}]
    found = replace(found, values=len(values))
    if len(values) < CENTRED:
        return found
    mean, deviation = fmean(values), stdev(values)
    capability = _capability(mean, deviation, found.points[-1]) if len(values) >= CAPABLE else None
    return replace(found, mean=mean, deviation=deviation, capability=capability)


def _capability(mean: float, deviation: float, newest: Point) -> float | None:
    """Cpk: the distance of the mean from the nearer limit, in three deviations."""
    above = [] if newest.high is None else [newest.high - mean]
    below = [] if newest.low is None else [mean - newest.low]
    return min(above + below) / (3 * deviation) if above + below and deviation > 0 else None
