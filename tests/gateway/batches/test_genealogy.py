"""Where material went and came from."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.batches.genealogy import Link, Node, lines, trace
from schemas.exported import Again, BatchOrder, Exported, LabelReconciliation, Movement, OrderStatus, Rework
from schemas.records import Weighing
from tests.gateway.batches.records import BATCH, ISSUED, PRODUCT, RECEIVED, WEIGHED, another, corrected, moved, stored

LOT = Node("lot", "RM-1", "API")
MADE = Node("batch", BATCH, PRODUCT)
BOUGHT = Node("supplier_lot", "FC-77", "Fine Chemicals")


def order(number: str, product: str) -> BatchOrder:
    return BatchOrder(system="mes", key=number, batch=number, product=product, status=OrderStatus.STARTED)


def issue(lot: str, material: str, batch: str, product: str | None, **given: Any) -> Exported:
    return moved(Movement.ISSUE, lot, 0, key=f"{lot}>{batch}", material=material, batch=batch, product=product, **given)


def recovered(source: str, target: str, product: str = PRODUCT) -> Rework:
    return Rework(system="mes", key=f"{source}>{target}", batch=target, product=product, what=Again.RECOVERY,
                  reason="rest", came_from=source, quantity=2.0, unit="kg")  # fmt: skip


def nodes(links: Sequence[Link]) -> set[Node]:
    return {node for link in links for node in (link.source, link.target)}


def test_a_lot_leads_to_its_batch_and_back_to_its_supplier() -> None:
    """With the quantity that stayed in the batch: issued less returned."""
    returned = moved(Movement.RETURN, "RM-1", 10, batch=BATCH, product=PRODUCT, quantity=0.5)
    archive = stored([RECEIVED, ISSUED, returned])
    found = trace(archive, "RM-1", {})
    assert found.starts == (LOT,)
    assert found.down == (Link(LOT, MADE, "ISSUE", 4.5, "kg"),)
    assert found.up == (Link(BOUGHT, LOT, "RECEIPT", 25.0, "kg"),)
    assert found.batches == [MADE]
    assert trace(archive, BATCH, {}).up == (*found.up, *found.down) or set(trace(archive, BATCH, {}).up) == {
        *found.up, *found.down,
    }  # fmt: skip
    assert trace(archive, "FC-77", {}).batches == [MADE]


def test_an_intermediate_leads_on_to_the_batches_that_it_went_into() -> None:
    """Its lot has the number of the batch that made it; recovered material goes from batch to batch."""
    archive = stored([
        RECEIVED, order("I-1", "INT"), issue("RM-1", "API", "I-1", "INT"), issue("I-1", "INT", "F-1", PRODUCT),
        recovered("F-1", "F-2"),
    ])  # fmt: skip
    found = trace(archive, "FC-77", {})
    assert found.batches == [Node("batch", "F-1", PRODUCT), Node("batch", "F-2", PRODUCT), Node("batch", "I-1", "INT")]
    back = trace(archive, "F-2", {})
    assert BOUGHT in nodes(back.up)
    assert {link.basis for link in back.up} == {"RECEIPT", "ISSUE", "SAME_NUMBER", "REWORK"}


def test_a_lot_that_production_delivered_comes_from_its_batch() -> None:
    """A receipt that names a batch and no supplier."""
    delivered = moved(Movement.RECEIPT, "W-5", 0, batch="I-1", product="INT", material="INT")
    found = trace(stored([delivered, issue("W-5", "INT", "F-1", PRODUCT)]), "F-1", {})
    assert [link.source for link in found.up] == [Node("batch", "I-1", "INT"), Node("lot", "W-5", "INT")]


@pytest.mark.parametrize("bought", [True, False])
def test_a_bought_lot_that_has_a_batchs_number_did_not_come_from_it(*, bought: bool) -> None:
    """Numbers of different makers may be the same."""
    received = moved(Movement.RECEIPT, "X-1", -9, material="SUGAR", supplier="Sweet" if bought else None)
    archive = stored([order("X-1", "OTHER"), received, issue("X-1", "SUGAR", BATCH, PRODUCT)])
    assert (trace(archive, BATCH, {}).up[0].source == Node("batch", "X-1", "OTHER")) is not bought


def test_a_circle_of_recovered_material_ends() -> None:
    """Both ways; each link is told once, and the tree says where it closes."""
    archive = stored([recovered("A", "B"), recovered("B", "C"), recovered("C", "A")])
    found = trace(archive, "A", {})
    assert len(found.down) == len(found.up) == 3
    (start,) = found.starts
    assert [(line.depth, line.node.name, line.again) for line in lines(start, found.down, "down")] == [
        (0, "A", False), (1, "B", False), (2, "C", False), (3, "A", True),
    ]  # fmt: skip


def test_only_records_in_force_count() -> None:
    """An issue that was corrected to another batch went there."""
    archive = stored([corrected(ISSUED, batch="240612A"), ISSUED])
    assert trace(archive, "RM-1", {}).batches == [Node("batch", "240612A", PRODUCT)]


def test_a_number_of_two_products_is_two_nodes_and_a_third_that_is_not_told() -> None:
    """None of them is left out of a recall."""
    archive = stored([
        issue("RM-1", "API", BATCH, "P-1"), another(ISSUED, key="2", product="P-2"),
        another(ISSUED, key="3", product=None),
    ])  # fmt: skip
    found = trace(archive, "RM-1", {})
    assert [node.of for node in found.batches] == ["", "P-1", "P-2"]
    assert [node.of for node in trace(archive, "RM-1", {"P-1": "P-2"}).batches] == ["P-2"]


@pytest.mark.parametrize("record", [
    WEIGHED,
    LabelReconciliation(system="mes", key="l", batch=BATCH, material="API", lot="RM-1", issued=9.0, used=8.0),
])  # fmt: skip
def test_weighings_and_labels_link_a_lot_to_a_batch_too(record: Weighing | LabelReconciliation) -> None:
    """Even where the warehouse told of no issue."""
    found = trace(stored([RECEIVED, record]), "RM-1", {})
    assert found.batches == [Node("batch", BATCH, "")]


def test_a_lot_number_of_two_materials_starts_two_traces() -> None:
    """They are not mixed."""
    archive = stored([RECEIVED, ISSUED, issue("RM-1", "SUGAR", "Z", "P-9")])
    found = trace(archive, "RM-1", {})
    assert found.starts == (LOT, Node("lot", "RM-1", "SUGAR"))
    below = [line.node.name for line in lines(LOT, found.down, "down")]
    assert below == ["RM-1", BATCH]


NAMES = [f"B{number}" for number in range(7)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14))
def test_every_batch_that_can_be_reached_is_found_and_no_other(pairs: list[tuple[str, str]]) -> None:
    """As a search by hand finds them, both ways."""
    archive = stored([recovered(source, target) for source, target in pairs])
    for way, ends in (("down", pairs), ("up", [(b, a) for a, b in pairs])):
        reached, waiting = set[str](), ["B0"]
        while waiting:
            here = waiting.pop()
            nexts = {end for begin, end in ends if begin == here} - reached
            reached |= nexts
            waiting += nexts
        found = trace(archive, "B0", {})
        links = found.down if way == "down" else found.up
        assert {(link.target if way == "down" else link.source).name for link in links} == reached
