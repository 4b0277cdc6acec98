"""One test over the batches of a product: what is compared is comparable, and few values make no figure."""

from dataclasses import replace

import pytest

from gateway.batches.over_batches import CAPABLE, CENTRED, over_batches
from gateway.review.limits import Where
from schemas.exported import TestResult
from tests.gateway.batches.records import ASSAY, PRODUCT, another, at, stored


def results(count: int) -> list[TestResult]:
    """Of as many batches: 99.0, 99.1, 99.0, 99.1 …, each later than the one before."""
    return [
        another(ASSAY, key=f"R-{n}", batch=f"B{n}", value=99.0 + n % 2 / 10, time=at(n), low=95.0, high=105.0)
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [1, CENTRED - 1, CENTRED, CAPABLE - 1, CAPABLE])
def test_few_values_make_no_figure(count: int) -> None:
    """A mean needs some, a capability more; both say so."""
    archive = stored(results(count))
    found = over_batches(archive, "Assay", "FINISHED", PRODUCT, {PRODUCT})
    assert [one.batch for one in found.points] == [f"B{n}" for n in range(count)]
    assert (found.mean is None, found.capability is None) == (count < CENTRED, count < CAPABLE)
    if found.capability is not None:
        assert found.mean is not None
        assert found.deviation is not None
        assert found.capability == pytest.approx((found.mean - 95.0) / (3 * found.deviation))
    archive.close()


def test_what_cannot_be_compared_is_counted_and_not_drawn() -> None:
    """No number, another unit, another stage or product; a code that means the same is the same product."""
    one, two, three, four, five = results(5)
    same = replace(two, product="INJ-2")
    odd = [
        replace(three, value=None, reported="complies"),
        replace(four, unit="g", time=at(-5)),
        replace(five, product="P-9"),
    ]
    archive = stored([one, same, *odd])
    found = over_batches(archive, "Assay", "FINISHED", PRODUCT, {PRODUCT, "INJ-2"})
    assert [point.batch for point in found.points] == ["B0", "B1"]
    assert found.others == 2
    assert over_batches(archive, "Assay", "STABILITY", PRODUCT, {PRODUCT}).points == ()
    archive.close()


def test_a_result_outside_its_own_limits_is_marked() -> None:
    """By the limits that its record states."""
    archive = stored([*results(2), another(ASSAY, key="out", batch="B9", value=80.0, time=at(9), low=95.0, high=105.0)])
    found = over_batches(archive, "Assay", "FINISHED", PRODUCT, {PRODUCT})
    assert [point.where for point in found.points] == [Where.WITHIN, Where.WITHIN, Where.OUTSIDE]
    archive.close()
