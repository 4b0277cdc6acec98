"""The assignments that bring what was told of a place up to what is so. Pure; times are UTC microseconds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

from gateway.context.reassignment import given, taken
from gateway.context.timeline import EVER, Stay
from schemas.context import Assignment
from schemas.exported import Exported

PROMPT = 5_000_000
"""How long after a change it may be told without being late."""


@dataclass(frozen=True, slots=True)
class Teller:
    """One agent, which finds something at `now` because of a record, or of a tag where that is None."""

    agent: str
    line: str | None
    because: Exported | None
    now: int

    def differences(self, told: Iterable[Assignment], stays: Iterable[Stay]) -> Iterator[Assignment]:
        """Versions behind those that were told of a place, then withdrawals, then first versions."""
        left, new = dict[tuple[str, str | None], list[Assignment]](), list[Stay]()
        for one in told:
            left.setdefault((one.batch, one.product), []).append(one)
        for stay in stays:
            of_batch = left.get((stay.batch, stay.product), [])
            known = _same(stay, of_batch)
            if known is None:
                new.append(stay)
                continue
            of_batch.remove(known)
            if (stay.began, _end(stay)) != (known.began, known.ended):
                yield self._next(replace(known, began=stay.began, ended=_end(stay), origin=stay.origin), known)
        for known in (one for many in left.values() for one in many):
            yield self._next(replace(known, withdrawn=True), known)
        yield from map(self._first, new)

    def _first(self, stay: Stay) -> Assignment:
        by, why = self._reason(stay.batch)
        one = Assignment(
            system=self.agent, key=str(uuid4()), origin=stay.origin, batch=stay.batch, product=stay.product,
            line=self.line, place_kind=stay.place.kind, place=stay.place.name, began=stay.began, ended=_end(stay),
            time=self.now, by=by, why=why,
        )  # fmt: skip
        return _marked(one)

    def _next(self, one: Assignment, known: Assignment) -> Assignment:
        """The version behind the one that is known."""
        by, why = self._reason(known.batch)
        after = replace(
            one, id=uuid4(), version=known.version + 1, replaces=known.id, time=self.now, was_began=known.began,
            was_ended=known.ended, by=by, why=why,
        )  # fmt: skip
        return _marked(after)

    def _reason(self, batch: str) -> tuple[str | None, str]:
        """Who and why. A record of another batch is not named: its holder may be another."""
        record = self.because
        if record is None:
            return None, "the tag says so"
        if record.batch != batch:
            return record.by, f"{record.system}: a record of another batch"
        told = f"{record.system}: {type(record).__name__} {record.key} v{record.version}"
        return record.by, told if record.why is None else f"{told}: {record.why}"


def _same(stay: Stay, told: Iterable[Assignment]) -> Assignment | None:
    """What was told of the same stay, of all that was told of its batch there: it has a time in common with it."""
    touching = (
        one for one in told if one.began <= stay.ended and stay.began <= (EVER if one.ended is None else one.ended)
    )
    return min(touching, key=lambda one: (one.began, one.key), default=None)


def _end(stay: Stay) -> int | None:
    return None if stay.ended == EVER else stay.ended


def _marked(one: Assignment) -> Assignment:
    """Late, if it changes what older readings belong to."""
    changed = (*given(one), *taken(one))
    return replace(one, late=any(began < one.time - PROMPT for began, _ in changed))
