"""The life cycles of notices: every state, every event, both sides."""

from importlib.resources import files
from itertools import product

import pytest

from gateway.notices.lifecycle import (
    ALWAYS,
    CYCLES,
    FINAL,
    OF_KIND,
    OF_NODE,
    RAISED_BY,
    Actor,
    Cycle,
    State,
    acts,
    move,
    table,
)
from gateway.notices.notice import Fault, Notice, notices
from schemas.notices import NoticeEvent, NoticeKind, NoticeStep
from tests.gateway.notices.steps import CMO, HOLDER, given, raised, step

Event = NoticeEvent
WAYS = {
    Cycle.INVESTIGATION: {
        State.RAISED: (), State.RECEIVED: (Event.RECEIVED,), State.INVESTIGATED: (Event.INVESTIGATED,),
        State.APPROVED: (Event.INVESTIGATED, Event.APPROVED), State.REFUSED: (Event.INVESTIGATED, Event.REFUSED),
        State.IMPLEMENTED: (Event.INVESTIGATED, Event.APPROVED, Event.IMPLEMENTED),
        State.CLOSED: (Event.INVESTIGATED, Event.APPROVED, Event.CLOSED), State.WITHDRAWN: (Event.WITHDRAWN,),
    },
    Cycle.APPROVAL: {
        State.RAISED: (), State.RECEIVED: (Event.RECEIVED,), State.APPROVED: (Event.APPROVED,),
        State.REFUSED: (Event.REFUSED,), State.IMPLEMENTED: (Event.APPROVED, Event.IMPLEMENTED),
        State.CLOSED: (Event.APPROVED, Event.IMPLEMENTED, Event.CLOSED), State.WITHDRAWN: (Event.WITHDRAWN,),
    },
    Cycle.REPORT: {
        State.RAISED: (), State.RECEIVED: (Event.RECEIVED,), State.INVESTIGATED: (Event.RECEIVED, Event.INVESTIGATED),
        State.CLOSED: (Event.RECEIVED, Event.CLOSED), State.WITHDRAWN: (Event.WITHDRAWN,),
    },
    Cycle.RECALL: {
        State.RAISED: (), State.RECEIVED: (Event.RECEIVED,), State.IMPLEMENTED: (Event.IMPLEMENTED,),
        State.INVESTIGATED: (Event.IMPLEMENTED, Event.INVESTIGATED),
        State.CLOSED: (Event.IMPLEMENTED, Event.INVESTIGATED, Event.CLOSED), State.WITHDRAWN: (Event.WITHDRAWN,),
    },
}  # fmt: skip
"""How each state is come to."""


def raisers(kind: NoticeKind) -> list[str]:
    return [one for one in (CMO, HOLDER) if acts(RAISED_BY[kind], raiser=True, cmo=one == CMO)]


def mover(kind: NoticeKind, raiser: str, state: State, event: Event) -> str:
    """A side that may make the step."""
    to = move(kind, state, event)
    assert to is not None
    return next(one for one in (CMO, HOLDER) if acts(to.by, raiser=one == raiser, cmo=one == CMO))


def brought(kind: NoticeKind, raiser: str, state: State) -> list[NoticeStep]:
    """The steps that bring a notice into a state."""
    steps, here = [raised(kind, raiser)], State.RAISED
    for event in WAYS[OF_KIND[kind]][state]:
        steps.append(step(steps[-1], event, mover(kind, raiser, here, event)))
        to = move(kind, here, event)
        assert to is not None
        here = to.to
    assert here is state
    return steps


def only(steps: list[NoticeStep]) -> Notice:
    found, loose = notices(given(*steps), CMO)
    assert not loose
    (notice,) = found.values()
    return notice


CELLS = [
    (kind, raiser, state, event, party)
    for kind in NoticeKind
    for raiser in raisers(kind)
    for state, event, party in product(WAYS[OF_KIND[kind]], Event, (CMO, HOLDER))
]


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_cell_does_what_the_table_says_or_says_why_not(kind: NoticeKind) -> None:
    """Every state that can be come to, every event, both sides; and what is offered to a person is what works."""
    for _, raiser, state, event, party in (cell for cell in CELLS if cell[0] is kind):
        before = brought(kind, raiser, state)
        asked = step(before[-1], Event.ASKED, CMO if party == HOLDER else HOLDER)
        steps = [*before, asked] if state not in FINAL else before
        offered = only(steps).possible(party)
        last = step(steps[-1], event, party, question=asked.id if event is Event.ANSWERED else None)
        told = only([*steps, last]).told[-1]
        to = None if state in FINAL else move(kind, state, event)
        if to is None:
            assert (told.fault, told.state) == (Fault.NOT_POSSIBLE, state)
        elif not acts(to.by, raiser=party == raiser, cmo=party == CMO):
            assert (told.fault, told.state) == (Fault.NOT_ITS_STEP, state)
        else:
            assert (told.fault, told.state) == (None, to.to)
        assert (told.fault is None) == (event in offered or (event in OF_NODE and state not in FINAL))


def test_what_is_final_stays_so_and_all_else_can_end() -> None:
    """No life cycle has a state from which there is no way to an end."""
    for cycle, moves in CYCLES.items():
        assert not {state for state, _ in moves} & FINAL
        ending = set(FINAL)
        while more := {state for (state, _), to in moves.items() if to.to in ending} - ending:
            ending |= more
        assert set(WAYS[cycle]) <= ending
        assert not {event for _, event in moves} & set(ALWAYS)


def test_nothing_is_done_before_it_is_approved() -> None:
    """No change, rework, corrective action or destruction (134 (9), HB 103, 107 T9.4)."""
    for kind in (NoticeKind.CHANGE, NoticeKind.REWORK, NoticeKind.CAPA, NoticeKind.DESTRUCTION):
        for raiser, state in product(raisers(kind), WAYS[Cycle.APPROVAL]):
            notice = only(brought(kind, raiser, state))
            assert notice.blocked == (state not in {State.APPROVED, State.IMPLEMENTED, State.CLOSED})
            implemented = Event.IMPLEMENTED in notice.possible(raiser)
            assert implemented == (state is State.APPROVED)
    refused = brought(NoticeKind.CHANGE, CMO, State.REFUSED)
    closed = only([*refused, step(refused[-1], Event.CLOSED, CMO)])
    assert (closed.state, closed.blocked) == (State.CLOSED, True)


def test_every_kind_has_a_life_cycle_and_somebody_who_raises_it() -> None:
    """All that 134 (7) lists."""
    assert set(OF_KIND) == set(RAISED_BY) == set(NoticeKind)
    assert {Actor.CMO, Actor.HOLDER, Actor.EITHER} == set(RAISED_BY.values())


@pytest.mark.parametrize("cycle", Cycle)
def test_the_readme_shows_the_tables(cycle: Cycle) -> None:
    """As they are run."""
    assert table(cycle) in files("gateway.notices").joinpath("README.md").read_text(encoding="utf-8")
