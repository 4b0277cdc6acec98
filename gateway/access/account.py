"""An account, and what is refused when one is made. Pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field

from gateway.access.roles import Role, mixed
from gateway.access.viewer import EVERYTHING, Scope, Viewer
from schemas.errors import ToldError

LOGIN = re.compile(r"[a-z0-9][a-z0-9.@_-]{1,63}")
SHARED = frozenset(
    {*(role.value for role in Role), "admin", "root", "user", "guest", "test", "shared", "quality", "line", "holder"}
)
"""Names that belong to nobody in particular."""


class AccountError(ToldError):
    """What was asked for is refused; the message says why, with the clause where there is one."""


@dataclass(frozen=True, slots=True)
class Lockout:
    """After so many failures, each within `seconds` of the one before, nobody signs in for `seconds`."""

    failures: int = 5
    seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account. Times are UTC microseconds; `locked` is until when nobody may sign in with it."""

    id: str
    login: str
    name: str
    roles: frozenset[Role]
    made: int
    scope: Scope = EVERYTHING
    ends: int | None = None
    disabled: bool = False
    failed: int = 0
    locked: int | None = None
    credential: str = field(default="", repr=False, compare=False)
    """Names the password without telling it: another with each password that is set."""

    def open(self, now: int) -> bool:
        """Whether the account holds at this time."""
        return not self.disabled and (self.ends is None or now < self.ends)

    def viewer(self) -> Viewer:
        """The person as one who looks."""
        return Viewer(self.id, self.name, self.roles, self.scope, self.ends)


def refused(made: Account, others: Collection[Account]) -> list[str]:
    """Why such an account cannot be made beside the others; empty where it can."""
    login, name = made.login, made.name
    found = []
    if not LOGIN.fullmatch(login):
        found.append(f"{login!r}: a name is 2 to 64 of a-z, 0-9, and . @ _ - within it")
    if login in SHARED or name.strip().casefold() in SHARED:
        found.append(
            f"{login}: nobody's name; each account is one person's, none is shared (2025 No. 74 annex art. 22(3))"
        )
    if len(name.strip()) < 2:
        found.append("--person: the person's full name, as it stands in records")
    if not name.isprintable():
        found.append(f"--person {name!r}: has a character that is not seen; write the name anew")
    if any(other.login == login for other in others):
        found.append(f"{login}: there is such an account, and a name is never given twice")
    if any(_alike(other.name) == _alike(name) for other in others):
        found.append(
            f"--person {name}: has an account; one person has one (2025 No. 74 annex art. 22(3)); add to a namesake's "
            "name what tells them apart, such as a staff number"
        )
    if made.ends is not None and made.ends <= made.made:
        found.append("--ends: is past; the account would never be open")
    return [*found, *unfit(made.roles, made.scope, made.ends)]


def _alike(name: str) -> str:
    """The same for names that a reader takes for one: whatever the case, the width of letters and the spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def unfit(roles: Collection[Role], scope: Scope, ends: int | None) -> list[str]:
    """Why nobody may have these roles with this scope and end."""
    found = mixed(roles)
    if not roles:
        found.append("--role: at least one role")
    if Role.INSPECTOR in roles and ends is None:
        found.append("--ends: an inspector's access has an end")
    if Role.INSPECTOR in roles and not scope.narrows:
        found.append("--batch or --pages: an inspector's access has a scope")
    if any(not one or one != one.strip() for one in scope.batches or ()):
        found.append("--batch: the number as it stands in records, without spaces around it")
    if roles and scope.narrows and not Viewer("", "", frozenset(roles), scope).rights:
        found.append("--batch and --pages: together they leave nothing to see; a batch is among the batches")
    if Role.INSPECTOR not in roles and scope.narrows:
        found.append("--batch and --pages narrow an inspector's access only")
    return found
