"""What waits for whom, with which clock; what runs on which line; how far all is proven."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.access.roles import Role
from gateway.access.viewer import Viewer
from gateway.agreement.deadlines import Due
from gateway.agreement.due import AgreedDue
from gateway.agreement.in_force import Finding, Signed, SignedVersion
from gateway.agreement.terms import Term, Unit
from gateway.archive.judged import BatchFindings
from gateway.archive.lives import AlarmLife
from gateway.archive.queries import FoundBefore
from gateway.batches.standing import BatchStanding, OpenEvents, Phase
from gateway.cleanroom.levels import Words
from gateway.deviations.draft import draft_of
from gateway.intake.inspection import Standing
from gateway.intake.live import Live
from gateway.review.review import Tally
from gateway.views.badge import Badge, Proven, badge
from gateway.views.display import DAY, HOUR, SECOND
from gateway.views.known import CANDIDATES, DraftWaits, FindingsWait, Proof, Work
from gateway.views.streams import Numbers, StreamRow, stream_row
from gateway.views.today import Candidate, today
from gateway.views.waiting import LISTED, Looker, Task, Urgency, Wait, urgency, waiting
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState
from tests.gateway.agreement.making import agreed
from tests.gateway.console.stage import NOW, SITE
from tests.gateway.messages import alarm, frame, message

MEASURED, RESULTS = "cmo.v1.cmo-a.holder-b.measurements.line-3", "cmo.v1.cmo-a.holder-b.results.line-3"
RUNS = BatchStanding("240612A", "P-1", "line-3", Phase.RUNNING, "Filling", NOW - HOUR, "F1", NOW - DAY, NOW)
ENDED = BatchStanding("240611A", "P-1", None, Phase.ENDED, None, None, None, NOW - 3 * DAY, NOW - 2 * DAY)
OPEN = Looker(None, lambda _: True)
NO_PROOF = Proof(Numbers({}, {}, {}), ())


def raised(**given: Any) -> Alarm:
    one = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, NOW - HOUR, alarm=uuid4(), tag="F1.DP.M1")
    facts: dict[str, Any] = {"kind": AlarmKind.LOW, "priority": AlarmPriority.ACTION, "room": "F1", "batch": "240612A"}
    return replace(one, since=NOW - HOUR, **facts | given)


def life(one: Alarm) -> AlarmLife:
    return AlarmLife(one, raised=one.time, batch=one.batch)


def due(moment: int, began: int = NOW - DAY) -> AgreedDue:
    return AgreedDue("a-b", 4, began, Due(moment, "11.4", Term(amount=5, unit=Unit.DAYS)))


def looks(role: Role) -> Looker:
    viewer = Viewer("a", "A", frozenset({role}))
    return Looker(viewer.roles, viewer.may)


ALARM = raised()
DRAFT = draft_of([ALARM], NOW)
assert DRAFT is not None
ONE_SIDED = Finding(Path("a-b-v5.yaml"), "missing_party", Words(en="the holder has not signed", zh="持有人尚未签署"))
WORK = Work(
    batches=(RUNS, ENDED),
    findings=(FindingsWait(BatchFindings("240611A", 2, 1, NOW - 2 * HOUR, NOW - 2 * HOUR, 3), due(NOW - HOUR)),),
    drafts=(DraftWaits(DRAFT, due(NOW + 2 * HOUR)),),
    events={"240611A": OpenEvents(("DEV-26-031",), out_of_specification=False)},
    tallies={"240611A": Tally(20, 2, 1)},
    signed=Signed((), (ONE_SIDED, replace(ONE_SIDED, file=Path("odd.yaml"), code="altered"))),
)
CERTIFICATES = [
    {"file": "node.pem", "subject": "CN=node", "days": 6},
    {"file": "ca.pem", "subject": "CN=ca", "days": 300},
]


def wait(looker: Looker, work: Work = WORK) -> list[Wait]:
    row = stream_row(RESULTS, Standing(3, 3, NOW // SECOND), Numbers({RESULTS: [(4, 7)]}, {}, {}), NOW)
    return waiting(
        looker, work, alarms=[life(ALARM), life(raised(head=UUID(int=1)))], streams=[row], certificates=CERTIFICATES,
        now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "tasks"),
    [
        (Role.OPERATOR, [Task.ALARM]),
        (Role.QA, [Task.FINDINGS, Task.DEVIATION, Task.AGREEMENT, Task.ALARM, Task.MISSING]),
        (Role.QUALIFIED_PERSON, [Task.AGREEMENT]),
        (Role.HOLDER_REVIEWER, [Task.FINDINGS, Task.AGREEMENT, Task.MISSING]),
        (Role.INSPECTOR, []),
        (Role.ADMINISTRATOR, [Task.CERTIFICATE]),
    ],
)
def test_each_role_is_told_what_is_its_own(role: Role, tasks: list[Task]) -> None:
    """The most urgent first: what is late, what is due soon, then what waits longest. Consequences are one alarm's."""
    assert [one.task for one in wait(looks(role))] == tasks


def test_where_nobody_signs_in_everything_is_told() -> None:
    """Each with its page; a certificate that is far from its end is no task."""
    found = {one.task: one for one in wait(OPEN)}
    assert set(found) == set(Task)
    assert found[Task.FINDINGS].path == "/batches/240611A"
    assert found[Task.MISSING].counts == (4, 4, 7)
    assert found[Task.CERTIFICATE].counts == (6,)
    assert found[Task.ALARM].product == "P-1"


def test_a_task_leads_nowhere_that_is_not_open() -> None:
    """The administrator is told of the certificate, and has no way to the evidence."""
    (one,) = wait(looks(Role.ADMINISTRATOR))
    assert one.path is None


@pytest.mark.parametrize(
    ("left", "term", "word"),
    [
        (-1, 5 * DAY, Urgency.LATE), (0, 5 * DAY, Urgency.SOON), (DAY - 1, 5 * DAY, Urgency.SOON),
        (30 * HOUR - 1, 5 * DAY, Urgency.SOON), (30 * HOUR, 5 * DAY, Urgency.CALM), (DAY, 2 * DAY, Urgency.CALM),
        (7 * DAY, 30 * DAY, Urgency.SOON), (8 * DAY, 30 * DAY, Urgency.CALM),
    ],
)  # fmt: skip
def test_a_clock_is_amber_in_the_last_day_or_the_last_quarter(left: int, term: int, word: Urgency) -> None:
    """And red when it has run out."""
    assert urgency(NOW + left, NOW + left - term, NOW) is word


def test_without_a_term_no_clock_runs() -> None:
    """Nobody is late by what nobody agreed."""
    assert urgency(None, NOW - 99 * DAY, NOW) is Urgency.OPEN


def page(work: Work = WORK, live: Live | None = None, looker: Looker = OPEN, proof: Proof = NO_PROOF) -> Any:
    return today(SITE, live or Live(), work=work, proof=proof, certificates=(), looker=looker, now=NOW)


def test_batches_that_ended_may_be_released_by_what_their_rules_say() -> None:
    """A batch that is not counted yet is not told as good; who may see no batches is asked nothing."""
    assert page().candidates == (
        Candidate("240611A", "P-1", False, NOW - 2 * DAY, Tally(20, 2, 1), ("DEV-26-031",)),
    )  # fmt: skip
    assert page(replace(WORK, tallies={})).candidates[0].tally is None
    assert page(looker=looks(Role.OPERATOR)).candidates is None
    many = [replace(ENDED, number=f"B{at}") for at in range(CANDIDATES + 5)]
    view = page(replace(WORK, batches=many))
    assert (len(view.candidates), view.more) == (CANDIDATES, 5)


def test_more_tasks_than_are_listed_are_counted() -> None:
    """The most urgent ones stand there."""
    many = [
        replace(WORK.findings[0], found=replace(WORK.findings[0].found, batch=f"B{at}")) for at in range(LISTED + 9)
    ]
    view = page(replace(WORK, findings=many, drafts=(), signed=Signed(())))
    assert (view.waits, len(view.waiting)) == (LISTED + 9, LISTED)


def test_a_line_has_a_row_for_each_batch_that_runs() -> None:
    """With its step, the alarms of the line, and what of it waits."""
    live = Live(alarms={ALARM.alarm: life(ALARM)})
    (row,) = page(live=live).lines
    assert (row.line, row.product, row.running, row.alarms, row.tone) == ("line-3", "P-1", RUNS, 1, "action")
    assert (row.waits, row.first.task) == (2, Task.DEVIATION)
    other = replace(RUNS, number="240612B", line="line-5")
    rows = page(replace(WORK, batches=(other, RUNS, ENDED)), live).lines
    assert [(one.line, one.here, one.alarms) for one in rows] == [("line-3", True, 1), ("line-5", False, 0)]


def test_a_line_without_a_batch_says_what_ran_last() -> None:
    """Of each agreed product; where the agreements in force give nothing of a line, that is said."""
    (row,) = page(replace(WORK, batches=(ENDED,))).lines
    assert (row.running, row.last, row.agreed) == (None, ENDED, True)
    agreement = agreed(effective="2026-01-01")
    signed = Signed((SignedVersion(agreement, Path("a.yaml"), "0" * 64, 0),))
    rows = page(replace(WORK, batches=(ENDED,), signed=signed)).lines
    names = {one.product: one for one in rows}
    code = agreement.products[0].code
    lines = agreement.products[0].lines
    assert names[code].last is None if SITE.line in lines else not rows[0].agreed


def test_a_silent_line_says_since_when() -> None:
    """Complete to when its sources delivered last."""
    live = Live()
    live.apply([message(frame({"F1.DP.M1": 12.0}, received=NOW - HOUR), 0)])
    (row,) = page(live=live).lines
    assert (row.silent, row.complete_to) == (NOW - HOUR, NOW - HOUR)


def test_an_archive_that_catches_up_says_how_far() -> None:
    """As long as what arrives now has waited in the topics; a line that was silent does not look so."""
    live = Live(arrived=NOW, appended=NOW - HOUR)
    assert page(live=live).catching_up == NOW - HOUR
    assert page(live=Live(arrived=NOW - HOUR, appended=NOW - 2 * HOUR)).catching_up is None
    assert page(live=Live(arrived=NOW, appended=NOW - SECOND)).catching_up is None
    assert page().catching_up is None


def rows(*standings: Standing, told: dict[str, list[tuple[int, int]]] | None = None) -> list[StreamRow]:
    numbers = Numbers(told or {}, {}, {})
    return [stream_row(name, one, numbers, NOW) for name, one in zip((MEASURED, RESULTS), standings, strict=False)]


DOUBT = FoundBefore("altered", RESULTS, 7, 7, "another entry", NOW)
SEALED = NOW // SECOND


def test_the_badge_says_the_worst() -> None:
    """A failed proof, then missing numbers, an old seal, none at all; else the oldest of the newest seals."""
    good, older = Standing(9, 9, SEALED), Standing(5, 5, SEALED - 4)
    assert badge(rows(good, older), (), NOW) == Badge(Proven.VERIFIED, (SEALED - 4) * SECOND)
    assert badge(rows(good, Standing(5, 0, None)), (), NOW) == Badge(Proven.UNSEALED, SEALED * SECOND, 5)
    late = badge(rows(good, Standing(5, 5, SEALED - 1560)), (), NOW)
    assert late == Badge(Proven.LATE, (SEALED - 1560) * SECOND)
    lacking = badge(rows(good, Standing(3, 3, SEALED - 9999), told={RESULTS: [(4, 7)]}), (), NOW)
    assert (lacking.proven, lacking.count) == (Proven.MISSING, 4)
    assert badge(rows(good), [DOUBT], NOW) == Badge(Proven.FAILED, None, 1, DOUBT)
    assert badge([], (), NOW).proven is Proven.NOTHING
