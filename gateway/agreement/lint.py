"""What law or sense is broken by agreements, each finding with its clause. Pure.

A rule is a function in `rules/` and a line in that module's table; `RULES` has them all.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.agreement.agreement import Agreement
from gateway.agreement.profile import Profile
from gateway.agreement.rules import duties, exchange, keeping, notices, parties, products
from gateway.agreement.rules.case import Case, Hit, Rule, Severity
from gateway.cleanroom.levels import Words
from gateway.cleanroom.site import Site
from gateway.configuration import Location

RULES: tuple[Rule, ...] = (
    *parties.RULES,
    *products.RULES,
    *duties.RULES,
    *notices.RULES,
    *exchange.RULES,
    *keeping.RULES,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is broken."""

    of: int
    """Place of the agreement in the list that was given."""
    agreement: str
    at: Location
    """Place in the document."""
    rule: str
    clause: str
    severity: Severity
    words: Words


def findings(
    agreements: Sequence[Agreement],
    sites: Sequence[Site],
    today: date,
    profiles: Sequence[Sequence[Profile]] | None = None,
) -> list[Finding]:
    """All that is broken, agreement by agreement in the order of the rules.

    `profiles` are those of each agreement; rules that look something up in them find nothing without. Agreements of
    one manufacturer are judged against each other, but for versions of the same.
    """
    return [
        found
        for at, one in enumerate(agreements)
        for found in _judged(at, case_of(one, agreements, sites, today, () if profiles is None else profiles[at]))
    ]


def case_of(
    one: Agreement, agreements: Iterable[Agreement], sites: Sequence[Site], today: date, profiles: Sequence[Profile]
) -> Case:
    """An agreement with those that it is judged against."""
    beside = [o for o in agreements if o.cmo.id == one.cmo.id and o.agreement != one.agreement]
    others = [o for o in beside if o.holder.id != one.holder.id]
    versions = [o for o in agreements if o is not one and o.agreement == one.agreement]
    return Case(one, others, beside, versions, sites, profiles, today)


def _judged(at: int, case: Case) -> Iterator[Finding]:
    for rule in RULES:
        yield from (_finding(at, case.agreement, rule, hit) for hit in rule.look(case))


def _finding(at: int, agreement: Agreement, rule: Rule, hit: Hit) -> Finding:
    clause, words = hit.clause or rule.clause, Words(en=hit.en, zh=hit.zh)
    return Finding(at, agreement.agreement, hit.at, rule.code, clause, rule.severity, words)
