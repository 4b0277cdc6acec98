"""The tables of annex 4, which is ours: what is exchanged, what is withheld, notices and keys."""

from collections.abc import Callable, Iterator, Mapping

from gateway.agreement.exchange import Exchange
from gateway.agreement.papers.facts import Facts
from gateway.agreement.papers.paper import Block, Table
from gateway.proof.keys import fingerprint
from gateway.proof.note import MalformedNoteError, VerifierKey


def exchange(facts: Facts) -> Iterator[Block]:
    """The clauses."""
    speak = facts.speak
    rows = tuple(
        (one.clause, speak.words(one.text), _records(facts, one), _where(facts, one), _when(facts, one))
        for one in facts.agreement.exchange
    )
    heads = ("clause", "content", "records", "where", "when")
    yield Table(tuple(speak.say(one) for one in heads), rows, (0.08, 0.3, 0.18, 0.24, 0.2))


def withheld(facts: Facts) -> Iterator[Block]:
    """Fields that are replaced."""
    speak = facts.speak
    rows = tuple(
        (clause.clause, one.kind, one.field, speak.words(one.why))
        for clause in facts.agreement.exchange
        for one in clause.withheld
    )
    if rows:
        heads = ("clause", "kind", "field", "why")
        yield Table(tuple(speak.say(one) for one in heads), rows, (0.1, 0.2, 0.2, 0.5))
    else:
        yield speak.say("none")


def notices(facts: Facts) -> Iterator[Block]:
    """What is told to whom, how and until when: a row for each step."""
    speak, agreement = facts.speak, facts.agreement
    persons = {one.id: one for party in (agreement.holder, agreement.cmo) for one in party.persons}
    rows = []
    for notice in agreement.notices:
        to = speak.join([speak.words(persons[one].name) if one in persons else one for one in notice.persons])
        how = speak.join([speak.label("method", one) for one in notice.methods])
        for at, one in enumerate(notice.deadlines):
            head = (speak.label("notice", notice.kind), to, how) if at == 0 else ("", "", "")
            step = speak.say("labelled", name=speak.label("side", one.by), text=speak.label("step", one.step))
            rows.append((*head, step, facts.deadline(notice.kind, one), one.clause))
    heads = ("matter", "to", "how", "by", "term", "clause")
    yield Table(tuple(speak.say(one) for one in heads), tuple(rows), (0.17, 0.2, 0.16, 0.18, 0.2, 0.09))


def keys(facts: Facts) -> Iterator[Block]:
    """The keys that each trusts, with the fingerprints that are compared on paper."""
    speak, agreement = facts.speak, facts.agreement
    rows = tuple(
        (
            f"{speak.words(party.name)}\n{one.name}",
            one.suite,
            _fingerprint(facts, one.key),
            f"{one.since}\n{one.until or speak.say('until_revoked')}",
        )
        for party in (agreement.holder, agreement.cmo)
        for one in party.keys
    )
    heads = (
        speak.say("key"),
        speak.say("suite"),
        speak.say("fingerprint"),
        f"{speak.say('since')} / {speak.say('until')}",
    )
    yield Table(heads, rows, (0.3, 0.12, 0.4, 0.18))


def others(facts: Facts) -> Iterator[Block]:
    """What is agreed besides."""
    speak, agreement = facts.speak, facts.agreement
    none = speak.say("none")
    rights = [speak.label("right", one) for one in agreement.audits.rights]
    rows = (
        (speak.say("terms_withheld"), speak.join(agreement.terms_withheld) or none),
        (speak.say("stays"), speak.join(agreement.stays_in_country) or none),
        (speak.say("pseudonyms"), speak.say("pseudonyms_on" if agreement.pseudonyms else "pseudonyms_off")),
        (speak.say("audit_rights"), speak.join(rights) or none),
        *(((speak.say("digest"), facts.digest),) if facts.digest else ()),
    )
    yield Table((speak.say("fact"), speak.say("content")), rows, (0.3, 0.7))


def _records(facts: Facts, one: Exchange) -> str:
    speak = facts.speak
    families = speak.join([speak.label("family", name) for name in one.families])
    return "\n".join([families, *([speak.say("kinds", names=", ".join(one.kinds))] if one.kinds else [])])


def _where(facts: Facts, one: Exchange) -> str:
    speak = facts.speak
    given = (("of_line", one.lines), ("rooms", one.rooms), ("equipment", one.equipment), ("tags", one.tags))
    lines = [speak.say(key, names=speak.join(names)) for key, names in given if names]
    products = speak.say("of_products", names=speak.join(one.products)) if one.products else speak.say("all_products")
    return "\n".join([products, *lines])


def _when(facts: Facts, one: Exchange) -> str:
    speak = facts.speak
    if one.when == "always" or not one.of_places:
        return speak.say("always")
    lines = [speak.say("batch", before=one.before, after=one.after)]
    return "\n".join(lines + ([speak.say("decided_by", places=speak.join(one.decided_by))] if one.decided_by else []))


def _fingerprint(facts: Facts, key: str) -> str:
    try:
        return fingerprint(VerifierKey.parse(key))
    except MalformedNoteError:
        return facts.speak.say("unreadable")


TABLES: Mapping[str, Callable[[Facts], Iterator[Block]]] = {
    "exchange": exchange,
    "withheld": withheld,
    "notices": notices,
    "keys": keys,
    "others": others,
}
