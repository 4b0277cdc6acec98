"""What a batch has of what it must have: present only where a record speaks for itself."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.exported import Kept
from gateway.archive.weighings import weighings_of
from gateway.batches.batch import batches, by_kind, told
from gateway.batches.missing import Answer, Part, Verdict, Why, answers
from gateway.masters import NO_MASTERS, MasterBatchRecord, Masters
from schemas.exported import Conclusion, Exported, Movement, Stage, StepEvent
from schemas.records import Weighing
from tests.gateway.batches.records import (
    ASSAY,
    BATCH,
    CLEARED,
    EXPORTED,
    ISSUED,
    MASTERS,
    ORDER,
    SIGNED,
    STEPS,
    STERILISED,
    WEIGHED,
    YIELD,
    analysed,
    another,
    at,
    corrected,
    moved,
    step,
    stored,
)

M, N = Verdict.MISSING, Verdict.NOT_EVALUABLE


def asked(
    records: Sequence[Exported], weighings: Sequence[Weighing] = (WEIGHED,), masters: Masters = MASTERS
) -> list[Answer]:
    kept = [Kept(one, "s", number) for number, one in enumerate(records)]
    weighed = weighings_of(stored(weighings), BATCH)
    mine = [one for one in kept if one.record.batch is not None]
    batch, *_ = batches(BATCH, mine, weighed, masters.same())
    beside = by_kind(told(one for one in kept if one.record.batch is None))
    return answers(replace(batch, beside=beside), masters)


def without(*gone: Exported) -> list[Exported]:
    return [one for one in EXPORTED if one not in gone]


def changed(old: Exported, **given: Any) -> list[Exported]:
    return [replace(old, **given) if one is old else one for one in EXPORTED]


CASES: list[tuple[Part, Sequence[Exported], Verdict, Why]] = [
    (Part.STEP, without(*STEPS[2:]), M, Why.NO_RECORD),
    (Part.STEP, without(STEPS[3]), M, Why.NOT_COMPLETED),
    (Part.STEP, [*without(*STEPS[2:]), step("fill", StepEvent.SKIPPED, 30)], M, Why.SKIPPED),
    (Part.ORDER, [*without(STEPS[2]), step("fill", StepEvent.STARTED, 10)], M, Why.TOO_EARLY),
    (Part.ORDER, without(STEPS[1]), N, Why.NOT_COMPLETED),
    (Part.ORDER, without(STEPS[2]), N, Why.TIME_NOT_TOLD),
    (Part.EQUIPMENT, without(STERILISED), M, Why.NO_RECORD),
    (Part.EQUIPMENT, changed(STERILISED, time=at(40)), M, Why.TOO_LATE),
    (Part.EQUIPMENT, changed(STERILISED, valid_until=at(29)), M, Why.NOT_VALID),
    (Part.EQUIPMENT, changed(STERILISED, conclusion=Conclusion.FAIL), M, Why.FAILED),
    (Part.EQUIPMENT, changed(STERILISED, conclusion=None), N, Why.OUTCOME_NOT_TOLD),
    (Part.EQUIPMENT, changed(STERILISED, time=None), N, Why.TIME_NOT_TOLD),
    (Part.EQUIPMENT, changed(STERILISED, equipment="FIL-02"), M, Why.NO_RECORD),
    (Part.CLEARANCE, without(CLEARED), M, Why.NO_RECORD),
    (Part.CLEARANCE, changed(CLEARED, room="F2"), M, Why.NO_RECORD),
    (Part.CLEARANCE, changed(CLEARED, conclusion=Conclusion.FAIL), M, Why.FAILED),
    (Part.CLEARANCE, changed(CLEARED, conclusion=Conclusion.OTHER), N, Why.OUTCOME_NOT_TOLD),
    (Part.TEST, without(ASSAY), M, Why.NO_RECORD),
    (Part.TEST, changed(ASSAY, status="entered"), M, Why.NOT_FINAL),
    (Part.TEST, changed(ASSAY, stage=None), N, Why.STAGE_NOT_TOLD),
    (Part.TEST, changed(ASSAY, reported="  "), M, Why.NO_RECORD),
    (Part.MATERIAL, without(ISSUED), M, Why.NO_RECORD),
    (Part.MATERIAL, changed(ISSUED, quantity=3.0), M, Why.QUANTITY),
    (Part.MATERIAL, changed(ISSUED, unit="g"), M, Why.QUANTITY),
    (Part.MATERIAL, changed(ISSUED, unit="{#}"), N, Why.UNITS_DIFFER),
    (Part.MATERIAL, [*EXPORTED, moved(Movement.RETURN, "RM-1", 9, batch=BATCH)], M, Why.QUANTITY),
    (Part.YIELD, without(YIELD), M, Why.NO_RECORD),
    (Part.YIELD, changed(YIELD, taken=0.0), N, Why.QUANTITY),
    (Part.SIGNATURE, without(SIGNED), M, Why.NO_RECORD),
    (Part.SIGNATURE, changed(SIGNED, meaning="performed"), M, Why.NO_RECORD),
    (Part.SIGNATURE, [*EXPORTED, corrected(ORDER)], N, Why.VERSION_NOT_TOLD),
    (Part.SIGNATURE, [*changed(SIGNED, signed_version="1"), corrected(ORDER)], M, Why.EARLIER_VERSION),
]


@pytest.mark.parametrize(("part", "records", "verdict", "why"), CASES)
def test_a_piece_that_is_not_whole_never_passes(
    part: Part, records: Sequence[Exported], verdict: Verdict, why: Why
) -> None:
    """And the reason is given."""
    found = [(one.verdict, one.why) for one in asked(records) if one.part is part and one.why is not None]
    assert (verdict, why) in found


@pytest.mark.parametrize(
    ("weighings", "verdict", "why"),
    [
        ([], M, Why.NO_RECORD),
        ([replace(WEIGHED, accepted=False)], M, Why.NO_RECORD),
        ([replace(WEIGHED, lot=None)], N, Why.LOT_NOT_TOLD),
        ([replace(WEIGHED, lot="RM-9")], M, Why.NO_RECORD),
    ],
)
def test_a_weighing_counts_only_if_it_is_of_record_and_of_a_lot_that_was_issued(
    weighings: Sequence[Weighing], verdict: Verdict, why: Why
) -> None:
    """A refused one is none."""
    (found,) = (one for one in asked(EXPORTED, weighings) if one.part is Part.WEIGHING)
    assert (found.verdict, found.why) == (verdict, why)


def test_a_signature_of_the_version_in_force_counts() -> None:
    """By the number of the version that it names."""
    records = [*changed(SIGNED, signed_version="2"), corrected(ORDER)]
    (found,) = (one for one in asked(records) if one.part is Part.SIGNATURE)
    assert found.verdict is Verdict.PRESENT


@pytest.mark.parametrize("kind", [Stage.FINISHED, Stage.IN_PROCESS])
def test_results_of_another_stage_are_not_counted(kind: Stage) -> None:
    """An in-process control is no test of the finished product."""
    (found,) = (one for one in asked(changed(ASSAY, stage=kind)) if one.part is Part.TEST)
    assert (found.verdict is Verdict.PRESENT) == (kind is Stage.FINISHED)


def test_a_failed_result_is_there() -> None:
    """That it fails is told by the result; here it is only asked whether it is there."""
    (found,) = (one for one in asked([*without(ASSAY), analysed("Assay", "S-1", 80.0, conclusion=Conclusion.FAIL)])
                if one.part is Part.TEST)  # fmt: skip
    assert found.verdict is Verdict.PRESENT


@pytest.mark.parametrize(
    ("masters", "why"),
    [
        (NO_MASTERS, Why.NO_LIST),
        (Masters(master_records=(MasterBatchRecord(product="P-002", name="MBR-2", version="5"),)), Why.NO_VERSION),
        (Masters(master_records=tuple(MasterBatchRecord(product="P-002", name=n) for n in ("a", "b"))), Why.NO_VERSION),
    ],
)
def test_without_its_list_nothing_of_a_batch_is_whole(masters: Masters, why: Why) -> None:
    """Not evaluable, and said so: one answer."""
    (found,) = asked(EXPORTED, masters=masters)
    assert (found.part, found.verdict, found.why) == (Part.MASTER, N, why)


def test_what_may_be_another_batchs_is_not_evaluable() -> None:
    """A clearance that names no product, where two products use the number."""
    other = another(ORDER, product="P-009")
    (found,) = (one for one in asked([*changed(CLEARED, product=None), other]) if one.part is Part.CLEARANCE)
    assert (found.verdict, found.why) == (N, Why.PRODUCT_NOT_TOLD)


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(range(len(EXPORTED)))))
def test_what_was_taken_away_is_never_present(gone: set[int]) -> None:
    """Missing data never pass."""
    left = [one for number, one in enumerate(EXPORTED) if number not in gone]
    if not any(one.batch == BATCH for one in left):
        return
    after = asked(left, ())
    assert len(after) == 1 or {one.part for one in after if one.verdict is Verdict.PRESENT} <= set(Part) - gone_parts(
        gone
    )


def gone_parts(gone: set[int]) -> set[Part]:
    """What cannot be there without these."""
    needed = {Part.TEST: ASSAY, Part.CLEARANCE: CLEARED, Part.EQUIPMENT: STERILISED, Part.MATERIAL: ISSUED,
              Part.YIELD: YIELD, Part.SIGNATURE: SIGNED, Part.ORDER: STEPS[1]}  # fmt: skip
    return {part for part, record in needed.items() if EXPORTED.index(record) in gone} | {Part.WEIGHING}
