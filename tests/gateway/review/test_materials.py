"""Rules for lots of material."""

from typing import Any

import pytest

from gateway.review.materials import material_expired, material_not_released, supplier_not_approved
from gateway.review.outcome import Code, Severity, Verdict
from schemas.exported import MaterialMovement, Movement
from tests.gateway.review.records import agreed, judged, moved, on, verdict

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_EVALUABLE
RECEIVED = moved(Movement.RECEIPT, "2026-02-01T10:00", supplier="Huadong Fine Chemical", batch=None, product=None)
RELEASED = moved(Movement.RELEASE, "2026-02-10T10:00", expires=on("2027-02-01"), batch=None, product=None)
ISSUED = moved(Movement.ISSUE, "2026-03-01T08:00")


def told(judge: Any, *records: MaterialMovement, **by: Any) -> tuple[Verdict, Severity | None]:
    found = judged(judge, records[0], *records[1:], **by)
    assert found is not None
    return found.verdict, found.severity


@pytest.mark.parametrize(
    ("supplier", "day", "expected"),
    [
        ("Huadong Fine Chemical", "2026-02-01", PASSED), ("华东精细化工", "2026-02-01", PASSED),
        ("Huadong Fine Chemical", "2024-04-30", FAILED), ("Huadong Fine Chemical", "2024-05-01", PASSED),
        ("Nanhai Pharma Materials", "2025-12-31", PASSED), ("Nanhai Pharma Materials", "2026-01-01", FAILED),
        ("Qingdao Sugars", "2026-02-01", FAILED), ("Nobody", "2026-02-01", FAILED),
    ],
)  # fmt: skip
def test_a_supplier_is_on_the_list_of_the_day_for_that_material(supplier: str, day: str, expected: Verdict) -> None:
    """By any of its names; one of another material does not count."""
    received = moved(Movement.RECEIPT, f"{day}T10:00", supplier=supplier)
    assert verdict(Code.SUPPLIER_NOT_APPROVED, received) is expected


def test_the_day_is_that_of_the_plant() -> None:
    """Half an hour after midnight in Shanghai it is the day before in UTC."""
    received = moved(Movement.RECEIPT, "2024-05-01T00:30", supplier="Huadong Fine Chemical")
    assert told(supplier_not_approved, received) == (PASSED, None)


def test_what_is_issued_has_the_supplier_of_its_receipt() -> None:
    """Without a receipt it is not known; one that the issue itself names counts too."""
    assert told(supplier_not_approved, ISSUED, RECEIVED) == (PASSED, None)
    assert told(supplier_not_approved, ISSUED) == (OPEN, None)
    bad = moved(Movement.RECEIPT, "2026-02-01T11:00", supplier="Nobody")
    assert told(supplier_not_approved, ISSUED, RECEIVED, bad) == (FAILED, Severity.ACTION)
    named = moved(Movement.ISSUE, "2026-03-01T08:00", supplier="Nobody")
    assert told(supplier_not_approved, named, RECEIVED) == (FAILED, Severity.ACTION)
    other = moved(Movement.RECEIPT, "2026-02-01T11:00", supplier="Huadong Fine Chemical", lot="RM-2")
    assert told(supplier_not_approved, ISSUED, other) == (OPEN, None)


def test_without_a_list_no_supplier_passes() -> None:
    """Nor one that is not told; other movements are not asked."""
    assert told(supplier_not_approved, RECEIVED, by=agreed()) == (OPEN, None)
    assert told(supplier_not_approved, moved(Movement.RECEIPT, "2026-02-01T10:00")) == (OPEN, None)
    assert judged(supplier_not_approved, RELEASED) is None


@pytest.mark.parametrize(("day", "expected"), [("2027-02-01", PASSED), ("2027-02-02", FAILED)])
def test_the_last_day_of_a_lot_is_its_expiry_date(day: str, expected: Verdict) -> None:
    """The day is the plant's; the date is the one last told before the issue."""
    issued = moved(Movement.ISSUE, f"{day}T07:00")
    assert told(material_expired, issued, RELEASED)[0] is expected
    retested = moved(Movement.TEST, "2027-01-20T10:00", expires=on("2028-02-01"))
    assert told(material_expired, issued, RELEASED, retested) == (PASSED, None)
    later = moved(Movement.TEST, "2027-03-20T10:00", expires=on("2028-02-01"))
    assert told(material_expired, issued, RELEASED, later)[0] is expected


def test_a_lot_whose_expiry_nobody_told_is_not_evaluable() -> None:
    """The issue's own date counts first."""
    assert told(material_expired, ISSUED) == (OPEN, None)
    assert told(material_expired, moved(Movement.ISSUE, "2026-03-01T08:00", expires=on("2026-02-28")), RELEASED) == (
        FAILED,
        Severity.ACTION,
    )
    assert judged(material_expired, RECEIVED) is None


def test_a_lot_is_released_before_it_is_issued() -> None:
    """Released after, or rejected since, is a finding; without any decision it cannot be told."""
    rejected = moved(Movement.REJECTION, "2026-02-20T10:00")
    late = moved(Movement.RELEASE, "2026-03-05T10:00")
    assert told(material_not_released, ISSUED, RELEASED) == (PASSED, None)
    assert told(material_not_released, ISSUED, RELEASED, rejected) == (FAILED, Severity.ACTION)
    assert told(material_not_released, ISSUED, late) == (FAILED, Severity.ACTION)
    assert told(material_not_released, ISSUED, RECEIVED) == (OPEN, None)
    assert judged(material_not_released, RECEIVED) is None
