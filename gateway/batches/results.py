"""Test results of a batch against the limits that they state. Pure."""

import re
from dataclasses import dataclass

from gateway.batches.batch import Batch, Told
from gateway.review.limits import Limits, Possible, Where, decimal_of
from schemas.exported import Conclusion, QualityEvent, QualityMatter, TestResult


@dataclass(frozen=True, slots=True)
class Result:
    """A result; `where` it lies by its own numbers, `events` are OOS and OOT of the batch that name its sample."""

    told: Told[TestResult]
    where: Where
    events: tuple[str, ...] = ()

    @property
    def outside(self) -> bool:
        """Out of specification, by the source's word or by the numbers."""
        return self.told.record.conclusion is Conclusion.FAIL or self.where is Where.OUTSIDE

    @property
    def contradicted(self) -> bool:
        """Whether the source's conclusion is not that of its numbers."""
        conclusion = self.told.record.conclusion
        return (conclusion, self.where) in {(Conclusion.PASS, Where.OUTSIDE), (Conclusion.FAIL, Where.WITHIN)}


def results(batch: Batch) -> list[Result]:
    """Of the batch, then of its lots and rooms."""
    matters = [one.record for one in batch.of(QualityEvent)]
    unusual = [one for one in matters if one.what in {QualityMatter.OOS, QualityMatter.OOT}]
    return [Result(one, where(one.record), _naming(one.record, unusual)) for one in batch.near(TestResult)]


def where(result: TestResult) -> Where:
    """Where it lies by its own limits; unknown without a number or without limits."""
    value, low, high = decimal_of(result.value), decimal_of(result.low), decimal_of(result.high)
    if value is None or low is high is None:
        return Where.UNKNOWN
    return Limits(low, high).where(Possible.of(value, result.qualifier))


def _naming(result: TestResult, events: list[QualityEvent]) -> tuple[str, ...]:
    named = re.compile(rf"(?<!\w){re.escape(result.sample)}(?!\w)")
    return tuple(one.reference for one in events if named.search(f"{one.title} {one.description or ''}"))
