"""The clauses that are in force at a time, holder by holder, with the products that they mean. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from gateway.agreement.agreement import Agreement
from gateway.agreement.exchange import Exchange
from gateway.context.timeline import EVER


class Version(Protocol):
    """A version of an agreement that both parties signed."""

    @property
    def agreement(self) -> Agreement:
        """What it says."""


class Signed(Protocol):
    """All of them."""

    def at(self, moment: int) -> Iterable[Version]:
        """Those in force at that time, UTC microseconds."""

    def boundaries(self) -> Iterable[int]:
        """The times at which that changes."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A clause of one holder's agreement. `products` has all spellings; none that another holder claims too."""

    holder: str
    agreement: str
    version: int
    clause: Exchange
    products: frozenset[str]

    @property
    def name(self) -> str:
        """As people and records name it: `qa-holder-b v2 E-1`."""
        return f"{self.agreement} v{self.version} {self.clause.clause}"


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What is in force between a manufacturer and one holder; `products` are all of the holder's."""

    holder: str
    rules: tuple[Rule, ...]
    products: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Epoch:
    """A time in which the same versions are in force: from until before, UTC microseconds."""

    begins: int
    ends: int
    terms: Mapping[str, Terms]
    """By holder."""

    def owner(self, product: str | None) -> str | None:
        """The holder of a product, by the manufacturer's code."""
        return next((one.holder for one in self.terms.values() if product in one.products), None)


def epochs(signed: Signed) -> list[Epoch]:
    """All time, in order."""
    edges = [-EVER, *sorted(set(signed.boundaries())), EVER]
    return [
        Epoch(begins, ends, terms_of([one.agreement for one in signed.at(begins)])) for begins, ends in pairwise(edges)
    ]


def terms_of(agreements: Sequence[Agreement]) -> dict[str, Terms]:
    """Of the agreements that are in force together. A code that two holders claim is nobody's: never guessed."""
    claimed: dict[str, set[str]] = {}
    for one in agreements:
        claimed.setdefault(one.holder.id, set()).update(
            code for product in one.products for code in (product.code, *product.also)
        )
    several = Counter(code for codes in claimed.values() for code in codes)
    own = {holder: frozenset(code for code in codes if several[code] == 1) for holder, codes in claimed.items()}
    rules: dict[str, list[Rule]] = {holder: [] for holder in own}
    for one in agreements:
        holder = one.holder.id
        for clause in one.exchange:
            products = own[holder].intersection(one.products_of(clause))
            rules[holder].append(Rule(holder, one.agreement, one.version, clause, products))
    return {holder: Terms(holder, tuple(some), own[holder]) for holder, some in rules.items()}
