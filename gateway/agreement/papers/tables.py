"""The tables of the paper's sections and of its official annexes."""

from collections.abc import Callable, Iterator, Mapping

from gateway.agreement.papers import exchanged
from gateway.agreement.papers.facts import Facts, labels
from gateway.agreement.papers.paper import Block, Table
from gateway.agreement.parties import Manufacturer, Party, Post
from gateway.agreement.products import Product
from gateway.agreement.terms import Responsibility

STAGES = ("drafted", "reviewed", "approved")
FACT = (0.3, 0.7)
"""Widths of a table of items and what they are."""


def parties(facts: Facts) -> Iterator[Block]:
    """The head of the template: both parties."""
    speak, agreement = facts.speak, facts.agreement
    for title, party in (("holder_of", agreement.holder), ("cmo_of", agreement.cmo)):
        yield Table((), ((speak.say(title), speak.words(party.name)), *_party(facts, party)), FACT)
    yield speak.say("willing")


def duties(facts: Facts) -> Iterator[Block]:
    """Duties that are finer than the responsibility list (section 3.3)."""
    speak = facts.speak
    rows = tuple(
        (speak.label("duty", one.duty), speak.label("side", one.by), speak.words(one.remark) if one.remark else "")
        for one in facts.agreement.duties
    )
    yield Table((speak.say("duty"), speak.say("by"), speak.say("remark")), rows, (0.35, 0.2, 0.45))


def suppliers(facts: Facts) -> Iterator[Block]:
    """The approved suppliers (section 7.1)."""
    speak, found = facts.speak, facts.agreement.suppliers
    if found is None:
        return
    rows = tuple(
        (one.material, one.supplier, str(one.since), str(one.until) if one.until else speak.say("until_revoked"))
        for one in found.approved
    )
    columns = (speak.say("material"), speak.say("supplier"), speak.say("since"), speak.say("until"))
    yield Table(columns, rows, (0.25, 0.35, 0.2, 0.2))


def history(facts: Facts) -> Iterator[Block]:
    """Versions (section 18)."""
    speak = facts.speak
    rows = tuple((str(one.day), str(one.version), speak.words(one.summary)) for one in facts.agreement.history)
    yield Table((speak.say("date"), speak.say("version_of"), speak.say("summary")), rows, (0.2, 0.15, 0.65))


def signatures(facts: Facts) -> Iterator[Block]:
    """Who drafts, reviews and approves, on both sides (section 19)."""
    speak, agreement = facts.speak, facts.agreement
    for side, party in (("holder", agreement.holder), ("cmo", agreement.cmo)):
        yield speak.say(side)
        cells = [[_signs(facts, party, side, stage, row) for stage in STAGES] for row in ("signature", "title_of")]
        dates = tuple(speak.say("labelled", name=speak.say("date"), text="") for _ in STAGES)
        rows = (*(tuple(row) for row in cells), dates)
        yield Table(tuple(speak.label("stage", stage) for stage in STAGES), rows, (1 / 3, 1 / 3, 1 / 3))


def products(facts: Facts) -> Iterator[Block]:
    """Annex 1: the ten items of the template, and below them what the agreement says besides."""
    speak = facts.speak
    for at, one in enumerate(facts.agreement.products, 1):
        yield f"{speak.say('product')} {at}"
        yield Table((speak.say("fact"), speak.say("content")), tuple(_ten(facts, one)), FACT)
        yield Table((speak.say("further"), speak.say("content")), tuple(_further(facts, one)), FACT)


def contacts(facts: Facts) -> Iterator[Block]:
    """Annex 2: both parties with their contacts, and below them the key persons."""
    speak, agreement = facts.speak, facts.agreement
    for side, party in (("holder", agreement.holder), ("cmo", agreement.cmo)):
        yield speak.say(side)
        first = next((one for one in party.persons if Post.QUALITY_CONTACT in one.posts), party.persons[0])
        yield Table(
            (),
            (
                (speak.say("name"), speak.words(party.name)),
                (speak.say("licence"), party.licence),
                (speak.say("credit_code"), party.credit_code),
                (speak.say("address"), speak.words(party.address)),
                (speak.say("contact"), speak.words(first.name)),
                (speak.say("phone"), first.phone),
                (speak.say("fax"), first.fax or speak.say("none")),
                (speak.say("email"), first.email),
            ),
            FACT,
        )
        rows = tuple(
            (
                speak.join([speak.label("post", post) for post in one.posts]),
                speak.words(one.name),
                speak.words(one.title),
                one.phone,
                one.email,
            )
            for one in party.persons
        )
        heads = ("post", "person", "title_of", "phone", "email")
        yield Table(tuple(speak.say(one) for one in heads), rows, (0.17, 0.13, 0.2, 0.19, 0.31))


def responsibilities(facts: Facts) -> Iterator[Block]:
    """Annex 3: every row of the official list; who is responsible is marked."""
    speak = facts.speak
    found: Mapping[str, Responsibility] = {one.chapter: one for one in facts.agreement.responsibilities}
    rows = []
    for chapter in labels()["chapter"]:
        one = found.get(chapter)
        marks = tuple(speak.say("mark") if one and one.by in (side, "both") else "" for side in ("holder", "cmo"))
        remark = speak.words(one.remark) if one and one.remark else ""
        rows.append((f"{chapter} {speak.label('chapter', chapter)}", *marks, remark))
    heads = ("responsibilities", "holder", "cmo", "remark")
    yield Table(tuple(speak.say(one) for one in heads), tuple(rows), (0.42, 0.1, 0.15, 0.33))


def _party(facts: Facts, party: Party) -> Iterator[tuple[str, str]]:
    speak = facts.speak
    yield speak.say("licence"), party.licence
    yield speak.say("credit_code"), party.credit_code
    yield speak.say("address"), speak.words(party.address)
    if isinstance(party, Manufacturer):
        lines = speak.lines([speak.words(one.name) for one in party.lines])
        yield speak.say("site"), speak.lines([speak.words(party.production_address), lines])
    yield speak.say("postcode"), party.postcode


def _signs(facts: Facts, party: Party, side: str, stage: str, row: str) -> str:
    speak = facts.speak
    found = [one for one in facts.agreement.signatories if (one.side, one.stage) == (side, stage)]
    persons = {one.id: one for one in party.persons}
    lines = []
    for one in found:
        person = persons.get(one.person)
        if row == "title_of":
            lines.append(speak.words(person.title) if person else "")
        else:
            lines.append(speak.words(person.name) if person else one.person)
            lines += [speak.say("electronic", name=one.key)] if one.key else []
    return speak.say("labelled", name=speak.say(row), text="\n" + "\n".join(lines))


def _ten(facts: Facts, one: Product) -> Iterator[tuple[str, str]]:
    speak = facts.speak
    none = speak.say("none")
    items = (
        ("product_name", speak.words(one.name)),
        ("approval", one.approval_number),
        ("indication", speak.words(one.indication) if one.indication else none),
        ("strength", speak.words(one.strength)),
        ("usage", speak.words(one.usage) if one.usage else none),
        ("code", speak.join([one.code, *one.also])),
        ("activities", speak.words(one.activities)),
        ("transport", speak.words(one.transport)),
        ("storage", speak.words(one.storage)),
        ("numbering", f"{speak.words(one.batch_number)}\n{speak.words(one.expiry)}"),
    )
    for at, (name, text) in enumerate(items, 1):
        yield f"{at} {speak.say(name)}", text


def _further(facts: Facts, one: Product) -> Iterator[tuple[str, str]]:
    speak, none = facts.speak, facts.speak.say("none")
    risks = [name for name in ("sterile", "high_risk", "implantable") if getattr(one, name)]
    specifications = [
        f"{s.code} / {s.version} ({speak.label('specification', s.of)}) {speak.words(s.name)}"
        for s in one.specifications
    ]
    yield speak.say("generic_name"), speak.words(one.generic_name)
    yield speak.say("product_type"), speak.label("type", one.type)
    yield speak.say("risk"), speak.join([speak.say(name) for name in risks]) or none
    if one.device_code:
        yield speak.say("device_code"), one.device_code
    yield speak.say("shelf_life"), speak.say("months", number=one.shelf_life_months)
    yield speak.say("made_in"), speak.lines([speak.join(one.lines), speak.join(one.rooms)])
    yield speak.say("specifications"), "\n".join(specifications) or none
    yield speak.say("limits"), speak.join([f"{x.site}: {x.profile} {x.version}" for x in one.limits]) or none


TABLES: Mapping[str, Callable[[Facts], Iterator[Block]]] = {
    "duties": duties,
    "suppliers": suppliers,
    "history": history,
    "signatures": signatures,
    "products": products,
    "contacts": contacts,
    "responsibilities": responsibilities,
    **exchanged.TABLES,
}
"""What `table` in the template names."""
