"""What a broker has and should have, compared. Pure."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from gateway.link.access import QUOTAS, Access, Quota, Resource, Rule, Topic
from gateway.provision.parties import Parties

Change = Mapping[Quota, float | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be done, and which rules nobody asked for."""

    topics: tuple[Topic, ...] = ()
    """Missing ones."""
    settings: tuple[Topic, ...] = ()
    """Topics that are there, with those of their settings that have to change."""
    rules: tuple[Rule, ...] = ()
    foreign: tuple[Rule, ...] = ()
    """Rules about the parties' data or for their users that the plan does not have."""
    users: tuple[str, ...] = ()
    quotas: Mapping[str, Change] = field(default_factory=dict)
    open_to_all: bool = False
    """Whether a party's user was let do what no rule allows."""

    def to_do(self, *, prune: bool) -> bool:
        """Whether there is anything that the command does; the rest is left to a person."""
        ours = (self.topics, self.settings, self.rules, self.users, self.quotas)
        return any(ours) or (prune and bool(self.foreign))

    def __bool__(self) -> bool:
        return self.to_do(prune=True) or self.open_to_all


def difference(parties: Parties, wanted: Access, held: Access, spared: AbstractSet[str] = frozenset()) -> Difference:
    """Rules of `spared` principals are left alone."""
    there = held.topics.keys()
    changed = [_changed(one, held.topics[name]) for name, one in wanted.topics.items() if name in there]
    others = (rule for rule in held.rules - wanted.rules if rule.principal not in spared)
    return Difference(
        tuple(one for name, one in wanted.topics.items() if name not in there),
        tuple(one for one in changed if one.settings),
        tuple(sorted(wanted.rules - held.rules)),
        tuple(sorted(rule for rule in others if _concerns(rule, parties))),
        tuple(sorted(wanted.users - held.users)),
        dict(_quotas(parties, wanted, held)),
    )


def _changed(wanted: Topic, held: Topic) -> Topic:
    return Topic(wanted.name, {key: value for key, value in wanted.settings.items() if held.settings.get(key) != value})


def _quotas(parties: Parties, wanted: Access, held: Access) -> Iterator[tuple[str, Change]]:
    for user in dict.fromkeys(one.name for one in parties.principals()):
        should, has = wanted.quotas.get(user, {}), held.quotas.get(user, {})
        change = {name: should.get(name) for name in QUOTAS if should.get(name) != has.get(name)}
        if change:
            yield user, change


def _concerns(rule: Rule, parties: Parties) -> bool:
    """Whether it is about the parties: their users, or what bears their names. Who rules the cluster reaches all."""
    if rule.resource == "cluster" or rule.principal in {one.kafka for one in parties.principals()}:
        return True
    if rule.resource == "topic" and rule.name.split(".")[1:2] == [parties.cmo]:
        return True  # also what once led back from a holder that is none any more
    return any(_overlap(rule, prefix) for prefix in _prefixes(parties, rule.resource))


def _prefixes(parties: Parties, resource: Resource) -> list[str]:
    cmo = f"{parties.cmo}."
    match resource:
        case "topic":
            return [cmo, *(f"{one}.{cmo}" for one in parties.recipients)]
        case "group":
            return [cmo, *(f"{one}." for one in parties.recipients)]
        case "transactional-id":
            return [cmo]
        case _:
            return []


def _overlap(rule: Rule, prefix: str) -> bool:
    if rule.prefixed:
        return rule.name.startswith(prefix) or prefix.startswith(rule.name)
    return rule.name == "*" or rule.name.startswith(prefix)
