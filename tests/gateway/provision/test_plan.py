"""The plan and its difference to what a broker has, without a broker."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.link.access import Access, Rule, Topic
from gateway.link.topics import RECEIPTS, RESENDS, RESENT, SCHEMAS, SEALS, topic
from gateway.provision.difference import difference
from gateway.provision.parties import Agent, Holder, Parties, Principal
from gateway.provision.plan import planned
from schemas.catalogue import FAMILIES
from tests.gateway.provision.plans import some_parties

PARTIES = Parties(
    "cmo-a",
    (Agent("line-3", (Principal("line-3"),)),),
    (
        Holder("holder-b", (Principal("b"),), {"consumer_byte_rate": 1000.0}),
        Holder("holder-c", (Principal("CN=c", scram=False),)),
    ),
)
PLAN = planned(PARTIES, {})
FOREIGN = Rule("User:other", "topic", "other.", prefixed=True, operation="read")


def allowed(plan: Access, principal: Principal, resource: str, name: str) -> set[str]:
    """What the principal may do with what bears this name."""
    return {
        rule.operation
        for rule in plan.rules
        if rule.principal == principal.kafka and rule.resource == resource and rule.covers(rule.resource, name)
    }


@given(some_parties(), st.sampled_from([*FAMILIES, SCHEMAS, SEALS, RESENT, RECEIPTS, RESENDS]))
def test_no_holder_reaches_what_is_anothers(parties: Parties, family: str) -> None:
    """Whatever their names begin with: neither topics, in both directions, nor groups, nor transactions."""
    plan = planned(parties, {})
    for holder in parties.holders:
        others = [one.id for one in parties.holders if one != holder] + [parties.cmo]
        for principal in holder.principals:
            for other in others:
                assert not allowed(plan, principal, "topic", topic(parties.cmo, other, family))
                assert not allowed(plan, principal, "topic", topic(other, parties.cmo, family))
                assert not allowed(plan, principal, "group", f"{other}.node")
            assert "write" not in allowed(plan, principal, "topic", topic(parties.cmo, holder.id, family))
            for agent in parties.agents:
                assert not allowed(plan, principal, "transactional-id", f"{parties.cmo}.{agent.sender}")


@given(some_parties())
def test_every_party_reaches_every_topic_of_its_own(parties: Parties) -> None:
    """All topics that are made have a writer, and a reader other than it."""
    plan = planned(parties, {})
    for holder in parties.holders:
        sent = {name for name in plan.topics if name.startswith(f"{parties.cmo}.{holder.id}.")}
        back = {name for name in plan.topics if name.startswith(f"{holder.id}.{parties.cmo}.")}
        wanted = (RECEIPTS, RESENDS, SCHEMAS, SEALS, RESENT, "access", "notices")
        kept = {name for name in plan.topics if name.startswith(f"{holder.id}.{holder.id}.")}
        assert kept == {topic(holder.id, holder.id, kind) for kind in wanted if kind != "access"}
        assert {topic(holder.id, parties.cmo, kind) for kind in wanted} == back
        assert {topic(parties.cmo, holder.id, kind) for kind in (SCHEMAS, SEALS, RESENT)} < sent
        for principal in holder.principals:
            assert all(allowed(plan, principal, "topic", name) == {"read"} for name in sent)
            assert all(allowed(plan, principal, "topic", name) == {"read", "write"} for name in back | kept)
        for agent in parties.agents:
            assert all(allowed(plan, agent.principals[0], "topic", name) == {"read", "write"} for name in sent)
            assert all(allowed(plan, agent.principals[0], "topic", name) == {"read"} for name in back)


@given(some_parties())
def test_no_sender_ends_the_transactions_of_another(parties: Parties) -> None:
    """Neither its one for all recipients nor those by recipient."""
    plan = planned(parties, {})
    for agent in parties.agents:
        for other in parties.agents:
            names = [f"{parties.cmo}.{other.sender}", f"{parties.cmo}.{other.sender}.{parties.holders[0].id}"]
            found = [allowed(plan, agent.principals[0], "transactional-id", name) for name in names]
            assert found == ([{"write"}] * 2 if other == agent else [set()] * 2)


@given(some_parties(), st.booleans())
def test_nobody_rules_the_cluster_and_nobody_is_everybody(parties: Parties, own: bool) -> None:
    """And nothing is allowed but reading and writing."""
    plan = planned(replace(parties, keeps_own=own), {})
    assert {rule.resource for rule in plan.rules} == {"topic", "group", "transactional-id"}
    assert {rule.operation for rule in plan.rules} == {"read", "write"}
    assert {rule.principal for rule in plan.rules} == {one.kafka for one in parties.principals()}
    assert all(rule.allowed and rule.host == "*" for rule in plan.rules)


@given(some_parties())
def test_what_is_as_planned_differs_in_nothing(parties: Parties) -> None:
    """And what a broker has of other people is left alone."""
    plan = planned(parties, {"min.insync.replicas": "2"})
    held = replace(plan, rules=plan.rules | {replace(FOREIGN, name="other.topic.")})
    assert not difference(parties, plan, held)


def test_records_are_kept_for_good_and_schemas_compacted() -> None:
    """Copies that have to be in step are the same for all topics."""
    topics = planned(PARTIES, {"min.insync.replicas": "2"}).topics
    assert topics["cmo-a.holder-b.measurements.v1"].settings == {
        "retention.ms": "-1", "max.message.bytes": "2097152", "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": "2",
    }  # fmt: skip
    assert topics["cmo-a.holder-b.schemas.v1"].settings["cleanup.policy"] == "compact"
    assert topics["holder-b.cmo-a.receipts.v1"].settings["retention.ms"] == "-1"


def test_users_have_passwords_and_certificates_have_none() -> None:
    """Rates are of those that have any."""
    assert PLAN.users == {"line-3", "b"}
    assert PLAN.quotas == {"b": {"consumer_byte_rate": 1000.0}}


def test_all_that_is_missing_is_named() -> None:
    """On a broker that has nothing."""
    found = difference(PARTIES, PLAN, Access())
    assert {one.name for one in found.topics} == set(PLAN.topics)
    assert (frozenset(found.rules), found.users) == (PLAN.rules, ("b", "line-3"))
    assert not found.foreign
    assert found.quotas == {"b": {"consumer_byte_rate": 1000.0}}


def test_a_topic_that_would_forget_is_changed() -> None:
    """Only the setting that differs."""
    name = "cmo-a.holder-b.alarms.v1"
    forgetting = Topic(name, {**PLAN.topics[name].settings, "retention.ms": "604800000", "segment.ms": "1"})
    found = difference(PARTIES, PLAN, replace(PLAN, topics={**PLAN.topics, name: forgetting}))
    assert found.settings == (Topic(name, {"retention.ms": "-1"}),)


def test_a_rate_that_nobody_gave_is_taken_away() -> None:
    """Of the parties' users; others keep theirs."""
    held = replace(PLAN, quotas={"CN=c": {"producer_byte_rate": 5.0}, "b": {"consumer_byte_rate": 2.0}, "x": {}})
    changes = {"CN=c": {"producer_byte_rate": None}, "b": {"consumer_byte_rate": 1000.0}}
    assert difference(PARTIES, PLAN, held).quotas == changes


@pytest.mark.parametrize(
    "rule",
    [
        replace(FOREIGN, name="*", prefixed=False),
        replace(FOREIGN, name="cmo"),
        replace(FOREIGN, name="cmo-a.holder-c.alarms.v1", prefixed=False),
        replace(FOREIGN, name="holder-z.cmo-a."),
        replace(FOREIGN, principal="User:b"),
        replace(FOREIGN, principal="User:*", resource="group", name="holder-b.node", prefixed=False),
        replace(FOREIGN, resource="transactional-id", name="*", prefixed=False, operation="write"),
        replace(FOREIGN, resource="cluster", name="kafka-cluster", prefixed=False, operation="alter"),
        replace(FOREIGN, principal="User:line-3", name="cmo-a.holder-b.", operation="write", allowed=False),
    ],
    ids=str,
)
def test_a_rule_that_nobody_asked_for_is_named(rule: Rule) -> None:
    """Where it is about the parties' data, their users or the whole cluster; not an administrator's."""
    held = replace(PLAN, rules=PLAN.rules | {rule})
    assert difference(PARTIES, PLAN, held).foreign == (rule,)
    assert bool(difference(PARTIES, PLAN, held, {"User:other"}).foreign) == (rule.principal != "User:other")
