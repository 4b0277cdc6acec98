"""An agreement as a paper, in the order and with the headings of the official template (107, attachment 2). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.agreement.agreement import Agreement
from gateway.agreement.papers.facts import Facts, template
from gateway.agreement.papers.paper import Block, Items, Paper, Section
from gateway.agreement.papers.tables import TABLES, parties
from gateway.agreement.profile import Profile
from gateway.languages import Language


def render(
    agreement: Agreement, language: Language, *, profiles: Sequence[Profile] = (), digest: str | None = None
) -> Paper:
    """The paper. `profiles` say terms where the agreement is silent; `digest` is the SHA-256 of its file."""
    facts = Facts(agreement, language, profiles, digest)
    speak = facts.speak
    version = speak.say("version", version=agreement.version, effective=agreement.effective)
    fields = facts.fields()
    return Paper(
        language,
        speak.words(agreement.title),
        (version, speak.say("copy"), *parties(facts)),
        tuple(_section(one, facts, fields) for one in template()),
        f"{agreement.agreement} · {version}",
        speak.say("page", page="{page}", pages="{pages}"),
    )


def _section(one: Mapping[str, Any], facts: Facts, fields: Mapping[str, object]) -> Section:
    heading = one[facts.speak.language]
    return Section(
        heading,
        tuple(_blocks(one, facts, fields)),
        tuple(_section(inner, facts, fields) for inner in one.get("sections", ())),
        annex=bool(one.get("annex")),
    )


def _blocks(one: Mapping[str, Any], facts: Facts, fields: Mapping[str, object]) -> Iterator[Block]:
    yield from _said(one.get("text", ()), facts, fields)
    if items := tuple(_said(one.get("items", ()), facts, fields)):
        yield Items(items)
    if name := one.get("table"):
        yield from TABLES[name](facts)
    yield from _said(one.get("after", ()), facts, fields)


def _said(sentences: Sequence[Mapping[str, str]], facts: Facts, fields: Mapping[str, object]) -> Iterator[str]:
    for one in sentences:
        if facts.holds(one.get("when")):
            yield one[facts.speak.language].format(**fields)
