"""Rules for a batch: number, expiry, master record, steps, balances."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.batches import expiry
from gateway.review.outcome import Code, Severity, Subject, Verdict, said
from gateway.review.settings import Agreed, Expiry
from schemas.exported import BatchOrder, Conclusion, OrderStatus, StepEvent
from tests.gateway.review.records import agreed, answers, balance, labels, on, order, step, verdict

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_EVALUABLE
STARTED, COMPLETED = StepEvent.STARTED, StepEvent.COMPLETED


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (order(key="PO-2"), (FAILED, Severity.ACTION)),
        (order(key="PO-2", batch="26030102"), (PASSED, None)),
        (order(key="PO-2", status=OrderStatus.CANCELLED), (FAILED, Severity.ALERT)),
        (order(system="erp"), (PASSED, None)),
        (order(system="erp", manufactured=None), (PASSED, None)),
        (order(system="erp", manufactured=on("2025-03-01")), (FAILED, Severity.ACTION)),
        (order(system="erp", product="FD-200"), (FAILED, Severity.ACTION)),
        (order(system="erp", product="10023"), (PASSED, None)),
    ],
)
def test_a_batch_number_is_used_once(other: BatchOrder, expected: tuple[Verdict, Severity | None]) -> None:
    """Two systems may tell of one batch; both orders of a number that is used twice are told."""
    for records in ((order(), other), (other, order())):
        told = [one.judged for one in answers(*records)[Code.BATCH_NUMBER_TWICE]]
        assert [(one.verdict, one.severity) for one in told] == [expected, expected]


def test_a_number_may_be_unique_within_its_product_only() -> None:
    """Where the parties agreed so."""
    pair = (order(), order(key="PO-2", product="FD-200"))
    assert verdict(Code.BATCH_NUMBER_TWICE, *pair) is FAILED
    assert verdict(Code.BATCH_NUMBER_TWICE, *pair, by=agreed(batch_numbers="product")) is PASSED


@pytest.mark.parametrize(
    ("manufactured", "months", "rule", "expected"),
    [
        ("2026-03-01", 24, Expiry.DAY_BEFORE, "2028-02-29"), ("2026-03-15", 24, Expiry.DAY_BEFORE, "2028-03-14"),
        ("2026-03-15", 24, Expiry.SAME_DAY, "2028-03-15"), ("2026-03-15", 24, Expiry.END_OF_MONTH, "2028-03-31"),
        ("2026-03-15", 24, Expiry.MONTH_BEFORE, "2028-02-29"), ("2026-01-15", 12, Expiry.MONTH_BEFORE, "2026-12-31"),
        ("2026-08-31", 6, Expiry.DAY_BEFORE, "2027-02-28"), ("2024-02-29", 12, Expiry.SAME_DAY, "2025-02-28"),
        ("2026-08-31", 18, Expiry.DAY_BEFORE, "2028-02-29"), ("2026-12-01", 1, Expiry.DAY_BEFORE, "2026-12-31"),
    ],
)  # fmt: skip
def test_the_last_day_of_a_shelf_life(manufactured: str, months: int, rule: Expiry, expected: str) -> None:
    """Counted out on a calendar; a month without the day ends it with its last day."""
    assert expiry(date.fromisoformat(manufactured), months, rule) == date.fromisoformat(expected)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 240), st.sampled_from(Expiry))
def test_a_shelf_life_is_never_off_by_more_than_a_month(made: date, months: int, rule: Expiry) -> None:
    """Whichever rule, it ends in the month of the corresponding day or the one before."""
    found = expiry(made, months, rule)
    whole = (found.year - made.year) * 12 + found.month - made.month
    assert whole in ({months} if rule in {Expiry.SAME_DAY, Expiry.END_OF_MONTH} else {months - 1, months})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PASSED), ({"expires": on("2028-03-01")}, FAILED), ({"expires": None}, OPEN),
        ({"manufactured": None}, OPEN), ({"product": "FD-200"}, OPEN), ({"product": None}, OPEN),
    ],
)  # fmt: skip
def test_expiry_follows_the_agreed_rule(fields: dict[str, Any], expected: Verdict) -> None:
    """A day off is a finding; what is not told or not agreed cannot be judged."""
    assert verdict(Code.EXPIRY_NOT_AGREED, order(**fields)) is expected


def test_a_label_without_a_day_is_compared_by_its_month() -> None:
    """Whichever day the export fills in."""
    by = agreed(products=[{"product": "FD-100", "shelf_life": 24, "expiry": "month_before"}])
    for day, expected in (("2028-02-01", PASSED), ("2028-02-29", PASSED), ("2028-03-01", FAILED)):
        assert verdict(Code.EXPIRY_NOT_AGREED, order(expires=on(day)), by=by) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PASSED), ({"master_version": "6"}, FAILED), ({"master_record": "MBR-X"}, FAILED),
        ({"master_version": "6", "manufactured": on("2025-12-31")}, PASSED), ({"master_version": None}, OPEN),
        ({"product": "FD-200"}, OPEN), ({"manufactured": None, "time": None}, OPEN),
    ],
)  # fmt: skip
def test_the_master_record_is_the_version_of_its_day(fields: dict[str, Any], expected: Verdict) -> None:
    """Version 7 is in force since 2026."""
    assert verdict(Code.MASTER_RECORD_NOT_AGREED, order(**fields)) is expected


FILLING = step("filling", STARTED, "2026-03-01T12:00")
BEFORE = (step("compounding", COMPLETED, "2026-03-01T10:00"), step("vial washing", COMPLETED, "2026-03-01T11:00"))


def in_order(*steps: Subject, by: Agreed | None = None, **fields: Any) -> Verdict | None:
    return verdict(Code.STEP_ORDER, *steps, order(**fields), by=by)


def test_a_step_begins_when_those_before_it_are_completed() -> None:
    """Filling comes after compounding and vial washing; vial washing after nothing."""
    assert in_order(FILLING, *BEFORE) is PASSED
    assert in_order(FILLING, BEFORE[0], step("vial washing", COMPLETED, "2026-03-01T12:01")) is FAILED
    assert in_order(FILLING, BEFORE[0], step("vial washing", STARTED, "2026-03-01T12:01")) is FAILED
    assert in_order(FILLING, BEFORE[0]) is OPEN
    assert in_order(FILLING, BEFORE[0], step("vial washing", STARTED, "2026-03-01T11:00")) is OPEN
    assert in_order(step("vial washing", STARTED, "2026-03-01T06:00")) is PASSED
    assert in_order(step("compounding", STARTED, "2026-03-01T09:00")) is OPEN
    assert in_order(FILLING, *BEFORE, step("vial washing", COMPLETED, "2026-03-01T15:00", key="again")) is PASSED


def test_without_an_order_or_an_agreed_master_record_no_order_of_steps_passes() -> None:
    """Nor does a step that is not listed; other events are not asked."""
    assert verdict(Code.STEP_ORDER, FILLING, *BEFORE) is OPEN
    assert in_order(FILLING, *BEFORE, product="FD-200") is OPEN
    assert in_order(step("sieving", STARTED, "2026-03-01T09:00")) is OPEN
    assert in_order(BEFORE[0]) is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        *((one, FAILED) for one in (StepEvent.SKIPPED, StepEvent.FORCED, StepEvent.REPEATED, StepEvent.ABORTED)),
        *((one, PASSED) for one in (STARTED, COMPLETED, StepEvent.HELD, StepEvent.RESTARTED)), (StepEvent.OTHER, OPEN),
    ],
)  # fmt: skip
def test_what_went_otherwise_than_planned_is_looked_at(event: StepEvent, expected: Verdict) -> None:
    """As an alert."""
    assert verdict(Code.STEP_NOT_AS_PLANNED, step("filling", event, "2026-03-01T10:00")) is expected


def strict() -> Agreed:
    """What is blank is unknown."""
    return agreed(products=[{"product": "FD-100", "balance": [{"stage": "filling", "low": 98, "high": 100.5}]}])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PASSED), ({"made": 970.9}, FAILED), ({"made": 971.0}, PASSED), ({"made": 996.0}, PASSED),
        ({"made": 996.1}, FAILED), ({"low": None, "high": None, "made": 970.0}, FAILED),
        ({"low": 90.0, "made": 970.0}, FAILED), ({"low": 99.5}, FAILED), ({"taken": 0.0}, OPEN),
        ({"stage": "capping", "low": None, "high": None}, OPEN), ({"conclusion": Conclusion.FAIL}, FAILED),
        ({"rejected": None}, OPEN), ({"rejected": None, "made": 1000.1}, FAILED),
        ({"rejected": None, "high": None, "stage": "capping"}, PASSED),
    ],
)  # fmt: skip
def test_a_balance_keeps_to_its_own_and_the_agreed_limits(fields: dict[str, Any], expected: Verdict) -> None:
    """985 + 5 + 4 + 0 of 1000 are 99.4 %; agreed 98 to 100.5. A blank part can only make it more."""
    assert verdict(Code.BALANCE_OUTSIDE, balance(**fields), by=strict()) is expected


def test_blanks_are_nothing_where_that_was_agreed() -> None:
    """The sample says so."""
    assert verdict(Code.BALANCE_OUTSIDE, balance(rejected=None)) is PASSED
    assert verdict(Code.LABELS_UNACCOUNTED, labels(damaged=None, used=987.0)) is PASSED


def test_f68_a_balance_that_passes_outside_its_limits_is_told() -> None:
    """Both: the contradiction and the balance."""
    told = answers(balance(made=900.0))
    for code in (Code.CONCLUSION_CONTRADICTED, Code.BALANCE_OUTSIDE):
        (one,) = told[code]
        assert (one.judged.verdict, one.judged.severity) == (FAILED, Severity.ACTION)
    (one,) = told[Code.BALANCE_OUTSIDE]
    assert one.judged.found == (said("balance", percent="90.9"),)
    assert verdict(Code.CONCLUSION_CONTRADICTED, balance(conclusion=None)) is OPEN


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PASSED), ({"used": 984.0}, FAILED), ({"used": 986.0}, FAILED), ({"conclusion": Conclusion.FAIL}, FAILED),
        ({"damaged": None}, OPEN), ({"damaged": None, "used": 988.0}, FAILED),
    ],
)  # fmt: skip
def test_every_label_is_accounted_for(fields: dict[str, Any], expected: Verdict) -> None:
    """1000 issued; 985 used, 3 kept, 2 destroyed, 10 returned. Too many is as bad as too few."""
    assert verdict(Code.LABELS_UNACCOUNTED, labels(**fields), by=strict()) is expected


def test_some_labels_may_be_missing_where_that_was_agreed() -> None:
    """Up to so many pieces."""
    by = agreed(products=[{"product": "FD-100", "labels": 2}])
    assert verdict(Code.LABELS_UNACCOUNTED, labels(used=983.0), by=by) is PASSED
    assert verdict(Code.LABELS_UNACCOUNTED, labels(used=982.0), by=by) is FAILED
