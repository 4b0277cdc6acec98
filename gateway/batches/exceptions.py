"""Review by exception: every rule about one batch with its answer. Pure.

A rule passed only where it passed of everything it looked at. What is missing makes it not evaluable and never passes;
an interface that failed is an exception, with what was keyed by hand meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.archive.lives import AlarmLife
from gateway.batches.archived import Whole
from gateway.batches.batch import Correction, Told
from gateway.batches.environment import Measured, RoomTime
from gateway.batches.grades import Grade, OfBatch, grade_of
from gateway.batches.missing import Answer
from gateway.batches.missing import Verdict as Found
from gateway.batches.numbers import Counted, Lost, Unsealed
from gateway.review.outcome import Code, Outcome, Verdict
from gateway.review.rules import RULES
from schemas.exported import Exported, Origin, QualityEvent
from schemas.records import AlarmPriority, Gap

SOURCES = {
    "MASTER": "HB 95", "STEP": "C1; HB 97", "ORDER": "C1; HB 97", "EQUIPMENT": "B11; 107 T9.2",
    "CLEARANCE": "C1; GMP 200", "TEST": "C6", "MATERIAL": "C4", "YIELD": "C3; HB 104", "WEIGHING": "B7; HB 124(1)",
    "SIGNATURE": "C1; HB 112", OfBatch.ROOM_ALARMS: "B1, B5; HB 51", OfBatch.ROOM_READINGS: "B9; HB 120(3)",
    OfBatch.INTERFACES: "A2, A4", OfBatch.NUMBERS: "A2; HB 116", OfBatch.CORRECTIONS: "C1; 74 art. 16",
    OfBatch.EVENTS: "C7; HB 112",
}  # fmt: skip
"""What asks for the rules that are about the batch as a whole; those about a record have their own."""
ORDER = (Verdict.FAILED, Verdict.NOT_EVALUABLE, Verdict.PASSED, None)
"""Answers of a rule, the worst first; None where there was nothing to judge."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A system that gave nothing for a time of the batch; `keyed` are its records of then that were keyed by hand."""

    gap: Gap
    keyed: tuple[Told[Exported], ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A tag with limits of which not all of its time in the room was read well."""

    room: RoomTime
    measured: Measured
    gaps: int


@dataclass(frozen=True, slots=True)
class Untimed:
    """A system of whose absences nobody can tell, as the batch has no time."""

    system: str


Case = (
    Outcome
    | Answer
    | AlarmLife
    | Unread
    | RoomTime
    | Interrupted
    | Correction
    | Untimed
    | Lost
    | Unsealed
    | Told[Exported]
    | Told[QualityEvent]
)
"""What speaks against a pass."""


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """A rule by its code, what asks for it, how often it answered what, and the cases that did not pass.

    `verdict` is the worst of its answers, None where there was nothing to judge; `grade` says how much hangs on it.
    """

    code: str
    source: str
    grade: Grade
    verdict: Verdict | None
    passed: int
    failed: tuple[Case, ...]
    not_evaluable: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class BatchRules:
    """The rules of one batch; while it is not `over` they are as far as it has come."""

    batch: str
    product: str | None
    over: bool
    rules: tuple[RuleAnswer, ...]


def chosen(
    answers: Iterable[RuleAnswer], verdict: Verdict | None = None, grade: Grade | None = None
) -> list[RuleAnswer]:
    """Those with this verdict and of this class; of each where none is given."""
    return [
        one for one in answers if (verdict is None or one.verdict is verdict) and (grade is None or one.grade is grade)
    ]


def is_over(whole: Whole) -> bool:
    """Whether its orders say that nothing more comes of it; a batch without an order may go on."""
    return whole.batch.over


def rule_answers(
    whole: Whole, outcomes: Iterable[Outcome], interrupted: Sequence[Interrupted] | None, numbers: Counted
) -> list[RuleAnswer]:
    """All of them: those that failed first, then what cannot be told, what passed, what had nothing to judge; of each
    the critical ones first.

    `outcomes` are those of the rules about single records, `interrupted` the times without its systems,
    None where it has no time; `numbers` is what became of the streams that tell of it.
    """
    found = [*_about_records(outcomes), *_pieces(whole), *_rooms(whole), _systems(whole, interrupted)]
    found += [_of_batch(OfBatch.NUMBERS, numbers.whole, numbers.lost, numbers.unsealed), *_changes(whole)]
    return sorted(found, key=lambda one: (ORDER.index(one.verdict), list(Grade).index(one.grade)))


def _about_records(outcomes: Iterable[Outcome]) -> Iterator[RuleAnswer]:
    told: dict[Code, list[Outcome]] = {code: [] for code in Code}
    for one in outcomes:
        told[one.place.code].append(one)
    sources = {code: "; ".join(dict.fromkeys(rule.source for rule in RULES if rule.code is code)) for code in Code}
    for code, many in told.items():
        verdicts = Counter(one.judged.verdict for one in many)
        yield _answer(
            code, sources[code], verdicts[Verdict.PASSED],
            tuple(one for one in many if one.judged.verdict is Verdict.FAILED),
            tuple(one for one in many if one.judged.verdict is Verdict.NOT_EVALUABLE),
        )  # fmt: skip


def _pieces(whole: Whole) -> Iterator[RuleAnswer]:
    """What the master batch record wants; while the batch runs what has not come yet is not missing."""
    over = is_over(whole)
    for part in dict.fromkeys(one.part for one in whole.answers):
        mine = [one for one in whole.answers if one.part is part]
        missing = tuple(one for one in mine if one.verdict is Found.MISSING)
        unclear = tuple(one for one in mine if one.verdict is Found.NOT_EVALUABLE)
        passed = sum(one.verdict is Found.PRESENT for one in mine)
        failed, open_ = (missing, unclear) if over else ((), missing + unclear)
        yield _of_batch(part, passed, failed, open_)


def _of_batch(code: str, passed: int, failed: tuple[Case, ...], not_evaluable: tuple[Case, ...]) -> RuleAnswer:
    return _answer(code, SOURCES[code], passed, failed, not_evaluable)


def _answer(
    code: str, source: str, passed: int, failed: tuple[Case, ...], not_evaluable: tuple[Case, ...]
) -> RuleAnswer:
    worst = Verdict.FAILED if failed else Verdict.NOT_EVALUABLE if not_evaluable else Verdict.PASSED
    verdict = worst if failed or not_evaluable or passed else None
    return RuleAnswer(code, source, grade_of(code), verdict, passed, failed, not_evaluable)


def _rooms(whole: Whole) -> Iterator[RuleAnswer]:
    alarms = tuple(
        life for room in whole.rooms for life in room.alarms if life.last.priority is not AlarmPriority.ALERT
    )
    unknown = tuple(room for room in whole.rooms if not room.known)
    limited = [(room, one) for room in whole.rooms for one in room.measured if one.limits]
    unread = tuple(case for room, one in limited if (case := _unread(room, one)) is not None)
    loud = {life.last.alarm for life in alarms}
    read = [room for room in whole.rooms if room.known and any(one is room for one, _ in limited)]
    quiet = sum(
        not any(case.room is room for case in unread) and not any(life.last.alarm in loud for life in room.alarms)
        for room in read
    )
    yield _of_batch(OfBatch.ROOM_ALARMS, quiet, alarms, (*unread, *unknown))
    yield _of_batch(OfBatch.ROOM_READINGS, len(limited) - len(unread), (), (*unread, *unknown))


def _unread(room: RoomTime, one: Measured) -> Unread | None:
    gaps = sum(not gap.tags or one.tag in gap.tags for gap in room.gaps)
    return Unread(room, one, gaps) if gaps or one.other or not one.good else None


def _systems(whole: Whole, interrupted: Sequence[Interrupted] | None) -> RuleAnswer:
    systems = {one.record.system for many in whole.batch.records.values() for one in many}
    if interrupted is None:
        return _of_batch(OfBatch.INTERFACES, 0, (), tuple(Untimed(one) for one in sorted(systems)))
    failed = {one.gap.source for one in interrupted}
    return _of_batch(OfBatch.INTERFACES, len(systems - failed), tuple(interrupted), ())


def _changes(whole: Whole) -> Iterator[RuleAnswer]:
    wanting = tuple(one for one in whole.corrections if not (one.by and one.why))
    unseen = tuple(one for many in whole.batch.records.values() for one in many if one.not_arrived)
    yield _of_batch(OfBatch.CORRECTIONS, len(whole.corrections) - len(wanting), wanting, unseen)
    events = whole.batch.of(QualityEvent)
    standing = tuple(one for one in events if one.record.closed is None)
    undecided = tuple(whole.batch.undecided(QualityEvent))
    yield _of_batch(OfBatch.EVENTS, len(events) - len(standing), standing, undecided)


def interruptions(whole: Whole, gaps: Iterable[Gap]) -> list[Interrupted]:
    """Of these gaps those of systems that have said something of the batch, in its time.

    What was filled in later is none, but where somebody keyed records by hand meanwhile: these stand beside what came.
    """
    every = [one for many in whole.batch.records.values() for one in many]
    systems, found = {one.record.system for one in every}, list[Interrupted]()
    for gap in gaps:
        if gap.source not in systems:
            continue
        keyed = tuple(one for one in every if one.record.origin is Origin.KEYED and _within(one.record.time, gap))
        if keyed or not gap.backfilled:
            found.append(Interrupted(gap, keyed))
    return found


def _within(time: int | None, gap: Gap) -> bool:
    return time is not None and gap.began <= time and (gap.ended is None or time < gap.ended)
