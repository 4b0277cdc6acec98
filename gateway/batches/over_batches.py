"""One test over the batches of a product: its results in time, against their limits, and how capable it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from gateway.archive.evidence import Readable
from gateway.archive.exported import Kept, current
from gateway.batches.results import where
from gateway.review.control_charts import Chart, Estimate
from gateway.review.limits import Where
from schemas.exported import TestResult

SHOWN = 60
"""Results that are shown, the newest."""
CENTRED, CAPABLE = 8, 25
"""Results that a mean with its spread needs, and that a capability needs (console design: "Cpk needs 25 values")."""
AT_MOST = 1_000_000
PLAIN = {None, "="}
"""What stands before a result that is a number and no bound."""


@dataclass(frozen=True, slots=True)
class Specification:
    """What a result was judged by: its name and version, and the limits, in the unit of the result."""

    name: str | None
    version: str | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A result in `unit`; `time` is when it became final, UTC microseconds. Its record is `number` of `stream`.

    `retested` says that a later result of the same sample takes its place; it is shown and counts in no figure.
    """

    batch: str
    sample: str
    value: float
    qualifier: str | None
    unit: str | None
    specification: Specification
    where: Where
    time: int
    stream: str
    number: int
    retested: bool = False


@dataclass(frozen=True, slots=True)
class OverBatches:
    """Results of a test at a stage, the oldest first; `others` have no number, no time or another unit, or are older.

    The figures are of one value a batch, the mean of its samples, under the specification of the newest result:
    `values` counts these batches, `elsewhere` the results under other specifications. Results with `<` or `>` make no
    figure. `mean` and `deviation` (standard deviation of single batches) are None of fewer than `CENTRED`, and so are
    the control limits, three standard deviations by the moving range around the mean; `capability` is Cpk by these
    specification limits, None of fewer than `CAPABLE` or without limits.
    """

    test: str
    stage: str | None
    product: str | None
    unit: str | None
    points: tuple[Point, ...]
    others: int
    specification: Specification | None = None
    values: int = 0
    elsewhere: int = 0
    mean: float | None = None
    deviation: float | None = None
    control_low: float | None = None
    control_high: float | None = None
    capability: float | None = None

    def beyond(self, one: Point) -> bool:
        """Whether it lies beyond the control limits that it counts for."""
        if self.control_low is None or self.control_high is None or not self.counts(one):
            return False
        return not self.control_low <= one.value <= self.control_high

    def counts(self, one: Point) -> bool:
        """Whether the figures are made of it."""
        return not one.retested and one.qualifier in PLAIN and one.specification == self.specification


def over_batches(
    archive: Readable, test: str, stage: str | None, product: str | None, codes: Collection[str]
) -> OverBatches:
    """Of the batches whose results name one of these product codes, in the unit of the newest. Blocks.

    Without a code there is nothing to compare with: what names no product may be anything.
    """
    every = current(archive, TestResult, limit=AT_MOST, test=test) if codes else []
    kept = [one for one in every if _is_of(one, stage, codes)]
    timed = [(one, one.record) for one in kept if isinstance(one.record, TestResult)]
    fit = [(one, record) for one, record in timed if record.value is not None and record.time is not None]
    unit = max(fit, key=lambda pair: pair[1].time or 0)[1].unit if fit else None
    points = sorted((_point(one, record) for one, record in fit if record.unit == unit), key=lambda one: one.time)
    shown = _retests(points)[-SHOWN:]
    return _reckoned(OverBatches(test, stage, product, unit, tuple(shown), len(kept) - len(shown)))


def _is_of(one: Kept, stage: str | None, codes: Collection[str]) -> bool:
    record = one.record
    if not isinstance(record, TestResult) or record.batch is None:
        return False
    told = None if record.stage is None else record.stage.value
    return told == stage and record.product in codes


def _point(one: Kept, record: TestResult) -> Point:
    judged_by = Specification(record.specification, record.specification_version, record.low, record.high)
    return Point(
        record.batch or "", record.sample, float(record.value or 0.0), record.qualifier, record.unit, judged_by,
        where(record), record.time or 0, one.stream, one.number,
    )  # fmt: skip


def _retests(points: Sequence[Point]) -> list[Point]:
    """In order of time, those marked that a later result of the same sample replaces."""
    last = {(one.batch, one.sample): at for at, one in enumerate(points)}
    return [replace(one, retested=last[one.batch, one.sample] != at) for at, one in enumerate(points)]


def _reckoned(found: OverBatches) -> OverBatches:
    if not found.points:
        return found
    found = replace(found, specification=found.points[-1].specification)
    batches: dict[str, list[float]] = {}
    for one in found.points:
        if found.counts(one):
            batches.setdefault(one.batch, []).append(one.value)
    values = [fmean(samples) for samples in batches.values()]
    elsewhere = sum(one.specification != found.specification for one in found.points)
    found = replace(found, values=len(values), elsewhere=elsewhere)
    if len(values) < CENTRED:
        return found
    chart = Chart.of(values, Estimate.MOVING_RANGE)
    found = replace(found, mean=fmean(values), deviation=stdev(values))
    if chart.usable:
        spread = 3 * chart.deviation
        found = replace(found, control_low=chart.centre - spread, control_high=chart.centre + spread)
    return replace(found, capability=_capability(found)) if len(values) >= CAPABLE else found


def _capability(found: OverBatches) -> float | None:
    """Cpk: the distance of the mean from the nearer limit, in three deviations."""
    mean, limits = found.mean, found.specification
    if mean is None or not found.deviation or limits is None:
        return None
    above = [] if limits.high is None else [limits.high - mean]
    below = [] if limits.low is None else [mean - limits.low]
    return min(above + below) / (3 * found.deviation) if above + below else None
