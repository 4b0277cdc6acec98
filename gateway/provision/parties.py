"""Who exchanges records over one Kafka, and by which names its broker knows them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.link.access import Quota

Rates = Mapping[Quota, float]


@dataclass(frozen=True, slots=True)
class Principal:
    """A name by which the broker knows somebody: a user with a password, or the subject of a certificate."""

    name: str
    scram: bool = True

    @property
    def kafka(self) -> str:
        """As it stands in access rules."""
        return f"User:{self.name}"


@dataclass(frozen=True, slots=True)
class Agent:
    """One sender of the manufacturer."""

    sender: str
    principals: tuple[Principal, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """One recipient, and what each of its users may take and give: octets a second, at one broker."""

    id: str
    principals: tuple[Principal, ...]
    rates: Rates = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parties:
    """One manufacturer, and the holders that exchange with it over one Kafka."""

    cmo: str
    agents: tuple[Agent, ...]
    holders: tuple[Holder, ...]
    own: tuple[Principal, ...] = ()
    """Those of the manufacturer's own node, which reads everything that it sends and gets."""
    keeps_own: bool = False
    """Whether the manufacturer's own streams are in this Kafka."""

    @property
    def recipients(self) -> list[str]:
        """Whom the agents send to."""
        return [*(one.id for one in self.holders), *([self.cmo] if self.keeps_own else [])]

    def principals(self) -> Iterator[Principal]:
        """Everybody's."""
        yield from (name for agent in self.agents for name in agent.principals)
        yield from (name for holder in self.holders for name in holder.principals)
        yield from self.own
