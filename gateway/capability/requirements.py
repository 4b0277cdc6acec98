"""What art. 14 and 17 of announcement 134 of 2025 ask, each with a verdict and the figures that it rests on. Pure.

A verdict is the worst of its reasons: not met, then not evaluable, then met; without any reason it is not evaluable.
So nothing is met for want of data. Every reason that is met rests on records that are here, and `_whole` keeps it from
being told where numbers are missing: what is not here may have said otherwise.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.capability.capability import SOON, Figures, came, measures
from gateway.capability.facts import Facts
from gateway.completeness import without
from gateway.proof.findings import Code
from gateway.views.sources import SILENT_AFTER
from schemas.records import GapCause


class Verdict(StrEnum):
    """What may be said, the worst first."""

    NOT_MET = "NOT_MET"
    NOT_EVALUABLE = "NOT_EVALUABLE"
    MET = "MET"
    DOES_NOT_APPLY = "DOES_NOT_APPLY"


Told = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; `code` names its words. Of `figures` those that end with `_us` are durations, with `_at` times, in
    microseconds; tuples under `kinds` are kinds of records.
    """

    verdict: Verdict
    code: str
    figures: Mapping[str, Told]


@dataclass(frozen=True, slots=True)
class Statement:
    """One requirement, with the clause that it comes of."""

    requirement: str
    clause: str
    verdict: Verdict
    reasons: tuple[Reason, ...]


MATERIALS = ("MaterialMovement",)
PRODUCTION = ("BatchOrder", "BatchStep", "Frame")
TESTING = ("TestResult",)
"""Kinds without which that part of the process is not recorded."""
REFUTE = (Code.ALTERED, Code.FORKED, Code.UNSIGNED, Code.WRONG_KEY, Code.STALE_SEAL, Code.AFTER_CLOSING)
"""Findings that speak against what was received being what was sent."""


def _met(code: str, **figures: Told) -> Reason:
    return Reason(Verdict.MET, code, figures)


def _not(code: str, **figures: Told) -> Reason:
    return Reason(Verdict.NOT_MET, code, figures)


def _unclear(code: str, **figures: Told) -> Reason:
    return Reason(Verdict.NOT_EVALUABLE, code, figures)


def _whole(facts: Facts) -> Iterator[Reason]:
    """Whether all that was sent is here."""
    lacking = [stream for stream in facts.streams if stream.lacking]
    if not facts.streams:
        yield _unclear("no_streams")
    elif lacking:
        yield _unclear("lacking", n=sum(one.lacking for one in lacking), streams=tuple(one.stream for one in lacking))
    else:
        yield _met("whole", streams=len(facts.streams), n=sum(one.here for one in facts.streams))


def _agreed(facts: Facts, _figures: Figures) -> Iterator[Reason]:
    agreed = facts.agreed
    if agreed is None:
        yield _unclear("no_agreements")
        return
    spans = [(one.begins, facts.until if one.ends is None else one.ends) for one in agreed.versions]
    bare = without([(facts.begin, facts.until)], spans)
    if bare:
        yield _not("not_in_force", none_us=sum(high - low for low, high in bare))
    elif not agreed.clauses:
        yield _not("no_clauses")
    else:
        names = tuple(f"{one.agreement} v{one.version}" for one in agreed.versions)
        yield _met("in_force", versions=names, n=len({(one.version, one.clause) for one in agreed.clauses}))


def _part(kinds: tuple[str, ...]) -> Callable[[Facts, Figures], Iterator[Reason]]:
    """Whether a part of the process is recorded and exchanged, kind by kind."""

    def reasons(facts: Facts, _figures: Figures) -> Iterator[Reason]:
        if facts.agreed is None:
            yield _unclear("no_agreements")
        yield from _whole(facts)
        covered = {one.kind for one in facts.agreed.clauses} if facts.agreed else set(kinds)
        for kind in kinds:
            count = came(facts, kind)
            if kind not in covered:
                yield _not("not_agreed", kinds=(kind,))
            elif count:
                yield _met("came", kinds=(kind,), n=count)
            elif facts.batches:
                yield _not("none_came", kinds=(kind,), batches=facts.batches)
            else:
                yield _unclear("nothing_made", kinds=(kind,))

    return reasons


def _hand(facts: Facts, figures: Figures) -> Iterator[Reason]:
    """Values keyed by hand were checked by a second person, nothing is paper (CS 15, 74 art. 15)."""
    yield from _whole(facts)
    whole = sum(one.all for one in figures.shares)
    unchecked, scanned, untold = (
        sum(getattr(one, name) for one in figures.shares) for name in ("unchecked", "scanned", "untold")
    )
    if not whole:
        yield _unclear("nothing_recorded")
    if unchecked:
        yield _not("unchecked", n=unchecked, kinds=tuple(one.kind for one in figures.shares if one.unchecked))
    if scanned:
        yield _not("scanned", n=scanned, kinds=tuple(one.kind for one in figures.shares if one.scanned))
    if untold:
        yield _unclear("untold", n=untold, kinds=tuple(one.kind for one in figures.shares if one.untold))
    if facts.undated:
        yield _unclear("undated", n=sum(facts.undated.values()), kinds=tuple(sorted(facts.undated)))
    if whole and not (unchecked or scanned or untold or facts.undated):
        yield _met("by_systems", n=whole, keyed=sum(one.checked for one in figures.shares))


def _begun(facts: Facts) -> Iterator[Reason]:
    """Whether anything is known of the period's begin: completeness counts from the first record on."""
    first = min((one.first for one in facts.sources if measures(one)), default=None)
    if first is not None and first - facts.begin > SILENT_AFTER:
        yield _unclear("begins_later", first_at=min(first, facts.until), none_us=min(first, facts.until) - facts.begin)


def _complete(facts: Facts, figures: Figures) -> Iterator[Reason]:
    """Nothing is missing at all."""
    yield from _whole(facts)
    yield from _begun(facts)
    if figures.percent is None:
        yield _unclear("not_told")
    elif figures.percent < 100:
        yield _not("incomplete", percent=figures.percent)
    else:
        yield _met("complete", percent=figures.percent)


def _explained(facts: Facts, figures: Figures) -> Iterator[Reason]:
    """What is missing is a record with its cause, and over."""
    yield from _whole(facts)
    yield from _begun(facts)
    silent = tuple(one.seen.source for one in figures.sources if one.unheard is not None)
    unknown = sum(gap.cause is GapCause.OTHER for gap in facts.gaps)
    if figures.percent is None:
        yield _unclear("not_told")
    if figures.open_gaps:
        began = min(gap.began for gap in figures.open_gaps)
        yield _not("open_gaps", n=len(figures.open_gaps), longest_us=facts.until - began)
    if silent:
        yield _not("silent", sources=silent)
    if unknown:
        yield _not("no_cause", n=unknown)
    if figures.percent is not None and not (figures.open_gaps or silent or unknown):
        yield _met("explained", n=len(facts.gaps), percent=figures.percent)


def _authentic(facts: Facts, _figures: Figures) -> Iterator[Reason]:
    """Seals prove all of it, and nothing was found against it."""
    yield from _whole(facts)
    against = {code.value: facts.found[code.value] for code in REFUTE if facts.found.get(code.value)}
    if against:
        yield _not("findings", n=sum(against.values()), codes=tuple(against))
    bare = tuple(one.stream for one in facts.streams if one.sealed is None)
    if bare:
        yield _unclear("unsealed", streams=bare)
    seals = [one.sealed for one in facts.streams if one.sealed is not None]
    if seals and min(seals) < facts.until - SOON:
        yield _unclear("sealed_to", oldest_at=min(seals))
    elif seals and not bare and not against:
        yield _met("sealed", n=sum(one.verified for one in facts.streams), oldest_at=min(seals))


def _confirmed(facts: Facts, _figures: Figures) -> Iterator[Reason]:
    """The recipient confirmed all of it."""
    yield from _whole(facts)
    bare = tuple(one.stream for one in facts.streams if one.confirmed_at is None)
    if bare:
        yield _unclear("unconfirmed", streams=bare)
    receipts = [one.confirmed_at for one in facts.streams if one.confirmed_at is not None]
    if receipts and min(receipts) < facts.until - SOON:
        yield _unclear("confirmed_to", oldest_at=min(receipts))
    elif receipts and not bare:
        yield _met("confirmed", n=sum(one.confirmed for one in facts.streams), oldest_at=min(receipts))


def _remote(facts: Facts, _figures: Figures) -> Iterator[Reason]:
    """The agreement lets audits be remote in part."""
    if facts.agreed is None:
        yield _unclear("no_agreements")
    elif not facts.agreed.versions:
        yield _not("no_version")
    elif without_ := tuple(f"{one.agreement} v{one.version}" for one in facts.agreed.versions if not one.remote):
        yield _not("no_remote", versions=without_)
    else:
        yield _met("remote", versions=tuple(f"{one.agreement} v{one.version}" for one in facts.agreed.versions))


RULES: Mapping[str, tuple[str, Callable[[Facts, Figures], Iterable[Reason]]]] = {
    "agreed": ("134 (14), (15)", _agreed),
    "materials": ("134 (14), (17) 3", _part(MATERIALS)),
    "production": ("134 (14), (17) 3", _part(PRODUCTION)),
    "testing": ("134 (14), (17) 3", _part(TESTING)),
    "exchanged": ("134 (14), (17) 3", _confirmed),
    "authentic": ("134 (14)", _authentic),
    "hand": ("134 (14)", _hand),
    "complete": ("134 (14)", _complete),
    "explained": ("134 (14)", _explained),
    "remote": ("134 (14)", _remote),
}
"""Each requirement with its clause and how it is judged."""
AUDITS = ("agreed", "materials", "production", "testing", "exchanged", "authentic", "hand", "explained", "remote")
STERILE = ("materials", "production", "testing", "exchanged")
"""What the two results are made of. What is missing and told with its cause does not speak against them."""


def verdict_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; not evaluable where there is none."""
    return min(verdicts, key=list(Verdict).index, default=Verdict.NOT_EVALUABLE)


def statements(facts: Facts, figures: Figures) -> tuple[Statement, ...]:
    """The two results first, then what they rest on."""
    found = {}
    for name, (clause, judge) in RULES.items():
        reasons = tuple(judge(facts, figures))
        found[name] = Statement(name, clause, verdict_of(one.verdict for one in reasons), reasons)
    return (_result("audits", "134 (14)", AUDITS, found), _sterile(facts, found), *found.values())


def _result(name: str, clause: str, parts: Iterable[str], found: Mapping[str, Statement]) -> Statement:
    verdict = verdict_of(found[part].verdict for part in parts)
    short = tuple(part for part in parts if found[part].verdict is verdict)
    reason = Reason(verdict, "all_met" if verdict is Verdict.MET else "rests_on", {"requirements": short})
    return Statement(name, clause, verdict, (reason,))


def _sterile(facts: Facts, found: Mapping[str, Statement]) -> Statement:
    """Of sterile products only: the third of the ways in which they may be entrusted."""
    clause = "134 (17) 3"
    if facts.agreed is not None and facts.agreed.versions:
        codes = tuple(sorted({code for one in facts.agreed.versions for code in one.sterile}))
        if not codes:
            return Statement(
                "sterile", clause, Verdict.DOES_NOT_APPLY, (Reason(Verdict.DOES_NOT_APPLY, "not_sterile", {}),)
            )
    return _result("sterile", clause, STERILE, found)
