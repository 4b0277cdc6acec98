"""Findings of the review, each with the rule, what it is about, and its history."""

from collections.abc import Iterable

from gateway.archive.judged import WEIGHING, Finding, FindingStep
from gateway.batches.archived import Whole
from gateway.console.pages.batch_tables import address_of, cell, nothing, table, when
from gateway.console.parts import Line, Mark, Tag, link
from gateway.console.visit import Visit
from gateway.review.kept import read
from gateway.review.outcome import Code
from gateway.review.wording import Wording, words_in
from gateway.views.batches import SHOWN


def findings(visit: Visit, whole: Whole) -> None:
    """The tab: those that stand first."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.findings")):
        finding_table(visit, whole.findings)


def finding_table(visit: Visit, many: Iterable[Finding], *, with_batch: bool = False) -> None:
    """A line for each finding."""
    every = list(many)
    if not every:
        nothing(visit, "findings.none")
        return
    if len(every) > SHOWN:
        Tag("p", "quiet", visit.say("batches.only_first", n=SHOWN, all=len(every)))
    names = ("rule", "about", "found", "raised", *(["batch"] if with_batch else []), "records")
    shown = table(visit, "findings.title", *(f"findings.{name}" for name in names))
    wording = Wording(words_in(visit.say.language), visit.clock.zone)
    with shown.body:
        for one in every[:SHOWN]:
            _finding(visit, shown.line(), one, wording, with_batch=with_batch)


def _finding(visit: Visit, line: Line, one: Finding, wording: Wording, *, with_batch: bool) -> None:
    say, told = visit.say, one.told
    tone = ("action" if told.severity == "ACTION" else "alert") if one.stands else "good"
    cell(line, wording.title(Code(one.place.code)), wording.words(f"review.severities.{told.severity}"), tone=tone)
    kind = "batches.parts.WEIGHING" if one.place.kind == WEIGHING else f"batches.kinds.{one.place.kind}"
    cell(line, say(kind), told.about, f"{one.place.system} {one.place.key}")
    expected = say("findings.expected", text=wording.sentences(read(told.expected)))
    cell(line, wording.sentences(read(told.found)), expected, wide=True)
    cell(line, *(_history(visit, wording, step) for step in one.steps))
    if with_batch:
        with line.cell():
            _batch(visit, told)
    cell(line, *told.records)


def _history(visit: Visit, wording: Wording, step: FindingStep) -> str:
    verdict = visit.say("findings.nothing") if step.verdict == "NOTHING" else wording.words(
        f"review.verdicts.{step.verdict}"
    )  # fmt: skip
    return visit.say("findings.step", time=when(visit, step.judged), verdict=verdict)


def _batch(visit: Visit, told: FindingStep) -> None:
    if told.batch is None:
        Mark("data")
        Tag("span", "", visit.say("batches.not_told"))
    else:
        link(told.batch, address_of(visit, told.batch, tab="findings"))
