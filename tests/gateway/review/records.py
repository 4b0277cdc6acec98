"""Records as a plant's systems export them, and what a holder agreed of them, for tests of the review."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import gateway.review
from gateway.masters import Masters
from gateway.review.history import Context, Memory
from gateway.review.outcome import Code, Judged, Outcome, Subject, Verdict
from gateway.review.review import review_all
from gateway.review.settings import Agreed, ReviewSettings, SupplierList, load_agreed
from schemas.exported import (
    BatchOrder,
    BatchStep,
    Conclusion,
    EquipmentUse,
    Exported,
    LabelReconciliation,
    MaterialMovement,
    Movement,
    OrderStatus,
    Purpose,
    Signature,
    Stage,
    StepEvent,
    StoredSample,
    TestResult,
    Use,
    Yield,
)
from tests.gateway.messages import weighing

ZONE = ZoneInfo("Asia/Shanghai")
SAMPLE = Path(str(gateway.review.__file__)).with_name("sample.yaml")
BATCH, PRODUCT = "26030101", "FD-100"
FIELDS: dict[str, Any] = {"system": "lims", "product": PRODUCT, "batch": BATCH}
weighed = weighing


def at(text: str) -> int:
    """A time in the plant's zone as UTC microseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


def on(text: str) -> int:
    """A date as days since 1970-01-01."""
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def result(reported: str = "2.1", **fields: Any) -> TestResult:
    """A finished product's water content with its limit, by default all in order."""
    sign = reported[0] if reported[0] in "<≤≥>" else "="
    number = reported.lstrip("<≤≥>")
    given: dict[str, Any] = {
        "key": f"S-1|{fields.get('test', 'Water content')}", "sample": "S-1", "test": "Water content",
        "reported": reported, "value": float(number) if number[-1].isdigit() else None, "qualifier": sign, "unit": "%",
        "status": "approved", "stage": Stage.FINISHED, "specification": "QS-FD100", "specification_version": "5",
        "high": 3.0, "conclusion": Conclusion.PASS, "sampled": at("2026-03-02T08:00"), "tested": at("2026-03-02T14:00"),
        "time": at("2026-03-03T09:00"), "analyst": "li", "approver": "wang",
    }  # fmt: skip
    return TestResult(**FIELDS | given | fields)


def corrected(record: Exported, **fields: Any) -> Any:
    """The next version of a record."""
    return replace(record, id=uuid4(), version=record.version + 1, replaces=record.id, **fields)


def order(**fields: Any) -> BatchOrder:
    """A released order; expiry by the sample's rule."""
    given: dict[str, Any] = {
        "system": "mes", "key": "PO-1", "status": OrderStatus.STARTED, "master_record": "MBR-FD100",
        "master_version": "7", "manufactured": on("2026-03-01"), "expires": on("2028-02-29"),
        "time": at("2026-02-27T10:00"),
    }  # fmt: skip
    return BatchOrder(**FIELDS | given | fields)


def step(name: str, event: StepEvent, time: str, **fields: Any) -> BatchStep:
    given: dict[str, Any] = {"system": "mes", "key": f"{name}|{event}", "person": "li", "checked_by": "wang"}
    return BatchStep(step=name, event=event, time=at(time), **FIELDS | given | fields)


def moved(movement: Movement, time: str, **fields: Any) -> MaterialMovement:
    given: dict[str, Any] = {
        "system": "wms", "key": f"M-{movement}-{time}", "material": "API-100", "lot": "RM-1", "quantity": 25.0,
        "unit": "kg",
    }  # fmt: skip
    return MaterialMovement(movement=movement, time=at(time), **FIELDS | given | fields)


def calibrated(time: str, until: str | None, conclusion: Conclusion = Conclusion.PASS, **fields: Any) -> EquipmentUse:
    given: dict[str, Any] = {
        "system": "cmms", "key": f"CAL-{time}", "equipment": "KF-02", "use": Use.CALIBRATION, "began": at(time),
    }  # fmt: skip
    return EquipmentUse(
        time=at(time), valid_until=None if until is None else at(until), conclusion=conclusion, **given | fields
    )


def balance(**fields: Any) -> Yield:
    given: dict[str, Any] = {
        "system": "mes", "key": "Y-1", "stage": "filling", "taken": 1000.0, "made": 985.0, "unit": "{#}",
        "samples": 5.0, "rejected": 4.0, "left": 0.0, "low": 98.0, "high": 100.5, "conclusion": Conclusion.PASS,
        "person": "li", "checked_by": "wang",
    }  # fmt: skip
    return Yield(**FIELDS | given | fields)


def labels(**fields: Any) -> LabelReconciliation:
    given: dict[str, Any] = {
        "system": "mes", "key": "L-1", "material": "label", "issued": 1000.0, "used": 985.0, "samples": 3.0,
        "damaged": 2.0, "returned": 10.0, "conclusion": Conclusion.PASS, "person": "li", "checked_by": "wang",
    }  # fmt: skip
    return LabelReconciliation(**FIELDS | given | fields)


def stored(sample: str, condition: str = "25 °C / 60 %RH") -> StoredSample:
    return StoredSample(
        system="lims", key=f"ST-{sample}", sample=sample, purpose=Purpose.STABILITY, quantity=20.0, unit="{#}",
        place="chamber 3", condition=condition,
    )  # fmt: skip


def signature(record: Exported, meaning: str = "approved") -> Signature:
    return Signature(
        system=record.system, key=f"SIG-{record.key}-{meaning}", signer="zhao", meaning=meaning,
        time=at("2026-03-04T10:00"), signed_kind=type(record).__name__, signed_key=record.key,
    )  # fmt: skip


MASTERS: dict[str, Any] = {
    "master_records": [
        {
            "product": "FD-100", "name": "MBR-FD100", "version": "6",
            "steps": [{"step": "dispensing"}, {"step": "compounding"}, {"step": "filtration"}],
        },
        {
            "product": "FD-100", "name": "MBR-FD100", "version": "7", "since": "2026-01-01",
            "steps": [
                {"step": "dispensing"}, {"step": "compounding"}, {"step": "vial washing", "after": []},
                {"step": "filling", "after": ["compounding", "vial washing"]},
                {"step": "freeze-drying"}, {"step": "capping"},
            ],
        },
    ]
}  # fmt: skip


def sample() -> Agreed:
    """What the sample configuration says, with two versions of a master batch record."""
    return replace(load_agreed(SAMPLE), masters=Masters.model_validate(MASTERS))


def agreed(suppliers: dict[str, Any] | None = None, **settings: Any) -> Agreed:
    """What these settings say."""
    listed = None if suppliers is None else SupplierList.model_validate(suppliers)
    return Agreed(ReviewSettings.model_validate(settings), listed)


def judged(judge: Callable[[Any, Context], Judged | None], subject: Subject, *beside: Subject,
           by: Agreed | None = None) -> Judged | None:  # fmt: skip
    """A rule's answer about a record, with these beside it."""
    return judge(subject, Context(Memory([subject, *beside]), by or sample(), ZONE))


def answers(*records: Subject, by: Agreed | None = None) -> dict[Code, list[Outcome]]:
    """What a review of all these records answers, rule by rule."""
    found: dict[Code, list[Outcome]] = {}
    for one in review_all(Context(Memory(records), by or sample(), ZONE)):
        found.setdefault(one.place.code, []).append(one)
    return found


def verdict(code: Code, *records: Subject, by: Agreed | None = None) -> Verdict | None:
    """A rule's one answer about the first record; None where it has nothing to say."""
    found = [one for one in answers(*records, by=by).get(code, []) if one.subject.id == records[0].id]
    return found[0].judged.verdict if found else None
