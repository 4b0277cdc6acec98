"""Review by exception: every rule about the records that arrived, and about those that they bear on. Pure.

Answers are a function of the records alone. So it does not matter in what order these came, how often, or how often the
node was started in between: what was told last of each place is what a review of everything tells.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.review.history import Context
from gateway.review.outcome import Code, Outcome, Place, Subject, Verdict, place_of
from gateway.review.rules import EXPORTED, RULES, Rule
from schemas.exported import Exported

Answers = Mapping[Place, Outcome | None]
"""What is told of each place; None where the rule has nothing to say there any more."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often a rule passed, failed, and could not be evaluated."""

    passed: int
    failed: int
    not_evaluable: int


def review(arrived: Iterable[Subject], context: Context) -> Answers:
    """The answers that these records give or change; the history of `context` holds them already.

    Put them over the answers of before, place by place.
    """
    found: dict[Place, Outcome | None] = {}
    for record in arrived:
        for rule, subject in _affected(record, context):
            place = place_of(rule.code, subject)
            if place not in found:
                found[place] = _outcome(rule, place, subject, context)
    return found


def review_all(context: Context, batch: str | None = None) -> Iterator[Outcome]:
    """Every rule about every record in force, or those of one batch."""
    wanted = {} if batch is None else {"batch": batch}
    for kind in EXPORTED:
        yield from _answers(context.history.current(kind, **wanted), context)
    yield from _answers(context.history.weighings(**wanted), context)


def counts(outcomes: Iterable[Outcome]) -> dict[Code, Count]:
    """How often each rule answered what. A rule that judged nothing stands there with zeros."""
    told = Counter((one.place.code, one.judged.verdict) for one in outcomes)
    return {code: Count(*(told[code, verdict] for verdict in Verdict)) for code in Code}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rules passed, failed and could not be evaluated; a rule that judged nothing is in none of them."""

    passed: int
    failed: int
    not_evaluable: int


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Each rule once: it failed where it failed of any record, and passed only where it passed of all."""
    told = [one for one in counts(outcomes).values() if one.passed or one.failed or one.not_evaluable]
    failed = sum(one.failed > 0 for one in told)
    not_evaluable = sum(one.failed == 0 < one.not_evaluable for one in told)
    return Tally(len(told) - failed - not_evaluable, failed, not_evaluable)


def _answers(subjects: Iterable[Subject], context: Context) -> Iterator[Outcome]:
    for subject in subjects:
        for rule in RULES:
            if isinstance(subject, rule.kinds):
                outcome = _outcome(rule, place_of(rule.code, subject), subject, context)
                if outcome is not None:
                    yield outcome


def _outcome(rule: Rule, place: Place, subject: Subject, context: Context) -> Outcome | None:
    judged = rule.judge(subject, context)
    return None if judged is None else Outcome(place, judged, subject)


def _affected(record: Subject, context: Context) -> Iterator[tuple[Rule, Subject]]:
    """Rule by rule what is to be judged: the record in force, and what any of its versions bears on."""
    versions = context.versions(record) if isinstance(record, Exported) else [record]
    for rule in RULES:
        if isinstance(record, rule.kinds):
            yield rule, versions[-1]
        for kind, touched in rule.reads.items():
            if isinstance(record, kind):
                others = (other for version in versions for other in touched(version, context))
                yield from ((rule, other) for other in others if isinstance(other, rule.kinds))
