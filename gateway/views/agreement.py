"""The agreement as its page shows it: which version holds, what is exchanged by which clause."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.agreement.exchange import Exchange
from gateway.agreement.in_force import Signed, SignedVersion
from gateway.agreement.papers.forms import paper_of
from gateway.agreement.shelf import Shelf
from gateway.cleanroom.levels import Words
from gateway.configuration import ConfigurationError
from gateway.languages import Language


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause of the exchange sends; margins in minutes."""

    clause: str
    text: Words
    lines: Sequence[str]
    products: Sequence[str]
    families: Sequence[str]
    places: Sequence[str]
    """Rooms, equipment and tags; none where it is about records that name a batch."""
    always: bool
    before: int
    after: int
    withheld: Sequence[tuple[str, Words]]
    """Kind and field, and why."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version; times are UTC microseconds, `ends` is None while no end is known."""

    agreement: str
    version: int
    title: Words
    holder: Words
    cmo: Words
    products: Sequence[tuple[str, Words, Words]]
    """Code, name, strength."""
    begins: int
    ends: int | None
    sha256: str
    in_force: bool
    clauses: Sequence[Clause]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A file that does not count, and why."""

    file: str
    why: Words


@dataclass(frozen=True, slots=True)
class AgreementView:
    """All versions, those in force first and then the newest; and what does not count."""

    versions: Sequence[Version]
    doubts: Sequence[Doubt]


def agreements_on(shelf: Shelf | None, now: int) -> AgreementView | str:
    """Those of the shelf at `now`, UTC microseconds; or why they cannot be read."""
    if shelf is None:
        return AgreementView((), ())
    try:
        return agreement_view(shelf.signed(), now)
    except ConfigurationError as error:
        return str(error)


def paper_on(shelf: Shelf | None, wanted: tuple[str, int], ending: str, language: Language | None) -> bytes | None:
    """A version of an agreement as a paper, by names of both; None where it is not there, or not signed by both."""
    try:
        versions = () if shelf is None else shelf.signed().versions
        found = next((one for one in versions if (one.agreement.agreement, one.agreement.version) == wanted), None)
        return None if found is None else paper_of(found.agreement, found.sha256, ending, language)
    except ConfigurationError:
        return None


def agreement_view(signed: Signed, now: int) -> AgreementView:
    """As it stands at `now`, UTC microseconds."""
    versions = [_version(one, now) for one in signed.versions]
    versions.sort(key=lambda one: (not one.in_force, -one.begins, one.agreement))
    return AgreementView(versions, [Doubt(one.file.name, one.words) for one in signed.findings])


def _version(one: SignedVersion, now: int) -> Version:
    agreed = one.agreement
    return Version(
        agreement=agreed.agreement, version=agreed.version, title=agreed.title, holder=agreed.holder.name,
        cmo=agreed.cmo.name, products=[(p.code, p.name, p.strength) for p in agreed.products], begins=one.begins,
        ends=one.ends, sha256=one.sha256, in_force=one.holds(now),
        clauses=[_clause(item, item.products or [p.code for p in agreed.products]) for item in agreed.exchange],
    )  # fmt: skip


def _clause(one: Exchange, products: Sequence[str]) -> Clause:
    return Clause(
        clause=one.clause, text=one.text, lines=one.lines, products=products, families=one.families,
        places=(*one.rooms, *one.equipment, *one.tags), always=one.when == "always", before=one.before,
        after=one.after, withheld=[(f"{item.kind}.{item.field}", item.why) for item in one.withheld],
    )  # fmt: skip
