"""Rules for persons."""

from dataclasses import replace

import pytest

from gateway.review.outcome import Code, Subject, Verdict
from schemas.exported import Origin, StepEvent
from tests.gateway.review.records import agreed, answers, at, labels, order, result, signature, step, verdict, weighed

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_EVALUABLE


def test_named_fields_and_signatures_must_be_there() -> None:
    """The sample asks for analyst and approver of a result and for the approval of an order."""
    assert verdict(Code.SIGNATURE_MISSING, result()) is PASSED
    assert verdict(Code.SIGNATURE_MISSING, result(approver=None)) is FAILED
    assert verdict(Code.SIGNATURE_MISSING, result(approver="")) is FAILED
    ordered = order()
    assert verdict(Code.SIGNATURE_MISSING, ordered) is FAILED
    assert verdict(Code.SIGNATURE_MISSING, ordered, signature(ordered)) is PASSED
    assert verdict(Code.SIGNATURE_MISSING, ordered, signature(ordered, "reviewed")) is FAILED
    assert verdict(Code.SIGNATURE_MISSING, ordered, replace(signature(ordered), signed_key="PO-2")) is FAILED
    assert verdict(Code.SIGNATURE_MISSING, ordered, replace(signature(ordered), system="erp")) is FAILED
    assert verdict(Code.SIGNATURE_MISSING, ordered, replace(signature(ordered), signed_kind="Yield")) is FAILED


@pytest.mark.parametrize("kind", ["BatchOrder", "batch-order", "batch order", "BATCH_ORDER"])
def test_a_kind_is_known_however_the_source_writes_it(kind: str) -> None:
    """Letters count."""
    ordered = order()
    assert verdict(Code.SIGNATURE_MISSING, ordered, replace(signature(ordered), signed_kind=kind)) is PASSED


def test_a_requirement_may_be_for_some_events_only() -> None:
    """Nobody has to sign that a step began."""
    assert (
        verdict(Code.SIGNATURE_MISSING, step("filling", StepEvent.COMPLETED, "2026-03-01T10:00", person=None)) is FAILED
    )
    assert verdict(Code.SIGNATURE_MISSING, step("filling", StepEvent.STARTED, "2026-03-01T10:00", person=None)) is None


def test_where_nothing_is_configured_the_usual_signatures_are_asked_for() -> None:
    """Two persons of a reconciliation."""
    assert verdict(Code.SIGNATURE_MISSING, labels(checked_by=None), by=agreed()) is FAILED


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (result(analyst="li", approver="li"), FAILED), (result(), PASSED), (result(approver=None), None),
        (labels(person="li", checked_by="li"), FAILED),
        (result(second="li"), FAILED), (result(second="zhao"), PASSED),
        (replace(weighed(at("2026-03-01T10:00")), second="li"), FAILED), (weighed(at("2026-03-01T10:00")), PASSED),
    ],
)  # fmt: skip
def test_who_did_it_does_not_check_it(record: Subject, expected: Verdict | None) -> None:
    """Analyst and approver, person and checker, whoever keyed and the second check, operator and second person."""
    assert verdict(Code.SAME_PERSON, record) is expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (result(), None), (result(origin=Origin.KEYED), FAILED), (result(origin=Origin.KEYED, second="zhao"), PASSED),
        (result(origin=Origin.OTHER, second="zhao"), OPEN), (order(origin=Origin.KEYED), FAILED),
        (weighed(at("2026-03-01T10:00")), None),
        (replace(weighed(at("2026-03-01T10:00")), second_required=True), PASSED),
        (replace(weighed(at("2026-03-01T10:00")), second_required=True, second=None), FAILED),
    ],
)  # fmt: skip
def test_a_keyed_value_has_its_second_check(record: Subject, expected: Verdict | None) -> None:
    """Of every kind; a weighing where its source asks for it."""
    assert verdict(Code.KEYED_UNCHECKED, record) is expected


def test_a_weighing_that_was_refused_needs_no_second_person() -> None:
    """It does not count."""
    refused = replace(weighed(at("2026-03-01T10:00"), accepted=False), second_required=True, second=None)
    assert Code.KEYED_UNCHECKED not in answers(refused)
