"""What the MES knows of a batch: order, steps, equipment, clearances, yields, labels, weighings, signatures. Pure."""

from collections.abc import Iterator
from typing import Any

from simulators.batch.batch import DAY, MINUTE, SECOND, Batch, day_of, months_after
from simulators.batch.course import Span
from simulators.batch.facts import Fact, fact
from simulators.batch.recipe import Material, Operation

MES = "mes"
NAMES = {
    "Loading": "装箱",
    "Freezing": "预冻",
    "Primary drying": "一次干燥",
    "Secondary drying": "二次干燥",
    "Stoppering": "压塞",
}


def mes_facts(batch: Batch) -> Iterator[Fact]:
    """All of them, in no order."""
    yield from _order(batch)
    for operation in batch.recipe.operations:
        yield from _steps(batch, operation)
        yield from _equipment(batch, operation)
        if operation.clearance:
            yield _clearance(batch, operation)
    yield from _weighings(batch)
    yield from _yields(batch)
    yield from label_facts(batch)
    yield from _signatures(batch)


def _order(batch: Batch) -> Iterator[Fact]:
    product, number = batch.recipe.product, f"PO-{batch.number}"
    made = day_of(batch.start)
    released = fact(
        MES,
        "BatchOrder",
        number,
        batch.start - DAY,
        **batch.common,
        time=batch.start - DAY,
        status="RELEASED",
        quantity=float(product.vials),
        unit="{#}",
        master_record=product.master_record,
        master_version=product.master_version,
        manufactured=made,
        expires=months_after(made, product.months),
    )
    yield released
    started = released.corrected(
        batch.start, batch.who("operator"), "状态变更 (status)", status="STARTED", time=batch.start
    )
    yield started
    end = batch.ended
    yield started.corrected(end, batch.who("operator"), "状态变更 (status)", status="COMPLETED", time=end)


def _steps(batch: Batch, operation: Operation) -> Iterator[Fact]:
    span = batch.span(operation.id)
    yield from _step(batch, operation, operation.name, None, span)
    names = {phase.id: phase.name for phase in operation.phases}
    for above, phase in batch.course.phases:
        if above == operation.id:
            name = names.get(phase.id) or f"{NAMES.get(phase.id, phase.id)} ({phase.id})"
            yield from _step(batch, operation, name, above, Span(f"{above}.{phase.id}", phase.began, phase.ended))
    if operation.does == "fill":
        for hold in batch.course.holds:
            named: dict[str, Any] = {"step": operation.id, "name": operation.name, "comment": batch.recipe.reason}
            yield _event(batch, operation, "HELD", hold.began, **named)
            yield _event(batch, operation, "RESTARTED", hold.ended, **named)


def _step(batch: Batch, operation: Operation, name: str, within: str | None, span: Span) -> Iterator[Fact]:
    yield _event(batch, operation, "STARTED", span.began, step=span.id, name=name, within=within)
    yield _event(batch, operation, "COMPLETED", span.ended, step=span.id, name=name, within=within)


def _event(batch: Batch, operation: Operation, event: str, at: int, **given: Any) -> Fact:
    own = {"room": operation.room, "equipment": operation.equipment, "person": batch.who("operator")}
    time, second = batch.at(at), batch.who("second")
    return fact(
        MES,
        "BatchStep",
        batch.next("E"),
        time,
        **batch.common,
        **own,
        **given,
        checked_by=second,
        event=event,
        time=time,
    )


def _equipment(batch: Batch, operation: Operation) -> Iterator[Fact]:
    """It was cleaned before it was used."""
    span, room = batch.span(operation.id), operation.room
    began, ended = batch.at(span.began), batch.at(span.ended)
    own = {"equipment": operation.equipment, "room": room, "person": batch.who("operator")}
    own["checked_by"] = batch.who("second")
    cleaned = began - 90 * MINUTE
    yield fact(
        MES,
        "EquipmentUse",
        batch.next("L"),
        cleaned,
        **batch.common | own,
        use="STERILISATION" if operation.does in {"fill", "freeze-dry"} else "CLEANING",
        began=cleaned - 45 * MINUTE,
        time=cleaned,
        procedure=f"SOP-CLN-{operation.equipment} v3",
        conclusion="PASS",
        valid_until=cleaned + 7 * DAY,
    )
    procedure = f"{batch.recipe.product.master_record} v{batch.recipe.product.master_version}"
    use = {"use": "PRODUCTION", "began": began, "time": ended, "procedure": procedure}
    yield fact(MES, "EquipmentUse", batch.next("L"), ended, **batch.common | own, **use)


def _clearance(batch: Batch, operation: Operation) -> Fact:
    time = batch.at(batch.span(operation.id).began) - 20 * MINUTE
    return fact(
        MES,
        "LineClearance",
        f"LC-{batch.number}-{operation.id}",
        time,
        **batch.common,
        time=time,
        room=operation.room,
        stage=operation.name,
        conclusion="PASS",
        previous=batch.previous,
        items="无上批遗留物；状态标识已更换 (nothing left; labels changed)",
        person=batch.who("second"),
        checked_by=batch.who("qa"),
    )


def _weighings(batch: Batch) -> Iterator[Fact]:
    """What the balance showed, container by container: the MES reads it over the balance's cable."""
    for one in batch.course.weighings:
        material = batch.material(one.material)
        target, time = material.amount / material.weighed, batch.at(one.at)
        yield fact(
            MES,
            "TestResult",
            batch.next("W"),
            time,
            **batch.common,
            origin="DIRECT",
            time=time,
            tested=time,
            sample=f"{one.material}-{one.container}",
            test="Net weight",
            reported=one.shown,
            value=one.grams,
            qualifier="=",
            unit="g",
            status="recorded",
            stage="IN_PROCESS",
            material=one.material,
            lot=material.lot,
            equipment=batch.recipe.balance,
            low=round(target * 0.999, 2),
            high=round(target * 1.001, 2),
            conclusion="PASS",
            analyst=batch.who("operator"),
            approver=batch.who("second"),
        )


def _yields(batch: Batch) -> Iterator[Fact]:
    """From what was weighed and what the line counted."""
    course, fill = batch.course, batch.recipe.product.fill
    counted = course.filled + course.rejected
    piped = sum(one.amount * (1000 if one.unit == "kg" else 1) for one in batch.recipe.materials if _in_solution(one))
    bulk = round(sum(one.grams for one in course.weighings) + piped, 2)
    used = round(min(counted * fill, bulk - 50.0), 2)
    yield _yield(batch, batch.operation_that("fill"), "g", bulk, used, samples=40.0, low=97.0, high=100.5)
    ops = [one.id for one in batch.recipe.operations]
    left, after = float(course.filled), ops[ops.index(batch.operation_that("fill")) + 1 :]
    for operation, (samples, lost) in zip(after, ((10, 4), (0, 11), (0, 38), (272, 0)), strict=False):
        made = left - samples - lost
        yield _yield(batch, operation, "{#}", left, made, samples=samples, rejected=lost, low=97.0, high=100.0)
        left = made


def _in_solution(material: Material) -> bool:
    return not material.weighed and material.unit != "{#}"


def _yield(batch: Batch, operation: str, unit: str, taken: float, made: float, **given: float) -> Fact:
    time = batch.at(batch.span(operation).ended)
    return fact(
        MES,
        "Yield",
        f"Y-{batch.number}-{operation}",
        time,
        **batch.common,
        time=time,
        stage=operation,
        unit=unit,
        taken=taken,
        made=made,
        **{name: float(value) for name, value in given.items()},
        conclusion="PASS",
        person=batch.who("operator"),
        checked_by=batch.who("second"),
    )


def packed(batch: Batch) -> int:
    """Vials that were labelled: what the last yield took."""
    taken: float = list(_yields(batch))[-1].fields["taken"]
    return round(taken)


def label_facts(batch: Batch) -> Iterator[Fact]:
    """The reconciliation of each printed material."""
    return (_labels(batch, one) for one in batch.recipe.materials if one.packaging)


def _labels(batch: Batch, material: Material) -> Fact:
    """Each vial has one; what is issued, used, spoilt, kept and returned comes out even."""
    time = batch.ended
    kept, damaged = 3.0, 17.0
    return fact(
        MES,
        "LabelReconciliation",
        f"LR-{batch.number}-{material.code}",
        time,
        **batch.common,
        time=time,
        material=material.code,
        lot=material.lot,
        issued=material.amount,
        used=float(packed(batch)),
        samples=kept,
        damaged=damaged,
        returned=material.amount - packed(batch) - kept - damaged,
        conclusion="PASS",
        person=batch.who("operator"),
        checked_by=batch.who("qa"),
    )


def _signatures(batch: Batch) -> Iterator[Fact]:
    order = f"PO-{batch.number}"
    signers = (("operator", "performed", 600), ("second", "checked", 1200), ("head", "reviewed", 86_400))
    for part, meaning, later in signers:
        time = batch.ended + later * SECOND
        own = {"signer": batch.who(part), "meaning": meaning, "time": time}
        signed = {"signed_kind": "BatchOrder", "signed_key": order, "signed_version": "3"}
        yield fact(MES, "Signature", f"SG-{batch.number}-{meaning}", time, **batch.common, **own, **signed)
