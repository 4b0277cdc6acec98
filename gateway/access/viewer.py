"""Whoever looks: the person behind a session or a token, and what of the node is open to that person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.access.roles import EVERYBODY, Right, Role, right_for, right_within, rights_of


@dataclass(frozen=True, slots=True)
class Scope:
    """To what an inspector's access is narrowed: to some rights, to some batches; None narrows nothing."""

    rights: frozenset[Right] | None = None
    batches: frozenset[str] | None = None

    @property
    def narrows(self) -> bool:
        """Whether it takes anything away."""
        return self.rights is not None or self.batches is not None


EVERYTHING = Scope()
HOMES = ("", "/rooms", "/batches", "/alarms", "/weighings", "/reports", "/evidence", "/agreement", "/people")
"""Pages that somebody may begin with, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who it is. `id` names the account, for a provider's person `issuer subject`. `ends` is UTC microseconds."""

    id: str
    name: str
    roles: frozenset[Role]
    scope: Scope = EVERYTHING
    ends: int | None = None
    rights: frozenset[Right] = field(init=False)

    def __post_init__(self) -> None:
        rights = rights_of(self.roles)
        if self.scope.rights is not None:
            rights &= self.scope.rights
        if self.scope.batches is not None:  # what tells of all batches tells of others
            rights &= {Right.BATCHES}
        object.__setattr__(self, "rights", rights)

    def may(self, path: str) -> bool:
        """Whether a path, without its language or `/api`, is open to this person."""
        if path in EVERYBODY:
            return True
        right = right_for(path)
        if right is None or not {right, right_within(path) or right} <= self.rights:
            return False
        return self.scope.batches is None or path == "/batches" or self.knows(batch_in(path) or "")

    def knows(self, batch: str) -> bool:
        """Whether a batch may be named to this person."""
        return self.scope.batches is None or batch in self.scope.batches

    def home(self) -> str | None:
        """The page to begin with; None where there is none."""
        return next((path for path in HOMES if self.may(path)), None)


def batch_in(path: str) -> str | None:
    """The batch that a path, as the server has decoded it, names."""
    begin, number = "/batches/", path.removeprefix("/batches/")
    return number if path.startswith(begin) and number else None


def subject_of(path: str, query: Mapping[str, str]) -> dict[str, str | None]:
    """What an address is about, as the fields of an access record."""
    alarm = path.removeprefix("/alarms/") if path.startswith("/alarms/") else None
    if alarm in {"performance", "held"}:
        alarm = None
    return {
        "batch": batch_in(path) or query.get("batch"),
        "alarm": alarm or query.get("alarm"),
        "room": query.get("room"),
        "tag": query.get("tag"),
    }
