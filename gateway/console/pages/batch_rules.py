"""Review by exception: what does not pass spelt out, the critical first; what passed folded, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.batches.archived import Whole
from gateway.batches.batch import record_places
from gateway.batches.exceptions import RuleAnswer, chosen, is_over
from gateway.batches.grades import Grade
from gateway.console.forms import choice, kept
from gateway.console.pages.batch_tables import address_of, cell, table
from gateway.console.pages.rule_cases import Cases
from gateway.console.parts import Line, Mark, Table, Tag, link
from gateway.console.visit import Visit
from gateway.review.outcome import Code, Verdict
from gateway.review.wording import Wording, words_in

TONES = {Verdict.FAILED: "action", Verdict.NOT_EVALUABLE: "data", Verdict.PASSED: "good", None: "none"}
COLUMNS = ("rule", "grade", "answer", "compared", "what")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rules the address asks for; all where it says nothing that is known."""

    verdict: Verdict | None
    grade: Grade | None


def asked_of(query: Mapping[str, str]) -> Asked:
    """By `answer` and `grade`."""
    answer, grade = query.get("answer", ""), query.get("grade", "")
    return Asked(Verdict(answer) if answer in set(Verdict) else None, Grade(grade) if grade in set(Grade) else None)


def rules(visit: Visit, whole: Whole, answers: Sequence[RuleAnswer]) -> None:
    """The tab."""
    asked, wording = asked_of(visit.query), Wording(words_in(visit.say.language), visit.clock.zone)
    with Tag("section", "block", aria_label=visit.say("batches.tabs.rules")):
        _verdict(visit, answers, over=is_over(whole))
        _filter(visit, whole, asked, wording)
        shown = chosen(answers, asked.verdict, asked.grade)
        spoken = [one for one in shown if one.verdict in {Verdict.FAILED, Verdict.NOT_EVALUABLE}]
        rows = _Rows(visit, wording, Cases(visit, wording, record_places(whole.batch)))
        if spoken:
            rows.show(_table(visit), spoken)
        elif not shown or asked.verdict not in {None, Verdict.PASSED}:
            Tag("p", "quiet", visit.say("batches.rules.none_chosen"))
        _folded(visit, rows, [one for one in shown if one not in spoken], opened=asked.verdict is Verdict.PASSED)


def _verdict(visit: Visit, answers: Sequence[RuleAnswer], *, over: bool) -> None:
    say = visit.say
    failed, unclear, passed = (
        len(chosen(answers, one)) for one in (Verdict.FAILED, Verdict.NOT_EVALUABLE, Verdict.PASSED)
    )
    with Tag("p", "verdict", role="status"):
        Mark(TONES[Verdict.FAILED if failed else Verdict.NOT_EVALUABLE if unclear else Verdict.PASSED])
        key = "exceptions" if failed or unclear else "no_exceptions"
        Tag("b", "", say(f"batches.rules.{key}", failed=failed, unclear=unclear, passed=passed, all=len(answers)))
        if not over:
            Tag("span", "why", say("batches.rules.so_far"))


def _filter(visit: Visit, whole: Whole, asked: Asked, wording: Wording) -> None:
    say, path = visit.say, address_of(visit, whole.batch.number)
    product = {"product": visit.query["product"]} if "product" in visit.query else {}
    every = ("", say("batches.rules.every"))
    verdicts = [(one.value, wording.verdict(one)) for one in Verdict]
    grades = [(one.value, say(f"batches.rules.grades.{one}")) for one in Grade]
    with Tag("form", "window filter", method="get", action=path, aria_label=say("batches.rules.filter")):
        kept(product.items())
        choice(say("batches.rules.answer"), "answer", (every, *verdicts), asked.verdict)
        choice(say("batches.rules.grade"), "grade", (every, *grades), asked.grade)
        Tag("button", "btn", say("batches.rules.apply"), type="submit")
        if asked.verdict or asked.grade:
            link(say("batches.rules.clear"), address_of(visit, whole.batch.number, **product), "btn")


def _folded(visit: Visit, rows: "_Rows", rest: Sequence[RuleAnswer], *, opened: bool) -> None:
    """What passed and what had nothing to judge."""
    if rest:
        passed = len(chosen(rest, Verdict.PASSED))
        with Tag("details", "folded", open_=opened or None):
            Tag("summary", "", visit.say("batches.rules.folded", passed=passed, nothing=len(rest) - passed))
            rows.show(_table(visit), rest)


def _table(visit: Visit) -> Table:
    return table(visit, "batches.tabs.rules", *(f"batches.rules.{name}" for name in COLUMNS), classes="rules-table")


def rule_name(code: str, wording: Wording, visit: Visit) -> str:
    """What a rule is called."""
    return wording.title(Code(code)) if code in set(Code) else visit.say(f"batches.rules.names.{code}")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rules as rows of a table."""

    visit: Visit
    wording: Wording
    cases: Cases

    def show(self, into: Table, answers: Sequence[RuleAnswer]) -> None:
        """One after the other."""
        with into.body:
            for one in answers:
                self._rule(into.line(), one)

    def _rule(self, line: Line, one: RuleAnswer) -> None:
        say = self.visit.say
        cell(line, rule_name(one.code, self.wording, self.visit), one.source)
        cell(line, say(f"batches.rules.grades.{one.grade}"))
        text = say("batches.rules.nothing") if one.verdict is None else self.wording.verdict(one.verdict)
        cell(line, text, tone=TONES[one.verdict])
        numbers = {"passed": one.passed, "failed": len(one.failed), "unclear": len(one.not_evaluable)}
        cell(line, say("batches.rules.counts", **numbers))
        with line.cell("wide"):
            if cases := [*one.failed, *one.not_evaluable]:
                self.cases.show(cases)
