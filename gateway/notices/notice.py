"""A notice out of its steps: how far it is, who said what, what had no effect and why. Pure.

Both sides keep all steps and must come to the same. So what holds depends on the set of steps alone, not on the order
in which they came:

1. A step goes behind those that it names in `after`; of others the one with the earlier time comes first, then the one
   with the smaller id. One that names a step that is not here waits for it.
2. In this order each step is looked at once. What its kind's life cycle has no place for, or whose maker may not make
   it, has no effect and says why: of two that were made at once the first counts.
3. A step that comes late can take the effect of one that was made without knowing of it, and of what followed that;
   never of one whose maker knew of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heapify, heappop, heappush
from uuid import UUID

from gateway.access.roles import Role
from gateway.notices.lifecycle import (
    BLOCKING,
    FINAL,
    NEEDS_TEXT,
    OF_KIND,
    OF_NODE,
    RAISED_BY,
    Actor,
    State,
    acts,
    move,
)
from schemas.notices import NoticeClass, NoticeEvent, NoticeKind, NoticeStep

CMO_ROLES = frozenset({Role.QA, Role.QUALIFIED_PERSON})
HOLDER_ROLES = frozenset({Role.HOLDER_REVIEWER, Role.QUALIFIED_PERSON})
_RANK = {NoticeClass.OTHER: 0, NoticeClass.MINOR: 1, NoticeClass.MAJOR: 2, NoticeClass.CRITICAL: 3}


class Fault(StrEnum):
    """Why a step has no effect."""

    NOT_RAISED = "NOT_RAISED"
    """Nothing raised the notice that it speaks of, or what did is at fault itself."""
    WAITS = "WAITS"
    """A step that it follows is not here yet."""
    OTHER_PARTY = "OTHER_PARTY"
    """It speaks for a party that did not send it."""
    NO_PARTY = "NO_PARTY"
    """The party has no part in this notice."""
    OTHER_NOTICE = "OTHER_NOTICE"
    """Number or kind are not those of its notice."""
    NOT_POSSIBLE = "NOT_POSSIBLE"
    """The notice is not in a state for it."""
    NOT_ITS_STEP = "NOT_ITS_STEP"
    """It is a step of the other side."""
    ROLE = "ROLE"
    """The person has no role that makes such steps."""
    NO_TEXT = "NO_TEXT"
    """Nothing is said where something has to be."""
    NO_QUESTION = "NO_QUESTION"
    """It answers nothing that was asked here."""
    SIGNATURE = "SIGNATURE"
    """It is not signed, or the signature does not hold."""


@dataclass(frozen=True, slots=True)
class Given:
    """A step as it came: `origin` is the party whose stream it stood in. `doubt` says what speaks against its maker."""

    step: NoticeStep
    origin: str
    doubt: Fault | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A step in its place: `fault` is None where it has effect, `state` the notice's after it."""

    step: NoticeStep
    state: State
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as its steps have made it. `cmo` is the manufacturer's name among its two parties."""

    id: UUID
    cmo: str
    raised: NoticeStep
    told: tuple[Told, ...]

    @property
    def state(self) -> State:
        """How far it is."""
        return self.told[-1].state

    @property
    def steps(self) -> list[NoticeStep]:
        """Those that have effect, in their order."""
        return [one.step for one in self.told if one.fault is None]

    @property
    def parties(self) -> tuple[str, str]:
        """Who raised it, and who was told."""
        return self.raised.party, self.raised.to[0]

    @property
    def final(self) -> bool:
        """Whether nothing follows any more."""
        return self.state in FINAL

    @property
    def blocked(self) -> bool:
        """Whether what it asks for must not be done yet (E3, C10)."""
        done = {State.APPROVED, State.IMPLEMENTED, State.CLOSED}
        if OF_KIND[self.raised.kind] not in BLOCKING:
            return False
        return self.state not in done or not self.at(NoticeEvent.APPROVED)

    @property
    def questions(self) -> list[NoticeStep]:
        """Those that nobody of the other side has answered."""
        steps = self.steps
        answered = {one.question for one in steps if one.event is NoticeEvent.ANSWERED}
        return [one for one in steps if one.event is NoticeEvent.ASKED and one.id not in answered]

    @property
    def classes(self) -> dict[str, NoticeClass]:
        """The class of risk as each party sees it, by party."""
        return {one.party: one.grade for one in self.steps if one.grade is not None}

    @property
    def grade(self) -> NoticeClass | None:
        """The class that holds; None where nobody gave one.

        Where both differ the higher risk counts (134 (9)), until the holder has signed otherwise knowing the other's;
        of a change it counts for good.
        """
        given = self.classes
        if not given:
            return None
        decided = self._decided()
        return decided if decided is not None else max(given.values(), key=_RANK.__getitem__)

    def _decided(self) -> NoticeClass | None:
        """The class that the holder gave with its reasons, after the last that the manufacturer gave."""
        if self.raised.kind is NoticeKind.CHANGE:
            return None
        graded = [one for one in self.steps if one.grade is not None]
        last = graded[-1]
        signed = last.event is NoticeEvent.CLASSIFIED and bool(last.text)
        if last.party == self.cmo or not signed:
            return None
        known = _before(last, {one.id: one for one in self.steps})
        others = {one.id for one in graded if one.party == self.cmo}
        return last.grade if others <= known else None

    def at(self, event: NoticeEvent) -> list[NoticeStep]:
        """The steps of that event that have effect."""
        return [one for one in self.steps if one.event is event]

    @property
    def ends(self) -> tuple[UUID, ...]:
        """The last steps: what a new one follows."""
        followed = {one for told in self.told for one in told.step.after}
        return tuple(sorted(told.step.id for told in self.told if told.step.id not in followed))

    def possible(self, party: str) -> list[NoticeEvent]:
        """What the party can do now; the node's own steps are not among them."""
        raiser, cmo = party == self.raised.party, party == self.cmo
        found = []
        for event in NoticeEvent:
            to = move(self.raised.kind, self.state, event)
            asked = event is not NoticeEvent.ANSWERED or any(one.party != party for one in self.questions)
            if to is not None and event not in OF_NODE and asked and acts(to.by, raiser=raiser, cmo=cmo):
                found.append(event)
        return found

    def waits_for(self) -> set[str]:
        """The parties that have a step to make that leads on, and those that were asked something."""
        raiser, other = self.parties
        asked = {other if one.party == raiser else raiser for one in self.questions}
        return asked | {one for one in self.parties if any(event in _LEADING for event in self.possible(one))}


_LEADING = frozenset(NoticeEvent) - {
    NoticeEvent.CLASSIFIED, NoticeEvent.ASKED, NoticeEvent.ANSWERED, NoticeEvent.ADDED, NoticeEvent.WITHDRAWN,
}  # fmt: skip


def may_act(roles: Iterable[str], *, cmo: bool) -> bool:
    """Whether a person with these roles makes steps for the manufacturer, or for a holder."""
    return bool({Role(one) for one in roles if one in set(Role)} & (CMO_ROLES if cmo else HOLDER_ROLES))


def notices(given: Iterable[Given], cmo: str) -> tuple[dict[UUID, Notice], list[Told]]:
    """The notices of these steps by id, and the steps that belong to none. `cmo` is the manufacturer's name.

    A step that came several times counts once. Of two with one id the one that its party sent counts.
    """
    found: dict[UUID, Given] = {}
    for one in sorted(given, key=lambda one: (one.origin != one.step.party, one.origin)):
        found.setdefault(one.step.id, one)
    by_notice: dict[UUID, list[Given]] = {}
    for one in found.values():
        by_notice.setdefault(one.step.notice, []).append(one)
    made: dict[UUID, Notice] = {}
    loose: list[Told] = []
    for id_, steps in by_notice.items():
        notice = _notice(id_, steps, cmo)
        if notice is None:
            loose += [Told(one.step, State.RAISED, _loose(one, cmo)) for one in steps]
        else:
            made[id_] = notice
    return made, loose


def _notice(id_: UUID, given: Sequence[Given], cmo: str) -> Notice | None:
    ordered, waiting = _ordered(given)
    first = ordered[0] if ordered else None
    if first is None or first.step.id != id_ or _raising(first, cmo) is not None:
        return None
    made = _Making(first.step, cmo)
    for one in ordered[1:]:
        made.take(one)
    made.told += [Told(one.step, made.state, one.doubt or Fault.WAITS) for one in waiting]
    return Notice(id_, cmo, first.step, tuple(made.told))


def _loose(one: Given, cmo: str) -> Fault:
    """Why a step belongs to no notice."""
    raising = _raising(one, cmo) if one.step.id == one.step.notice else one.doubt
    return raising or Fault.NOT_RAISED


def _raising(one: Given, cmo: str) -> Fault | None:
    """What speaks against it as the step that raises a notice."""
    step = one.step
    return one.doubt or _first(
        (one.origin != step.party, Fault.OTHER_PARTY),
        (step.event is not NoticeEvent.RAISED or bool(step.after) or step.id != step.notice, Fault.NOT_RAISED),
        (len(step.to) != 1 or step.party in step.to or cmo not in (step.party, *step.to), Fault.NO_PARTY),
        (not acts(RAISED_BY[step.kind], raiser=True, cmo=step.party == cmo), Fault.NOT_ITS_STEP),
        (not may_act(step.roles, cmo=step.party == cmo), Fault.ROLE),
        (not (step.text and step.title), Fault.NO_TEXT),
    )


def _first(*found: tuple[bool, Fault]) -> Fault | None:
    """The first fault that there is."""
    return next((fault for there, fault in found if there), None)


class _Making:
    """One pass over the steps of a notice."""

    def __init__(self, raised: NoticeStep, cmo: str) -> None:
        self._raised, self._cmo = raised, cmo
        self.state = State.RAISED
        self.told = [Told(raised, self.state)]
        self._asked: dict[UUID, str] = {}

    def take(self, one: Given) -> None:
        step = one.step
        to = move(self._raised.kind, self.state, step.event)
        fault = one.doubt or self._fault(one, to.by if to else None)
        if fault is None and to is not None:
            self.state = to.to
            if step.event is NoticeEvent.ASKED:
                self._asked[step.id] = step.party
        self.told.append(Told(step, self.state, fault))

    def _fault(self, one: Given, by: Actor | None) -> Fault | None:
        step, raised, cmo = one.step, self._raised, one.step.party == self._cmo
        asker = self._asked.get(step.question or raised.id, step.party)
        return _first(
            (one.origin != step.party, Fault.OTHER_PARTY),
            (step.party not in (raised.party, *raised.to), Fault.NO_PARTY),
            ((step.number, step.kind) != (raised.number, raised.kind), Fault.OTHER_NOTICE),
            (by is None, Fault.NOT_POSSIBLE),
            (by is not None and not acts(by, raiser=step.party == raised.party, cmo=cmo), Fault.NOT_ITS_STEP),
            (step.event not in OF_NODE and not may_act(step.roles, cmo=cmo), Fault.ROLE),
            (step.event in NEEDS_TEXT and not step.text, Fault.NO_TEXT),
            (step.event is NoticeEvent.ANSWERED and asker == step.party, Fault.NO_QUESTION),
        )


def _ordered(given: Collection[Given]) -> tuple[list[Given], list[Given]]:
    """The steps in their order, and those that wait for one that is not here; both the same whatever came first."""
    by_id = {one.step.id: one for one in given}
    missing = {one.step.id: len(set(one.step.after)) for one in given}
    followers: dict[UUID, list[UUID]] = {}
    for one in given:
        for before in set(one.step.after):
            followers.setdefault(before, []).append(one.step.id)
    ready = [(one.step.time, one.step.id) for one in given if not missing[one.step.id]]
    heapify(ready)
    ordered = []
    while ready:
        _, id_ = heappop(ready)
        ordered.append(by_id[id_])
        for follower in followers.get(id_, ()):
            missing[follower] -= 1
            if not missing[follower]:
                heappush(ready, (by_id[follower].step.time, follower))
    there = {one.step.id for one in ordered}
    waiting = sorted((one for one in given if one.step.id not in there), key=lambda one: (one.step.time, one.step.id))
    return ordered, waiting


def _before(step: NoticeStep, steps: Mapping[UUID, NoticeStep]) -> set[UUID]:
    """All steps that its maker had seen."""
    found: set[UUID] = set()
    left = list(step.after)
    while left:
        id_ = left.pop()
        if id_ not in found and id_ in steps:
            found.add(id_)
            left += steps[id_].after
    return found
