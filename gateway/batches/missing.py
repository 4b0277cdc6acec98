"""What a batch has of what its master batch record wants. Pure.

Three answers: a thing is there, or it is missing, or nobody can tell. Only what is there and speaks for itself is
PRESENT: a record that says nothing of its outcome, or that may be another batch's, never is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from gateway.batches.batch import Batch, Kind, Told
from gateway.batches.procedure import Run, runs
from gateway.masters import (
    MasterBatchRecord,
    Masters,
    WantedClearance,
    WantedLog,
    WantedMaterial,
    WantedSignature,
    WantedTest,
    WantedWeighing,
)
from gateway.review.limits import Limits, Possible, Where, converted, decimal_of, shown
from schemas.exported import (
    BatchOrder,
    BatchStep,
    Conclusion,
    EquipmentUse,
    LineClearance,
    MaterialMovement,
    Movement,
    Signature,
    StepEvent,
    TestResult,
    Yield,
)

Wanted = TypeVar("Wanted")


class Verdict(StrEnum):
    """What is missing never passes."""

    PRESENT = "PRESENT"
    MISSING = "MISSING"
    NOT_EVALUABLE = "NOT_EVALUABLE"


class Part(StrEnum):
    """What is wanted."""

    MASTER = "MASTER"
    STEP = "STEP"
    ORDER = "ORDER"
    EQUIPMENT = "EQUIPMENT"
    CLEARANCE = "CLEARANCE"
    TEST = "TEST"
    MATERIAL = "MATERIAL"
    YIELD = "YIELD"
    WEIGHING = "WEIGHING"
    SIGNATURE = "SIGNATURE"


class Why(StrEnum):
    """Why it is not there, or cannot be told."""

    NO_LIST = "NO_LIST"
    NO_VERSION = "NO_VERSION"
    NO_RECORD = "NO_RECORD"
    TOO_FEW = "TOO_FEW"
    NOT_COMPLETED = "NOT_COMPLETED"
    SKIPPED = "SKIPPED"
    TOO_EARLY = "TOO_EARLY"
    TIME_NOT_TOLD = "TIME_NOT_TOLD"
    TOO_LATE = "TOO_LATE"
    NOT_VALID = "NOT_VALID"
    FAILED = "FAILED"
    OUTCOME_NOT_TOLD = "OUTCOME_NOT_TOLD"
    NOT_FINAL = "NOT_FINAL"
    STAGE_NOT_TOLD = "STAGE_NOT_TOLD"
    QUANTITY = "QUANTITY"
    UNITS_DIFFER = "UNITS_DIFFER"
    LOT_NOT_TOLD = "LOT_NOT_TOLD"
    EARLIER_VERSION = "EARLIER_VERSION"
    VERSION_NOT_TOLD = "VERSION_NOT_TOLD"
    PRODUCT_NOT_TOLD = "PRODUCT_NOT_TOLD"


@dataclass(frozen=True, slots=True)
class Answer:
    """About one wanted thing: `name` in the words of the list, `why` None where it is present, numbers in `detail`.

    `of` is the use of an equipment, the room of a clearance, what goes before a step, what a signature is of.
    """

    part: Part
    name: str
    of: str
    verdict: Verdict
    why: Why | None = None
    detail: str = ""


Said = tuple[Verdict, Why | None, str]
THERE: Said = (Verdict.PRESENT, None, "")


def missing(why: Why, detail: str = "") -> Said:
    """It is not there."""
    return Verdict.MISSING, why, detail


def unknown(why: Why, detail: str = "") -> Said:
    """Nobody can tell."""
    return Verdict.NOT_EVALUABLE, why, detail


def answers(batch: Batch, masters: Masters) -> list[Answer]:
    """An answer for each thing that its master batch record wants, in the order of the list."""
    found = master_of(batch, masters)
    if isinstance(found, Why):
        return [Answer(Part.MASTER, batch.product or "", "", Verdict.NOT_EVALUABLE, found)]
    return list(_answers(batch, found))


def master_of(batch: Batch, masters: Masters) -> MasterBatchRecord | Why:
    """The list that its order names, the only one where it names none; else why there is none."""
    mine = [one for one in masters.master_records if one.product == batch.product]
    orders = [one.record for one in batch.of(BatchOrder)]
    named = {(one.master_record, one.master_version) for one in orders} - {(None, None)}
    if not mine:
        return Why.NO_LIST
    fitting = [one for one in mine if not named or all(_fits(one, *pair) for pair in named)]
    if len(fitting) == 1:
        return fitting[0]
    return Why.NO_VERSION


def _fits(master: MasterBatchRecord, name: str | None, version: str | None) -> bool:
    pairs = ((master.name, name), (master.version, version))
    return all(ours is None or theirs is None or ours == theirs for ours, theirs in pairs)


def _answers(batch: Batch, master: MasterBatchRecord) -> Iterator[Answer]:
    ran = runs(batch.of(BatchStep))
    for step in master.steps:
        yield Answer(Part.STEP, step.step, "", *_step(batch, ran, step.step))
        if before := master.before(step.step):
            yield Answer(Part.ORDER, step.step, ", ".join(before), *_order(ran, step.step, before))
    for log in master.equipment:
        yield Answer(Part.EQUIPMENT, log.equipment, log.use.value, *_log(batch, ran, log))
    for clearance in master.clearances:
        yield Answer(Part.CLEARANCE, clearance.stage, clearance.room or "", *_clearance(batch, clearance))
    for test in master.tests:
        yield Answer(Part.TEST, test.test, "", *_test(batch, test))
    for material in master.materials:
        yield Answer(Part.MATERIAL, material.material, "", *_material(batch, material))
    for stage in master.yields:
        yield Answer(Part.YIELD, stage.stage, "", *_yield(batch, stage.stage))
    for weighing in master.weighings:
        yield Answer(Part.WEIGHING, weighing.material, "", *_weighing(batch, weighing))
    for signature in master.signatures:
        yield Answer(Part.SIGNATURE, signature.meaning, signature.step or signature.kind, *_signature(batch, signature))


def _none(batch: Batch, kind: type[Kind], fits: Callable[[Kind], bool]) -> Said:
    """No record: missing, unless one may be of this batch."""
    if any(fits(one.record) for one in batch.undecided(kind)):
        return unknown(Why.PRODUCT_NOT_TOLD)
    return missing(Why.NO_RECORD)


def _step(batch: Batch, ran: Sequence[Run], step: str) -> Said:
    mine = [run for run in ran if run.step == step]
    if not mine:
        return _none(batch, BatchStep, lambda one: one.step == step)
    if any(run.completed for run in mine):
        return THERE
    skipped = mine[-1].last.event is StepEvent.SKIPPED
    return missing(Why.SKIPPED if skipped else Why.NOT_COMPLETED)


def _order(ran: Sequence[Run], step: str, before: Iterable[str]) -> Said:
    """Whether each of them was once completed before the step first began."""
    begins = [run.began for run in ran if run.step == step and run.began is not None]
    if not begins:
        return unknown(Why.TIME_NOT_TOLD)
    for name in before:
        ends = [run.ended for run in ran if run.step == name and run.completed and run.ended is not None]
        if not ends:
            return unknown(Why.NOT_COMPLETED, name)
        if min(ends) > min(begins):
            return missing(Why.TOO_EARLY, name)
    return THERE


def _log(batch: Batch, ran: Sequence[Run], wanted: WantedLog) -> Said:
    logs = [one.record for one in batch.near(EquipmentUse) if _is_log(one.record, wanted)]
    if not logs:
        return _none(batch, EquipmentUse, lambda one: _is_log(one, wanted))
    if wanted.before is None:
        return _best(_outcome(one.conclusion) for one in logs)
    begins = [run.began for run in ran if run.step == wanted.before and run.began is not None]
    if not begins:
        return unknown(Why.TIME_NOT_TOLD, wanted.before)
    return _best(_before(one, min(begins)) for one in logs)


def _is_log(one: EquipmentUse, wanted: WantedLog) -> bool:
    return (one.equipment, one.use) == (wanted.equipment, wanted.use)


def _before(log: EquipmentUse, moment: int) -> Said:
    if log.time is None:
        return unknown(Why.TIME_NOT_TOLD)
    if log.time > moment:
        return missing(Why.TOO_LATE)
    if log.valid_until is not None and log.valid_until < moment:
        return missing(Why.NOT_VALID)
    return _outcome(log.conclusion)


def _outcome(conclusion: Conclusion | None) -> Said:
    if conclusion is Conclusion.FAIL:
        return missing(Why.FAILED)
    return THERE if conclusion is Conclusion.PASS else unknown(Why.OUTCOME_NOT_TOLD)


def _best(said: Iterable[Said]) -> Said:
    """One that is there is enough; what cannot be told stands above what is missing."""
    order = (Verdict.PRESENT, Verdict.NOT_EVALUABLE, Verdict.MISSING)
    return min(said, key=lambda one: order.index(one[0]))


def _clearance(batch: Batch, wanted: WantedClearance) -> Said:
    def fits(one: LineClearance) -> bool:
        return one.stage == wanted.stage and wanted.room in {None, one.room}

    found = [one.record for one in batch.of(LineClearance) if fits(one.record)]
    return _best(_outcome(one.conclusion) for one in found) if found else _none(batch, LineClearance, fits)


def _test(batch: Batch, wanted: WantedTest) -> Said:
    def fits(one: TestResult) -> bool:
        return one.test == wanted.test and (wanted.stage is None or one.stage is wanted.stage)

    found = [one.record for one in batch.of(TestResult) if fits(one.record) and one.record.reported.strip()]
    final = [one for one in found if not wanted.final or one.status in wanted.final]
    if len(final) >= wanted.results:
        return THERE
    if any(fits(one.record) for one in batch.undecided(TestResult)):
        return unknown(Why.PRODUCT_NOT_TOLD)
    if any(one.record.test == wanted.test and one.record.stage is None for one in batch.of(TestResult)):
        return unknown(Why.STAGE_NOT_TOLD)
    if not found:
        return missing(Why.NO_RECORD)
    return missing(Why.NOT_FINAL if len(found) >= wanted.results else Why.TOO_FEW, f"{len(final)} / {wanted.results}")


def _material(batch: Batch, wanted: WantedMaterial) -> Said:
    moved = [one.record for one in _issued(batch, wanted.material)]
    if not any(one.movement is Movement.ISSUE for one in moved):
        return _none(batch, MaterialMovement, lambda one: one.material == wanted.material)
    net, unit = Decimal(0), wanted.unit or moved[0].unit
    for one in moved:
        quantity = converted(decimal_of(one.quantity) or Decimal(0), one.unit, unit)
        if quantity is None:
            return unknown(Why.UNITS_DIFFER, f"{one.unit}, {unit}")
        net += quantity if one.movement is Movement.ISSUE else -quantity
    inside = (
        net > 0 and Limits(decimal_of(wanted.low), decimal_of(wanted.high)).where(Possible(net, net)) is Where.WITHIN
    )
    return THERE if inside else missing(Why.QUANTITY, f"{shown(net)} {unit}")


def _issued(batch: Batch, material: str) -> list[Told[MaterialMovement]]:
    moves = {Movement.ISSUE, Movement.RETURN}
    return [one for one in batch.of(MaterialMovement)
            if one.record.material == material and one.record.movement in moves]  # fmt: skip


def _yield(batch: Batch, stage: str) -> Said:
    found = [one.record for one in batch.of(Yield) if one.record.stage == stage]
    if not found:
        return _none(batch, Yield, lambda one: one.stage == stage)
    return THERE if any(one.taken > 0 for one in found) else unknown(Why.QUANTITY, f"{found[-1].taken:.12g}")


def _weighing(batch: Batch, wanted: WantedWeighing) -> Said:
    lots = {one.record.lot for one in _issued(batch, wanted.material)}
    good = [one for one in batch.weighings if one.accepted]
    count = sum(one.lot in lots for one in good)
    if count >= wanted.least:
        return THERE
    if batch.unassigned_weighings:
        return unknown(Why.PRODUCT_NOT_TOLD)
    if any(one.lot is None for one in good) or (good and not lots):
        return unknown(Why.LOT_NOT_TOLD)
    return missing(Why.TOO_FEW, f"{count} / {wanted.least}") if count else missing(Why.NO_RECORD)


def _signature(batch: Batch, wanted: WantedSignature) -> Said:
    signed = {
        one.record.key: one.record
        for one in batch.records.get(wanted.kind, ())
        if wanted.step is None or getattr(one.record, "step", None) == wanted.step
    }

    def fits(one: Signature) -> bool:
        return one.meaning == wanted.meaning and one.signed_kind == wanted.kind

    found = [one.record for one in batch.near(Signature) if fits(one.record)]
    mine = [one for one in found if one.signed_key in signed]
    if mine:
        return _best(_version(one.signed_version, signed[one.signed_key].version) for one in mine)
    return _none(batch, Signature, fits)


def _version(signed: str | None, in_force: int) -> Said:
    """A signature of an earlier version says nothing of the one in force."""
    if in_force == 1:
        return THERE
    if signed is None:
        return unknown(Why.VERSION_NOT_TOLD)
    return THERE if signed == str(in_force) else missing(Why.EARLIER_VERSION, f"{signed} / {in_force}")
