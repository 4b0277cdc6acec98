"""Weighings of record as the page lists them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.archive.archive import Archive
from gateway.archive.weighings import KeptWeighing, balances, weighings_since

SHOWN = 200
"""How many weighings are listed."""
OUTCOMES = ("accepted", "refused")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which weighings: of all balances or of one, of both outcomes or of one of `OUTCOMES`."""

    balance: str | None = None
    outcome: str | None = None

    @property
    def query(self) -> dict[str, str | None]:
        """As it stands in an address."""
        return {"balance": self.balance, "outcome": self.outcome}


@dataclass(frozen=True, slots=True)
class Weighings:
    """The newest `SHOWN`, newest first; `more` when there are others. `balances` are all there are to choose from."""

    balances: Sequence[str]
    weighings: Sequence[KeptWeighing]
    more: bool


def wanted(query: Mapping[str, str]) -> Wanted:
    """What an address asks for; an outcome that is none is left out."""
    outcome = query.get("outcome")
    return Wanted(query.get("balance") or None, outcome if outcome in OUTCOMES else None)


def weighings_in(asked: Wanted, begin: int) -> Callable[[Archive], Weighings]:
    """The question to the archive: those from `begin` on, UTC microseconds."""
    accepted = None if asked.outcome is None else asked.outcome == "accepted"

    def ask(archive: Archive) -> Weighings:
        found = weighings_since(archive, begin, SHOWN + 1, source=asked.balance, accepted=accepted)
        return Weighings(balances(archive), found[:SHOWN], len(found) > SHOWN)

    return ask
