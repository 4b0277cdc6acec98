"""All rules together: the table, its words, and that answers depend on the records alone."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.review
from gateway.languages import Language
from gateway.review.history import Context, Memory
from gateway.review.outcome import Code, Outcome, Place, Severity, Subject, Verdict
from gateway.review.review import Count, counts, review, review_all
from gateway.review.rules import RULES
from gateway.review.settings import Agreed
from gateway.review.wording import Wording, words_in
from schemas.derived import shapes
from schemas.exported import Conclusion, Exported, Movement, OrderStatus, Origin, StepEvent, StoredSample, TestResult
from tests.gateway.review.records import (
    ZONE,
    agreed,
    at,
    balance,
    calibrated,
    corrected,
    labels,
    moved,
    on,
    order,
    result,
    sample,
    signature,
    step,
    verdict,
    weighed,
)
from tests.gateway.review.test_trends import FOUR, aged, of_day


def plant() -> list[Subject]:
    """Records that bear on each other in every way that a rule knows, with corrections that move them elsewhere."""
    first, wrong, instrument = order(), result("3.4", key="S-9"), calibrated("2026-01-10T09:00", "2026-07-10T09:00")
    receipt = moved(Movement.RECEIPT, "2026-02-01T10:00", supplier="Nobody")
    filling = step("filling", StepEvent.STARTED, "2026-03-01T12:00")
    done = step("compounding", StepEvent.COMPLETED, "2026-03-01T10:00")
    return [
        first, corrected(first, batch="26030109", expires=on("2028-03-05")), order(key="PO-2"), order(system="erp"),
        signature(first), signature(order(key="PO-2")), wrong, corrected(wrong, reported="2.9", value=2.9, batch="B2"),
        result(equipment="KF-02"), result("9", key="S-8", origin=Origin.KEYED), instrument,
        corrected(instrument, conclusion=Conclusion.FAIL), corrected(corrected(instrument, equipment="KF-9")),
        replace(weighed(at("2026-03-01T09:00")), batch="26030101"),
        calibrated("2026-02-01T09:00", None, equipment="scale"),
        receipt, corrected(receipt, supplier="Huadong Fine Chemical"), moved(Movement.ISSUE, "2026-03-01T08:00"),
        moved(Movement.RELEASE, "2026-02-10T10:00", expires=on("2027-02-01")), filling, done,
        corrected(done, time=at("2026-03-01T13:00")), step("vial washing", StepEvent.COMPLETED, "2026-03-01T11:00"),
        step("capping", StepEvent.SKIPPED, "2026-03-01T15:00"), balance(), labels(used=900.0),
        balance(key="Y-2", made=900.0), order(key="PO-3", master_version="6"),
        moved(Movement.RECEIPT, "2026-02-03T10:00", supplier="Nobody", lot="RM-3"),
        moved(Movement.ISSUE, "2027-02-03T10:00", expires=on("2027-02-02"), lot="RM-3"),
        result(key="S-11", unit="mg", specification_version="4", sampled=at("2026-03-09T08:00"), analyst="wang"),
        result(key="S-12", equipment="HPLC-1"),
        calibrated("2026-01-11T09:00", "2026-02-11T09:00", equipment="HPLC-1"),
        *(of_day(day, value) for day, value in enumerate([2.1, 2.2, 2.0, 2.1, 2.3, 2.1, 2.9])),
        of_day(20, 2.2, product="other"), *FOUR, *aged(12, 91), *aged(13, 80, condition="40 °C / 75 %RH"),
    ]  # fmt: skip


PLANT = plant()


def terms() -> Agreed:
    """The sample with a baseline that so few results can make."""
    given_ = sample().settings.model_dump(mode="json", exclude={"suppliers"})
    given_["tests"][0]["trend"] = {"rules": ["nelson-1", "nelson-3"], "baseline": 5}
    return replace(sample(), settings=agreed(**given_).settings)


TERMS = terms()


def whole(records: Sequence[Subject]) -> dict[Place, Outcome]:
    return {one.place: one for one in review_all(Context(Memory(records), TERMS, ZONE))}


WHOLE = whole(PLANT)


def test_the_plant_of_these_tests_makes_every_rule_answer() -> None:
    """Else what follows would prove little: each rule, each verdict, most rules a finding."""
    assert {place.code for place in WHOLE} == set(Code)
    failing = {place.code for place, one in WHOLE.items() if one.judged.verdict is Verdict.FAILED}
    assert len(failing) >= 15, set(Code) - failing
    assert {one.judged.verdict for one in WHOLE.values()} == set(Verdict)


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_late_doubled_and_reordered_records_give_the_same_answers(by: random.Random, sizes: list[int]) -> None:
    """Whatever came together, and with a restart before each: what was told last is what a review of all tells."""
    arriving = [*PLANT, *by.sample(PLANT, 12)]
    by.shuffle(arriving)
    memory, told = Memory(), dict[Place, Outcome]()
    for chunk in _chunks(arriving, sizes):
        for record in chunk:
            memory.take(record)
        for place, outcome in review(chunk, Context(memory, TERMS, ZONE)).items():
            told.pop(place, None)
            if outcome is not None:
                told[place] = outcome
    assert told == WHOLE
    assert {place: one.id for place, one in told.items()} == {place: one.id for place, one in WHOLE.items()}


def _chunks(records: Sequence[Subject], sizes: Sequence[int]) -> Iterator[Sequence[Subject]]:
    at_, turn = 0, 0
    while at_ < len(records):
        size = sizes[turn % len(sizes)]
        yield records[at_ : at_ + size]
        at_, turn = at_ + size, turn + 1


@given(st.data())
def test_what_is_missing_never_makes_a_rule_pass(data: st.DataObject) -> None:
    """A field taken out of a record: what could not be told, or failed for its numbers, does not pass now."""
    late = at("2026-03-05T08:00")
    told = result("3.4", conclusion=None, specification_version="4", sampled=late)
    record: Any = data.draw(st.sampled_from([told, order(), balance(conclusion=None), labels()]))
    names = [one.name for one in shapes(type(record)) if one.optional and one.name not in {"replaces", "high", "low"}]
    blank = replace(record, **{data.draw(st.sampled_from(names)): None})
    before = {one.place.code: one.judged.verdict for one in _of(record)}
    for one in _of(blank):
        if one.judged.verdict is Verdict.PASSED:
            assert before.get(one.place.code) is Verdict.PASSED, one


def _of(record: Subject) -> list[Outcome]:
    return [*review_all(Context(Memory([record]), terms_strict(), ZONE))]


def terms_strict() -> Agreed:
    """What is blank is unknown."""
    return replace(TERMS, settings=TERMS.settings.model_copy(update={"blank_is_zero": False}))


def test_an_empty_configuration_fails_nothing_for_want_of_agreement() -> None:
    """What nobody agreed is not evaluable; what a record tells of itself is still judged."""
    told = {one.place.code: one.judged.verdict
            for one in review_all(Context(Memory([result(), order(), *PLANT[15:18]]), Agreed(), ZONE))}  # fmt: skip
    for code in (Code.SUPPLIER_NOT_APPROVED, Code.UNIT_NOT_AGREED, Code.EXPIRY_NOT_AGREED, Code.OUT_OF_TREND,
                 Code.SPECIFICATION_NOT_AGREED, Code.MASTER_RECORD_NOT_AGREED):  # fmt: skip
        assert told[code] is Verdict.NOT_EVALUABLE
    assert told[Code.OUT_OF_SPECIFICATION] is Verdict.PASSED


def test_a_batch_is_reviewed_by_itself_with_all_records_beside() -> None:
    """Its answers are those of the whole."""
    context = Context(Memory(PLANT), TERMS, ZONE)
    told = {one.place: one for one in review_all(context, "26030101")}
    assert told == {place: one for place, one in WHOLE.items() if one.batch == "26030101"}
    assert len(told) > 50


def test_a_rule_that_judged_nothing_is_counted_with_zeros() -> None:
    """So that a clean list is not taken for a review."""
    told = counts(review_all(Context(Memory([balance()]), sample(), ZONE)))
    assert list(told) == list(Code)
    assert told[Code.BALANCE_OUTSIDE] == Count(passed=1, failed=0, not_evaluable=0)
    assert told[Code.STEP_ORDER] == Count(0, 0, 0)
    assert sum(one.passed for one in counts(WHOLE.values()).values()) == sum(
        one.judged.verdict is Verdict.PASSED for one in WHOLE.values()
    )


def test_ids_are_the_same_in_every_run_and_differ() -> None:
    """Made of the rule and the record."""
    ids = [one.id for one in WHOLE.values()]
    assert ids == [one.id for one in whole(PLANT).values()]
    assert len({*ids}) == len(ids)
    assert all(isinstance(one, UUID) for one in ids)


def test_a_finding_has_a_severity_and_nothing_else_has() -> None:
    """Of the two."""
    for one in WHOLE.values():
        assert (one.judged.severity is not None) == (one.judged.verdict is Verdict.FAILED)
    assert {one.judged.severity for one in WHOLE.values()} == {None, *Severity}


@pytest.mark.parametrize("language", Language)
def test_every_answer_is_said_in_both_languages(language: Language) -> None:
    """Title, what was expected, what was found."""
    wording = Wording(words_in(language), ZONE)
    for one in WHOLE.values():
        said = [wording.title(one.place.code), wording.expected(one), wording.verdict(one.judged.verdict)]
        assert all(said), one
        assert "{" not in "".join([*said, wording.found(one)])
        if one.judged.verdict is not Verdict.PASSED:
            assert wording.found(one), one


def test_both_languages_have_the_same_keys_and_fields() -> None:
    """No text of the code is missing in one, and none is there for nothing."""
    english, chinese = (words_in(language).texts for language in Language)
    assert english.keys() == chinese.keys()
    code = "".join(path.read_text(encoding="utf-8") for path in _folder().glob("*.py"))
    made = {"source_says_fail", "source_says_pass", "source_says_other", "decided_release", "decided_rejection",
            "sampled_at", "tested_at", "final_at"}  # fmt: skip
    for key in (one.removeprefix("review.said.") for one in english if one.startswith("review.said.")):
        assert key in made or f'"{key}"' in code, key


def test_every_code_has_a_rule_and_a_line_in_the_readme() -> None:
    """Of the same sources."""
    assert {rule.code for rule in RULES} == set(Code)
    table = (_folder() / "README.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert any(f"`{rule.code}`" in line and rule.source in line for line in table.splitlines()), rule


def test_a_code_judges_each_kind_by_one_rule() -> None:
    """Two answers in one place would hide one another."""
    pairs = [(rule.code, kind) for rule in RULES for kind in rule.kinds]
    assert len({*pairs}) == len(pairs)


def _folder() -> Path:
    return Path(str(gateway.review.__file__)).parent


@pytest.mark.parametrize("spoiled_time", [2**62, -(2**62)])
def test_times_that_no_calendar_has_are_judged_like_others(spoiled_time: int) -> None:
    """A record with them is signed and here; it must not stop the review of the others."""
    for record in PLANT:
        if isinstance(record, Exported):
            times: dict[str, Any] = {one.name: spoiled_time for one in shapes(type(record)) if one.logical is not None}
            spoiled = replace(record, **times)
            list(review_all(Context(Memory([spoiled, *PLANT[15:]]), TERMS, ZONE)))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e308, -1e308, 5e-324])
def test_numbers_beyond_all_measure_are_judged_like_others(number: float) -> None:
    """None of them passes a limit that it is not within."""
    near = [one for one in PLANT if isinstance(one, TestResult | StoredSample)]
    for record in (result(), balance(), labels(), of_day(0, 2.1), of_day(6, 2.9), FOUR[0], FOUR[-2]):
        for name in (one.name for one in fields(record) if isinstance(getattr(record, one.name), float)):
            given: dict[str, Any] = {name: number}
            list(review_all(Context(Memory([replace(record, **given), *near]), TERMS, ZONE)))
    assert verdict(Code.OUT_OF_SPECIFICATION, result(value=float("nan"))) is Verdict.NOT_EVALUABLE


def test_a_cancelled_order_that_is_corrected_away_takes_its_finding_with_it() -> None:
    """What was told of the other order is told anew."""
    one, other = order(), order(key="PO-2", status=OrderStatus.CANCELLED)
    memory = Memory([one, other])
    moved_away = corrected(other, batch="26030199")
    memory.take(moved_away)
    told = review([moved_away], Context(memory, TERMS, ZONE))
    again = [outcome for place, outcome in told.items() if place.code is Code.BATCH_NUMBER_TWICE and outcome]
    assert {outcome.subject.id: outcome.judged.verdict for outcome in again} == {
        one.id: Verdict.PASSED,
        moved_away.id: Verdict.PASSED,
    }
