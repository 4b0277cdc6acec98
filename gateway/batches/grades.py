"""How much hangs on a rule of the review: the class that practice gives what breaks it. Pure.

A starting class, by which exceptions stand in order; the class of a deviation is given by those who investigate it.
"""

from enum import StrEnum

from gateway.batches.missing import Part
from gateway.review.outcome import Code


class Grade(StrEnum):
    """Classes of deviations, the weightiest first (GMP 249 names the outer two)."""

    CRITICAL = "CRITICAL"
    MAJOR = "MAJOR"
    MINOR = "MINOR"


class OfBatch(StrEnum):
    """Names of the rules about the batch as a whole that its master batch record does not ask for."""

    ROOM_ALARMS = "ROOM_ALARMS"
    ROOM_READINGS = "ROOM_READINGS"
    INTERFACES = "INTERFACES"
    NUMBERS = "NUMBERS"
    CORRECTIONS = "CORRECTIONS"
    EVENTS = "EVENTS"


_CRITICAL: frozenset[str] = frozenset({
    # the product is not what was registered
    Code.OUT_OF_SPECIFICATION, Code.SPECIFICATION_NOT_AGREED, Code.SUPPLIER_NOT_APPROVED, Code.MATERIAL_EXPIRED,
    Code.MATERIAL_NOT_RELEASED, Code.STEP_ORDER, Code.STEP_NOT_AS_PLANNED, Code.MASTER_RECORD_NOT_AGREED,
    Part.STEP, Part.ORDER, Part.TEST, Part.MATERIAL,
    # integrity of data, whatever the effect
    Code.CONCLUSION_CONTRADICTED, Code.CORRECTED_INTO_LIMITS, Code.RESULT_BEFORE_SAMPLE, OfBatch.CORRECTIONS,
    OfBatch.NUMBERS,
    # mixed up, or open to the air of a room that was not as it should be
    Code.LABELS_UNACCOUNTED, Code.BATCH_NUMBER_TWICE, Part.CLEARANCE, OfBatch.ROOM_ALARMS,
})  # fmt: skip
_MINOR: frozenset[str] = frozenset({Code.UNIT_NOT_AGREED, Part.MASTER})
"""On paper only."""


def grade_of(code: str) -> Grade:
    """The class of a rule; MAJOR where nobody can say that less hangs on it."""
    if code in _CRITICAL:
        return Grade.CRITICAL
    return Grade.MINOR if code in _MINOR else Grade.MAJOR
