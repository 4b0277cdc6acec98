"""What one holder may see: clauses, borders, and what names others."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.agreement import Agreement
from gateway.agreement.exchange import Withheld
from gateway.agreement.loading import load_agreement
from gateway.cleanroom.levels import Words
from gateway.redaction.disclosure import Disclosed, Holding, refuted
from gateway.redaction.pseudonyms import Pseudonyms
from gateway.redaction.redactor import NAMED_TERMS, STAYS_IN_COUNTRY, Redactor, faults, words_of
from gateway.redaction.terms import BLACK
from schemas.codec import Record, encode, kind_of
from schemas.derived import changed
from schemas.exported import AuditAction, AuditTrailEntry, BatchStep, QualityEvent, QualityMatter, StepEvent
from schemas.records import AlarmEvent, AlarmState, Gap, GapCause
from schemas.withheld_fields import commitments_in, shown
from tests.gateway.messages import alarm, frame, weighing
from tests.schemas.test_codec import ALARMS, CONDITIONS, GAPS, WEIGHINGS
from tests.schemas.test_derived import EXPORTED

FOLDER = Path(__file__).parents[3] / "simulators" / "line-3" / "agreements"
B, C, D = (load_agreement(FOLDER / f"holder-{one}.yaml") for one in "bcd")
WHY = Words(en="why", zh="为何")
ABROAD = C.model_copy(
    update={
        "holder": C.holder.model_copy(update={"country": "DE", "province": None}),
        "pseudonyms": True,
        "stays_in_country": ("AuditTrailEntry", "BatchStep.equipment"),
    }
)
STEP = BatchStep(
    system="mes", key="k", batch="C-1", step="fill", event=StepEvent.STARTED, time=7, person="王小明", comment="ok"
)
EVENT = QualityEvent(system="qms", key="DEV-7", what=QualityMatter.CHANGE, reference="DEV-7", title="t", status="open")


def redactor(agreement: Agreement = C, pseudonyms: Pseudonyms | None = None) -> Redactor:
    """For the holder, among the three of the line."""
    others = [one for one in (B, C, D) if one.holder.id != agreement.holder.id]
    return Redactor("line-3", agreement, others, pseudonyms)


def test_what_is_nobody_elses_passes_as_it_is() -> None:
    """The same object, so that it costs nothing."""
    see = redactor()
    for record in (STEP, EVENT, frame({"DP": 1.0}, received=1), weighing(1)):
        assert see(record, None).record is record


def test_a_clause_withholds_its_fields() -> None:
    """With what opens them, bound to the stream of this holder."""
    clause = next(one for one in C.exchange if any(w.kind == "BatchStep" for w in one.withheld))
    found = redactor()(STEP, clause)
    assert found.record is not None
    assert commitments_in(found.record)["comment"].clause == clause.clause
    (opening,) = found.openings
    assert (
        refuted(Disclosed.parse(opening.disclosed), Holding.of("cmo-a.line-3.holder-c.batches.v1", found.record))
        is None
    )


@pytest.mark.parametrize("word", [*words_of(B), *words_of(D), *C.terms_withheld])
def test_a_notice_is_readable_without_the_names_of_others(word: str) -> None:
    """A holder, a licence, a product, its code or approval: blacked out, unless it is this holder's own too."""
    see, told = redactor(), f"Change for {word}; see {word.upper()}.pdf"
    found = see(changed(EVENT, title=told), None)
    assert found.record is not None
    title: Any = shown(found.record)
    if word in set(words_of(C)):
        assert title.title == told
        return
    assert title.title == f"Change for {BLACK}; see {BLACK}.pdf"
    assert commitments_in(found.record)["title"].clause == NAMED_TERMS
    assert word.encode() not in encode(found.record)


def test_two_holders_share_a_generic_name_and_each_may_read_it() -> None:
    """But not the other's code."""
    assert B.products[0].generic_name == C.products[0].generic_name
    text = f"{C.products[0].generic_name.zh} {B.products[0].code} / {C.products[0].code}"
    found = redactor()(changed(EVENT, description=text), None)
    assert found.record is not None
    description = commitments_in(found.record)["description"].words
    assert description == f"{C.products[0].generic_name.zh} {BLACK} / {C.products[0].code}"


def test_batches_are_forbidden_once_they_are_known_to_be_anothers() -> None:
    """As the routes learn it, and its own never."""
    see = redactor()
    note = changed(EVENT, title="after 240611A, before 240611AC")
    assert see(note, None).record is note
    see.learn(foreign=["240611A"], own=["240611AC"])
    assert see.names_others("240611A")
    found = see(note, None).record
    assert found is not None
    assert commitments_in(found)["title"].words == f"after {BLACK}, before 240611AC"


def test_a_record_that_names_another_where_nothing_can_be_withheld_does_not_go() -> None:
    """A tag or a source: without it the record cannot be found."""
    see = redactor()
    see.learn(foreign=["240611A"])
    step = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 1, alarm=EVENT.id, tag="F3.240611A.T")
    gap = Gap(gap=EVENT.id, source="mes", tags=("240611a",), began=1, cause=GapCause.OTHER, detail="")
    for record in (step, gap):
        found = see(record, None)
        assert (found.record, found.why) == (None, NAMED_TERMS)
    told = see(changed(gap, tags=(), detail="file 240611A.csv is refused"), None).record
    assert told is not None
    assert commitments_in(told)["detail"].words == f"file {BLACK}.csv is refused"


KEY = Pseudonyms(bytes(range(32)))


def test_across_a_border_persons_have_pseudonyms_where_that_is_agreed() -> None:
    """In fields that name them, and blacked out in text; at home the name stands."""
    see = redactor(ABROAD, KEY)
    found: Any = see(changed(STEP, comment="王小明 stopped it"), None).record
    assert found.person == KEY("王小明") == KEY("王小明 ")
    assert found.person.startswith("P-")
    assert found.person != KEY("王小敏")
    assert commitments_in(found)["comment"].words == f"{BLACK} stopped it"
    later: Any = see(changed(EVENT, description="told by 王小明"), None).record
    assert commitments_in(later)["description"].words == f"told by {BLACK}"
    assert redactor()(STEP, None).record is STEP


def test_a_withheld_name_opens_to_the_name_and_not_to_its_pseudonym() -> None:
    """Who may know it later knows the person."""
    clause = C.exchange[0].model_copy(update={"withheld": (Withheld(kind="BatchStep", field="person", why=WHY),)})
    found = redactor(ABROAD, KEY)(STEP, clause)
    assert Disclosed.parse(found.openings[0].disclosed).value == "王小明"


def test_what_stays_in_the_country_does_not_cross_its_border() -> None:
    """Kinds are left out, fields are withheld; a holder at home gets both."""
    trail = AuditTrailEntry(system="mes", key="k", action=AuditAction.CREATED, object="o", time=1, person="王小明")
    see = redactor(ABROAD, KEY)
    assert (see(trail, None).record, see(trail, None).why) == (None, STAYS_IN_COUNTRY)
    found = see(changed(STEP, equipment="F3"), None).record
    assert found is not None
    assert commitments_in(found)["equipment"].clause == STAYS_IN_COUNTRY
    assert redactor()(trail, None).record is trail


def test_pseudonyms_without_a_key_start_nothing() -> None:
    """No name goes abroad because a file is missing."""
    with pytest.raises(ValueError, match="no key for them"):
        redactor(ABROAD)


def test_what_no_record_can_withhold_is_a_fault_of_the_agreement() -> None:
    """A line for each, that names it."""
    clause = C.exchange[0].model_copy(update={"withheld": (Withheld(kind="BatchStep", field="time", why=WHY),)})
    wrong = C.model_copy(
        update={"exchange": (clause,), "stays_in_country": ("Nothing", "BatchStep.time", "Alarm.comment")}
    )
    assert list(faults(C)) == []
    assert len(list(faults(wrong))) == 3
    with pytest.raises(ValueError, match=r"BatchStep\.time cannot be withheld"):
        redactor(wrong)


@given(EXPORTED | ALARMS | CONDITIONS | GAPS | WEIGHINGS, st.data())
def test_no_forbidden_word_is_in_the_octets_that_a_holder_gets(record: Record, data: st.DataObject) -> None:
    """Whichever field it stands in, of whichever kind."""
    see = redactor()
    see.learn(foreign=["240611A"])
    texts = [name for name in type(record).__dataclass_fields__ if type(getattr(record, name)) is str]
    name = data.draw(st.sampled_from(texts))
    found = see(changed(record, **{name: f"x{getattr(record, name)}240611A"}), None)
    if found.record is None:
        assert found.why == NAMED_TERMS
    else:
        assert b"240611A" not in encode(found.record)
        assert kind_of(found.record) == kind_of(record)
