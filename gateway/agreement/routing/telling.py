"""What a holder is told of what it does not get, or not any more, and of the version that decides. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import NAMESPACE_OID, uuid5

from gateway.agreement.in_force import Signed, SignedVersion
from gateway.agreement.routing.changes import Change
from gateway.agreement.routing.counting import Count
from gateway.agreement.routing.reason import Reason
from gateway.context.timeline import Span, merged
from schemas.agreements import AgreementInForce
from schemas.context import Assignment
from schemas.withheld import WhyWithheld, Withdrawn, Withheld

_EPOCH = date(1970, 1, 1)


def withheld(count: Count, sender: str, line: str) -> Withheld:
    """Samples of a period."""
    holder, room, rule, reason = count.bucket.holder, count.bucket.room, count.bucket.rule, count.bucket.reason
    return Withheld(
        system=sender, key=_key(sender, holder, room, rule and rule.name, reason, count.began), line=line,
        holder=holder, room=room, clause=None if rule is None else rule.name,
        reason=_word(reason), samples=count.samples, began=count.began, time=count.ended,
    )  # fmt: skip


def not_kept(given: Iterable[Change], bounds: Span, sender: str, line: str) -> Iterator[Withheld]:
    """Of what was given the times within the bounds: of them nothing is kept that could be sent."""
    for one in pending(given, bounds):
        yield not_sent(one, sender, line)


Pending = tuple[str, str | None, str, int, int]
"""Holder, room, clause and time of what is to be sent to a holder: as a note keeps it."""


def pending(given: Iterable[Change], bounds: Span) -> list[Pending]:
    """Of what was given the times within the bounds."""
    return [(one.holder, one.room, one.rule.name, *span) for one, span in _spans(given, bounds)]


def not_sent(one: Pending, sender: str, line: str) -> Withheld:
    """What is a holder's and was perhaps not sent: the manufacturer's archive has it."""
    holder, room, clause, began, ended = one
    return Withheld(
        system=sender, key=_key(sender, holder, room, clause, WhyWithheld.NOT_KEPT, began), line=line, holder=holder,
        room=room, clause=clause, reason=WhyWithheld.NOT_KEPT, samples=None, began=began, time=ended,
    )  # fmt: skip


def withdrawn(taken: Iterable[Change], because: Assignment, now: int) -> Iterator[Withdrawn]:
    """Of what was taken the times that are past. An assignment of another holder's batch is not named."""
    own = {one.holder for one in taken if because.product in one.rule.products}
    for one, (began, ended) in _spans(taken, (-(2**62), now)):
        known = one.holder in own
        yield Withdrawn(
            system=because.system, key=_key(one.holder, one.room, one.rule.name, str(because.id), began),
            line=because.line, holder=one.holder, room=one.room, clause=one.rule.name,
            assignment=because.key if known else None, assignment_version=because.version if known else None,
            began=began, ended=ended, time=now,
        )  # fmt: skip


def in_force(signed: Signed, one: SignedVersion, sender: str, line: str, *, ended: bool = False) -> AgreementInForce:
    """From here on this version decides, or ended without one behind it. Told twice it has the same record id."""
    before, said, time = signed.before(one), one.agreement, one.ends if ended else one.begins
    name = f"{said.agreement}/{said.version}"
    return AgreementInForce(
        id=uuid5(NAMESPACE_OID, f"{sender} {name} {one.sha256} {ended}"), system=sender, key=name, line=line, time=time,
        version=2 if ended else 1, ended=ended, agreement=said.agreement, agreement_version=said.version,
        sha256=one.sha256, effective=(said.effective - _EPOCH).days,
        previous_version=None if before is None else before.agreement.version,
        previous_sha256=None if before is None else before.sha256,
    )  # fmt: skip


def _spans(changes: Iterable[Change], bounds: Span) -> Iterator[tuple[Change, Span]]:
    """The times of each holder, clause and room, within bounds and without overlaps."""
    first: dict[tuple[str, str, str | None], Change] = {}
    spans: dict[tuple[str, str, str | None], list[Span]] = {}
    for one in changes:
        key = one.holder, one.rule.name, one.room
        began, ended = max(one.span[0], bounds[0]), min(one.span[1], bounds[1])
        if began < ended:
            first.setdefault(key, one)
            spans.setdefault(key, []).append((began, ended))
    for key, some in spans.items():
        yield from ((first[key], span) for span in merged(some))


def _key(*parts: object) -> str:
    return str(uuid5(NAMESPACE_OID, repr(parts)))


def _word(reason: Reason) -> WhyWithheld:
    return WhyWithheld(reason.value) if reason.value in list(WhyWithheld) else WhyWithheld.OTHER
