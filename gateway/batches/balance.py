"""Material balance over the stages of a batch, and of its printed packaging material (HB 104; GMP 187, 211, 215). Pure.

What went into a stage is either made, taken as samples, rejected, or left over; the rest is unexplained. What a stage
made goes into the next one: what is lost between two stages is unexplained too. Only what was told counts: where a
part was not told nothing is reckoned as zero, and no balance is said to be within its limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from gateway.batches.batch import Batch, Told
from gateway.review.limits import Limits, Possible, Where, converted, decimal_of
from schemas.exported import LabelReconciliation, Yield

PARTS = ("made", "samples", "rejected", "left")
LABEL_PARTS = ("used", "samples", "damaged", "returned")


@dataclass(frozen=True, slots=True)
class StageBalance:
    """One stage. Quantities are in the unit of its record, `percent` is of what went in.

    `untold` are parts that the record does not tell; then neither `percent` nor `unexplained` is known. `where` the
    percentage lies by the record's limits. `before` is what the stage before made, in this unit, and `between` what of
    it did not go in here; None for the first stage, and where the units measure different things.
    """

    told: Told[Yield]
    untold: tuple[str, ...]
    unexplained: float | None
    percent: float | None
    where: Where
    before: float | None = None
    between: float | None = None


@dataclass(frozen=True, slots=True)
class LabelBalance:
    """Printed material of one lot, in pieces; `unexplained` is None where a part was not told."""

    told: Told[LabelReconciliation]
    untold: tuple[str, ...]
    unexplained: float | None


@dataclass(frozen=True, slots=True)
class Balances:
    """Of a batch: its stages in order of time, and its printed material.

    `overall` is what the last stage made, per cent of what went into the first; None where that is not one quantity.
    """

    stages: tuple[StageBalance, ...]
    labels: tuple[LabelBalance, ...]
    overall: float | None

    @property
    def open(self) -> bool:
        """Whether anything is unexplained or cannot be told."""
        stages = any(one.unexplained != 0 or one.where is not Where.WITHIN or one.between for one in self.stages)
        return stages or any(one.unexplained != 0 for one in self.labels)


def balances(batch: Batch) -> Balances:
    """All of the batch, by its records in force."""
    stages = [_stage(one) for one in batch.of(Yield)]
    chained = [*stages[:1], *(_after(before, one) for before, one in pairwise(stages))]
    labels = tuple(_label(one) for one in batch.of(LabelReconciliation))
    return Balances(tuple(chained), labels, _overall(stages))


def _stage(told: Told[Yield]) -> StageBalance:
    record = told.record
    taken, untold = decimal_of(record.taken), _untold(record, PARTS)
    if taken is None or taken <= 0 or untold:
        return StageBalance(told, untold, None, None, Where.UNKNOWN)
    out = _sum(record, PARTS)
    percent = out / taken * 100
    low, high = decimal_of(record.low), decimal_of(record.high)
    where = Where.UNKNOWN if low is high is None else Limits(low, high).where(Possible.of(percent, None))
    return StageBalance(told, (), float(taken - out), float(percent), where)


def _after(before: StageBalance, one: StageBalance) -> StageBalance:
    """With what the stage before handed on."""
    earlier, record = before.told.record, one.told.record
    made, taken = decimal_of(earlier.made), decimal_of(record.taken)
    handed = None if made is None else converted(made, earlier.unit, record.unit)
    if handed is None or taken is None:
        return one
    return StageBalance(
        one.told, one.untold, one.unexplained, one.percent, one.where, float(handed), float(handed - taken)
    )


def _label(told: Told[LabelReconciliation]) -> LabelBalance:
    record = told.record
    issued, untold = decimal_of(record.issued), _untold(record, LABEL_PARTS)
    if issued is None or untold:
        return LabelBalance(told, untold, None)
    return LabelBalance(told, (), float(issued - _sum(record, LABEL_PARTS)))


def _overall(stages: Sequence[StageBalance]) -> float | None:
    if not stages:
        return None
    first, last = stages[0].told.record, stages[-1].told.record
    taken, made = decimal_of(first.taken), decimal_of(last.made)
    handed = None if made is None else converted(made, last.unit, first.unit)
    return None if handed is None or not taken else float(handed / taken * 100)


def _untold(record: Yield | LabelReconciliation, parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in parts if decimal_of(getattr(record, name)) is None)


def _sum(record: Yield | LabelReconciliation, parts: Sequence[str]) -> Decimal:
    return sum((decimal_of(getattr(record, name)) or Decimal(0) for name in parts), Decimal(0))
