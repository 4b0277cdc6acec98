"""The table of rules. A new one is a name in `outcome.Code`, a function, a line here, and its words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.review import batches, equipment, materials, persons, results, trends
from gateway.review.history import Context
from gateway.review.outcome import Code, Judged, Subject
from schemas.exported import (
    KINDS,
    BatchOrder,
    BatchStep,
    EquipmentUse,
    Exported,
    LabelReconciliation,
    MaterialMovement,
    Signature,
    StoredSample,
    TestResult,
    Yield,
)
from schemas.records import Weighing

Judge = Callable[[Any, Context], Judged | None]
Touched = Callable[[Any, Context], Iterable[Subject]]
Reads = Mapping[type[Subject], Touched]
EXPORTED: tuple[type[Exported], ...] = tuple(KINDS.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it judges and how; `source` is what asks for it.

    The judge answers None where the rule has nothing to say about the record. `reads` names the kinds whose records
    bear on the answer about others, and which these are: they are judged again when one arrives.
    """

    code: Code
    kinds: tuple[type[Subject], ...]
    judge: Judge
    source: str
    reads: Reads


def _rule(
    code: Code,
    kinds: type[Subject] | tuple[type[Subject], ...],
    judge: Judge,
    source: str,
    reads: Reads | None = None,
) -> Rule:
    return Rule(code, kinds if isinstance(kinds, tuple) else (kinds,), judge, source, reads or {})


LOT: Reads = {MaterialMovement: materials.of_lot}
LOG: Reads = {EquipmentUse: equipment.measured_with}
RULES = (
    _rule(Code.OUT_OF_SPECIFICATION, TestResult, results.out_of_specification, "GMP 224, 312(26); C7"),
    _rule(Code.CONCLUSION_CONTRADICTED, TestResult, results.conclusion_contradicted, "F68"),
    _rule(Code.CONCLUSION_CONTRADICTED, Yield, batches.balance_contradicted, "F68"),
    _rule(Code.CORRECTED_INTO_LIMITS, TestResult, results.corrected_into_limits, "74 art. 16; C1"),
    _rule(Code.OUT_OF_TREND, TestResult, trends.out_of_trend, "C7, C8", {TestResult: trends.later}),
    _rule(
        Code.STABILITY_OUT_OF_TREND, TestResult, trends.stability_out_of_trend, "C8; HB 125",
        {TestResult: trends.later, StoredSample: trends.of_sample},
    ),
    _rule(
        Code.SHELF_LIFE_NOT_SUPPORTED, TestResult, trends.shelf_life_not_supported, "C8; ICH Q1E 2.4.1",
        {TestResult: trends.later, StoredSample: trends.of_sample, BatchOrder: trends.of_order},
    ),
    _rule(Code.UNIT_NOT_AGREED, TestResult, results.unit_not_agreed, "GMP 223(6)"),
    _rule(Code.SPECIFICATION_NOT_AGREED, TestResult, results.specification_not_agreed, "GMP 223(6)"),
    _rule(Code.RESULT_BEFORE_SAMPLE, TestResult, results.result_before_sample, "74 art. 21(1)"),
    _rule(Code.BALANCE_OUTSIDE, Yield, batches.balance_outside, "C3; HB 104, 124(4); GMP 187"),
    _rule(Code.LABELS_UNACCOUNTED, LabelReconciliation, batches.labels_unaccounted, "GMP 211, 215"),
    _rule(Code.SUPPLIER_NOT_APPROVED, MaterialMovement, materials.supplier_not_approved, "C5; 107 T7.1, HB 68", LOT),
    _rule(Code.MATERIAL_EXPIRED, MaterialMovement, materials.material_expired, "C4", LOT),
    _rule(Code.MATERIAL_NOT_RELEASED, MaterialMovement, materials.material_not_released, "C4; 107 T7.1", LOT),
    _rule(Code.OUT_OF_CALIBRATION, TestResult, equipment.instrument_out_of_calibration, "74 art. 25", LOG),
    _rule(Code.OUT_OF_CALIBRATION, Weighing, equipment.balance_out_of_calibration, "74 art. 25", LOG),
    _rule(
        Code.SIGNATURE_MISSING, EXPORTED, persons.signature_missing, "C1; GMP 201, 223(6)",
        {Signature: persons.signed},
    ),
    _rule(Code.SAME_PERSON, EXPORTED, persons.same_person, "GMP 201, 223(6)"),
    _rule(Code.SAME_PERSON, Weighing, persons.same_person_weighing, "HB 124"),
    _rule(Code.KEYED_UNCHECKED, EXPORTED, persons.keyed_unchecked, "CS 15"),
    _rule(Code.KEYED_UNCHECKED, Weighing, persons.weighing_unchecked, "HB 124"),
    _rule(
        Code.STEP_ORDER, BatchStep, batches.step_order, "HB 97; 107 T9.2",
        {BatchStep: batches.steps_of, BatchOrder: batches.steps_of},
    ),
    _rule(Code.STEP_NOT_AS_PLANNED, BatchStep, batches.step_not_as_planned, "HB 97"),
    _rule(Code.MASTER_RECORD_NOT_AGREED, BatchOrder, batches.master_record_not_agreed, "HB 95, 97"),
    _rule(Code.BATCH_NUMBER_TWICE, BatchOrder, batches.batch_number_twice, "C2; HB 95", {BatchOrder: batches.of_batch}),
    _rule(Code.EXPIRY_NOT_AGREED, BatchOrder, batches.expiry_not_agreed, "C2; HB 95, 107 T10"),
)  # fmt: skip
"""Every rule. A code may stand here once for each kind that it judges."""
