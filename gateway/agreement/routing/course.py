"""What a clause decides for a place, over all time: by the stays of batches there and the margins around them. Pure.

A margin reaches from a stay of the clause's batch to the next stay of a batch that is not the holder's, and no further.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.agreement.routing.occupancy import Occupancy, Presence
from gateway.agreement.routing.reason import Reason
from gateway.agreement.routing.rules import Rule, Terms
from gateway.context.timeline import EVER, Place, Span, merged

MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """`states[i]` holds from `edges[i - 1]` until before `edges[i]`; the first and last without bound."""

    edges: Sequence[int]
    states: Sequence[Reason]

    def at(self, moment: int) -> tuple[Reason, int, int]:
        """What is so then, since when, and until before when."""
        at = bisect_right(self.edges, moment)
        return (
            self.states[at], self.edges[at - 1] if at else -EVER, self.edges[at] if at < len(self.edges) else EVER
        )  # fmt: skip

    def during(self, first: int, last: int) -> Reason:
        """The first state that sends in the time from `first` to `last`, both counted; else that at `last`."""
        some = self.states[bisect_right(self.edges, first) : bisect_right(self.edges, last) + 1]
        return next((one for one in some if one.sends), some[-1])

    def sent(self) -> list[Span]:
        """The times in which it sends."""
        bounds = [-EVER, *self.edges, EVER]
        return merged(span for span, state in zip(pairwise(bounds), self.states, strict=True) if state.sends)


ALWAYS = Course((), (Reason.ALWAYS,))


def course(rule: Rule, terms: Terms, stays: Sequence[Presence]) -> Course:
    """Of a clause, by the stays in the places that decide."""
    if rule.clause.when == "always":
        return ALWAYS
    own = merged(one.span for one in stays if one.product in rule.products)
    kin = merged(one.span for one in stays if one.product in terms.products and one.product not in rule.products)
    known = merged(one.span for one in stays if one.product is not None and one.product not in terms.products)
    nameless = merged(one.span for one in stays if one.product is None)
    others = merged([*known, *nameless])
    before = merged(_before(span, rule.clause.before * MINUTE, others) for span in own)
    after = merged(_after(span, rule.clause.after * MINUTE, others) for span in own)
    layers = (
        (own, Reason.BATCH), (before, Reason.BEFORE), (after, Reason.AFTER), (kin, Reason.OTHER_PRODUCT),
        (known, Reason.OTHER_BATCH), (nameless, Reason.UNKNOWN_PRODUCT),
    )  # fmt: skip
    edges = sorted({edge for spans, _ in layers for began, ended in spans if began < ended for edge in (began, ended)})
    states = [next((state for spans, state in layers if _covers(spans, at)), Reason.NO_BATCH) for at in edges]
    return Course(edges, [Reason.NO_BATCH, *states])


def _before(span: Span, margin: int, others: Sequence[Span]) -> Span:
    began = span[0]
    at = bisect_left(others, began, key=lambda one: one[0])
    last = others[at - 1][1] if at else -EVER
    return min(began, max(began - margin, last)), began


def _after(span: Span, margin: int, others: Sequence[Span]) -> Span:
    ended = span[1]
    at = bisect_right(others, ended, key=lambda one: one[1])
    first = others[at][0] if at < len(others) else EVER
    return ended, max(ended, min(ended + margin, first, EVER))


def _covers(spans: Sequence[Span], moment: int) -> bool:
    at = bisect_right(spans, moment, key=lambda one: one[0])
    return at > 0 and moment < spans[at - 1][1]


Places = tuple[Place, ...]


class Courses:
    """The courses of one state of knowledge, each made when it is asked for."""

    def __init__(self, occupancy: Occupancy, known: dict[tuple[Rule, Places], Course] | None = None) -> None:
        self.occupancy = occupancy
        self._known = {} if known is None else known

    def of(self, rule: Rule, terms: Terms, places: Places) -> Course:
        """The course of a clause in the places that decide."""
        key = rule, places
        if key not in self._known:
            self._known[key] = course(rule, terms, self.occupancy.at(places))
        return self._known[key]

    def after(self, occupancy: Occupancy, touched: Iterable[Place]) -> "Courses":
        """Of what is known now, where nothing but the touched places is different."""
        places = set(touched)
        return Courses(occupancy, {key: one for key, one in self._known.items() if places.isdisjoint(key[1])})
