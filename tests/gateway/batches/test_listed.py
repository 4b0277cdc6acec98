"""Which batches there are."""

from gateway.batches.listed import Listed, listed
from schemas.exported import OrderStatus
from tests.gateway.batches.records import (
    ASSAY,
    BATCH,
    ISSUED,
    ORDER,
    PRODUCT,
    RECORDS,
    WEIGHED,
    another,
    at,
    corrected,
    stored,
)  # fmt: skip


def test_a_batch_is_listed_with_what_is_known_of_it() -> None:
    """Records of any kind name it, a weighing too."""
    (found,) = listed(stored([*RECORDS, corrected(ASSAY)]), {}, 9)
    assert found == Listed(BATCH, PRODUCT, False, OrderStatus.COMPLETED, at(-30), at(800), 12, 1, 1)
    assert [one.number for one in listed(stored([WEIGHED]), {}, 9)] == [BATCH]


def test_a_number_of_two_products_is_listed_twice_and_what_tells_none_apart() -> None:
    """Unless both are codes of the same product."""
    archive = stored([ORDER, another(ORDER, product="P-9"), another(ISSUED, product=None)])
    assert [(one.product, one.shared, one.records) for one in listed(archive, {}, 9)] == [
        (None, True, 1), (PRODUCT, True, 1), ("P-9", True, 1),
    ]  # fmt: skip
    assert [(one.product, one.shared, one.records) for one in listed(archive, {"P-9": PRODUCT}, 9)] == [
        (PRODUCT, False, 3)
    ]


def test_the_newest_are_listed_and_a_corrected_number_only_where_it_is_now() -> None:
    """No batch stays that a correction took everything from."""
    old = another(ORDER, batch="240501A", time=at(-9999))
    archive = stored([old, ORDER, corrected(ORDER, batch="240612A")])
    assert [one.number for one in listed(archive, {}, 9)] == ["240612A", "240501A"]
    assert [one.number for one in listed(archive, {}, 1)] == ["240612A"]
