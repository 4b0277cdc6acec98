"""Materials of a batch: what went in, back to the suppliers; where it went; yields and balances."""

from collections.abc import Iterable

from gateway.batches.archived import Whole
from gateway.batches.genealogy import Link, Node, Way
from gateway.console.pages.batch_balance import balance
from gateway.console.pages.batch_tables import node_address, nothing
from gateway.console.parts import Tag, link
from gateway.console.visit import Visit
from gateway.views.batches import branches, node_text


def materials(visit: Visit, whole: Whole) -> None:
    """The tab."""
    say, found = visit.say, whole.genealogy
    with Tag("section", "block", aria_label=say("batches.tabs.materials")):
        Tag("p", "lead", say("batches.materials.lead"))
        for start in found.starts:
            tree(visit, start, found.up, "up")
            tree(visit, start, found.down, "down")
        if not found.starts:
            nothing(visit, "batches.materials.nothing_up")
    balance(visit, whole)


def tree(visit: Visit, start: Node, links: Iterable[Link], way: Way) -> None:
    """What is below a node, one way."""
    say = visit.say
    found = branches(start, links, way, say)
    Tag("h3", "", say(f"batches.materials.{way}"))
    if not found:
        nothing(visit, f"batches.materials.nothing_{way}")
        return
    with Tag("ul", f"tree plain {way}"):
        for branch in found:
            with Tag("li", style=f"--depth:{branch.depth}"):
                text, address = node_text(branch.node, say), node_address(visit, branch.node)
                if address is None:
                    Tag("span", "", text)
                else:
                    link(text, address)
                Tag("span", "quiet", branch.text)
