"""A notice out of its steps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from gateway.notices.lifecycle import State
from gateway.notices.notice import Fault, Given, Notice, notices
from schemas.notices import NoticeClass, NoticeEvent, NoticeKind, NoticeStep
from tests.gateway.notices.steps import CMO, HOLDER, given, other, raised, step, unknown

Event = NoticeEvent
MINOR, MAJOR, CRITICAL = NoticeClass.MINOR, NoticeClass.MAJOR, NoticeClass.CRITICAL


def only(steps: Sequence[NoticeStep]) -> Notice:
    found, loose = notices(given(*steps), CMO)
    assert not loose
    (notice,) = found.values()
    return notice


def faults(steps: Sequence[NoticeStep | Given]) -> list[Fault | None]:
    """Of each step, as given."""
    found, loose = notices([one if isinstance(one, Given) else Given(one, one.party) for one in steps], CMO)
    told = {one.step.id: one.fault for notice in found.values() for one in notice.told}
    told |= {one.step.id: one.fault for one in loose}
    return [told[(one.step if isinstance(one, Given) else one).id] for one in steps]


def test_a_deviation_is_received_investigated_approved_and_closed() -> None:
    """Who must act next is told at each step."""
    steps, waits = [raised()], [{CMO, HOLDER}]
    for event, party in (
        (Event.RECEIVED, HOLDER), (Event.INVESTIGATED, CMO), (Event.REFUSED, HOLDER), (Event.INVESTIGATED, CMO),
        (Event.APPROVED, HOLDER), (Event.IMPLEMENTED, CMO), (Event.CLOSED, CMO),
    ):  # fmt: skip
        steps.append(step(steps[-1], event, party))
        waits.append(only(steps).waits_for())
    notice = only(steps)
    assert [one.state for one in notice.told] == [
        State.RAISED, State.RECEIVED, State.INVESTIGATED, State.REFUSED, State.INVESTIGATED, State.APPROVED,
        State.IMPLEMENTED, State.CLOSED,
    ]  # fmt: skip
    assert (notice.final, notice.steps) == (True, steps)
    assert waits == [{CMO, HOLDER}, {CMO}, {CMO, HOLDER}, {CMO}, {CMO, HOLDER}, {CMO}, {CMO}, set()]


def test_a_question_waits_for_the_other_side_until_it_is_answered() -> None:
    """Nobody answers its own."""
    first = raised()
    asked = step(first, Event.ASKED, HOLDER)
    own = step(asked, Event.ANSWERED, HOLDER, question=asked.id)
    assert faults([first, asked, own])[-1] is Fault.NO_QUESTION
    assert faults([first, step(first, Event.ANSWERED, CMO)])[-1] is Fault.NO_QUESTION
    assert [one.id for one in only([first, asked]).questions] == [asked.id]
    assert Event.ANSWERED in only([first, asked]).possible(CMO)
    assert Event.ANSWERED not in only([first, asked]).possible(HOLDER)
    answered = step(asked, Event.ANSWERED, CMO, question=asked.id)
    assert only([first, asked, answered]).questions == []


@pytest.mark.parametrize(
    ("kind", "later", "expected"),
    [
        (NoticeKind.DEVIATION, [], MAJOR),
        (NoticeKind.DEVIATION, [(HOLDER, MINOR, "")], MAJOR),
        (NoticeKind.DEVIATION, [(HOLDER, CRITICAL, "")], CRITICAL),
        (NoticeKind.DEVIATION, [(HOLDER, MINOR, "No product was open.")], MINOR),
        (NoticeKind.DEVIATION, [(HOLDER, MINOR, "No product was open."), (CMO, CRITICAL, "It was.")], CRITICAL),
        (NoticeKind.DEVIATION, [(CMO, MINOR, "After all.")], MINOR),
        (NoticeKind.CHANGE, [(HOLDER, MINOR, "Reported only.")], MAJOR),
        (NoticeKind.CHANGE, [(HOLDER, CRITICAL, "It needs an approval.")], CRITICAL),
    ],
)
def test_the_higher_risk_counts_until_the_holder_has_signed_otherwise(
    kind: NoticeKind, later: list[tuple[str, NoticeClass, str]], expected: NoticeClass
) -> None:
    """Of a change for good (134 (9))."""
    steps = [raised(kind, grade=MAJOR)]
    for party, grade, text in later:
        steps.append(step(steps[-1], Event.CLASSIFIED, party, grade=grade, text=text))
    assert only(steps).grade is expected


def test_a_lower_class_that_the_holder_signed_without_knowing_of_a_higher_one_does_not_count() -> None:
    """What it did not know it did not decide."""
    first = raised(grade=MAJOR)
    higher = step(first, Event.CLASSIFIED, CMO, grade=CRITICAL, time=5)
    blind = step(first, Event.CLASSIFIED, HOLDER, grade=MINOR, text="No product was open.", time=6)
    assert only([first, higher, blind]).grade is CRITICAL
    knowing = step(higher, Event.CLASSIFIED, HOLDER, blind, grade=MINOR, text="Still not.", time=7)
    assert only([first, higher, blind, knowing]).grade is MINOR


FIRST = raised()


@pytest.mark.parametrize(
    ("given_", "fault"),
    [
        (Given(step(FIRST, Event.RECEIVED, HOLDER), CMO), Fault.OTHER_PARTY),
        (Given(replace(step(FIRST, Event.ADDED, HOLDER), party="holder-c"), "holder-c"), Fault.NO_PARTY),
        (replace(step(FIRST, Event.ADDED, HOLDER), number="DEV-26-002"), Fault.OTHER_NOTICE),
        (replace(step(FIRST, Event.ADDED, HOLDER), kind=NoticeKind.CHANGE), Fault.OTHER_NOTICE),
        (step(FIRST, Event.APPROVED, HOLDER), Fault.NOT_POSSIBLE),
        (step(FIRST, Event.RAISED, CMO), Fault.NOT_POSSIBLE),
        (step(FIRST, Event.OTHER, CMO), Fault.NOT_POSSIBLE),
        (step(FIRST, Event.RECEIVED, CMO), Fault.NOT_ITS_STEP),
        (step(FIRST, Event.RECEIVED, HOLDER, roles=("operator",)), Fault.ROLE),
        (step(FIRST, Event.RECEIVED, HOLDER, roles=("qa",)), Fault.ROLE),
        (step(FIRST, Event.RECEIVED, HOLDER, roles=("king",)), Fault.ROLE),
        (step(FIRST, Event.ASKED, HOLDER, text=""), Fault.NO_TEXT),
        (replace(step(FIRST, Event.ADDED, HOLDER), after=(unknown(),)), Fault.WAITS),
        (Given(step(FIRST, Event.RECEIVED, HOLDER), HOLDER, Fault.SIGNATURE), Fault.SIGNATURE),
    ],
)
def test_a_step_that_has_no_effect_says_why(given_: NoticeStep | Given, fault: Fault) -> None:
    """And changes nothing; the notice goes on."""
    good = step(FIRST, Event.RECEIVED, HOLDER, time=99)
    assert faults([FIRST, given_, good]) == [None, fault, None]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"roles": ("operator",)}, Fault.ROLE), ({"text": ""}, Fault.NO_TEXT), ({"title": ""}, Fault.NO_TEXT),
        ({"to": ()}, Fault.NO_PARTY), ({"to": ("holder-b", "holder-c")}, Fault.NO_PARTY),
        ({"to": (CMO,)}, Fault.NO_PARTY),
        ({"kind": NoticeKind.RECALL}, Fault.NOT_ITS_STEP), ({"event": Event.RECEIVED}, Fault.NOT_RAISED),
        ({"notice": unknown()}, Fault.NOT_RAISED), ({"party": "holder-b", "to": ("holder-c",)}, Fault.OTHER_PARTY),
    ],
)  # fmt: skip
def test_a_step_that_raises_nothing_stands_alone(change: dict[str, Any], fault: Fault) -> None:
    """With all that follow it."""
    first = raised()
    wrong = replace(first, **change)
    found = faults([Given(wrong, CMO), step(wrong, Event.RECEIVED, HOLDER)])
    assert found == [fault, Fault.NOT_RAISED]


def test_of_two_steps_at_once_the_earlier_counts_and_the_other_says_that_it_came_too_late() -> None:
    """On both sides, whichever came first there."""
    first = raised(NoticeKind.CHANGE)
    approved = step(first, Event.APPROVED, HOLDER, time=10)
    withdrawn = step(first, Event.WITHDRAWN, CMO, time=9)
    implemented = step(approved, Event.IMPLEMENTED, CMO, time=20)
    late = [first, approved, implemented, withdrawn]
    assert faults(late) == [None, Fault.NOT_POSSIBLE, Fault.NOT_POSSIBLE, None]
    assert only(late).state is State.WITHDRAWN
    assert only([first, approved, implemented]).state is State.IMPLEMENTED


def test_a_new_step_follows_all_that_its_maker_has_seen() -> None:
    """The last ones name the others."""
    first = raised()
    left, right = step(first, Event.ADDED, CMO), step(first, Event.RECEIVED, HOLDER)
    assert set(only([first, left, right]).ends) == {left.id, right.id}
    both = step(left, Event.ADDED, CMO, right)
    assert only([first, left, right, both]).ends == (both.id,)


@st.composite
def conversations(draw: st.DrawFn) -> list[NoticeStep]:
    """What two sides write, each knowing a part of the other's steps; sensible steps and others."""
    kind = draw(st.sampled_from([NoticeKind.DEVIATION, NoticeKind.CHANGE, NoticeKind.INSPECTION, NoticeKind.COMPLAINT]))
    steps = [raised(kind, draw(st.sampled_from([CMO, HOLDER])))]
    seen: dict[str, set[int]] = {CMO: {0}, HOLDER: {0}}
    for at in range(1, draw(st.integers(0, 9))):
        party = draw(st.sampled_from([CMO, HOLDER]))
        event = draw(st.sampled_from(list(Event)))
        own = seen[party]
        notice = only([steps[one] for one in sorted(own)])
        if draw(st.booleans()) and (possible := notice.possible(party)):
            event = draw(st.sampled_from(possible))
        question = notice.questions[0].id if notice.questions else None
        grade = draw(st.none() | st.sampled_from(NoticeClass))
        made = step(steps[0], event, party, time=draw(st.integers(0, 20)), question=question, grade=grade)
        steps.append(replace(made, after=notice.ends))
        own.add(at)
        if draw(st.booleans()):
            seen[other(party)] |= own
    return steps


@settings(deadline=None, max_examples=150)
@for_all(conversations(), st.randoms())
def test_both_sides_come_to_the_same_in_whatever_order_the_steps_came(steps: list[NoticeStep], random: Any) -> None:
    """Also where some came twice."""
    expected = only(steps)
    shuffled = steps + random.sample(steps, len(steps) // 2)
    random.shuffle(shuffled)
    assert only(shuffled) == expected


@settings(deadline=None, max_examples=150)
@for_all(conversations())
def test_what_follows_changes_nothing_of_what_was_said_before(steps: list[NoticeStep]) -> None:
    """What is told of a step depends on those before it alone, and each stands behind those that its maker knew."""
    told = only(steps).told
    for count in range(1, len(told)):
        assert only([one.step for one in told[:count]]).told == told[:count]
    places = {one.step.id: at for at, one in enumerate(told)}
    assert all(places[before] < places[one.step.id] for one in told for before in one.step.after)
