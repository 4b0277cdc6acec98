"""The agreement: which version holds since when, and what is exchanged by which clause."""

import asyncio
from collections.abc import Sequence

from nicegui import ui

from gateway.agreement.papers.forms import FORMS
from gateway.console.pages.withheld import clause_id
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.agreement import Clause, Doubt, Version, agreements_on

PATH = "/agreement"
COLUMNS = ("clause", "text", "records", "places", "when", "withheld")
TO_CLAUSE = "document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({block: 'center'})"
"""Goes to the clause in the address, which the browser looked for before the page was there."""
HASH = 12
"""Hex digits of a file's SHA-256 that are shown; all of them on hover."""


async def build(visit: Visit) -> None:
    """The page; it says how it is when it is opened."""
    desk, say = visit.desk, visit.say
    view = await asyncio.to_thread(agreements_on, desk.agreements, desk.now())
    with shell(visit, "agreement", visit.data(PATH)):
        Tag("h1", "", say("agreement.title"))
        if isinstance(view, str):
            Tag("p", "notice", say("agreement.unreadable", why=view), role="alert")
            return
        if desk.agreements is None:
            Tag("p", "quiet", say("agreement.not_configured"))
        elif not any(one.in_force for one in view.versions):
            Tag("p", "notice", say("agreement.none"), role="alert")
        for one in view.versions:
            if one.in_force:
                _in_force(visit, one)
        _others(visit, [one for one in view.versions if not one.in_force])
        _doubts(visit, view.doubts)
    ui.run_javascript(TO_CLAUSE)


def _in_force(visit: Visit, one: Version) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say.name(one.title)):
        Tag("h2", "", say.name(one.title))
        with Tag("dl", "figures"):
            _fact(say("agreement.version"), say("agreement.of", version=one.version, name=one.agreement))
            _fact(say("agreement.since"), visit.clock.stamp(one.begins))
            if one.ends is not None:
                _fact(say("agreement.until"), visit.clock.stamp(one.ends))
            _fact(say("agreement.holder"), say.name(one.holder))
            _fact(say("agreement.cmo"), say.name(one.cmo))
            _fact(say("agreement.file"), f"{one.sha256[:HASH]}…", title=one.sha256)
            for code, name, strength in one.products:
                _fact(say("agreement.product", code=code), f"{say.name(name)}, {say.name(strength)}")
        with Tag("div", "buttons"):
            for form in FORMS:
                about = {"agreement": one.agreement, "version": str(one.version)}
                address = visit.data(f"{PATH}/paper{form}", **about)
                link(say("agreement.paper", form=form[1:].upper()), address, "btn", download="")
        table = Table(say("agreement.exchange"), *(say(f"agreement.{name}") for name in COLUMNS), classes="clauses")
        with table.body:
            for clause in one.clauses:
                _row(visit, table, clause, clause_id(f"{one.agreement} v{one.version} {clause.clause}"))


def _fact(name: str, text: str, *, title: str | None = None) -> None:
    with Tag("div"):
        Tag("dt", "", name)
        Tag("dd", "", text, title=title)


def _row(visit: Visit, table: Table, one: Clause, place: str) -> None:
    say, line = visit.say, table.line()
    line.set(id=place)
    comma = say("agreement.comma")
    places = comma.join(one.places) or say("agreement.batch_records", products=comma.join(one.products))
    for classes, texts in (
        ("", [one.clause]),
        ("wide", [say.name(one.text)]),
        ("", [comma.join(say(f"agreement.families.{name}") for name in one.families)]),
        ("", [places]),
        ("", _when(visit, one)),
        ("", [f"{field}: {say.name(why)}" for field, why in one.withheld] or [say("agreement.nothing")]),
    ):
        with line.cell(classes), Tag("span", "lines"):
            for text in texts:
                Tag("span", "", text)


def _when(visit: Visit, one: Clause) -> list[str]:
    say = visit.say
    if one.always:
        return [say("agreement.always")]
    if not one.places:
        return [say("agreement.with_record")]
    margins = [say(f"agreement.{name}", n=n) for name, n in (("before", one.before), ("after", one.after)) if n]
    return [say("agreement.batch"), *margins]


def _others(visit: Visit, versions: list[Version]) -> None:
    say = visit.say
    if not versions:
        return
    with Tag("section", "block", aria_label=say("agreement.others")):
        Tag("h2", "", say("agreement.others"))
        table = Table(
            say("agreement.others"), *(say(f"agreement.{name}") for name in ("version", "since", "until", "file"))
        )
        with table.body:
            for one in versions:
                line = table.line()
                until = say("agreement.open") if one.ends is None else visit.clock.stamp(one.ends)
                name = say("agreement.of", version=one.version, name=one.agreement)
                for text in (name, visit.clock.stamp(one.begins), until, f"{one.sha256[:HASH]}…"):
                    with line.cell():
                        Tag("span", "", text)


def _doubts(visit: Visit, doubts: Sequence[Doubt]) -> None:
    say = visit.say
    if not doubts:
        return
    with Tag("section", "block", aria_label=say("agreement.doubts")):
        Tag("h2", "", say("agreement.doubts"))
        with Tag("ul", "plain"):
            for one in doubts:
                with Tag("li"):
                    Mark("alert")
                    Tag("span", "", f"{one.file}: {say.name(one.why)}")
