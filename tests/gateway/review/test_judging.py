"""The node's review: findings are kept with their history, whatever the order in which records arrive."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive
from gateway.archive.judged import FAILED, Finding, finding_counts, findings_by_batch, findings_of_records
from gateway.batches.archived import assembled
from gateway.languages import Language
from gateway.masters import NO_MASTERS
from gateway.review import judging
from gateway.review.judging import Judging
from gateway.review.kept import read
from gateway.review.outcome import Code, Subject, Verdict
from gateway.review.review import review
from gateway.review.settings import Agreed
from gateway.review.wording import Wording, words_in
from tests.gateway.console.stage import SITE
from tests.gateway.messages import message
from tests.gateway.review.records import BATCH, ZONE, agreed, corrected, result
from tests.gateway.review.test_review import PLANT, TERMS, WHOLE, whole

NOW = 1_800_000_000_000_000


class Holder:
    """An archive with its review; records arrive under consecutive numbers."""

    def __init__(self, terms: Agreed = TERMS) -> None:
        self.archive, self._number = Archive(None), 0
        self.judging = Judging(self.archive, terms, ZONE)
        self.judging.begin()

    def receive(self, *records: Subject, now: int = NOW) -> list[Finding]:
        """The findings after these arrived too."""
        self.archive.store([message(one, self._number + at) for at, one in enumerate(records)])
        self._number += len(records)
        while self.judging.turn(now, 100):
            pass
        return findings_of_records(self.archive)


def standing(found: Sequence[Finding]) -> set[tuple[Any, ...]]:
    return {
        (one.place.code, one.place.kind, one.place.system, one.place.key, one.last.id, one.last.expected,
         one.last.found, one.last.batch, frozenset(one.last.records))
        for one in found if one.stands
    }  # fmt: skip


def failing(answers: dict[Any, Any]) -> set[tuple[str, ...]]:
    return {
        (place.code, place.kind, place.system, place.key)
        for place, one in answers.items()
        if one.judged.verdict is Verdict.FAILED
    }


ORIGINAL = result("2.2", key="S-30")
TIED = [
    ORIGINAL,
    corrected(ORIGINAL, reported="3.6", value=3.6, batch="B9"),
    corrected(ORIGINAL, reported="2.4", value=2.4, batch=None),
]
ALL = [*PLANT, *TIED]
NUMBERS = (BATCH, "26030109", "B9")


@pytest.fixture(scope="module")
def in_order() -> Holder:
    """Everything came at once, each record before its corrections."""
    holder = Holder()
    holder.receive(*ALL)
    return holder


def view(archive: Archive, number: str) -> list[Any]:
    """The batches of a number without the places where their records stand, and with no history of findings."""
    told = []
    for one_ in assembled(archive, SITE, NO_MASTERS, number, NOW):
        batch = one_.batch
        told.append((
            batch.number, batch.product, batch.products, one_.began, one_.ended, [one.id for one in batch.weighings],
            [[(one.record, one.earlier) for one in many] for part in (batch.records, batch.gone, batch.beside)
             for many in part.values()],
            [replace(one, stream="", number=0) for one in one_.corrections], one_.answers, one_.genealogy,
            standing(one_.findings),
        ))  # fmt: skip
    return told


def test_findings_of_the_archive_are_those_of_a_review_of_everything() -> None:
    """Each failure stands once; what passed or cannot be told is no finding."""
    holder = Holder()
    found = holder.receive(*PLANT)
    assert {tuple(vars_of(one)) for one in found if one.stands} == failing(WHOLE)
    assert len(found) == len({one.place for one in found})
    counted = finding_counts(holder.archive)
    assert sum(counted.standing.values()) == len(failing(WHOLE))
    assert (counted.waiting, counted.not_judged) == (0, 0)


def vars_of(one: Finding) -> Sequence[str]:
    place = one.place
    return place.code, place.kind, place.system, place.key


@settings(max_examples=2, deadline=None, phases=[Phase.generate])  # to shrink one takes minutes
@given(st.randoms(use_true_random=False), st.lists(st.integers(15, 40), min_size=1, max_size=2))
def test_late_doubled_and_reordered_arrival_gives_the_same_batches_and_findings(
    in_order: Holder, by: Any, sizes: list[int]
) -> None:
    """Two corrections that call themselves the same version are among them."""
    arriving = [*ALL, *by.sample(ALL, 12)]
    by.shuffle(arriving)
    holder = Holder()
    for size in sizes:
        holder.receive(*arriving[:size])
        del arriving[:size]
    assert standing(holder.receive(*arriving)) == standing(findings_of_records(in_order.archive))
    for number in NUMBERS:
        assert view(holder.archive, number) == view(in_order.archive, number)


def test_a_correction_ends_a_finding_and_its_history_stays() -> None:
    """What was told first is there still, with the version it was told of; a second correction raises it again."""
    holder, wrong = Holder(), result("3.4", key="S-9")
    right = corrected(wrong, reported="2.9", value=2.9)
    holder.receive(wrong, now=NOW)
    (before,) = [one for one in holder.receive(wrong, now=NOW + 1) if one.place.code == Code.OUT_OF_SPECIFICATION]
    assert [(one.verdict, one.version, one.judged, one.id is not None) for one in before.steps] == [
        (FAILED, 1, NOW, True)
    ]
    assert before.stands
    assert before.told.batch == BATCH
    assert before.told.about == "Water content S-1 FINISHED"
    assert before.told.records == ("TestResult lims S-9 v1",)
    (after,) = [one for one in holder.receive(right, now=NOW + 2) if one.place.code == Code.OUT_OF_SPECIFICATION]
    assert after.steps[0] == before.steps[0]
    assert [(one.verdict, one.version, one.judged) for one in after.steps[1:]] == [("PASSED", 2, NOW + 2)]
    assert not after.stands
    again = holder.receive(corrected(right, reported="3.5", value=3.5), now=NOW + 3)
    (back,) = [one for one in again if one.place.code == Code.OUT_OF_SPECIFICATION]
    assert [one.verdict for one in back.steps] == [FAILED, "PASSED", FAILED]
    assert back.steps[:2] == after.steps


def test_another_agreement_judges_everything_again() -> None:
    """What waited in between is judged too, and nothing is judged again by the same agreement."""
    holder = Holder(Agreed())
    holder.receive(result("2.9", key="S-1", high=None))
    assert not any(one.place.code == Code.OUT_OF_SPECIFICATION for one in findings_of_records(holder.archive))
    test = {"test": "Water content", "unit": "%", "high": 2.5}
    stricter = Judging(holder.archive, agreed(tests=[test]), ZONE)
    stricter.begin()
    assert finding_counts(holder.archive).waiting == 1
    assert stricter.turn(NOW) == 1
    assert Code.OUT_OF_SPECIFICATION in finding_counts(holder.archive).standing
    stricter.begin()
    assert stricter.turn(NOW) == 0


def test_a_record_that_cannot_be_judged_is_said_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays among those not judged, and is tried again when the node starts again."""
    judge = review

    def spoiled(arrived: Sequence[Subject], context: Any) -> Any:
        if any(getattr(one, "key", "") == "bad" for one in arrived):
            raise ValueError("strange")
        return judge(arrived, context)

    holder = Holder()
    with monkeypatch.context() as patch:
        patch.setattr(judging, "review", spoiled)
        found = holder.receive(result("3.4", key="bad"), result("3.4", key="S-2"))
    assert {one.place.key for one in found} == {"S-2"}
    assert (finding_counts(holder.archive).waiting, finding_counts(holder.archive).not_judged) == (0, 1)
    holder.judging.begin()
    assert holder.judging.turn(NOW) == 1
    assert {one.place.key for one in findings_of_records(holder.archive)} == {"S-2", "bad"}


def test_sentences_of_findings_are_said_as_those_of_the_review(in_order: Holder) -> None:
    """Dates and times come back as such; in both languages."""
    kept = {vars_of(one): one.last for one in findings_of_records(in_order.archive) if one.stands}
    for place, outcome in whole(ALL).items():
        step_ = kept.get((place.code, place.kind, place.system, place.key))
        if step_ is None or outcome.judged.verdict is not Verdict.FAILED:
            continue
        for language in Language:
            wording = Wording(words_in(language), ZONE)
            assert wording.sentences(read(step_.expected)) == wording.expected(outcome)
            assert wording.sentences(read(step_.found)) == wording.found(outcome)


def test_findings_are_counted_by_batch_as_far_as_they_stand(in_order: Holder) -> None:
    """Actions and alerts apart, with the oldest time; a batch whose findings all ended has none."""
    found = findings_of_records(in_order.archive)
    for one in findings_by_batch(in_order.archive):
        mine = [it for it in found if it.last.batch == one.batch]
        standing_now = [it for it in mine if it.stands]
        assert one.actions == sum(it.last.severity == "ACTION" for it in standing_now)
        assert one.alerts == len(standing_now) - one.actions
        assert one.since == min((it.last.judged for it in standing_now), default=None)
        assert one.steps == sum(len(it.steps) for it in mine)
    assert {one.batch for one in findings_by_batch(in_order.archive)} == {it.last.batch for it in found} - {None}
