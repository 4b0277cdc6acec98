"""What waits for whoever looks, with its clock. Pure.

Until there are notices and signatures of this desk, it is derived from what is there: alarms, drafts, findings, numbers
that are missing, agreements that one side signed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import unquote

from gateway.access.roles import Role
from gateway.agreement.due import AgreedDue
from gateway.agreement.signing import Fault
from gateway.archive.lives import AlarmLife
from gateway.cleanroom.levels import Words
from gateway.views.alarms import AlarmRow, alarm_rows
from gateway.views.display import DAY
from gateway.views.known import Work
from gateway.views.paths import batch_path
from gateway.views.streams import StreamRow
from schemas.records import AlarmState

LISTED = 50
"""How many tasks are listed, the most urgent."""
NOT_ACKNOWLEDGED = {AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED}
ONE_SIDE = {Fault.MISSING_PARTY, Fault.UNSIGNED}
NEAR = 30
"""From so many days on a certificate is told before its end."""


class Task(StrEnum):
    """What is to be done."""

    ALARM = "ALARM"
    DEVIATION = "DEVIATION"
    FINDINGS = "FINDINGS"
    MISSING = "MISSING"
    AGREEMENT = "AGREEMENT"
    CERTIFICATE = "CERTIFICATE"


WHOSE: Mapping[Task, frozenset[Role]] = {
    Task.ALARM: frozenset({Role.OPERATOR, Role.QA}),
    Task.DEVIATION: frozenset({Role.QA}),
    Task.FINDINGS: frozenset({Role.QA, Role.HOLDER_REVIEWER}),
    Task.MISSING: frozenset({Role.QA, Role.HOLDER_REVIEWER}),
    Task.AGREEMENT: frozenset({Role.QA, Role.QUALIFIED_PERSON, Role.HOLDER_REVIEWER}),
    Task.CERTIFICATE: frozenset({Role.ADMINISTRATOR}),
}
"""Who acts on what. Inspectors only read: nothing waits for them."""


class Urgency(StrEnum):
    """How near the end of a term is."""

    LATE = "LATE"
    SOON = "SOON"
    CALM = "CALM"
    OPEN = "OPEN"
    """No term is agreed, or known."""


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: the roles, None where the console is open to its machine; and which pages that person may see.

    `batches` are the only ones that may be named to that person; None where all may.
    """

    roles: frozenset[Role] | None
    may: Callable[[str], bool]
    batches: frozenset[str] | None = None

    def acts_on(self, task: Task) -> bool:
        """Whether such a task is this person's."""
        return self.roles is None or bool(self.roles & WHOSE[task])


@dataclass(frozen=True, slots=True)
class Wait:
    """One task. Times are UTC microseconds; `since` is when it came up, `due` until when it is to be done.

    `path` is the page where it is seen, without the language; None where that page is not open to who looks.
    `alarm` is set for alarms and drafts, `counts` for what is counted, `subject` names it, `words` say it.
    """

    task: Task
    key: str
    since: int | None
    urgency: Urgency
    due: AgreedDue | None = None
    subject: str = ""
    batch: str | None = None
    product: str | None = None
    line: str | None = None
    alarm: AlarmRow | None = None
    counts: tuple[int, ...] = ()
    words: Words | None = None
    path: str | None = None


def urgency(due: int | None, began: int, now: int) -> Urgency:
    """Late when the term is over; soon in the last 24 hours, or the last quarter of the term."""
    if due is None:
        return Urgency.OPEN
    if now > due:
        return Urgency.LATE
    return Urgency.SOON if due - now < max(DAY, (due - began) // 4) else Urgency.CALM


def waiting(
    looker: Looker,
    work: Work,
    *,
    alarms: Collection[AlarmLife],
    streams: Sequence[StreamRow],
    certificates: Iterable[Mapping[str, object]],
    now: int,
) -> list[Wait]:
    """What waits for this person, the most urgent first: by its end, and what has none by how long it waits."""
    products = {one.number: (one.product, one.line) for one in work.batches}
    every = [
        *_alarms(alarms, products, now),
        *_drafts(work, products, now),
        *_findings(work, products, now),
        *_missing(streams),
        *_agreements(work),
        *_certificates(certificates),
    ]
    mine = [_open_to(looker, one) for one in every if looker.acts_on(one.task)]
    order = list(Urgency)
    return sorted(mine, key=lambda one: (order.index(one.urgency), _end(one), one.since or 0, one.key))


def _end(one: Wait) -> int:
    return one.due.due.moment if one.due is not None else 0


def _open_to(looker: Looker, one: Wait) -> Wait:
    path = one.path if one.path is not None and looker.may(unquote(one.path.partition("?")[0])) else None
    return one if path == one.path else replace(one, path=path)


_Products = Mapping[str, tuple[str | None, str | None]]


def _alarms(lives: Iterable[AlarmLife], products: _Products, now: int) -> Iterator[Wait]:
    for row in alarm_rows(lives, now):
        follows = row.head is not None and row.head != row.alarm
        if row.state in NOT_ACKNOWLEDGED and not follows:
            product, line = products.get(row.batch or "", (None, None))
            yield Wait(
                Task.ALARM, f"alarm {row.alarm}", row.since, Urgency.OPEN, subject=row.tag, batch=row.batch,
                product=product, line=line, alarm=row, path=f"/alarms/{row.alarm}",
            )  # fmt: skip


def _drafts(work: Work, products: _Products, now: int) -> Iterator[Wait]:
    for one in work.drafts:
        draft, batch = one.draft, one.draft.batches[0]
        product, line = products.get(batch, (None, None))
        life = AlarmLife(draft.first, raised=draft.first.time, returned=draft.ended, batch=batch)
        (row,) = alarm_rows([life], now)
        yield Wait(
            Task.DEVIATION, f"draft {draft.id}", draft.began, _urgency(one.due, now), one.due, draft.first.tag, batch,
            product, line, row, path=f"/deviations/{draft.id}",
        )  # fmt: skip


def _findings(work: Work, products: _Products, now: int) -> Iterator[Wait]:
    for one in work.findings:
        found = one.found
        product, line = products.get(found.batch, (None, None))
        yield Wait(
            Task.FINDINGS, f"findings {found.batch}", found.since, _urgency(one.due, now), one.due, batch=found.batch,
            product=product, line=line, counts=(found.actions, found.alerts), path=batch_path(found.batch),
        )  # fmt: skip


def _urgency(due: AgreedDue | None, now: int) -> Urgency:
    return Urgency.OPEN if due is None else urgency(due.due.moment, due.began, now)


def _missing(streams: Iterable[StreamRow]) -> Iterator[Wait]:
    for row in streams:
        if row.missing:
            first, last = row.missing[0][0], row.missing[-1][1]
            yield Wait(
                Task.MISSING, f"missing {row.stream}", row.sealed, Urgency.OPEN, subject=row.stream,
                counts=(row.lacking, first, last), path="/evidence",
            )  # fmt: skip


def _agreements(work: Work) -> Iterator[Wait]:
    for one in work.signed.findings:
        if one.code in ONE_SIDE:
            name = one.file.name
            yield Wait(Task.AGREEMENT, f"agreement {name}", None, Urgency.OPEN, subject=name, words=one.words,
                       path="/agreement")  # fmt: skip


def _certificates(known: Iterable[Mapping[str, object]]) -> Iterator[Wait]:
    for one in known:
        days = one.get("days")
        if isinstance(days, int) and days <= NEAR:
            urgent = Urgency.LATE if days < 0 else Urgency.SOON if days <= NEAR // 4 else Urgency.CALM
            subject = str(one.get("subject"))
            yield Wait(
                Task.CERTIFICATE, f"certificate {one.get('file')}", None, urgent, subject=subject, counts=(days,),
                path="/evidence",
            )  # fmt: skip
