"""The rule for instruments and balances."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.review.equipment import balance_out_of_calibration, instrument_out_of_calibration
from gateway.review.outcome import Severity, Subject, Verdict
from schemas.exported import Conclusion, EquipmentUse, Use
from tests.gateway.review.records import at, calibrated, judged, on, result, weighed

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_EVALUABLE
TESTED = result(equipment="KF-02")
GOOD = calibrated("2026-01-10T09:00", "2026-07-10T09:00")


def told(judge: Any, *records: Subject) -> tuple[Verdict, Severity | None]:
    found = judged(judge, records[0], *records[1:])
    assert found is not None
    return found.verdict, found.severity


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ([GOOD], (PASSED, None)),
        ([calibrated("2025-08-10T09:00", "2026-03-02T13:59")], (FAILED, Severity.ACTION)),
        ([calibrated("2025-08-10T09:00", "2026-03-02T14:00")], (PASSED, None)),
        ([GOOD, calibrated("2026-02-10T09:00", "2026-07-10T09:00", Conclusion.FAIL)], (FAILED, Severity.ACTION)),
        ([calibrated("2026-01-10T09:00", None)], (OPEN, None)),
        ([calibrated("2026-01-10T09:00", "2026-07-10T09:00", Conclusion.OTHER)], (OPEN, None)),
        ([calibrated("2026-04-10T09:00", "2026-07-10T09:00")], (OPEN, None)),
        ([], (OPEN, None)),
        ([calibrated("2026-01-10T09:00", "2026-07-10T09:00", equipment="KF-03")], (OPEN, None)),
        ([GOOD, calibrated("2026-07-01T09:00", None, Conclusion.FAIL)], (FAILED, Severity.ALERT)),
        ([replace(GOOD, use=Use.CLEANING)], (OPEN, None)),
    ],
)
def test_an_instrument_is_calibrated_when_it_is_used(
    logged: list[EquipmentUse], expected: tuple[Verdict, Severity | None]
) -> None:
    """By the last calibration before; one that fails afterwards casts doubt on what was measured in between."""
    assert told(instrument_out_of_calibration, TESTED, *logged) == expected


def test_a_result_without_an_instrument_is_not_asked() -> None:
    """One without a time cannot be told."""
    assert judged(instrument_out_of_calibration, result()) is None
    timeless = replace(TESTED, tested=None, time=None)
    assert told(instrument_out_of_calibration, timeless, GOOD) == (OPEN, None)


def test_a_balance_goes_by_its_due_date_and_by_the_log() -> None:
    """The due date's day counts whole, in the plant's zone; the log names the balance or its serial number."""
    good = replace(weighed(at("2026-03-02T23:30")), calibration_due=on("2026-03-02"))
    late = replace(good, time=at("2026-03-03T00:30"))
    assert told(balance_out_of_calibration, good) == (PASSED, None)
    assert told(balance_out_of_calibration, late) == (FAILED, Severity.ACTION)
    for name in ("scale", "B021002593"):
        failed = calibrated("2026-01-10T09:00", "2026-07-10T09:00", Conclusion.FAIL, equipment=name)
        assert told(balance_out_of_calibration, good, failed) == (FAILED, Severity.ACTION)
    assert judged(balance_out_of_calibration, replace(good, accepted=False)) is None
