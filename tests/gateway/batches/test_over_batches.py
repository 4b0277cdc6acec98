"""One test over the batches of a product: what is compared is comparable, and few values make no figure."""

from dataclasses import replace
from itertools import pairwise

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


def test_a_retest_takes_the_place_of_the_result_that_it_repeats() -> None:
    """Both are shown; the figures are of one value a batch, the mean of its samples."""
    base = results(CENTRED)
    again = another(ASSAY, key="again", batch="B0", sample=base[0].sample, value=101.0, time=at(50))
    beside = another(ASSAY, key="beside", batch="B1", sample="S-2", value=98.1, time=at(51))
    archive = stored([*base, again, beside])
    found = over_batches(archive, "Assay", "FINISHED", PRODUCT, {PRODUCT})
    assert [one.batch for one in found.points if one.retested] == ["B0"]
    assert (found.values, len(found.points)) == (CENTRED, CENTRED + 2)
    values = [101.0, (99.1 + 98.1) / 2, *(99.0 + n % 2 / 10 for n in range(2, CENTRED))]
    assert found.mean == pytest.approx(sum(values) / CENTRED)
    archive.close()


def test_results_of_another_specification_are_in_no_figure() -> None:
    """A version with other limits makes another process of it; it is shown, and counted apart."""
    old = [replace(one, specification_version="2", low=90.0, key=f"old {one.key}") for one in results(CAPABLE)]
    new = [replace(one, time=at(100 + n), key=f"new {n}", batch=f"N{n}") for n, one in enumerate(results(CENTRED))]
    archive = stored([*old, *new])
    found = over_batches(archive, "Assay", "FINISHED", PRODUCT, {PRODUCT})
    assert (found.values, found.elsewhere, found.capability) == (CENTRED, CAPABLE, None)
    assert found.specification is not None
    assert (found.specification.version, found.specification.low) == ("3", 95.0)
    archive.close()


def test_control_limits_are_those_of_the_moving_range() -> None:
    """A batch beyond them is marked though it lies within its specification; of equal results there are none."""
    values = [99.0, 99.1, 99.0, 99.1, 99.0, 99.1, 99.0, 99.1, 99.0, 103.0]
    told = [another(ASSAY, key=f"{n}", batch=f"B{n}", value=value, time=at(n)) for n, value in enumerate(values)]
    archive = stored(told)
    found = over_batches(archive, "Assay", "FINISHED", PRODUCT, {PRODUCT})
    moving = sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1) / 1.128
    assert found.control_high == pytest.approx(sum(values) / len(values) + 3 * moving)
    assert [one.batch for one in found.points if found.beyond(one)] == ["B9"]
    assert found.points[-1].where is Where.WITHIN
    archive.close()
    equal = stored([replace(one, value=99.0) for one in results(CENTRED)])
    flat = over_batches(equal, "Assay", "FINISHED", PRODUCT, {PRODUCT})
    assert (flat.mean, flat.control_low, flat.capability) == (99.0, None, None)
    equal.close()


def test_what_names_no_product_is_compared_with_nothing() -> None:
    """It may be of any."""
    archive = stored([replace(one, product=None) for one in results(3)])
    assert over_batches(archive, "Assay", "FINISHED", None, set()).points == ()
    archive.close()
