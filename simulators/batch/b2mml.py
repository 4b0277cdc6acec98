"""The batch production record of the MES as a B2MML V0600 document: steps, equipment, materials, parameters. Pure.

It says once more, as a tree, what the lists of the MES and the balance say; as a real exporter does, it leaves BatchID
empty and puts the batch into LotID.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from simulators.batch.batch import Batch
from simulators.batch.recipe import Operation

NAMESPACE = "http://www.mesa.org/xml/B2MML-V0600"


def production_record(batch: Batch, zone: str, namespace: str = f'xmlns="{NAMESPACE}"') -> bytes:
    """The document; times are local, with their offset."""
    inner = [line for operation in batch.recipe.operations for line in _segment(batch, operation, ZoneInfo(zone))]
    head = ['<?xml version="1.0" encoding="UTF-8"?>', f"<BatchProductionRecord {namespace}>"]
    own = [f"  <ID>BPR-{batch.number}</ID>", "  <BatchID/>", f"  <LotID>{batch.number}</LotID>"]
    inner = ["  <SegmentResponses>", *(f"    {line}" for line in inner), "  </SegmentResponses>"]
    return "\n".join([*head, *own, *inner, "</BatchProductionRecord>", ""]).encode()


def _segment(batch: Batch, operation: Operation, zone: ZoneInfo) -> Iterator[str]:
    span = batch.span(operation.id)
    yield "<SegmentResponse>"
    yield f"  <ID>{operation.id}</ID><Description>{escape(operation.name)}</Description>"
    yield from _times(batch, span.began, span.ended, zone)
    if operation.does == "weigh":
        for one in batch.course.weighings:
            yield "  <MaterialActual>"
            yield f"    <MaterialDefinitionID>{one.material}</MaterialDefinitionID>"
            yield f"    <MaterialLotID>{batch.material(one.material).lot}</MaterialLotID>"
            yield "    <MaterialUse>Consumed</MaterialUse>"
            value = f"<QuantityString>{one.shown}</QuantityString><UnitOfMeasure>g</UnitOfMeasure>"
            yield f"    <Quantity>{value}</Quantity>"
            yield "  </MaterialActual>"
    if operation.does == "fill":
        for name, count in (("Good", batch.course.filled), ("Reject", batch.course.rejected)):
            value = f"<Value><ValueString>{count}</ValueString><DataType>integer</DataType></Value>"
            yield f"  <SegmentData><ID>{name}</ID>{value}</SegmentData>"
    yield f"  <EquipmentActual><EquipmentID>{operation.equipment}</EquipmentID></EquipmentActual>"
    names = {phase.id: phase.name for phase in operation.phases}
    for above, phase in batch.course.phases:
        if above == operation.id:
            yield "  <SegmentResponse>"
            yield f"    <ID>{above}.{phase.id}</ID><Description>{escape(names.get(phase.id, phase.id))}</Description>"
            yield from (f"  {line}" for line in _times(batch, phase.began, phase.ended, zone))
            yield "  </SegmentResponse>"
    yield "</SegmentResponse>"


def _times(batch: Batch, began: int, ended: int, zone: ZoneInfo) -> Iterator[str]:
    for name, at in (("ActualStartTime", began), ("ActualEndTime", ended)):
        time = datetime.fromtimestamp(batch.at(at) / 1e6, UTC).astimezone(zone).isoformat()
        yield f"  <{name}>{time}</{name}>"
