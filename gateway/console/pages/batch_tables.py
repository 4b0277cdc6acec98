"""Pieces of which the tables of a batch are made."""

from collections.abc import Iterable
from urllib.parse import quote

from gateway.batches.batch import Kind, Told
from gateway.batches.genealogy import Node
from gateway.console.parts import Line, Mark, Table, Tag
from gateway.console.record_chip import record_chip
from gateway.console.visit import Visit
from gateway.views.batches import SHOWN


def address_of(visit: Visit, number: str, **query: str | None) -> str:
    """The page of a batch."""
    return visit.href(f"/batches/{quote(number, safe='')}", language=None, **query)


def node_address(visit: Visit, node: Node) -> str | None:
    """The page of a batch or of a lot; None where its name is not told."""
    if not node.name:
        return None
    if node.kind == "batch":
        return address_of(visit, node.name, product=node.of or None)
    return visit.href("/lots", language=None, lot=node.name)


def table(visit: Visit, title: str, *columns: str, classes: str = "") -> Table:
    """A table of the batch, with the keys of its title and its columns."""
    return Table(visit.say(title), *(visit.say(name) for name in columns), classes=f"batch-part {classes}")


def cell(line: Line, first: str, *others: str, tone: str = "good", wide: bool = False) -> None:
    """The next cell: a text with its mark, and quieter ones beneath."""
    with line.cell("wide" if wide else ""), Tag("span", "lines"):
        with Tag("span"):
            if tone != "good":
                Mark(tone)
            Tag("span", "", first)
        for text in others:
            Tag("span", "quiet", text)


def record_cell(line: Line, visit: Visit, stream: str, number: int) -> None:
    """The record that the row came of; its number alone for who may not see it."""
    with line.cell():
        if record_chip(visit, stream, number) is None:
            Tag("span", "", visit.say("batches.record", n=number), title=stream)


def when(visit: Visit, time: int | None, otherwise: str = "batches.no_time") -> str:
    """The moment, or that it is not told."""
    return visit.say(otherwise) if time is None else visit.clock.stamp(time)


def persons(visit: Visit, who: str | None, checked_by: str | None) -> tuple[str, str]:
    """Who did it, and who checked it."""
    say = visit.say
    checked = say("batches.checked", who=checked_by) if checked_by else say("batches.not_checked")
    return who or say("batches.not_told"), checked


def listed(visit: Visit, many: Iterable[Told[Kind]]) -> list[Told[Kind]]:
    """The first of them; a line says how many there are where that is not all."""
    every = list(many)
    if len(every) > SHOWN:
        Tag("p", "quiet", visit.say("batches.only_first", n=SHOWN, all=len(every)))
    return every[:SHOWN]


def nothing(visit: Visit, text: str = "batches.nothing") -> None:
    """That there is none."""
    Tag("p", "quiet", visit.say(text))
