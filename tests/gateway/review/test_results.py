"""Rules for a single result."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.outcome import Code, Severity, Verdict, said
from gateway.review.results import (
    conclusion_contradicted,
    corrected_into_limits,
    out_of_specification,
    result_before_sample,
    specification_not_agreed,
    unit_not_agreed,
)
from schemas.exported import Conclusion
from tests.gateway.review.records import agreed, answers, at, corrected, judged, result, verdict

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_EVALUABLE


def test_f68_a_conclusion_against_its_numbers_is_told_and_oos_raised() -> None:
    """3.1 % against at most 3.0 %: the file says pass, the gateway says OOS, and the record stays as it came."""
    wrong = result("3.1", conclusion=Conclusion.PASS)
    told = answers(wrong)
    for code in (Code.OUT_OF_SPECIFICATION, Code.CONCLUSION_CONTRADICTED):
        (one,) = told[code]
        assert (one.judged.verdict, one.judged.severity) == (FAILED, Severity.ACTION)
        assert one.records == (wrong.id,)
        assert (one.subject, one.batch) == (wrong, wrong.batch)
    (oos,) = told[Code.OUT_OF_SPECIFICATION]
    assert oos.judged.expected == said("within", limits="≤ 3", unit="%")
    assert oos.judged.found == (said("reported", text="3.1", unit="%"), said("source_says_pass"))


def test_f68_a_fail_within_its_limits_is_an_alert_and_still_oos() -> None:
    """The cause may be another; the source's word is not overruled."""
    strict = result("2.1", conclusion=Conclusion.FAIL)
    found = judged(conclusion_contradicted, strict)
    assert found is not None
    assert (found.verdict, found.severity) == (FAILED, Severity.ALERT)
    assert verdict(Code.OUT_OF_SPECIFICATION, strict) is FAILED


@pytest.mark.parametrize(
    ("reported", "fields", "expected"),
    [
        ("2.1", {}, PASSED), ("3.0", {}, PASSED), ("<0.05", {}, PASSED), ("<3.5", {}, OPEN), (">3.0", {}, FAILED),
        ("符合规定", {}, OPEN), ("符合规定", {"conclusion": Conclusion.FAIL}, FAILED),
        ("2.1", {"high": None}, PASSED), ("3.1", {"high": 3.5}, FAILED), ("2.1", {"high": 2.0}, FAILED),
        ("2.1", {"test": "Colour", "high": None}, OPEN),
        ("0.031", {"unit": "1", "high": 0.04}, FAILED), ("0.03", {"unit": "1", "high": 0.04}, PASSED),
        ("2.1", {"unit": "mg"}, OPEN), ("2.1", {"unit": None}, OPEN), ("3.1", {"unit": "mg"}, FAILED),
    ],
)  # fmt: skip
def test_a_result_keeps_to_its_own_and_the_agreed_limits(
    reported: str, fields: dict[str, Any], expected: Verdict
) -> None:
    """Agreed is at most 3 %. What cannot be compared is not evaluable, also where the source says pass."""
    assert verdict(Code.OUT_OF_SPECIFICATION, result(reported, **fields)) is expected


def test_what_concludes_nothing_is_not_evaluable() -> None:
    """No word, a word that is neither, no number, no limit."""
    for one in (result(conclusion=None), result(conclusion=Conclusion.OTHER), result("ok"), result(high=None)):
        found = judged(conclusion_contradicted, one)
        assert found is not None
        assert found.verdict is OPEN


def test_a_correction_into_the_limits_is_told() -> None:
    """The earlier version stays; a correction outside the limits, or within them, is none of these."""
    first = result("3.4", conclusion=Conclusion.FAIL)
    second = corrected(first, reported="2.9", value=2.9, conclusion=Conclusion.PASS, by="li", why="typo")
    found = judged(corrected_into_limits, second, first)
    assert found is not None
    assert (found.verdict, found.severity, found.beside) == (FAILED, Severity.ACTION, (first,))
    assert said("corrected", by="li", why="typo") in found.found
    again = corrected(first, reported="3.5", value=3.5)
    kept = judged(corrected_into_limits, again, first)
    assert kept is not None
    assert kept.verdict is PASSED
    assert judged(corrected_into_limits, first) is None
    alone = judged(corrected_into_limits, second)
    assert alone is not None
    assert (alone.verdict, alone.found) == (OPEN, (said("versions_missing", there=0, of=1),))


@pytest.mark.parametrize(
    ("unit", "expected", "severity"),
    [("%", PASSED, None), ("1", FAILED, Severity.ALERT), ("mg", FAILED, Severity.ACTION), (None, OPEN, None)],
)
def test_a_unit_is_the_agreed_one(unit: str | None, expected: Verdict, severity: Severity | None) -> None:
    """One that converts is an alert, another quantity asks for an answer."""
    found = judged(unit_not_agreed, result(unit=unit))
    assert found is not None
    assert (found.verdict, found.severity) == (expected, severity)


def test_a_test_that_nobody_agreed_is_not_evaluable() -> None:
    """Neither unit nor specification; a result without a number needs no unit."""
    for judge in (unit_not_agreed, specification_not_agreed):
        found = judged(judge, result(test="Colour"))
        assert found is not None
        assert found.verdict is OPEN
    assert judged(unit_not_agreed, result("clear")) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PASSED), ({"specification_version": "4"}, FAILED), ({"specification": "QS-OLD"}, FAILED),
        ({"specification_version": None}, OPEN), ({"high": 3.5}, FAILED), ({"low": 1.0}, FAILED),
        ({"high": 0.03, "unit": "1"}, PASSED), ({"high": None}, PASSED),
    ],
)  # fmt: skip
def test_specification_version_and_limits_are_the_agreed_ones(fields: dict[str, Any], expected: Verdict) -> None:
    """Limits in another unit are converted first."""
    assert verdict(Code.SPECIFICATION_NOT_AGREED, result(**fields)) is expected


def test_the_version_in_force_on_the_day_of_sampling_counts() -> None:
    """A result of before the change keeps the version of before."""
    rows = [{"test": "Water content", "specification": "QS-FD100", "version": v, "since": day}
            for v, day in (("4", "2024-01-01"), ("5", "2026-03-01"))]  # fmt: skip
    by = agreed(tests=rows)
    late = result(specification_version="4", sampled=at("2026-03-01T00:01"))
    early = result(specification_version="4", sampled=at("2026-02-28T23:59"))
    assert verdict(Code.SPECIFICATION_NOT_AGREED, late, by=by) is FAILED
    assert verdict(Code.SPECIFICATION_NOT_AGREED, early, by=by) is PASSED


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PASSED), ({"sampled": at("2026-03-02T15:00")}, FAILED), ({"tested": at("2026-03-04T00:00")}, FAILED),
        ({"tested": None}, PASSED), ({"tested": None, "sampled": at("2026-03-04T00:00")}, FAILED),
        ({"sampled": None}, OPEN), ({"tested": None, "time": None}, OPEN),
        ({"sampled": None, "tested": at("2026-03-04T00:00")}, FAILED),
    ],
)  # fmt: skip
def test_a_sample_is_taken_before_its_result(fields: dict[str, Any], expected: Verdict) -> None:
    """Sampled, tested, final; a time that is missing is not evaluable unless the others contradict already."""
    found = judged(result_before_sample, result(**fields))
    assert found is not None
    assert found.verdict is expected


def test_expected_limits_are_shown_with_their_own_unit() -> None:
    """Within its own 0.04, outside the agreed 3 %: the answer shows the limits that it breaks."""
    found = judged(out_of_specification, result("0.031", unit="1", high=0.04))
    assert found is not None
    assert found.expected == said("within", limits="≤ 3", unit="%")


decimals = st.decimals(-5, 5, places=3, allow_nan=False)


@given(decimals, decimals, decimals, st.sampled_from(Conclusion))
def test_f68_whatever_the_file_concludes_a_number_outside_is_oos(
    value: Decimal, one: Decimal, other: Decimal, conclusion: Conclusion
) -> None:
    """Compared as decimals; and nothing but a number outside, or the source's own word, makes one."""
    low, high = sorted((one, other))
    record = result(
        str(value),
        value=float(value),
        qualifier="=",
        low=float(low),
        high=float(high),
        conclusion=conclusion,
        unit="mg",
    )
    told = verdict(Code.OUT_OF_SPECIFICATION, record, by=agreed())
    outside = not low <= value <= high
    assert told is (FAILED if outside or conclusion is Conclusion.FAIL else PASSED)
