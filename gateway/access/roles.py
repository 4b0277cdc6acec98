"""Who may see what: roles, what each may do, and which roles nobody may hold together. Pure tables."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is at this console. An account holds one or more of them."""

    OPERATOR = "operator"
    QA = "qa"
    QUALIFIED_PERSON = "qualified-person"
    HOLDER_REVIEWER = "holder-reviewer"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """A group of pages, with the same for programs."""

    OVERVIEW = "overview"
    ROOMS = "rooms"
    ALARMS = "alarms"
    BATCHES = "batches"
    WEIGHINGS = "weighings"
    REPORTS = "reports"
    EVIDENCE = "evidence"
    AGREEMENT = "agreement"
    OPENINGS = "openings"
    PEOPLE = "people"
    SYSTEM = "system"


QUALITY = frozenset(Right) - {Right.OPENINGS, Right.PEOPLE, Right.SYSTEM}
"""All quality data; but what opens commitments stays with the manufacturer's quality unit."""
RIGHTS = {
    Role.OPERATOR: frozenset({Right.OVERVIEW, Right.ROOMS, Right.ALARMS, Right.WEIGHINGS}),
    Role.QA: QUALITY | {Right.OPENINGS, Right.PEOPLE},
    Role.QUALIFIED_PERSON: QUALITY | {Right.PEOPLE},
    Role.HOLDER_REVIEWER: QUALITY | {Right.PEOPLE},
    Role.INSPECTOR: QUALITY | {Right.PEOPLE},
    Role.ADMINISTRATOR: frozenset({Right.PEOPLE, Right.SYSTEM}),
}
"""What each role may see. The console itself changes no record, so every right is one of reading. The administrator
has no quality data and makes accounts by `cmo-gateway user`; who signs a release has to see what speaks against it."""
PAGES = (
    ("/rooms", Right.ROOMS), ("/trend/proof", Right.EVIDENCE), ("/trend/compare", Right.BATCHES),
    ("/trend", Right.ROOMS),
    ("/alarms", Right.ALARMS), ("/deviations", Right.ALARMS),
    ("/batches", Right.BATCHES), ("/findings", Right.BATCHES), ("/rules", Right.BATCHES),
    ("/tests", Right.BATCHES), ("/lots", Right.BATCHES),
    ("/weighings", Right.WEIGHINGS), ("/reports", Right.REPORTS), ("/capability", Right.REPORTS),
    ("/evidence", Right.EVIDENCE), ("/r", Right.EVIDENCE), ("/records", Right.EVIDENCE),
    ("/commitments", Right.BATCHES), ("/retention", Right.BATCHES), ("/agreement", Right.AGREEMENT),
    ("/openings", Right.OPENINGS), ("/certificates", Right.SYSTEM), ("/verification", Right.EVIDENCE),
    ("/people", Right.PEOPLE), ("", Right.OVERVIEW), ("/overview", Right.OVERVIEW),
)  # fmt: skip
"""By the beginning of the path: a page's without its language, a question's without `/api`. What has no line here is
shown to nobody who has to sign in."""
STREAMS = ("/evidence/", "/r/", "/records/")
"""Paths that go on with the name of a stream and show what stands in it."""
FAMILIES = {
    "measurements": Right.ROOMS, "alarms": Right.ALARMS, "weighings": Right.WEIGHINGS, "batches": Right.BATCHES,
    "results": Right.BATCHES, "materials": Right.BATCHES, "documents": Right.BATCHES, "quality": Right.BATCHES,
    "agreements": Right.AGREEMENT, "openings": Right.OPENINGS, "access": Right.PEOPLE,
}  # fmt: skip
"""What else is needed for the records of a family; of gaps and of what is no stream, nothing."""
EVERYBODY = frozenset({"/openapi.json", "/search"})
"""What whoever is signed in may see; a search finds only what its asker may open."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Roles of which nobody may have one from each side, and where that stands."""

    one: frozenset[Role]
    other: frozenset[Role]
    why: str


_PARTIES = frozenset(Role) - {Role.INSPECTOR}
MIXTURES = (
    Mixture(
        frozenset({Role.ADMINISTRATOR}),
        frozenset(Role) - {Role.ADMINISTRATOR, Role.INSPECTOR},
        "whoever has an interest in the data gets no rights of an administrator (2025 No. 74 annex art. 22(1)(2))",
    ),
    Mixture(
        frozenset({Role.OPERATOR}),
        frozenset({Role.QA, Role.QUALIFIED_PERSON}),
        "the quality unit is independent of production (GMP 2010 art. 16)",
    ),
    Mixture(
        frozenset({Role.HOLDER_REVIEWER}),
        frozenset({Role.OPERATOR, Role.QA}),
        "the holder supervises the manufacturer and does not review itself (Drug Administration Law art. 31)",
    ),
    Mixture(
        frozenset({Role.INSPECTOR}),
        _PARTIES,
        "operating and administering have rights of their own, and an inspector only reads (2025 No. 74 annex "
        "art. 22(1)(2))",
    ),
)


def mixed(roles: Collection[Role]) -> list[str]:
    """Why nobody may hold these roles together, one line with its clause for each reason; empty where somebody may."""
    held = frozenset(roles)
    return [
        f"{_named(held & one.one)} and {_named(held & one.other)} in one person: {one.why}"
        for one in MIXTURES
        if held & one.one and held & one.other
    ]


def _named(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles))


def rights_of(roles: Collection[Role]) -> frozenset[Right]:
    """All that these roles may see together."""
    return frozenset[Right]().union(*(RIGHTS[role] for role in roles))


def right_for(path: str) -> Right | None:
    """What is needed for a path without its language or `/api`; None where no table tells, so that nobody has it."""
    for begin, right in PAGES:
        if path == begin or (begin and path.startswith(f"{begin}/")):
            return right
    return None


def right_within(path: str) -> Right | None:
    """What is needed besides, for what stands in the stream that a path names; None where nothing is."""
    begin = next((begin for begin in STREAMS if path.startswith(begin)), None)
    if begin is None:
        return None
    parts = path.removeprefix(begin).partition("/")[0].split(".")
    return FAMILIES.get(parts[-2]) if len(parts) > 1 else None
