"""What a broker should have so that each party reaches its own and nothing else. Pure.

Nothing is allowed that is not named here: the broker refuses by default. Every prefix ends with a dot, which no
identifier has, so that no name of one party begins like another's.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from gateway.link.access import Access, Resource, Rule, Topic
from gateway.link.publisher import streams_of
from gateway.link.wanted import answer_topics, wanted_topics
from gateway.proof.statement import Sender
from gateway.provision.parties import Agent, Holder, Parties, Principal
from gateway.sending import sent_by


def planned(parties: Parties, settings: Mapping[str, str]) -> Access:
    """Topics, rules, users and quotas; `settings` are those of every topic besides its own."""
    rules = [rule for one in parties.agents for rule in _of_agent(parties, one)]
    rules += [rule for one in parties.holders for rule in _of_holder(parties.cmo, one)]
    rules += list(_of_own_node(parties))
    rates = {one.name: holder.rates for holder in parties.holders for one in holder.principals if holder.rates}
    users = frozenset(one.name for one in parties.principals() if one.scram)
    return Access({one.name: one for one in _topics(parties, settings)}, frozenset(rules), users, rates)


def _topics(parties: Parties, settings: Mapping[str, str]) -> Iterator[Topic]:
    """Those that agents and nodes would make themselves where they may."""
    streams = [one for some in streams_of(parties.cmo, "any", parties.recipients).values() for one in some]
    back = [one for recipient in parties.recipients for one in answer_topics(recipient, parties.cmo)]
    holders = [one.id for one in parties.holders]
    nodes = [stream for holder in holders for stream in sent_by(holder, [parties.cmo, holder])]
    answers = [one for holder in holders for origin in (parties.cmo, holder) for one in answer_topics(origin, holder)]
    for one in [*wanted_topics(streams), *back, *wanted_topics(nodes), *answers]:
        yield Topic(one.name, {**one.topic_configs, **settings})


def _of_agent(parties: Parties, agent: Agent) -> Iterator[Rule]:
    """It writes, and reads back what it wrote; it reads what leads back; its transactions are its own."""
    sender = str(Sender(parties.cmo, agent.sender))
    for recipient in parties.recipients:
        yield from _rules(agent.principals, "topic", f"{parties.cmo}.{recipient}.", "read", "write")
        yield from _rules(agent.principals, "topic", f"{recipient}.{parties.cmo}.", "read")
    yield from _rules(agent.principals, "transactional-id", f"{sender}.", "write")
    yield from _rules(agent.principals, "transactional-id", sender, "write", prefixed=False)


def _of_holder(cmo: str, holder: Holder) -> Iterator[Rule]:
    """It reads what is sent to it, and writes what leads back, and its own copy of that; groups are for other programs
    than the node.
    """
    yield from _rules(holder.principals, "topic", f"{cmo}.{holder.id}.", "read")
    for recipient in (cmo, holder.id):
        yield from _rules(holder.principals, "topic", f"{holder.id}.{recipient}.", "read", "write")
    yield from _rules(holder.principals, "group", f"{holder.id}.", "read")


def _of_own_node(parties: Parties) -> Iterator[Rule]:
    """The manufacturer's own node reads everything; it answers, and writes what nodes send, and nothing else."""
    for holder in parties.holders:
        sent = wanted_topics(sent_by(parties.cmo, [holder.id]))
        for topic in [*sent, *answer_topics(parties.cmo, holder.id)]:
            yield from _rules(parties.own, "topic", topic.name, "write", prefixed=False)
    for recipient in parties.recipients:
        yield from _rules(parties.own, "topic", f"{parties.cmo}.{recipient}.", "read")
        yield from _rules(parties.own, "topic", f"{recipient}.{parties.cmo}.", "read")
    if parties.keeps_own:
        yield from _rules(parties.own, "topic", f"{parties.cmo}.{parties.cmo}.", "write")
    yield from _rules(parties.own, "group", f"{parties.cmo}.", "read")


def _rules(
    principals: Sequence[Principal], resource: Resource, name: str, *operations: str, prefixed: bool = True
) -> Iterator[Rule]:
    for principal, operation in product(principals, operations):
        yield Rule(principal.kafka, resource, name, prefixed, operation)
