"""Materials of a batch: what went in, back to the suppliers; where it went; yields and balances."""

from collections.abc import Iterable

from gateway.batches.archived import Whole
from gateway.batches.batch import Told
from gateway.batches.genealogy import Link, Node, Way
from gateway.console.pages.batch_tables import cell, listed, node_address, nothing, persons, record_cell, table, when
from gateway.console.parts import Line, Tag, link
from gateway.console.views.batches import balance, branches, coded, digits, limits_text, node_text, outcome_tone
from gateway.console.visit import Visit
from schemas.exported import Yield


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
    with Tag("section", "block", aria_label=say("batches.materials.balances")):
        Tag("h2", "", say("batches.materials.balances"))
        _balances(visit, whole)


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


def _balances(visit: Visit, whole: Whole) -> None:
    many = listed(visit, whole.batch.of(Yield))
    if not many:
        nothing(visit)
        return
    columns = [f"batches.materials.{name}" for name in ("stage", "taken", "made", "balance", "limits")]
    columns += ["batches.tests.conclusion", "batches.persons", "batches.in_record"]
    shown = table(visit, "batches.materials.balances", "batches.when", *columns)
    with shown.body:
        for one in many:
            _balance(visit, shown.line(), one)


def _balance(visit: Visit, line: Line, one: Told[Yield]) -> None:
    say, record, percent = visit.say, one.record, balance(one.record)
    cell(line, when(visit, record.time))
    cell(line, record.stage)
    for number in (record.taken, record.made):
        cell(line, f"{digits(number)} {record.unit}")
    if percent is None:
        cell(line, "?", tone="data")
    else:
        text = say("batches.materials.percent", n=digits(round(percent, 4)))
        cell(line, text, tone="good" if _within(percent, record) else "action")
    cell(line, limits_text(record.low, record.high, "%", say))
    conclusion = coded(record.conclusion, say) if record.conclusion else say("batches.tests.no_conclusion")
    cell(line, conclusion, tone=outcome_tone(record.conclusion))
    cell(line, *persons(visit, record.person, record.checked_by))
    record_cell(line, visit, one.stream, one.number)


def _within(percent: float, record: Yield) -> bool:
    return (record.low is None or percent >= record.low) and (record.high is None or percent <= record.high)
