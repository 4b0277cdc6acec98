"""What the records of one batch, and what the words of a tag, claim of places. Pure; times are UTC microseconds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gateway.context.timeline import EVER, Claim, Place
from schemas.context import PlaceKind
from schemas.exported import BatchOrder, BatchStep, EquipmentUse, Exported, OrderStatus, Origin, StepEvent, Use
from schemas.frame import Value

SPEAKING = (BatchOrder, BatchStep, EquipmentUse)
"""The kinds that say where a batch is, or until when."""
_BEGINS = {StepEvent.STARTED, StepEvent.REPEATED}
_ENDS = {StepEvent.COMPLETED, StepEvent.ABORTED, StepEvent.SKIPPED}
_OVER = {OrderStatus.COMPLETED, OrderStatus.CANCELLED}
_ORDER = list(StepEvent)
"""Of events told for the same moment: a step starts before it is completed."""


def claims(batch: str, records: Iterable[Exported]) -> list[Claim]:
    """What the records of a batch that are in force say. One that names no product is the only product's.

    A step or use whose end nobody told ends with the order of its product.
    """
    every = list(records)
    only = product_of(every)
    over = {one.product or only: one.time for one in every if _is_over(one)}
    found = [*_steps(batch, every, only), *_uses(batch, every, only)]
    return [_ended(one, over.get(one.product)) for one in found]


def product_of(records: Iterable[Exported]) -> str | None:
    """The product, where the records name one only."""
    products = {one.product for one in records if one.product is not None}
    return products.pop() if len(products) == 1 else None


def _is_over(record: Exported) -> bool:
    return isinstance(record, BatchOrder) and record.status in _OVER


def _ended(claim: Claim, over: int | None) -> Claim:
    if claim.ended != EVER or over is None or over <= claim.began:
        return claim
    return Claim(claim.place, claim.batch, claim.product, claim.began, over, claim.origin)


@dataclass(slots=True)
class _Run:
    """A step once through."""

    began: int
    ended: int = EVER
    events: list[BatchStep] = field(default_factory=list)


def _steps(batch: str, records: Iterable[Exported], only: str | None) -> Iterator[Claim]:
    named: dict[tuple[str, str | None, str], list[BatchStep]] = {}
    for one in records:
        if isinstance(one, BatchStep):
            named.setdefault((one.system, one.product or only, one.step), []).append(one)
    for (_, product, _), events in named.items():
        for run in _runs(sorted(events, key=lambda one: (one.time, _ORDER.index(one.event), one.key))):
            origin = run.events[0].origin
            room = next((one.room for one in run.events if one.room), None)
            equipment = next((one.equipment for one in run.events if one.equipment), None)
            for place in _places(room, equipment):
                yield Claim(place, batch, product, run.began, run.ended, _recorded(origin))


def _runs(events: Iterable[BatchStep]) -> list[_Run]:
    """The times through a step; what ends without having begun tells no time."""
    found, runs = None, list[_Run]()
    for one in events:
        if found is not None and one.event in _BEGINS:
            found.ended, found = one.time, None
        if found is None and one.event not in _ENDS:
            runs.append(found := _Run(one.time))
        if found is not None:
            found.events.append(one)
            if one.event in _ENDS:
                found.ended, found = one.time, None
    return runs


def _uses(batch: str, records: Iterable[Exported], only: str | None) -> Iterator[Claim]:
    """A line of an equipment log; what is cleaned holds no batch."""
    for one in records:
        if isinstance(one, EquipmentUse) and one.use is Use.PRODUCTION:
            ended = EVER if one.time is None else one.time
            for place in _places(one.room, one.equipment):
                yield Claim(place, batch, one.product or only, one.began, ended, _recorded(one.origin))


def _places(room: str | None, equipment: str | None) -> Iterator[Place]:
    if room:
        yield Place(PlaceKind.ROOM, room)
    if equipment:
        yield Place(PlaceKind.EQUIPMENT, equipment)


def _recorded(origin: Origin) -> Origin:
    """What an export takes from equipment is the MES's word all the same: a tag's is another."""
    return Origin.EXPORTED if origin is Origin.DIRECT else origin


@dataclass(frozen=True, slots=True)
class Word:
    """What a tag says of its place from a time on: a batch, "" for none, None where it is not known any more."""

    time: int
    batch: str | None


def spans_of(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    """Batch, from, until before. A time in which it is not known is the batch's if it is the same before and after."""
    known = list[Word]()
    ordered = sorted(words, key=lambda one: (one.time, one.batch is not None, one.batch or ""))
    for at, one in enumerate(ordered):
        after = next((later.batch for later in ordered[at + 1 :] if later.batch is not None), None)
        silent = one.batch is None and known and after in {known[-1].batch, None}
        if not silent and not (known and known[-1].batch == one.batch):
            known.append(one)
    for one, after_ in pairwise([*known, Word(EVER, None)]):
        if one.batch:
            yield one.batch, one.time, after_.time


def text_of(value: Value) -> str:
    """A batch number as people write it, whatever type its tag has."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
