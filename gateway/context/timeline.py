"""Who is where when: what is claimed of one place becomes stays. Pure; times are UTC microseconds.

The rules:

1. What a record says goes before what a tag says: the tag counts only outside the times of which a record speaks.
2. A record that tells no end speaks until a tag names another batch there.
3. Claims of one batch and product that overlap or touch are one stay. Several batches may be in a place at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.context import PlaceKind
from schemas.exported import Origin

EVER = 2**62
"""The end of what has none: later than any clock."""

Span = tuple[int, int]
"""From, until before."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A room or an equipment."""

    kind: PlaceKind
    name: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that a batch is in a place from `began` until before `ended`, `EVER` where no end is told."""

    place: Place
    batch: str
    product: str | None
    began: int
    ended: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Stay:
    """A batch is in a place from `began` until before `ended`, `EVER` where no end is known."""

    place: Place
    batch: str
    product: str | None
    began: int
    ended: int
    origin: Origin

    @property
    def span(self) -> Span:
        """Its time."""
        return self.began, self.ended


def stays(claims: Iterable[Claim]) -> list[Stay]:
    """The stays of one place, in order of time."""
    every = [one for one in claims if one.began < one.ended]
    tagged = [one for one in every if one.origin is Origin.DIRECT]
    told = [_until_another(one, tagged) for one in every if one.origin is not Origin.DIRECT]
    taken = merged((one.began, one.ended) for one in told)
    left = [replace(one, began=began, ended=ended) for one in tagged for began, ended in _left(one, taken)]
    groups: dict[tuple[Place, str, str | None], list[Claim]] = {}
    for one in (*told, *left):
        groups.setdefault((one.place, one.batch, one.product), []).append(one)
    found = [stay for many in groups.values() for stay in _stays(many)]
    return sorted(found, key=lambda one: (one.began, one.ended, one.batch, one.product or ""))


def _until_another(claim: Claim, tagged: Sequence[Claim]) -> Claim:
    """The claim, ended where a tag names another batch if nobody told its end."""
    if claim.ended != EVER:
        return claim
    others = (one.began for one in tagged if one.batch != claim.batch and one.began > claim.began)
    return replace(claim, ended=min(others, default=EVER))


def _left(claim: Claim, taken: Sequence[Span]) -> list[Span]:
    """What is left of it; `taken` is in order and does not overlap."""
    first = bisect_right(taken, claim.began, key=lambda span: span[1])
    last = bisect_left(taken, claim.ended, key=lambda span: span[0])
    return without([_of(claim)], taken[first:last])


def _stays(claims: Sequence[Claim]) -> list[Stay]:
    """Of one batch in one place."""
    first = claims[0]
    return [
        Stay(first.place, first.batch, first.product, began, ended, _origin(claims, (began, ended)))
        for began, ended in merged(map(_of, claims))
    ]


def _origin(claims: Iterable[Claim], span: Span) -> Origin:
    """How it is known: from the MES if any of it is, keyed if that was keyed there, from a tag if nothing else."""
    found = {one.origin for one in claims if one.began < span[1] and one.ended > span[0]}
    for origin in (Origin.EXPORTED, Origin.SCANNED, Origin.KEYED, Origin.OTHER):
        if origin in found:
            return origin
    return Origin.DIRECT


def _of(claim: Claim) -> Span:
    return claim.began, claim.ended


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap or touch as one."""
    found = list[Span]()
    for began, ended in sorted(spans):
        if found and began <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ended)
        else:
            found.append((began, ended))
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of spans; empty ones are none."""
    left = [span for span in spans if span[0] < span[1]]
    for begin, end in taken:
        left = [
            part
            for began, ended in left
            for part in ((began, min(ended, begin)), (max(began, end), ended))
            if part[0] < part[1]
        ]
    return left
