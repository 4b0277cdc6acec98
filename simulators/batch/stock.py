"""What the WMS knows: every movement of the lots that a batch used. Pure."""

from collections.abc import Iterator

from simulators.batch.batch import DAY, MINUTE, Batch, day_of
from simulators.batch.facts import Fact, fact
from simulators.batch.mes import label_facts
from simulators.batch.recipe import Material

WMS = "wms"


def stock_facts(batch: Batch) -> Iterator[Fact]:
    """Received, sampled, released, issued and, of printed material, returned."""
    tested = {one.after for one in batch.recipe.samplings if one.stage == "MATERIAL"}
    for material in batch.recipe.materials:
        received = batch.days(material.received)
        yield _move(batch, material, "RECEIPT", received, material.amount * 2)
        if material.code in tested:
            yield _move(batch, material, "SAMPLING", received + DAY, 5.0)
        if material.received < -1:
            yield _move(batch, material, "RELEASE", received + 13 * DAY, material.amount * 2)
        issued = batch.start - 90 * MINUTE if not material.packaging else batch.ended - 400 * MINUTE
        yield _move(batch, material, "ISSUE", issued, material.amount)
    for labels in label_facts(batch):
        material = batch.material(labels.fields["material"])
        yield _move(batch, material, "RETURN", labels.told + 30 * MINUTE, labels.fields["returned"])


def _move(batch: Batch, material: Material, movement: str, time: int, quantity: float) -> Fact:
    """A movement; only what is issued to a batch, or comes back from it, is the batch's."""
    issued = movement in {"ISSUE", "RETURN"}
    return fact(
        WMS,
        "MaterialMovement",
        batch.next("49"),
        time,
        batch=batch.number if issued else None,
        product=batch.recipe.product.code if issued else None,
        time=time,
        movement=movement,
        material=material.code,
        lot=material.lot,
        quantity=quantity,
        unit=material.unit,
        name=material.name,
        supplier=material.supplier,
        supplier_lot=material.supplier_lot,
        expires=day_of(batch.days(material.received)) + material.keeps,
        person=batch.who("warehouse"),
        checked_by=batch.who("second") if issued else None,
    )
