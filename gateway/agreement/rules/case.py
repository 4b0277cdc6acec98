"""What a rule is given and what it says: shared by all families of rules. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from gateway.agreement.agreement import Agreement
from gateway.agreement.profile import Profile
from gateway.cleanroom.site import Site
from gateway.configuration import Location


class Severity(StrEnum):
    """How grave a finding is. An agreement with an error must not be signed."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Case:
    """One agreement, with all that it is judged by."""

    agreement: Agreement
    others: Sequence[Agreement] = ()
    """Agreements of the same manufacturer with other holders."""
    beside: Sequence[Agreement] = ()
    """All other agreements of the same manufacturer, not other versions of this one."""
    versions: Sequence[Agreement] = ()
    """What else has the same short name: other versions of this one."""
    sites: Sequence[Site] = ()
    profiles: Sequence[Profile] = ()
    """Those that the agreement names."""
    today: date = field(default_factory=date.today)

    @cached_property
    def line_rooms(self) -> frozenset[str]:
        """The rooms of the lines that make the products."""
        return frozenset(room for line in self.agreement.cmo.lines for room in line.rooms)

    @cached_property
    def line_ids(self) -> tuple[str, ...]:
        """The lines that make the products."""
        return tuple(line.id for line in self.agreement.cmo.lines)

    @cached_property
    def line_sharers(self) -> dict[str, list[Agreement]]:
        """By line the agreements of other holders whose products are made there too."""
        own = [line for product in self.agreement.products for line in product.lines]
        return {
            line: found
            for line in dict.fromkeys(own)
            if (found := [one for one in self.others if any(line in product.lines for product in one.products)])
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: where in the document, and in words. `clause` is given where it differs from the rule's."""

    at: Location
    en: str
    zh: str
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, the clause it rests on, and the function that looks."""

    code: str
    clause: str
    severity: Severity
    look: Callable[[Case], Iterable[Hit]]


def listed(names: Iterable[str]) -> str:
    """Names for a person, in their order."""
    return ", ".join(sorted(names)) or "-"
