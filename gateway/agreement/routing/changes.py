"""What an assignment gives to holders and takes from them. Pure; times are UTC microseconds."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.agreement.routing.course import Course, Courses
from gateway.agreement.routing.plan import places_of
from gateway.agreement.routing.plant import Plant
from gateway.agreement.routing.rules import Epoch, Rule, Terms
from gateway.context.timeline import EVER, Place, Span, without
from schemas.context import Assignment

REACH = 2 * 2880 * 60_000_000
"""How far from a stay a clause's margins can change anything: twice the longest."""


@dataclass(frozen=True, slots=True)
class Change:
    """A time of a room that is a holder's now and was not before, or the other way round. `room` may be None."""

    holder: str
    rule: Rule
    room: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Changes:
    """What is given and what is taken."""

    given: tuple[Change, ...]
    taken: tuple[Change, ...]


def changes(epochs: list[Epoch], plant: Plant, before: Courses, after: Courses, one: Assignment) -> Changes:
    """By an assignment: of the past and the future."""
    place, near = Place(one.place_kind, one.place), _near(one)
    given, taken = list[Change](), list[Change]()
    for epoch in epochs:
        bounds = max(near[0], epoch.begins), min(near[1], epoch.ends)
        for terms, rule, room in _decided(epoch, plant):
            if place in (places := places_of(rule, room)):
                old = _sent(before.of(rule, terms, places), bounds)
                new = _sent(after.of(rule, terms, places), bounds)
                given += (Change(terms.holder, rule, room, span) for span in without(new, old))
                taken += (Change(terms.holder, rule, room, span) for span in without(old, new))
    return Changes(tuple(given), tuple(taken))


def _near(one: Assignment) -> Span:
    began = min(one.began, one.began if one.was_began is None else one.was_began)
    open_ended = one.ended is None or (one.was_began is not None and one.was_ended is None)
    ended = EVER if open_ended else max(one.ended or 0, one.was_ended or 0) + REACH
    return began - REACH, min(ended, EVER)


def _decided(epoch: Epoch, plant: Plant) -> Iterator[tuple[Terms, Rule, str | None]]:
    """The clauses that batches decide, with each room that they are about; None for tags without a room."""
    every = {tag: plant.rooms.get(tag) for tags in plant.sources.values() for tag in tags} | dict(plant.rooms)
    for terms in epoch.terms.values():
        for rule in terms.rules:
            clause = rule.clause
            if clause.when == "batch" and clause.covers_kind("measurements", "Frame") and plant.line in clause.lines:
                rooms = {room for tag, room in every.items() if clause.covers_tag(tag, room)}
                yield from ((terms, rule, room) for room in sorted(rooms, key=lambda room: room or ""))


def _sent(course: Course, bounds: Span) -> list[Span]:
    cut = ((max(began, bounds[0]), min(ended, bounds[1])) for began, ended in course.sent())
    return [span for span in cut if span[0] < span[1]]
