"""A capability report out of the archive and the agreements. Calls block."""

from dataclasses import dataclass

from gateway.agreement.in_force import Signed, SignedVersion
from gateway.archive import capability as asked
from gateway.archive.archive import Archive
from gateway.archive.withheld import not_sent, taken_back
from gateway.capability.capability import Figures, figures_of
from gateway.capability.facts import Agreed, Clause, Facts, Latency, Version
from gateway.capability.requirements import Statement, statements
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.levels import Words
from gateway.cleanroom.site import Site
from gateway.completeness import Interval
from gateway.reports.archived import NoReportError
from gateway.views.display import Clock
from schemas.catalogue import FAMILIES


@dataclass(frozen=True, slots=True)
class Capability:
    """A report on begin ≤ time < end, as known at `facts.until`; times are UTC microseconds."""

    site: Words
    line: str
    zone: str
    statements: tuple[Statement, ...]
    figures: Figures
    facts: Facts


def capability_of(
    archive: Archive,
    site: Site,
    signed: Signed | None,
    period: Interval,
    *,
    now: int,
    latency: Latency | None = None,
) -> Capability:
    """The report. `signed` is None where the node has no agreements to look at. Raises NoReportError."""
    if period[0] >= min(period[1], now):
        raise NoReportError("nothing of this period has passed; name one that begins before now and before its end")
    facts = facts_of(archive, site, signed, period, now=now, latency=latency)
    figures = figures_of(facts, Clock.of(site.zone))
    return Capability(site.name, site.line, site.zone, statements(facts, figures), figures, facts)


def facts_of(
    archive: Archive, site: Site, signed: Signed | None, period: Interval, *, now: int, latency: Latency | None
) -> Facts:
    """All that the report is made of; the period has begun."""
    begin, end = period
    until = min(end, now)
    return Facts(
        begin=begin, end=end, until=until, sources=asked.sources_seen(archive, begin, until),
        recorded=(*asked.recorded_readings(archive, begin, until), *asked.recorded_by_systems(archive, begin, until)),
        arrived=asked.arrived(archive, begin, until), undated=asked.undated(archive),
        gaps=[gap for gap in archive.gaps(begin, until) if gap.ended is None or gap.ended > begin],
        streams=asked.streams_seen(archive, begin, until), found=asked.findings_in(archive, begin, until),
        agreed=None if signed is None else agreed_of(signed, begin, until),
        batches=asked.batches_in(archive, begin, until), withheld=not_sent(archive, begin, until),
        withdrawn=len(taken_back(archive, begin, until)), looks=asked.looks_in(archive, begin, until),
        conditions=len(conditions(site)), held=asked.put_aside(archive, begin, until),
        alarms=asked.alarms_in(archive, begin, until), latency=latency,
    )  # fmt: skip


def agreed_of(signed: Signed, begin: int, end: int) -> Agreed:
    """What the versions say that hold at some time of the period."""
    holding = [one for one in signed.versions if one.begins < end and (one.ends is None or one.ends > begin)]
    return Agreed(
        tuple(_version(one) for one in holding), tuple(clause for one in holding for clause in _clauses(one)),
        len(signed.findings),
    )  # fmt: skip


def _version(one: SignedVersion) -> Version:
    about = one.agreement
    sterile = tuple(product.code for product in about.products if product.sterile)
    return Version(about.agreement, about.version, one.begins, one.ends, about.audits.remote, sterile)


def _clauses(one: SignedVersion) -> list[Clause]:
    """Each kind of record that each clause of the version exchanges."""
    about = one.agreement
    return [
        Clause(
            about.agreement, about.version, clause.clause, clause.text, family, kind,
            tuple(held.field for held in clause.withheld if held.kind == kind),
        )
        for clause in about.exchange
        for family in clause.families
        for kind in FAMILIES[family].kinds
        if clause.covers_kind(family, kind)
    ]  # fmt: skip
