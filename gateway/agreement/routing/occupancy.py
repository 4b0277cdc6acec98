"""Which batch of which product is in which place, and when: the stays that assignments tell. Pure, never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.context.reassignment import held
from gateway.context.timeline import Place, Span
from schemas.context import Assignment


@dataclass(frozen=True, slots=True)
class Presence:
    """A batch in a place, from until before; UTC microseconds."""

    batch: str
    product: str | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Occupancy:
    """The assignments in force, by place and key."""

    told: Mapping[Place, Mapping[str, Assignment]] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, assignments: Iterable[Assignment]) -> "Occupancy":
        """What is so with these too; of each key the highest version counts."""
        told = dict(self.told)
        for one in assignments:
            place = Place(one.place_kind, one.place)
            there = dict(told.get(place, {}))
            known = there.get(one.key)
            if known is None or known.version <= one.version:
                there[one.key] = one
            told[place] = there
        return Occupancy(told)

    def at(self, places: Iterable[Place]) -> list[Presence]:
        """The stays of these places."""
        told = (one for place in places for one in self.told.get(place, {}).values())
        return [Presence(one.batch, one.product, span) for one in told for span in held(one) if span[0] < span[1]]
