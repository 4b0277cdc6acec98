"""The life cycles of quality notices, as tables. `README.md` shows them, made by `table`.

There are four, and each kind of notice has one. A step that does not stand in the life cycle of its kind, in the state
that the notice is in, cannot be made; where it comes all the same, as two sides may act at once, it has no effect.

- INVESTIGATION: something went wrong. The manufacturer investigates, the holder approves cause and measures (E2, E7).
- APPROVAL: somebody asks before something is done; nothing may be done until the other side approves (E3, E4, C10).
- REPORT: something is told, and its outcome reported later (E8; 134 (8), 107 T3.4).
- RECALL: the holder decides, the manufacturer acts, the holder ends it (D5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.notices import NoticeEvent as Event
from schemas.notices import NoticeKind as Kind


class State(StrEnum):
    """How far a notice is."""

    RAISED = "RAISED"
    """Told, and nobody of the other side has signed for it."""
    RECEIVED = "RECEIVED"
    INVESTIGATED = "INVESTIGATED"
    """Cause, effect and measures are reported."""
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    IMPLEMENTED = "IMPLEMENTED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class Actor(StrEnum):
    """Whose step it is."""

    RAISER = "RAISER"
    OTHER = "OTHER"
    """The side that was told."""
    CMO = "CMO"
    HOLDER = "HOLDER"
    EITHER = "EITHER"


class Cycle(StrEnum):
    """A life cycle."""

    INVESTIGATION = "INVESTIGATION"
    APPROVAL = "APPROVAL"
    REPORT = "REPORT"
    RECALL = "RECALL"


FINAL = frozenset({State.CLOSED, State.WITHDRAWN})
"""Nothing follows."""


@dataclass(frozen=True, slots=True)
class Move:
    """What an event does: whose it is, and where it leads."""

    by: Actor
    to: State


Table = Mapping[tuple[State, Event], Move]
_RECEIVED = {(State.RAISED, Event.RECEIVED): Move(Actor.OTHER, State.RECEIVED)}
_WITHDRAWN = {(state, Event.WITHDRAWN): Move(Actor.RAISER, State.WITHDRAWN) for state in (State.RAISED, State.RECEIVED)}
CYCLES: Mapping[Cycle, Table] = {
    Cycle.INVESTIGATION: {
        **_RECEIVED,
        **_WITHDRAWN,
        **{
            (state, Event.INVESTIGATED): Move(Actor.CMO, State.INVESTIGATED)
            for state in (State.RAISED, State.RECEIVED, State.INVESTIGATED, State.REFUSED)
        },
        (State.INVESTIGATED, Event.APPROVED): Move(Actor.HOLDER, State.APPROVED),
        (State.INVESTIGATED, Event.REFUSED): Move(Actor.HOLDER, State.REFUSED),
        (State.APPROVED, Event.IMPLEMENTED): Move(Actor.CMO, State.IMPLEMENTED),
        (State.APPROVED, Event.CLOSED): Move(Actor.CMO, State.CLOSED),
        (State.IMPLEMENTED, Event.CLOSED): Move(Actor.CMO, State.CLOSED),
    },
    Cycle.APPROVAL: {
        **_RECEIVED,
        **{
            (state, Event.APPROVED): Move(Actor.OTHER, State.APPROVED)
            for state in (State.RAISED, State.RECEIVED, State.REFUSED)
        },
        **{(state, Event.REFUSED): Move(Actor.OTHER, State.REFUSED) for state in (State.RAISED, State.RECEIVED)},
        (State.APPROVED, Event.IMPLEMENTED): Move(Actor.RAISER, State.IMPLEMENTED),
        **{
            (state, Event.WITHDRAWN): Move(Actor.RAISER, State.WITHDRAWN)
            for state in (State.RAISED, State.RECEIVED, State.REFUSED, State.APPROVED)
        },
        (State.IMPLEMENTED, Event.CLOSED): Move(Actor.OTHER, State.CLOSED),
        (State.REFUSED, Event.CLOSED): Move(Actor.RAISER, State.CLOSED),
    },
    Cycle.REPORT: {
        **_RECEIVED,
        **_WITHDRAWN,
        **{
            (state, Event.INVESTIGATED): Move(Actor.RAISER, State.INVESTIGATED)
            for state in (State.RECEIVED, State.INVESTIGATED)
        },
        **{(state, Event.CLOSED): Move(Actor.OTHER, State.CLOSED) for state in (State.RECEIVED, State.INVESTIGATED)},
    },
    Cycle.RECALL: {
        **_RECEIVED,
        **_WITHDRAWN,
        **{
            (state, Event.IMPLEMENTED): Move(Actor.CMO, State.IMPLEMENTED)
            for state in (State.RAISED, State.RECEIVED, State.IMPLEMENTED)
        },
        (State.IMPLEMENTED, Event.INVESTIGATED): Move(Actor.HOLDER, State.INVESTIGATED),
        (State.INVESTIGATED, Event.CLOSED): Move(Actor.HOLDER, State.CLOSED),
    },
}
"""State and event → whose step it is, and the state after it."""
OF_KIND: Mapping[Kind, Cycle] = {
    Kind.DEVIATION: Cycle.INVESTIGATION,
    Kind.OOS_OOT: Cycle.INVESTIGATION,
    Kind.COMPLAINT: Cycle.INVESTIGATION,
    Kind.RISK_AFTER_RELEASE: Cycle.INVESTIGATION,
    Kind.CHANGE: Cycle.APPROVAL,
    Kind.CAPA: Cycle.APPROVAL,
    Kind.REWORK: Cycle.APPROVAL,
    Kind.DESTRUCTION: Cycle.APPROVAL,
    Kind.QUALIFICATION_VALIDATION: Cycle.REPORT,
    Kind.RETENTION_STABILITY: Cycle.REPORT,
    Kind.PHARMACOVIGILANCE: Cycle.REPORT,
    Kind.INSPECTION: Cycle.REPORT,
    Kind.CREDIT: Cycle.REPORT,
    Kind.REFUSAL: Cycle.REPORT,
    Kind.CO_LINE: Cycle.REPORT,
    Kind.REGISTRATION: Cycle.REPORT,
    Kind.RECALL: Cycle.RECALL,
    Kind.OTHER: Cycle.REPORT,
}
"""The life cycle of each kind. OTHER is a kind that another version may know."""
RAISED_BY: Mapping[Kind, Actor] = {
    **dict.fromkeys(Kind, Actor.EITHER),
    Kind.REWORK: Actor.CMO,
    Kind.DESTRUCTION: Actor.CMO,
    Kind.CO_LINE: Actor.CMO,
    Kind.REGISTRATION: Actor.HOLDER,
    Kind.RECALL: Actor.HOLDER,
}
"""Who can raise a notice of the kind."""
ALWAYS = (Event.CLASSIFIED, Event.ASKED, Event.ANSWERED, Event.ADDED, Event.REMINDED, Event.OVERDUE)
"""Possible for either side until the notice is final; they change no state."""
OF_NODE = frozenset({Event.REMINDED, Event.OVERDUE})
"""Made by a node itself, without a person."""
SIGNED = frozenset(Event) - {*OF_NODE, Event.ASKED, Event.ANSWERED, Event.ADDED, Event.OTHER}
"""Steps that bear a person's signature."""
NEEDS_TEXT = frozenset({*SIGNED, Event.ASKED, Event.ANSWERED, Event.ADDED}) - {
    Event.RECEIVED,
    Event.IMPLEMENTED,
    Event.CLOSED,
    Event.CLASSIFIED,
}
"""Steps in which something has to be said."""
BLOCKING = frozenset({Cycle.APPROVAL})
"""Life cycles in which nothing may be done before the approval (E3, C10)."""


def move(kind: Kind, state: State, event: Event) -> Move | None:
    """What the event does to a notice of the kind in that state; None where it is not possible."""
    if state in FINAL:
        return None
    if event in ALWAYS:
        return Move(Actor.EITHER, state)
    return CYCLES[OF_KIND[kind]].get((state, event))


def acts(by: Actor, *, raiser: bool, cmo: bool) -> bool:
    """Whether a side may: whether it raised the notice, whether it is the manufacturer."""
    return {
        Actor.EITHER: True,
        Actor.RAISER: raiser,
        Actor.OTHER: not raiser,
        Actor.CMO: cmo,
        Actor.HOLDER: not cmo,
    }[by]


def table(cycle: Cycle) -> str:
    """The life cycle in Markdown: a row for each state, a column for each event that changes one."""
    moves = CYCLES[cycle]
    states = [one for one in State if one is State.RAISED or any(to.to is one for to in moves.values())]
    events = [one for one in Event if any(event is one for _, event in moves)]
    lines = [_line(["state", *events]), _line(["---"] * (len(events) + 1))]
    return "\n".join(
        [*lines, *(_line([state, *(_cell(moves.get((state, one))) for one in events)]) for state in states)]
    )


def _cell(move_: Move | None) -> str:
    return "" if move_ is None else f"{move_.to} ({move_.by})"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
