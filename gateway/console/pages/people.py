"""People: who I am here, who looked at what, which roles there are, and who has an account."""

import asyncio

from gateway.access.account import Account
from gateway.access.entrance import Entrance
from gateway.access.roles import RIGHTS, Right, Role
from gateway.access.viewer import Viewer
from gateway.access.wanted import KeptAccess, WantedAccess
from gateway.console.pages.certificates import certificates_part
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.ranges import DAY, range_links, window_form, window_of
from gateway.console.shell import not_found, shell
from gateway.console.visit import Visit
from gateway.views.people import SHOWN, Accesses, accesses_in, wanted_accesses
from gateway.views.trend import Window, following
from schemas.access import Act, Outcome

PATH = "/people"
COLUMNS = ("time", "who", "side", "what", "outcome", "address", "number")


async def build(visit: Visit) -> None:
    """The page; nothing where the console is open to its machine."""
    entrance, viewer = visit.entrance, visit.viewer
    if entrance is None or viewer is None:
        not_found(visit)
        return
    now = visit.desk.now()
    try:
        window, fault = window_of(visit.query, visit.clock, now), ""
    except ValueError:
        window, fault = following(DAY, now), visit.say("period.bad")
    asked = wanted_accesses(visit.query, window)
    found = await asyncio.to_thread(accesses_in(entrance, visit.desk.archive, asked))
    accounts = await asyncio.to_thread(entrance.accounts.all)
    beside = {name: value for name, value in (("person", asked.person), ("batch", asked.batch)) if value}
    with shell(visit, "people", visit.data(PATH, **window.query(visit.clock), **beside)):
        Tag("h1", "", visit.say("people.title"))
        if fault:
            Tag("p", "notice", fault, role="alert")
        _me(visit, viewer)
        _looks(visit, window, asked, found)
        _roles(visit)
        _accounts(visit, entrance, accounts)
        certificates_part(visit)


def _me(visit: Visit, viewer: Viewer) -> None:
    say = visit.say
    roles = say("people.and").join(say(f"people.roles.{role}") for role in sorted(viewer.roles))
    until = say("people.until", time=visit.clock.stamp(viewer.ends)) if viewer.ends else ""
    Tag("p", "lead", say("people.me", name=viewer.name, roles=roles) + until)


def _looks(visit: Visit, window: Window, asked: WantedAccess, found: Accesses) -> None:
    say = visit.say
    beside = {name: value for name, value in (("person", asked.person), ("batch", asked.batch)) if value}
    with Tag("section", "block", aria_label=say("people.looks")):
        Tag("h2", "", say("people.looks"))
        with Tag("div", "period"):
            range_links(visit, PATH, window.range, **beside)
            window_form(visit, PATH, window, **beside)
        _filter(visit, window, asked)
        if not found.accesses:
            Tag("p", "quiet", say("people.none"))
            return
        table = Table(say("people.looks"), *(say(f"people.{name}") for name in COLUMNS), classes="looks")
        with table.body:
            for kept in found.accesses:
                _look(visit, table, kept)
        if found.more:
            Tag("p", "quiet", say("people.more", n=SHOWN))


def _filter(visit: Visit, window: Window, asked: WantedAccess) -> None:
    say = visit.say
    with Tag("form", "window filter", method="get", action=visit.href(PATH), aria_label=say("people.filter")):
        for name, value in window.query(visit.clock).items():
            Tag("input", name_=name, type="hidden", **{"^value": value})
        for name, given in (("person", asked.person), ("batch", asked.batch)):
            with Tag("label"):
                Tag("span", "", say(f"people.{name}"))
                Tag("input", name_=name, type="search", maxlength=80, autocomplete="off", **{"^value": given})
        Tag("button", "btn", say("people.show"), type="submit")


def _look(visit: Visit, table: Table, kept: KeptAccess) -> None:
    say, access, line = visit.say, kept.access, table.line()
    line.cell().set_text(visit.clock.stamp(access.time))
    known = [say(f"people.roles.{role}") for role in access.roles if role in set(Role)]
    with line.cell(), Tag("span", "lines"):
        Tag("span", "", access.name or say("people.unknown"))
        Tag("span", "quiet", say("people.and").join(known))
    line.cell().set_text(access.node)
    with line.cell("wide"), Tag("span", "lines"):
        Tag("span", "", say(f"people.acts.{access.act}"))
        address = access.path + (f"?{access.query}" if access.query else "")
        if access.act is Act.OPENED and access.outcome is Outcome.DONE:
            link(address or "/", visit.href() + address)
        else:
            Tag("span", "quiet", address)
    with line.cell(), Tag("span", "lines"):
        with Tag("span"):
            Mark("alert" if access.outcome is Outcome.REFUSED else "good")
            Tag("span", "", say(f"people.outcomes.{access.outcome}"))
        Tag("span", "quiet", access.reason or "")
    line.cell().set_text(access.address or say("people.here"))
    line.cell().set_text(str(kept.number))


def _roles(visit: Visit) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say("people.rights")):
        Tag("h2", "", say("people.rights"))
        table = Table(say("people.rights"), say("people.role"), *(say(f"people.may.{right}") for right in Right))
        with table.body:
            for role, rights in RIGHTS.items():
                line = table.line()
                line.cell().set_text(say(f"people.roles.{role}"))
                for right in Right:
                    line.cell().set_text(say("people.yes") if right in rights else "–")


def _accounts(visit: Visit, entrance: Entrance, accounts: list[Account]) -> None:
    say, now = visit.say, visit.desk.now()
    with Tag("section", "block", aria_label=say("people.accounts")):
        Tag("h2", "", say("people.accounts"))
        if entrance.provider is not None:
            Tag("p", "quiet", say("people.others"))
        table = Table(say("people.accounts"), *(say(f"people.{name}") for name in ("person", "role", "state")))
        with table.body:
            for one in accounts:
                line = table.line()
                line.cell().set_text(one.name)
                line.cell().set_text(say("people.and").join(say(f"people.roles.{role}") for role in sorted(one.roles)))
                line.cell().set_text(_state(visit, one, now))


def _state(visit: Visit, one: Account, now: int) -> str:
    say = visit.say
    if one.disabled:
        return say("people.disabled")
    if one.ends is not None and one.ends <= now:
        return say("people.ended", time=visit.clock.stamp(one.ends))
    if one.locked is not None and one.locked > now:
        return say("people.locked", time=visit.clock.stamp(one.locked))
    return say("people.open")
