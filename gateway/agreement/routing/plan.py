"""What the clauses in force say of each tag of a table. Pure.

Theory of operation. For a table, the tags that one clause decides by the same places are a *group*; its course says
what holds for all of them at a time. The states of all groups together are few (a batch is there, or not), so what
follows of them for each tag, the *outcome*, is made once for each and kept. Then a frame costs one look at the outcomes
for its time, and one column operation for each holder that gets a part of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.agreement.routing.course import ALWAYS, Course, Courses, Places
from gateway.agreement.routing.reason import Reason
from gateway.agreement.routing.rules import Epoch, Rule, Terms
from gateway.context.timeline import Place
from schemas.context import PlaceKind
from schemas.frame import TagTable

Mask = NDArray[np.bool_]
KEPT = 256
"""Outcomes of a table that are kept."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a holder gets something, by which clause, and why."""

    holder: str
    rule: Rule | None
    reason: Reason

    @property
    def sends(self) -> bool:
        """Whether the holder gets it."""
        return self.reason.sends


@dataclass(frozen=True, slots=True)
class Bucket:
    """Samples that a holder does not get, counted together."""

    holder: str
    room: str | None
    rule: Rule | None
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Where each tag's samples are counted, `(holders, tags)`: `buckets` counted from 1, 0 for those that are not."""

    buckets: Sequence[Bucket]
    of_tag: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What holds for each tag of a table while no course changes."""

    shares: Sequence[tuple[tuple[str, ...], Mask | None]]
    """Holders with the tags that they get; None for all of them. Who gets none is not among them."""
    tally: Tally | None
    nobodys: Mask | None
    """Tags that no holder gets now though clauses are about them; None where there are none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    terms: Terms
    rule: Rule
    places: Places
    tags: Sequence[int]


def places_of(rule: Rule, *rooms: str | None, equipment: str | None = None) -> Places:
    """The places whose batch decides for what is measured in a room or with an equipment."""
    if named := rule.clause.decided_by:
        return tuple(Place(kind, name) for name in named for kind in (PlaceKind.ROOM, PlaceKind.EQUIPMENT))
    found = [Place(PlaceKind.ROOM, room) for room in rooms if room is not None]
    return tuple(found) if equipment is None else (*found, Place(PlaceKind.EQUIPMENT, equipment))


class Plan:
    """Of one table in one epoch."""

    def __init__(self, tags: TagTable, epoch: Epoch, line: str) -> None:
        self._tags, self._epoch = tags, epoch
        of_line = tags.line or line
        self._groups = [group for terms in epoch.terms.values() for group in _groups(terms, tags, of_line)]
        self._outcomes: dict[tuple[Reason, ...], Outcome] = {}
        self.decided_by_batches = any(one.rule.clause.when == "batch" for one in self._groups)
        """Whether anything of it may belong to another holder once more is known of batches."""

    def at(self, moment: int, courses: Courses) -> tuple[Outcome, int, int]:
        """What holds then, since when, and until before when."""
        begins, ends, states = self._epoch.begins, self._epoch.ends, list[Reason]()
        for group in self._groups:
            state, since, until = _course(group, courses).at(moment)
            states.append(state)
            begins, ends = max(begins, since), min(ends, until)
        return self._outcome(tuple(states)), begins, ends

    def _outcome(self, states: tuple[Reason, ...]) -> Outcome:
        known = self._outcomes.get(states)
        if known is None:
            if len(self._outcomes) >= KEPT:
                self._outcomes.clear()
            known = self._outcomes[states] = self._made(states)
        return known

    def _made(self, states: tuple[Reason, ...]) -> Outcome:
        size = len(self._tags)
        sent = {holder: np.zeros(size, dtype=np.bool_) for holder in self._epoch.terms}
        for group, state in zip(self._groups, states, strict=True):
            sent[group.terms.holder][list(group.tags)] |= state.sends
        shares: dict[bytes, tuple[list[str], Mask | None]] = {}
        for holder, mask in sent.items():
            if mask.any():
                shares.setdefault(mask.tobytes(), ([], None if mask.all() else mask))[0].append(holder)
        covered, anybodys = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        for group in self._groups:
            covered[list(group.tags)] = True
        for mask in sent.values():
            anybodys |= mask
        nobodys = covered & ~anybodys
        return Outcome(
            [(tuple(holders), mask) for holders, mask in shares.values()], self._tally(states, sent),
            nobodys if nobodys.any() else None,
        )  # fmt: skip

    def _tally(self, states: tuple[Reason, ...], sent: Mapping[str, Mask]) -> "Tally | None":
        """Of each holder the tags that its clauses are about and that it does not get; the first clause says why."""
        buckets, rows = dict[Bucket, int](), list[NDArray[np.int32]]()
        for holder, mask in sent.items():
            of_tag = np.zeros(len(self._tags), dtype=np.int32)
            for group, state in zip(self._groups, states, strict=True):
                for tag in group.tags if group.terms.holder == holder else ():
                    if not mask[tag] and not of_tag[tag]:
                        bucket = Bucket(holder, self._tags.rooms[tag], group.rule, state)
                        of_tag[tag] = buckets.setdefault(bucket, len(buckets) + 1)
            rows.append(of_tag)
        return Tally(list(buckets), np.array(rows, dtype=np.int32)) if buckets else None


def _course(group: _Group, courses: Courses) -> Course:
    return ALWAYS if group.rule.clause.when == "always" else courses.of(group.rule, group.terms, group.places)


def _groups(terms: Terms, tags: TagTable, line: str) -> Iterator[_Group]:
    for rule in terms.rules:
        if not rule.clause.covers_kind("measurements", "Frame") or line not in rule.clause.lines:
            continue
        found: dict[Places, list[int]] = {}
        for at, (name, room) in enumerate(zip(tags.names, tags.rooms, strict=True)):
            if rule.clause.covers_tag(name, room):
                places = () if rule.clause.when == "always" else places_of(rule, room)
                found.setdefault(places, []).append(at)
        yield from (_Group(terms, rule, places, some) for places, some in found.items())
