"""Where a lot went, through every batch, and what went into it, back to the suppliers."""

from urllib.parse import quote

from gateway.batches.genealogy import Trace, trace
from gateway.console.pages.batch_materials import tree
from gateway.console.pages.batch_tables import node_address
from gateway.console.pages.batches import lot_form
from gateway.console.parts import Tag, link
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.batches import node_text


async def build(visit: Visit) -> None:
    """The page."""
    desk, name = visit.desk, visit.query.get("lot", "").strip()
    found = await desk.ask(lambda archive: trace(archive, name, desk.masters.same()))
    data = visit.data(f"/lots/{quote(name, safe='')}") if name else None
    with shell(visit, "batches", data):
        Tag("h1", "", visit.say("lots.traced", name=name) if name else visit.say("lots.title"))
        with Tag("section", "block", aria_label=visit.say("lots.title")):
            lot_form(visit, name)
        if name:
            _show(visit, found)


def _show(visit: Visit, found: Trace) -> None:
    say = visit.say
    if not found.starts:
        Tag("p", "notice", say("lots.nothing", name=found.name))
        return
    with Tag("section", "block downstream", aria_label=say("lots.downstream")):
        Tag("h2", "", say("lots.downstream"))
        with Tag("ul", "plain"):
            for node in found.batches:
                with Tag("li"):
                    link(node_text(node, say), node_address(visit, node) or "")
        if not found.batches:
            Tag("p", "quiet", say("lots.no_batches"))
    for start in found.starts:
        with Tag("section", "block", aria_label=node_text(start, say)):
            Tag("h2", "", node_text(start, say))
            tree(visit, start, found.down, "down")
            tree(visit, start, found.up, "up")
