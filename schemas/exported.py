"""What MES, LIMS, WMS, DMS and QMS say, as records: a dataclass for each kind; its Avro schema is derived from it.

Names of things (batches, lots, samples, persons, rooms) are text as the source system has them. Units are UCUM codes.
A correction is a new `version` of the same `key` that names in `replaces` what stood before; that one stays
(74 art. 16). Words follow ISA-88.01 (procedural elements), ISA-95 (material lots) and the GMP (2010 revision).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from schemas.derived import SHOWN, Date, Time


class Origin(StrEnum):
    """How a value came to be (74 art. 15, 28)."""

    OTHER = "OTHER"
    DIRECT = "DIRECT"
    EXPORTED = "EXPORTED"
    KEYED = "KEYED"
    SCANNED = "SCANNED"


class Conclusion(StrEnum):
    """What the source concludes."""

    OTHER = "OTHER"
    PASS = "PASS"  # noqa: S105 - a word
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What each kind has."""

    MAY_BE_WITHHELD: ClassVar[bool] = True
    id: Annotated[UUID, "Record id: random, given once, equal in all copies of this record."] = field(
        default_factory=uuid4
    )
    system: Annotated[str, SHOWN, "The system that said it: name of the source in the agent's configuration."]
    key: Annotated[str, "What names the thing in that system, whatever its version."]
    version: Annotated[int, "Counts from 1 within key; one above replaces the one before it, which stays."] = 1
    replaces: Annotated[UUID | None, "Id of the record that this one corrects; null for the first."] = None
    by: Annotated[str | None, "Who corrected it; null where it is no correction or the source does not say."] = None
    why: Annotated[str | None, "Why it was corrected."] = None
    origin: Annotated[Origin, "DIRECT from equipment, EXPORTED by a system, KEYED by hand, SCANNED from paper."] = (
        Origin.EXPORTED
    )
    second: Annotated[str | None, "Who checked a value keyed by hand (GMP second check); null where nobody did."] = None
    batch: Annotated[str | None, "Batch that it belongs to."] = None
    product: Annotated[str | None, "Product, by the code of the source."] = None
    line: Annotated[str | None, "Production line (ISA-95 work center)."] = None
    time: Annotated[Time | None, SHOWN, "When it happened or became final, as the source says."] = None
    file: Annotated[str | None, "SHA-256 of the file it stood in, 64 hex digits; null where there was none."] = None
    row: Annotated[int | None, SHOWN, "Line or position in that file, from 1."] = None


class OrderStatus(StrEnum):
    """How far a batch order is."""

    OTHER = "OTHER"
    PLANNED = "PLANNED"
    RELEASED = "RELEASED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOrder(Exported):
    """The order to make a batch, by which master batch record (HB 95, 97; 107 T10)."""

    batch: Annotated[str, "Batch number."]
    status: Annotated[OrderStatus, "How far it is."]
    quantity: Annotated[float | None, "Planned size, in unit."] = None
    unit: Annotated[str | None, "Unit of quantity."] = None
    master_record: Annotated[str | None, "Master batch record that it follows."] = None
    master_version: Annotated[str | None, "Version of the master batch record."] = None
    manufactured: Annotated[Date | None, "Date of manufacture."] = None
    expires: Annotated[Date | None, "Expiry date."] = None


class StepEvent(StrEnum):
    """What happened to a procedural element (ISA-88.01, 5.7; records-by-exception lists of MES users)."""

    OTHER = "OTHER"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    HELD = "HELD"
    RESTARTED = "RESTARTED"
    ABORTED = "ABORTED"
    SKIPPED = "SKIPPED"
    FORCED = "FORCED"
    REPEATED = "REPEATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStep(Exported):
    """An event of an operation or phase of a batch (ISA-88)."""

    batch: Annotated[str, "Batch number."]
    step: Annotated[str, "The operation or phase, by its id in the master batch record."]
    event: Annotated[StepEvent, "What happened to it."]
    time: Annotated[Time, "When."]
    name: Annotated[str | None, "The step in words."] = None
    within: Annotated[str | None, "The step of which it is a part."] = None
    room: Annotated[str | None, "Where."] = None
    equipment: Annotated[str | None, "With what."] = None
    person: Annotated[str | None, "Who did it."] = None
    checked_by: Annotated[str | None, "Who checked it."] = None
    comment: Annotated[str | None, "What the person wrote."] = None


class Use(StrEnum):
    """What equipment was used for (107 T9.2)."""

    OTHER = "OTHER"
    PRODUCTION = "PRODUCTION"
    CLEANING = "CLEANING"
    DISINFECTION = "DISINFECTION"
    STERILISATION = "STERILISATION"
    MAINTENANCE = "MAINTENANCE"
    CALIBRATION = "CALIBRATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentUse(Exported):
    """A line of an equipment log: use, cleaning or disinfection (107 T9.2). `time` is its end."""

    equipment: Annotated[str, "The equipment."]
    use: Annotated[Use, "What for."]
    began: Annotated[Time, "When it began."]
    room: Annotated[str | None, "Where."] = None
    procedure: Annotated[str | None, "Procedure followed, with its version."] = None
    conclusion: Annotated[Conclusion | None, "Whether it ended well; null where the source does not say."] = None
    valid_until: Annotated[Time | None, "Until when the cleaning, sterilisation or calibration holds."] = None
    person: Annotated[str | None, "Who did it."] = None
    checked_by: Annotated[str | None, "Who checked it."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClearance(Exported):
    """A line clearance (GMP 201)."""

    batch: Annotated[str, "The batch that it makes room for."]
    room: Annotated[str, "Where."]
    stage: Annotated[str, "Before which stage."]
    conclusion: Annotated[Conclusion, "Whether the line was clear."]
    time: Annotated[Time, "When."]
    previous: Annotated[str | None, "The batch that was there before."] = None
    items: Annotated[str | None, "What was looked at and found."] = None
    person: Annotated[str | None, "Who cleared."] = None
    checked_by: Annotated[str | None, "Who checked it."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield(Exported):
    """Yield and material balance of a stage (HB 104; GMP 187). Limits are per cent of what went in."""

    batch: Annotated[str, "Batch number."]
    stage: Annotated[str, "Stage of production or packaging."]
    taken: Annotated[float, "What went in, or the theoretical yield, in unit."]
    made: Annotated[float, "What came out, in unit."]
    unit: Annotated[str, "Unit of all quantities."]
    samples: Annotated[float | None, "Taken as samples, in unit."] = None
    rejected: Annotated[float | None, "Rejected and destroyed, in unit."] = None
    left: Annotated[float | None, "Left over and returned, in unit."] = None
    low: Annotated[float | None, "Lower limit of the balance, per cent."] = None
    high: Annotated[float | None, "Upper limit of the balance, per cent."] = None
    conclusion: Annotated[Conclusion | None, "What the source concludes."] = None
    person: Annotated[str | None, "Who reckoned it."] = None
    checked_by: Annotated[str | None, "Who checked it."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReconciliation(Exported):
    """Printed packaging material accounted for (GMP 211, 215). Counts are pieces."""

    batch: Annotated[str, "Batch number."]
    material: Annotated[str, "The label, leaflet or carton."]
    lot: Annotated[str | None, "Its lot."] = None
    issued: Annotated[float, "Issued."]
    used: Annotated[float, "Used."]
    samples: Annotated[float | None, "Kept with the record or as samples."] = None
    damaged: Annotated[float | None, "Damaged and destroyed."] = None
    returned: Annotated[float | None, "Returned."] = None
    conclusion: Annotated[Conclusion | None, "What the source concludes."] = None
    person: Annotated[str | None, "Who counted."] = None
    checked_by: Annotated[str | None, "Who checked it."] = None


class Again(StrEnum):
    """How material is used again (GMP 312 (17), (20), (30))."""

    OTHER = "OTHER"
    REWORK = "REWORK"
    REPROCESSING = "REPROCESSING"
    RECOVERY = "RECOVERY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rework(Exported):
    """Rework, reprocessing or recovery (HB 103; 107 T7.2: with the holder's written approval before)."""

    batch: Annotated[str, "Batch that it goes into."]
    what: Annotated[Again, "Which of the three."]
    reason: Annotated[str, "Why."]
    came_from: Annotated[str | None, "Batch that recovered material comes from."] = None
    step: Annotated[str | None, "Step that is done again."] = None
    quantity: Annotated[float | None, "How much, in unit."] = None
    unit: Annotated[str | None, "Unit of quantity."] = None
    approval: Annotated[str | None, "The holder's approval, by its number."] = None
    approved: Annotated[Time | None, "When the holder approved."] = None


class Movement(StrEnum):
    """What happened to a lot of material (107 G4(2), T7.1)."""

    OTHER = "OTHER"
    RECEIPT = "RECEIPT"
    SAMPLING = "SAMPLING"
    TEST = "TEST"
    RELEASE = "RELEASE"
    REJECTION = "REJECTION"
    ISSUE = "ISSUE"
    RETURN = "RETURN"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialMovement(Exported):
    """A movement of a lot of material; `batch` is the one that it was issued to or returned from."""

    movement: Annotated[Movement, "What happened."]
    material: Annotated[str, "The material."]
    lot: Annotated[str, "Its lot."]
    quantity: Annotated[float, "How much, in unit."]
    unit: Annotated[str, "Unit of quantity."]
    time: Annotated[Time, "When."]
    name: Annotated[str | None, "The material in words."] = None
    supplier: Annotated[str | None, "Who supplied it."] = None
    supplier_lot: Annotated[str | None, "The supplier's lot."] = None
    expires: Annotated[Date | None, "Expiry or retest date."] = None
    person: Annotated[str | None, "Who did it."] = None
    checked_by: Annotated[str | None, "Who checked it."] = None


class Stage(StrEnum):
    """What is tested."""

    OTHER = "OTHER"
    MATERIAL = "MATERIAL"
    IN_PROCESS = "IN_PROCESS"
    INTERMEDIATE = "INTERMEDIATE"
    FINISHED = "FINISHED"
    STABILITY = "STABILITY"
    RETENTION = "RETENTION"
    ENVIRONMENT = "ENVIRONMENT"
    WATER = "WATER"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult(Exported):
    """A result of a test or in-process control (GMP 223(6)). `time` is when it became final."""

    __test__ = False  # no test class, whatever pytest makes of the name

    sample: Annotated[str, "The sample."]
    test: Annotated[str, "The test, with its component."]
    reported: Annotated[str, "The result as reported, every sign of it."]
    status: Annotated[str, "Its status in the source."]
    value: Annotated[float | None, "The number in what was reported; derived, null where there is none."] = None
    qualifier: Annotated[str | None, "<, ≤, =, ≥ or > before the value; derived."] = None
    unit: Annotated[str | None, "Unit of value, low and high."] = None
    stage: Annotated[Stage | None, "What was tested; null where the source does not say."] = None
    material: Annotated[str | None, "Material, of tests of materials."] = None
    lot: Annotated[str | None, "Lot of the material."] = None
    point: Annotated[str | None, "Sampling point or room, of tests of environment and water."] = None
    equipment: Annotated[str | None, "Instrument."] = None
    method: Annotated[str | None, "Method, with its version."] = None
    specification: Annotated[str | None, "Specification."] = None
    specification_version: Annotated[str | None, "Its version."] = None
    low: Annotated[float | None, "Least that it allows, in unit."] = None
    high: Annotated[float | None, "Most that it allows, in unit."] = None
    conclusion: Annotated[Conclusion | None, "What the source concludes."] = None
    sampled: Annotated[Time | None, "When the sample was taken."] = None
    tested: Annotated[Time | None, "When it was tested."] = None
    analyst: Annotated[str | None, "Who tested."] = None
    approver: Annotated[str | None, "Who approved the result."] = None


class Purpose(StrEnum):
    """What a sample is kept for."""

    OTHER = "OTHER"
    RETENTION = "RETENTION"
    STABILITY = "STABILITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSample(Exported):
    """A retention or stability sample (107 T11.1.3; GMP 225, 235)."""

    sample: Annotated[str, "The sample."]
    purpose: Annotated[Purpose, "What for."]
    quantity: Annotated[float, "How much is there, in unit."]
    unit: Annotated[str, "Unit of quantity."]
    place: Annotated[str, "Where it is kept."]
    condition: Annotated[str | None, "Storage condition."] = None
    material: Annotated[str | None, "Material, of samples of materials."] = None
    lot: Annotated[str | None, "Lot of the material."] = None
    due: Annotated[Date | None, "When it is to be looked at or tested next."] = None
    keep_until: Annotated[Date | None, "Until when it must be kept."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Exported):
    """A line of a document index (107 T9)."""

    document: Annotated[str, "The document."]
    document_version: Annotated[str, "Its version."]
    sha256: Annotated[str, "SHA-256 of its content, 64 hex digits."]
    place: Annotated[str, "Where it is kept."]
    status: Annotated[str, "Its status in the source."]
    title: Annotated[str | None, "Its title."] = None
    effective: Annotated[Date | None, "From when it is in force."] = None


class QualityMatter(StrEnum):
    """What a quality system keeps (134 (7); 107 T11)."""

    OTHER = "OTHER"
    DEVIATION = "DEVIATION"
    CHANGE = "CHANGE"
    OOS = "OOS"
    OOT = "OOT"
    CAPA = "CAPA"
    COMPLAINT = "COMPLAINT"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityEvent(Exported):
    """A deviation, change, OOS or CAPA as the CMO's QMS has it. `time` is the state's."""

    what: Annotated[QualityMatter, "Which of them."]
    reference: Annotated[str, "Its number in the QMS."]
    title: Annotated[str, "What it is about."]
    status: Annotated[str, "Its status in the source."]
    grade: Annotated[str | None, "Its class, in the words of the source."] = None
    description: Annotated[str | None, "What is known."] = None
    opened: Annotated[Time | None, "When it was opened."] = None
    closed: Annotated[Time | None, "When it was closed; null while it is open."] = None
    room: Annotated[str | None, "Where."] = None
    equipment: Annotated[str | None, "With what."] = None
    draft: Annotated[str | None, "Id of the deviation drafted from an alarm that it completes."] = None
    person: Annotated[str | None, "Who is responsible."] = None


class AuditAction(StrEnum):
    """What an audit trail tells (74 art. 22(4))."""

    OTHER = "OTHER"
    CREATED = "CREATED"
    CHANGED = "CHANGED"
    DELETED = "DELETED"
    REPROCESSED = "REPROCESSED"
    RENAMED = "RENAMED"
    CLOCK_CHANGED = "CLOCK_CHANGED"
    SETTINGS_CHANGED = "SETTINGS_CHANGED"
    RIGHTS_CHANGED = "RIGHTS_CHANGED"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrailEntry(Exported):
    """A line of a source system's own audit trail (74 art. 22(4))."""

    action: Annotated[AuditAction, "What was done."]
    object: Annotated[str, "To what."]
    time: Annotated[Time, "When."]
    person: Annotated[str, "Who."]
    before: Annotated[str | None, "What stood there before."] = None
    after: Annotated[str | None, "What stands there now."] = None
    reason: Annotated[str | None, "Why."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature(Exported):
    """A signature in the source system (21 CFR 11.50: name, time, meaning)."""

    signer: Annotated[str, "Who signed."]
    meaning: Annotated[str, "What it means: performed, checked, reviewed, approved, released."]
    time: Annotated[Time, "When."]
    signed_kind: Annotated[str, "Kind of the record that is signed."]
    signed_key: Annotated[str, "Key of the record that is signed."]
    signed_version: Annotated[str | None, "Its version, as the source counts."] = None


KINDS: dict[str, type[Exported]] = {
    kind.__name__: kind
    for kind in (
        *(BatchOrder, BatchStep, EquipmentUse, LineClearance, Yield, LabelReconciliation, Rework),
        *(MaterialMovement, TestResult, StoredSample, Document, QualityEvent, AuditTrailEntry, Signature),
    )
}
"""One place to add such a kind: its dataclass here, its line in `catalogue.FAMILIES`, `python -m schemas`."""
