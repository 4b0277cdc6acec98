"""Review by exception: every rule with its answer, what does not pass spelt out, what passed in numbers."""

from collections.abc import Callable, Sequence

from gateway.archive.lives import AlarmLife
from gateway.batches.archived import Whole
from gateway.batches.batch import Correction, Told
from gateway.batches.environment import RoomTime
from gateway.batches.exceptions import Case, Interrupted, RuleAnswer, Unread, Untimed, is_over
from gateway.batches.missing import Answer
from gateway.console.pages.batch_tables import cell, table
from gateway.console.parts import Line, Mark, Tag, link
from gateway.console.record_chip import record_chip
from gateway.console.views.alarms import alarm_row
from gateway.console.views.texts import alarm_title
from gateway.console.views.trend import Window
from gateway.console.visit import Visit
from gateway.review.outcome import Code, Outcome, Verdict
from gateway.review.wording import Wording, words_in

TONES = {Verdict.FAILED: "action", Verdict.NOT_EVALUABLE: "data", Verdict.PASSED: "good", None: "none"}
CASES = 8
"""How many cases of a rule are spelt out; the data of the page have all."""


def rules(visit: Visit, whole: Whole, answers: Sequence[RuleAnswer]) -> None:
    """The tab."""
    say = visit.say
    with Tag("section", "block", aria_label=say("batches.tabs.rules")):
        counts = {one: sum(answer.verdict is one for answer in answers) for one in (*Verdict, None)}
        with Tag("p", "verdict", role="status"):
            worst = next((one for one in (Verdict.FAILED, Verdict.NOT_EVALUABLE) if counts[one]), Verdict.PASSED)
            Mark(TONES[worst])
            failed, unclear, passed = (counts[one] for one in (Verdict.FAILED, Verdict.NOT_EVALUABLE, Verdict.PASSED))
            key = "exceptions" if failed or unclear else "no_exceptions"
            Tag("b", "", say(f"batches.rules.{key}", failed=failed, unclear=unclear, passed=passed, all=len(answers)))
            if not is_over(whole):
                Tag("span", "why", say("batches.rules.so_far"))
        columns = ("rule", "answer", "compared", "what")
        shown = table(visit, "batches.tabs.rules", *(f"batches.rules.{name}" for name in columns))
        wording = Wording(words_in(say.language), visit.clock.zone)
        with shown.body:
            for one in answers:
                _rule(visit, shown.line(), one, wording)


def rule_name(code: str, wording: Wording, visit: Visit) -> str:
    """What a rule is called."""
    return wording.title(Code(code)) if code in set(Code) else visit.say(f"batches.rules.names.{code}")


def _rule(visit: Visit, line: Line, one: RuleAnswer, wording: Wording) -> None:
    say, verdict = visit.say, one.verdict
    cell(line, rule_name(one.code, wording, visit), one.source)
    text = say("batches.rules.nothing") if verdict is None else wording.verdict(verdict)
    cell(line, text, tone=TONES[verdict])
    numbers = {"passed": one.passed, "failed": len(one.failed), "unclear": len(one.not_evaluable)}
    cell(line, say("batches.rules.counts", **numbers))
    with line.cell("wide"), Tag("ul", "cases"):
        cases = [*one.failed, *one.not_evaluable]
        for case in cases[:CASES]:
            with Tag("li"):
                _case(visit, case, wording)
        if len(cases) > CASES:
            Tag("li", "quiet", say("batches.rules.more", n=len(cases) - CASES))


def _case(visit: Visit, case: Case, wording: Wording) -> None:
    tellers: dict[type, Callable[..., None]] = {
        Outcome: _outcome, Answer: _answer, AlarmLife: _alarm, Unread: _unread, RoomTime: _room,
        Interrupted: _interrupted, Correction: _correction, Untimed: _untimed,
    }  # fmt: skip
    tellers.get(type(case), _told)(visit, case, wording)


def _outcome(visit: Visit, case: Outcome, wording: Wording) -> None:
    about = " ".join(text for text in (case.place.kind, case.place.system, case.place.key) if text)
    Tag("span", "", f"{wording.found(case)} ")
    Tag("span", "quiet", visit.say("findings.expected", text=wording.expected(case)))
    Tag("span", "aside", about)


def _answer(visit: Visit, case: Answer, _: Wording) -> None:
    why = visit.say(f"batches.whys.{case.why}") if case.why else ""
    Tag("span", "", " · ".join(text for text in (case.name, why, case.detail) if text))


def _alarm(visit: Visit, case: AlarmLife, _: Wording) -> None:
    row = alarm_row(case, visit.desk.now())
    title = alarm_title(row, visit.name(row.tag), visit.say)
    if visit.may("/alarms"):
        link(title, visit.href(f"/alarms/{row.alarm}"))
    else:
        Tag("span", "", title)
    Tag("span", "aside", visit.clock.stamp(row.since))


def _unread(visit: Visit, case: Unread, _: Wording) -> None:
    one, stay = case.measured, case.room.stay
    window = Window(stay.began, visit.desk.now() if stay.ended is None else stay.ended)
    link(visit.name(one.tag), visit.trend(one.tag, **window.query(visit.clock)))
    Tag("span", "aside", visit.say("batches.rules.unread", good=one.good, other=one.other, gaps=case.gaps))


def _room(visit: Visit, case: RoomTime, _: Wording) -> None:
    Tag("span", "", visit.say("batches.rules.unknown_room", room=case.stay.room))


def _interrupted(visit: Visit, case: Interrupted, _: Wording) -> None:
    gap, say = case.gap, visit.say
    end = say("evidence.lasts") if gap.ended is None else visit.clock.stamp(gap.ended)
    text = say("batches.rules.interrupted", system=gap.source, begin=visit.clock.stamp(gap.began), end=end,
               cause=say(f"cause.{gap.cause}"), n=len(case.keyed))  # fmt: skip
    Tag("span", "", f"{text} ")
    for one in case.keyed[:CASES]:
        record_chip(visit, one.stream, one.number)


def _untimed(visit: Visit, case: Untimed, _: Wording) -> None:
    Tag("span", "", visit.say("batches.rules.untimed", system=case.system))


def _correction(visit: Visit, case: Correction, _: Wording) -> None:
    Tag("span", "", f"{visit.say(f'batches.kinds.{case.kind}')} {case.system} {case.key} ")
    record_chip(visit, case.stream, case.number)


def _told(visit: Visit, case: Case, _: Wording) -> None:
    """A record by what it is called, and the versions before it that did not come."""
    if not isinstance(case, Told):
        raise TypeError(f"{type(case).__name__} is no case of a rule")
    record, say = case.record, visit.say
    name = getattr(record, "reference", None) or f"{record.system} {record.key}"
    Tag("span", "", f"{say(f'batches.kinds.{type(record).__name__}')} {name} {getattr(record, 'title', '')} ")
    if case.not_arrived:
        versions = ", ".join(map(str, case.not_arrived))
        Tag("span", "", say("batches.corrections.not_arrived", versions=versions) + " ")
    record_chip(visit, case.stream, case.number)
