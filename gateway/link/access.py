"""Who may do what on a broker: topics, access rules (ACLs), users, quotas, as values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Resource = Literal["topic", "group", "cluster", "transactional-id", "delegation-token", "user", "other"]
Quota = Literal["consumer_byte_rate", "producer_byte_rate"]

QUOTAS: tuple[Quota, ...] = ("consumer_byte_rate", "producer_byte_rate")
"""Octets a second of one user at one broker, as Kafka names them."""
ANYBODY = "User:*"
"""The principal of rules that hold for everybody, also for who did not say a name."""


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One access rule (ACL, KIP-11; prefixes KIP-290)."""

    principal: str
    resource: Resource
    name: str
    prefixed: bool
    """Whether it holds for all names that begin so."""
    operation: str
    """As Kafka names it, in small letters: `read`, `write`, `describe`."""
    host: str = "*"
    allowed: bool = True

    def covers(self, resource: Resource, name: str) -> bool:
        """Whether it says something about what has this name."""
        matches = name.startswith(self.name) if self.prefixed else self.name in {name, "*"}
        return resource == self.resource and matches

    def __str__(self) -> str:
        """In a line, as for a person."""
        what = f"{self.resource} {self.name}{'…' if self.prefixed else ''}"
        where = "" if self.host == "*" else f" from {self.host}"
        return f"{self.principal} {'may' if self.allowed else 'may not'} {self.operation} {what}{where}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: one partition unless it is there with more, and its settings by Kafka's names."""

    name: str
    settings: Mapping[str, str]


Rates = Mapping[Quota, float]


@dataclass(frozen=True, slots=True)
class Access:
    """What a broker has, or what it should have."""

    topics: Mapping[str, Topic] = field(default_factory=dict)
    rules: frozenset[Rule] = frozenset()
    users: frozenset[str] = frozenset()
    """Users of SASL/SCRAM-SHA-512."""
    quotas: Mapping[str, Rates] = field(default_factory=dict)
    """By user, without the word before it; those that are not here are not limited."""
