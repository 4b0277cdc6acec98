"""A batch out of the records that tell of it. Pure.

The rules:

1. Of each key of a system one version is in force (`archive/in_force.py`); those before it stay beside it, with who
   and why. Which record came when, how often and in which order changes nothing: records are known by their ids.
2. A record belongs to the batch that its version in force names. One that a correction took away is told as gone.
3. A batch is a number and a product. Where several products use a number, each has its own batch, and a record that
   does not name its product is assigned to none of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, TypeVar, cast
from uuid import UUID

from gateway.archive.exported import Kept
from gateway.archive.in_force import rank
from gateway.archive.weighings import KeptWeighing
from schemas.derived import shapes
from schemas.exported import BatchOrder, Exported, OrderStatus

Kind = TypeVar("Kind", bound=Exported)
OVER = {OrderStatus.COMPLETED, OrderStatus.CANCELLED}
NOT_COMPARED = {"id", "version", "replaces", "by", "why", "file", "row"}
"""Fields in which versions differ always, or that tell of the correction itself."""


@dataclass(frozen=True, slots=True)
class Told(Generic[Kind]):
    """A record in force, where it stands, and the versions whose place it took, the oldest first."""

    record: Kind
    stream: str
    number: int
    earlier: tuple[Kind, ...] = ()

    @property
    def not_arrived(self) -> list[int]:
        """Versions before it that are not here."""
        here = {one.version for one in self.earlier}
        return [version for version in range(1, self.record.version) if version not in here]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a new version changed in one field; `changed` is "" where it changed none."""

    kind: str
    system: str
    key: str
    version: int
    changed: str
    old: object
    new: object
    by: str | None
    why: str | None
    time: int | None
    stream: str
    number: int


Records = Mapping[str, tuple[Told[Exported], ...]]
"""By the name of their kind, in order of time."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `products` are all that use its number.

    `unassigned` are records of the number that name no product although several use it; `unassigned_weighings` alike.
    `gone` are records that a correction took away from it. `beside` are records that name no batch, but a lot, an
    equipment, a room or a record of this one.
    """

    number: str
    product: str | None
    products: tuple[str, ...]
    records: Records
    weighings: tuple[KeptWeighing, ...] = ()
    unassigned: Records = field(default_factory=dict)
    unassigned_weighings: tuple[KeptWeighing, ...] = ()
    gone: Records = field(default_factory=dict)
    beside: Records = field(default_factory=dict)

    def of(self, kind: type[Kind]) -> list[Told[Kind]]:
        """Its records of a kind, in order of time."""
        return _of(self.records, kind)

    def near(self, kind: type[Kind]) -> list[Told[Kind]]:
        """Its records of a kind and those beside it."""
        return self.of(kind) + _of(self.beside, kind)

    def undecided(self, kind: type[Kind]) -> list[Told[Kind]]:
        """Records of a kind of which nobody knows whether they are this batch's."""
        return _of(self.unassigned, kind)

    @property
    def over(self) -> bool:
        """Whether its orders say that nothing more comes of it; a batch without an order may go on."""
        orders = [one.record.status for one in self.of(BatchOrder)]
        return bool(orders) and all(status in OVER for status in orders)

    @property
    def times(self) -> list[int]:
        """When its own records say that something happened, UTC microseconds."""
        told = (one.record.time for many in self.records.values() for one in many)
        return sorted([*(time for time in told if time is not None), *(one.time for one in self.weighings)])


def places_of(batch: Batch) -> list[tuple[str, int]]:
    """Stream and number of each of its records and weighings, and of those beside it."""
    records = [one for kinds in (batch.records, batch.beside) for many in kinds.values() for one in many]
    return [*((one.stream, one.number) for one in records), *((one.stream, one.number) for one in batch.weighings)]


def record_places(batch: Batch) -> dict[UUID, tuple[str, int]]:
    """Stream and number of each of them in force, by the record's id."""
    records = [one for kinds in (batch.records, batch.beside) for many in kinds.values() for one in many]
    found = {one.record.id: (one.stream, one.number) for one in records}
    return found | {one.id: (one.stream, one.number) for one in batch.weighings}


def batches(
    number: str, kept: Iterable[Kept], weighings: Iterable[KeptWeighing], same: Mapping[str, str]
) -> list[Batch]:
    """The batches that use a number, by product, from every version of each record that ever named the number.

    `same` has the product by its other codes. Empty where nothing names the number.
    """
    every = told(kept)
    mine = [one for one in every if one.record.batch == number]
    gone = [one for one in every if one.record.batch != number]
    weighed = sorted({one.id: one for one in weighings}.values(), key=lambda one: (one.time, str(one.id)))
    if not (mine or gone or weighed):
        return []
    products = tuple(sorted({code for one in mine if (code := product_of(one.record, same)) is not None}))
    if len(products) < 2:
        (product,) = products or (None,)
        return [Batch(number, product, products, by_kind(mine), tuple(weighed), gone=by_kind(gone))]
    nobodys = by_kind(one for one in mine if one.record.product is None)
    return [
        Batch(
            number, product, products, by_kind(one for one in mine if product_of(one.record, same) == product),
            unassigned=nobodys, unassigned_weighings=tuple(weighed),
            gone=by_kind(one for one in gone if _was_of(one, number, same) & {product, None}),
        )
        for product in products
    ]  # fmt: skip


def _was_of(gone: Told[Exported], number: str, same: Mapping[str, str]) -> set[str | None]:
    """The products of its versions that named the number."""
    return {product_of(one, same) for one in gone.earlier if one.batch == number}


def product_of(record: Exported, same: Mapping[str, str]) -> str | None:
    """Its product by the one code that is used here."""
    return None if record.product is None else same.get(record.product, record.product)


def told(kept: Iterable[Kept]) -> list[Told[Exported]]:
    """Each key once, with its versions; in order of time, those without one last."""
    keys: dict[tuple[str, str, str], dict[UUID, Kept]] = {}
    for one in kept:
        record = one.record
        versions = keys.setdefault((type(record).__name__, record.system, record.key), {})
        known = versions.get(record.id)
        if known is None or (one.stream, one.number) < (known.stream, known.number):
            versions[record.id] = one
    found = (_told(list(versions.values())) for versions in keys.values())
    return sorted(found, key=_place)


def _told(versions: Sequence[Kept]) -> Told[Exported]:
    *earlier, last = sorted(versions, key=lambda one: rank(one.record))
    return Told(last.record, last.stream, last.number, tuple(one.record for one in earlier))


def _place(one: Told[Exported]) -> tuple[bool, int, str, str, str]:
    record = one.record
    return record.time is None, record.time or 0, type(record).__name__, record.system, record.key


def by_kind(every: Iterable[Told[Exported]]) -> Records:
    """By the name of their kind, in the order given."""
    kinds: dict[str, list[Told[Exported]]] = {}
    for one in every:
        kinds.setdefault(type(one.record).__name__, []).append(one)
    return {name: tuple(kinds[name]) for name in sorted(kinds)}


def _of(records: Records, kind: type[Kind]) -> list[Told[Kind]]:
    return [cast("Told[Kind]", one) for one in records.get(kind.__name__, ())]


def corrections(batch: Batch) -> list[Correction]:
    """What was corrected in it, field by field, and what was taken away from it."""
    every = [*_all(batch.records), *_all(batch.unassigned), *_all(batch.gone), *_all(batch.beside)]
    return [change for one in every for change in _changes(one)]


def _all(records: Records) -> Iterator[Told[Exported]]:
    for many in records.values():
        yield from many


def _changes(one: Told[Exported]) -> Iterator[Correction]:
    versions = (*one.earlier, one.record)
    names = [shape.name for shape in shapes(type(one.record)) if shape.name not in NOT_COMPARED]
    for old, new in pairwise(versions):
        changed = [name for name in names if getattr(old, name) != getattr(new, name)]
        for name in changed or [""]:
            yield Correction(
                type(new).__name__, new.system, new.key, new.version, name, getattr(old, name, None),
                getattr(new, name, None), new.by, new.why, new.time, one.stream, one.number,
            )  # fmt: skip
