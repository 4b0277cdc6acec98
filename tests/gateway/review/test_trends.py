"""A result among others: out of trend, and stability over storage time."""

from datetime import date, timedelta
from typing import Any

import pytest

from gateway.review.outcome import Severity, Subject, Verdict, said
from gateway.review.trends import out_of_trend, shelf_life_not_supported, stability_out_of_trend
from schemas.exported import Stage, TestResult
from tests.gateway.review.records import agreed, at, judged, order, result, sample, stored
from tests.gateway.review.test_control_charts import NIST

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_EVALUABLE


def of_day(day: int, value: float, **fields: Any) -> TestResult:
    """A batch's result, one each day."""
    text = f"{date(2026, 1, 1) + timedelta(days=day)}T08:00"
    given: dict[str, Any] = {
        "key": f"S-{day}",
        "batch": f"B{day}",
        "sampled": at(text),
        "tested": at(text),
        "time": at(text),
    }
    return result(str(value), **given | fields)


def trend(**settings: Any) -> Any:
    return agreed(tests=[{"test": "Water content", "unit": "%", "trend": settings}])


def chart(*values: float, rules: tuple[str, ...] = ("nelson-1",)) -> tuple[Verdict, Severity | None]:
    """The answer about the last of these, where the published ten make the baseline."""
    records = [of_day(day, value) for day, value in enumerate([*NIST, *values])]
    found = judged(out_of_trend, records[-1], *records[:-1], by=trend(rules=rules, baseline=10))
    assert found is not None
    return found.verdict, found.severity


def test_a_result_beyond_the_published_limits_is_out_of_trend() -> None:
    """55.8041 is the handbook's upper limit, 45.8159 its lower; out of trend is an alert, not a failed batch."""
    assert chart(55.80) == chart(45.82) == (PASSED, None)
    assert chart(55.81) == chart(45.81) == (FAILED, Severity.ALERT)
    assert chart(55.81, 50.0) == (PASSED, None)


def test_every_agreed_rule_is_asked_and_those_with_too_few_results_do_not_pass() -> None:
    """Nine on one side; fifteen results are not there among twelve."""
    assert chart(50, *[51, 52] * 4, rules=("nelson-1", "nelson-2")) == (PASSED, None)
    assert chart(50, *[51, 52] * 4, 51, rules=("nelson-1", "nelson-2")) == (FAILED, Severity.ALERT)
    assert chart(51, 52, rules=("nelson-1", "nelson-7")) == (OPEN, None)
    assert chart(51, 60, rules=("nelson-1", "nelson-7")) == (FAILED, Severity.ALERT)


def test_before_the_baseline_is_complete_nothing_passes() -> None:
    """The tenth of ten belongs to it; equal results have no spread."""
    records = [of_day(day, value) for day, value in enumerate(NIST)]
    short = judged(out_of_trend, records[-1], *records[:-1], by=trend(baseline=10))
    assert short is not None
    assert (short.verdict, short.found[1]) == (OPEN, said("baseline_short", there=9, of=10))
    flat = [of_day(day, 0.1) for day in range(12)]
    equal = judged(out_of_trend, flat[-1], *flat[:-1], by=trend(baseline=10))
    assert equal is not None
    assert (equal.verdict, equal.found[1]) == (OPEN, said("no_spread"))


def test_an_agreed_centre_needs_no_baseline() -> None:
    """The first result is judged."""
    by = trend(rules=["nelson-1"], centre=50.0, deviation=2.0)
    answers = [judged(out_of_trend, of_day(0, value), by=by) for value in (56.0, 56.1)]
    assert [one and one.verdict for one in answers] == [PASSED, FAILED]


def test_only_its_own_kind_of_result_is_compared() -> None:
    """Another product's, another point's, one with a sign and one in a unit that does not convert are left out."""
    others: list[Subject] = [
        of_day(1, 9.0, product="other"), of_day(2, 9.0, point="P-1"), of_day(3, 9.0, stage=Stage.IN_PROCESS),
        of_day(5, 9.0, unit="mg"), result("<9", key="S-6", sampled=at("2026-01-07T08:00")),
        of_day(7, 0.5, unit="1"),
    ]  # fmt: skip
    by = trend(rules=["nelson-1"], centre=50.0, deviation=2.0)
    found = judged(out_of_trend, of_day(20, 50.0), *others, by=by)
    assert found is not None
    assert found.found[1] == said("chart", centre=50.0, deviation=2.0, count=2)
    unplain = judged(out_of_trend, result("<9"), by=by)
    assert unplain is not None
    assert (unplain.verdict, unplain.found[1]) == (OPEN, said("no_point"))


def test_a_test_without_agreed_rules_is_not_evaluable() -> None:
    """Nothing is trended by default, and that is said."""
    found = judged(out_of_trend, result(test="pH"))
    assert found is not None
    assert found.verdict is OPEN
    assert judged(out_of_trend, result("clear")) is None


def aged(months: int, value: float, **fields: Any) -> list[Subject]:
    """An assay after so many months at the long-term condition, with its stored sample."""
    day = date(2026, 3, 1) + timedelta(days=round(months * 365.25 / 12))
    name = f"ST-{months}"
    given: dict[str, Any] = {
        "test": "Assay", "key": name, "sample": name, "stage": Stage.STABILITY, "low": 95.0, "high": 105.0,
        "sampled": at(f"{day}T00:00"), "tested": at(f"{day}T09:00"), "time": at(f"{day}T18:00"),
    }  # fmt: skip
    condition = fields.pop("condition", "25 °C / 60 %RH")
    return [result(str(value), **given | fields), *([stored(name, condition)] if condition else [])]


FOUR = [*aged(0, 100), *aged(3, 99), *aged(6, 99), *aged(9, 98)]
"""The line of the test of regression: y = 99.9 - 0.2 x, s = sqrt(0.1)."""


@pytest.mark.parametrize(("value", "expected"), [(99.2, PASSED), (95.7, PASSED), (99.7, FAILED), (95.2, FAILED)])
def test_a_stability_result_is_held_against_the_prediction_interval(value: float, expected: Verdict) -> None:
    """After 12 months 97.5 ± 4.303 × sqrt(0.1 × (1 + 1/4 + 7.5²/45)) = 97.5 ± 2.152, by hand; days make it ± 0.01."""
    last, place = aged(12, value)
    found = judged(stability_out_of_trend, last, place, *FOUR)
    assert found is not None
    assert (found.verdict, found.severity) == (expected, Severity.ALERT if expected is FAILED else None)
    assert len(found.beside) == 4


def test_shelf_life_is_supported_while_the_limit_of_the_mean_is_within() -> None:
    """At 24 months 95.1 - 2.920 × sqrt(0.1 × 8.7) = 92.4 by hand: below 95; at 10 months 97.9 - 0.9 is above."""
    last = FOUR[-2]
    answers = {
        months: judged(shelf_life_not_supported, last, *FOUR, order(expires=round(20513 + months * 365.25 / 12)))
        for months in (10, 24)
    }
    assert [one and one.verdict for one in answers.values()] == [PASSED, FAILED]
    told = answers[24]
    assert told is not None
    assert dict(told.found[1].fields)["low"] == pytest.approx(95.1 - 2.920 * 0.87**0.5, abs=0.02)
    assert told.severity is Severity.ALERT


def test_a_rising_limit_does_not_count_where_the_quantity_falls() -> None:
    """Assay falls by the sample: 95 to 105 is broken below only."""
    rising = [*aged(0, 100), *aged(3, 101), *aged(6, 101.5), *aged(9, 102.9)]
    found = judged(shelf_life_not_supported, rising[-2], *rising, order())
    assert found is not None
    assert found.verdict is PASSED
    both = sample().settings.model_dump(mode="json", exclude={"suppliers"})
    both["tests"][1]["stability"]["direction"] = "both"
    wide = judged(shelf_life_not_supported, rising[-2], *rising, order(), by=agreed(**both))
    assert wide is not None
    assert wide.verdict is FAILED


def test_what_stability_cannot_tell_is_not_evaluable() -> None:
    """No storage condition, no expiry, too few points, points on one line; another condition has its own line."""
    blind = aged(12, 97.5, condition=None)
    assert _told(stability_out_of_trend, blind[0], *FOUR) == (OPEN, said("condition_unknown", sample="ST-12"))
    assert _told(shelf_life_not_supported, FOUR[-2], *FOUR) == (OPEN, said("no_expiry"))
    assert _told(stability_out_of_trend, *FOUR[2:]) == (OPEN, said("baseline_short", there=0, of=3))
    line = [*aged(0, 100), *aged(3, 100), *aged(6, 100), *aged(9, 100)]
    assert _told(stability_out_of_trend, line[-2], *line) == (OPEN, said("no_spread"))
    hot = aged(12, 90.0, condition="40 °C / 75 %RH")
    assert _told(stability_out_of_trend, hot[0], *hot, *FOUR) == (OPEN, said("baseline_short", there=0, of=3))
    assert judged(shelf_life_not_supported, hot[0], *hot, *FOUR) is None
    assert judged(stability_out_of_trend, result()) is None


def _told(judge: Any, *records: Subject) -> tuple[Verdict, Any]:
    found = judged(judge, records[0], *records[1:])
    assert found is not None
    return found.verdict, found.found[-1]
