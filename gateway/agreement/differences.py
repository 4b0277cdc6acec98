"""What one version of an agreement says otherwise than another, field by field. Pure.

Items of lists are told apart by what names them (a clause's number, a product's code), wherever they stand; so a clause
that moved is no change, and one that changed is one change. Two versions that differ in anything have a difference.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from gateway.agreement.agreement import Agreement
from gateway.agreement.terms import Term
from gateway.cleanroom.levels import Words

LEAVES = (Words, Term)
"""Models that are said as a whole."""
_NAMED_BY: Mapping[str, Callable[[Any], tuple[Any, ...]]] = {
    "approved": lambda one: (one.material, one.supplier),
    "deadlines": lambda one: (one.step, one.by, one.classes),
    "duties": lambda one: (one.duty,),
    "exchange": lambda one: (one.clause,),
    "history": lambda one: (one.version,),
    "keys": lambda one: (one.key,),
    "limits": lambda one: (one.site, one.profile),
    "lines": lambda one: (one.id,),
    "notices": lambda one: (one.kind, one.by),
    "persons": lambda one: (one.id,),
    "products": lambda one: (one.code,),
    "responsibilities": lambda one: (one.chapter,),
    "signatories": lambda one: (one.side, one.stage, one.person),
    "specifications": lambda one: (one.code,),
    "withheld": lambda one: (one.kind, one.field),
}
"""Field with a list of models → what names an item of it."""


class Sort(StrEnum):
    """What happened."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ORDER = "order"
    """The same items stand in another order."""


@dataclass(frozen=True, slots=True)
class Step:
    """A field, and of a list of models the item in it; of an item that changed it is the new one."""

    field: str
    item: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `old` is None where it was added, `new` where it was removed."""

    path: tuple[Step, ...]
    sort: Sort
    old: Any
    new: Any

    @property
    def fields(self) -> tuple[str, ...]:
        """The names on the way to it."""
        return tuple(step.field for step in self.path)


def differences(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """All differences, in the order of the document; empty only where the two are equal."""
    return tuple(_models(old, new, ()))


def _models(old: BaseModel, new: BaseModel, path: tuple[Step, ...]) -> Iterator[Change]:
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield from _values(before, after, (*path, Step(name)))


def _values(old: Any, new: Any, path: tuple[Step, ...]) -> Iterator[Change]:
    if isinstance(old, tuple) and isinstance(new, tuple):
        items = [*old, *new]
        models = all(isinstance(one, BaseModel) and not isinstance(one, LEAVES) for one in items)
        yield from _items(old, new, path) if models else _words(old, new, path)
    elif isinstance(new, BaseModel) and type(old) is type(new) and not isinstance(new, LEAVES):
        yield from _models(old, new, path)
    else:
        yield Change(path, Sort.CHANGED, old, new)


def _words(old: Sequence[Any], new: Sequence[Any], path: tuple[Step, ...]) -> Iterator[Change]:
    """Lists of plain values, such as rooms. An empty one is said as such: it may mean all."""
    if not old or not new:
        yield Change(path, Sort.CHANGED, old, new)
        return
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    yield from (Change(path, Sort.REMOVED, one, None) for one in gone.elements())
    yield from (Change(path, Sort.ADDED, None, one) for one in come.elements())
    if not gone and not come:
        yield Change(path, Sort.ORDER, old, new)


def _items(old: Sequence[Any], new: Sequence[Any], path: tuple[Step, ...]) -> Iterator[Change]:
    """Lists of models: each is compared with the one of the same name."""
    *above, step = path
    before, after = _named(step.field, old), _named(step.field, new)
    for name, one in before.items():
        if name not in after:
            yield Change((*above, Step(step.field, one)), Sort.REMOVED, one, None)
    for name, one in after.items():
        at = (*above, Step(step.field, one))
        if name not in before:
            yield Change(at, Sort.ADDED, None, one)
        elif before[name] != one:
            yield from _models(before[name], one, at)
    if before == after:
        yield Change(path, Sort.ORDER, old, new)


def _named(field: str, items: Sequence[Any]) -> dict[tuple[Any, ...], Any]:
    """The items by their names; of several of one name each has its place among them."""
    seen: Counter[tuple[Any, ...]] = Counter()
    named = {}
    for one in items:
        name = _NAMED_BY[field](one)
        named[*name, seen[name]] = one
        seen[name] += 1
    return named
