"""Mass balance over the stages of a batch."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.exported import Kept
from gateway.batches.balance import Balances, StageBalance, balances
from gateway.batches.batch import batches
from gateway.review.limits import Where
from schemas.exported import Exported, LabelReconciliation, Yield
from tests.gateway.batches.records import BATCH, PRODUCT, YIELD, at

LABELS = LabelReconciliation(
    system="mes", key="labels", batch=BATCH, product=PRODUCT, material="LBL-2", lot="L-9", issued=1000.0, used=985.0,
    samples=5.0, damaged=6.0, returned=4.0, time=at(300),
)  # fmt: skip


def stage(name: str, minute: int, **facts: Any) -> Yield:
    return replace(YIELD, key=name, stage=name, time=at(minute), **facts)


def of(*records: Exported) -> Balances:
    (batch,) = batches(BATCH, [Kept(one, "s", n) for n, one in enumerate(records, 1)], [], {})
    return balances(batch)


def only(record: Yield) -> StageBalance:
    (one,) = of(record).stages
    return one


def test_what_is_neither_made_nor_sampled_nor_rejected_nor_left_is_unexplained() -> None:
    """Per cent of what went in, by the limits of the record."""
    whole = only(YIELD)
    assert (whole.unexplained, whole.percent, whole.where, whole.untold) == (0.0, 100.0, Where.WITHIN, ())
    short = only(replace(YIELD, made=945.0))
    assert (short.unexplained, short.percent, short.where) == (40.0, 96.0, Where.OUTSIDE)
    more = only(replace(YIELD, made=995.0))
    assert (more.unexplained, more.where) == (-10.0, Where.WITHIN)


@pytest.mark.parametrize("part", ["samples", "rejected", "left"])
def test_what_was_not_told_is_not_nothing(part: str) -> None:
    """No balance passes without it; which part it is stands there."""
    nothing: dict[str, Any] = {part: None}
    one = only(replace(YIELD, **nothing))
    assert (one.unexplained, one.percent, one.where, one.untold) == (None, None, Where.UNKNOWN, (part,))


def test_without_limits_and_without_anything_that_went_in_nothing_is_said() -> None:
    """A percentage without limits is no pass."""
    assert only(replace(YIELD, low=None, high=None)).where is Where.UNKNOWN
    assert only(replace(YIELD, taken=0.0)).percent is None


def test_what_is_lost_between_two_stages_is_seen() -> None:
    """In the unit of the later one; the last stage against the first."""
    mixed = stage("mix", 10, taken=100.0, made=98.0, samples=0.5, rejected=1.5, left=0.0, unit="kg")
    filled = stage("fill", 20, taken=97_000.0, made=95_000.0, samples=1000.0, rejected=1000.0, left=0.0, unit="g")
    found = of(filled, mixed)
    assert [(one.told.record.stage, one.before, one.between) for one in found.stages] == [
        ("mix", None, None), ("fill", 98_000.0, 1000.0),
    ]  # fmt: skip
    assert found.overall == pytest.approx(95.0)
    packed = stage("pack", 30, unit="{#}")
    third = of(filled, mixed, packed)
    assert (third.stages[2].before, third.stages[2].between, third.overall) == (None, None, None)


def test_printed_material_is_counted_to_the_piece() -> None:
    """What is missing of it is unexplained (GMP 215)."""
    (whole,) = of(YIELD, LABELS).labels
    (short,) = of(YIELD, replace(LABELS, used=984.0)).labels
    (unknown,) = of(YIELD, replace(LABELS, damaged=None)).labels
    assert (whole.unexplained, short.unexplained, unknown.unexplained) == (0.0, 1.0, None)
    assert unknown.untold == ("damaged",)


@pytest.mark.parametrize(
    ("records", "open_"),
    [
        ([YIELD, LABELS], False), ([YIELD, replace(LABELS, used=984.0)], True), ([replace(YIELD, left=None)], True),
        ([replace(YIELD, made=984.0)], True), ([YIELD, stage("pack", 300, taken=980.0, made=965.0)], True),
        ([LABELS], False),
    ],
)  # fmt: skip
def test_a_balance_is_open_while_anything_is_unexplained_or_untold(records: list[Exported], open_: bool) -> None:
    """At any stage, between two, or of labels."""
    assert of(*records).open is open_


TENTHS = st.integers(0, 10**6).map(lambda n: n / 10)


@given(st.tuples(TENTHS, TENTHS, TENTHS, TENTHS), TENTHS)
def test_nothing_is_lost_to_rounding(parts: tuple[float, float, float, float], lost: float) -> None:
    """Tenths add up to the tenth."""
    made, samples, rejected, left = parts
    taken = round(sum(round(one * 10) for one in (*parts, lost)) / 10, 1)
    if taken > 0:
        one = only(replace(YIELD, taken=taken, made=made, samples=samples, rejected=rejected, left=left))
        assert one.unexplained == lost
