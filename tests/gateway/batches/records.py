"""Records of a batch of a freeze-dried injection, whole by its master batch record, and what to make others of."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import uuid4

from gateway.archive.archive import Archive
from gateway.masters import MasterBatchRecord, Masters
from schemas.codec import Record
from schemas.exported import (
    BatchOrder,
    BatchStep,
    Conclusion,
    Document,
    EquipmentUse,
    Exported,
    LineClearance,
    MaterialMovement,
    Movement,
    OrderStatus,
    QualityEvent,
    QualityMatter,
    Signature,
    Stage,
    StepEvent,
    TestResult,
    Use,
    Yield,
)
from schemas.records import Weighing
from tests.gateway.messages import SECOND, message, weighing

MINUTE = 60 * SECOND
START = 1_781_140_000_000_000
BATCH, PRODUCT = "240611A", "P-002"
Kind = TypeVar("Kind", bound=Exported)


def at(minutes: float) -> int:
    """UTC microseconds, so many minutes after the batch began."""
    return START + round(minutes * MINUTE)


def step(name: str, event: StepEvent, minute: float, **given: Any) -> BatchStep:
    facts: dict[str, Any] = {
        "system": "mes", "key": f"{name}|{event}|{minute:g}", "batch": BATCH, "product": PRODUCT, "step": name,
        "event": event, "time": at(minute), "room": "F1", "equipment": "FIL-01", "person": "li", "checked_by": "wang",
    }  # fmt: skip
    return BatchStep(**facts | given)


def moved(movement: Movement, lot: str, minute: float, **given: Any) -> MaterialMovement:
    facts: dict[str, Any] = {
        "system": "wms", "key": f"{movement}|{lot}|{minute:g}", "movement": movement, "material": "API", "lot": lot,
        "quantity": 5.0, "unit": "kg", "time": at(minute), "person": "zhao",
    }  # fmt: skip
    return MaterialMovement(**facts | given)


def analysed(test: str, sample: str, value: float, **given: Any) -> TestResult:
    facts: dict[str, Any] = {
        "system": "lims", "key": f"{sample}|{test}", "batch": BATCH, "product": PRODUCT, "sample": sample, "test": test,
        "reported": f"{value:g}", "value": value, "qualifier": "=", "unit": "%", "status": "approved", "low": 95.0,
        "high": 105.0, "conclusion": Conclusion.PASS, "stage": Stage.FINISHED, "time": at(600), "sampled": at(130),
        "specification": "SP-7", "specification_version": "3",
    }  # fmt: skip
    return TestResult(**facts | given)


ORDER = BatchOrder(
    system="mes", key=BATCH, batch=BATCH, product=PRODUCT, status=OrderStatus.COMPLETED, master_record="MBR-2",
    master_version="4", time=at(-30),
)  # fmt: skip
ISSUED = moved(Movement.ISSUE, "RM-1", -20, batch=BATCH, product=PRODUCT)
RECEIVED = moved(Movement.RECEIPT, "RM-1", -9000, supplier="Fine Chemicals", supplier_lot="FC-77", quantity=25.0)
STERILISED = EquipmentUse(
    system="mes", key="fil-ster", equipment="FIL-01", use=Use.STERILISATION, began=at(-200), time=at(-120),
    valid_until=at(2000), conclusion=Conclusion.PASS, room="F1",
)  # fmt: skip
CLEARED = LineClearance(
    system="mes", key="clear", batch=BATCH, product=PRODUCT, room="F1", stage="filling", conclusion=Conclusion.PASS,
    time=at(-10), person="li", checked_by="wang",
)  # fmt: skip
YIELD = Yield(
    system="mes", key="yield", batch=BATCH, product=PRODUCT, stage="filling", taken=1000.0, made=985.0, samples=10.0,
    rejected=5.0, left=0.0, unit="{#}", low=97.0, high=102.0, time=at(240), conclusion=Conclusion.PASS,
)  # fmt: skip
ASSAY = analysed("Assay", "S-1", 99.1)
SIGNED = Signature(
    system="mes", key="sign", signer="zhou", meaning="reviewed", time=at(700), signed_kind="BatchOrder",
    signed_key=BATCH,
)  # fmt: skip
DEVIATION = QualityEvent(
    system="qms", key="DEV-1", batch=BATCH, product=PRODUCT, what=QualityMatter.DEVIATION, reference="DEV-26-031",
    title="Differential below limit while filling", status="under investigation", grade="major", opened=at(100),
    time=at(100), room="F1",
)  # fmt: skip
PAPER = Document(
    system="dms", key="D-1", batch=BATCH, product=PRODUCT, document="BPR-240611A", document_version="1",
    sha256="ab" * 32, place="archive 3", status="effective", title="Batch production record", time=at(800),
)  # fmt: skip
STEPS = (
    step("weigh", StepEvent.STARTED, 0, room="M1", equipment="BAL-1"),
    step("weigh", StepEvent.COMPLETED, 20, room="M1", equipment="BAL-1"),
    step("fill", StepEvent.STARTED, 30),
    step("fill", StepEvent.COMPLETED, 200),
)
EXPORTED: tuple[Exported, ...] = (
    ORDER, *STEPS, ISSUED, RECEIVED, STERILISED, CLEARED, YIELD, ASSAY, SIGNED, DEVIATION, PAPER,
)  # fmt: skip
WEIGHED: Weighing = replace(weighing(at(5)), lot="RM-1", batch=BATCH)
RECORDS: tuple[Record, ...] = (*EXPORTED, WEIGHED)
MASTERS = Masters(
    master_records=(
        MasterBatchRecord.model_validate(
            {
                "product": PRODUCT,
                "also": ["INJ-2"],
                "name": "MBR-2",
                "version": "4",
                "steps": [{"step": "weigh"}, {"step": "fill"}],
                "equipment": [{"equipment": "FIL-01", "use": "STERILISATION", "before": "fill"}],
                "clearances": [{"stage": "filling", "room": "F1"}],
                "tests": [{"test": "Assay", "stage": "FINISHED", "final": ["approved"]}],
                "materials": [{"material": "API", "low": 4, "high": 6, "unit": "kg"}],
                "yields": [{"stage": "filling"}],
                "weighings": [{"material": "API"}],
                "signatures": [{"meaning": "reviewed", "kind": "BatchOrder"}],
            }
        ),
    )
)


def corrected(record: Kind, version: int = 2, **changed: Any) -> Kind:
    """The next version of a record."""
    facts: dict[str, Any] = {"id": uuid4(), "version": version, "replaces": record.id, "by": "li", "why": "typo"}
    return replace(record, **facts | changed)


def another(record: Kind, **changed: Any) -> Kind:
    """A record of the same kind under a key of its own."""
    return replace(record, **{"id": uuid4(), "key": f"{record.key}+", **changed})


def stored(records: Iterable[Record]) -> Archive:
    """An archive that received them in this order."""
    archive = Archive(None)
    archive.store([message(one, offset) for offset, one in enumerate(records)])
    return archive
