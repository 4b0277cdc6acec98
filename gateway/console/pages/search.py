"""Search: everything of a name that may be opened, kind by kind."""

from gateway.console.finding import Around, names_of
from gateway.console.finding import search as find
from gateway.console.head import SEARCH
from gateway.console.leading import lead
from gateway.console.parts import Tag
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.search import LONGEST, PER_GROUP, Hit, Hits, asked


async def build(visit: Visit) -> None:
    """The page."""
    typed, say, desk = visit.query.get("q", ""), visit.say, visit.desk
    what = asked(typed)
    around = Around(visit.site, await desk.signed(), names_of(visit.site), visit.looker)
    found = [] if what is None else await desk.ask(lambda archive: find(archive, what, around))
    shown = typed.strip()[:LONGEST]
    with shell(visit, "", visit.data(SEARCH, q=shown) if what else None):
        Tag("h1", "", say("search.title") if what is None else say("search.for", text=shown))
        if what is None:
            Tag("p", "lead", say("search.empty"))
        elif not found:
            Tag("p", "lead", say("search.nothing"))
        if what is None or not found:
            with Tag("section", "block", aria_label=say("search.what")):
                Tag("h2", "", say("search.what"))
                with Tag("ul"):
                    for name in ("batch", "plant", "people", "documents", "numbers"):
                        Tag("li", "", say(f"search.kinds.{name}"))
        for one in found:
            _group(visit, one)


def _group(visit: Visit, found: Hits) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say(f"search.groups.{found.group}")):
        Tag("h2", "", say(f"search.groups.{found.group}"))
        with Tag("ul", "hits"):
            for hit in found.hits:
                with Tag("li"):
                    _hit(visit, hit)
        if found.more:
            Tag("p", "quiet", say("search.more", n=PER_GROUP))


def _hit(visit: Visit, hit: Hit) -> None:
    say = visit.say
    lead(visit, hit.path, hit.name, "name")
    parts = [say.name(hit.words)] if hit.words is not None else []
    parts += [hit.about] if hit.about else []
    records = say("search.records", n=hit.count) if hit.of is None else say(f"search.of.{hit.of}", n=hit.count)
    parts += [records] if hit.count is not None else []
    parts += [visit.clock.stamp(hit.time)] if hit.time is not None else []
    Tag("span", "why", " · ".join(parts))
