"""Profiles of terms: what holds where an agreement is silent, as dated data with its source.

A profile is a file: of the country, a province or a company. Nothing in it is code, so that a new rule is a new entry
with its first day; from then on it stands in place of the entry before it for the same thing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from pydantic import Field, model_validator

from gateway.agreement.parties import Province
from gateway.agreement.terms import NoticeKind, Side, Term
from gateway.agreement.working_days import WorkingDays, YearOfDays
from gateway.cleanroom.levels import Words
from gateway.configuration import ConfigurationError, Finding, nearest, read, validate
from schemas.settings import Identifier, Strict

Mark = Literal["S", "S*", "K"]
"""How well a source is known: its text was read, a summary of it was read, or general knowledge."""
Matter = Literal["deviation", "change", "recall"]
COUNTRIES = {"CN": "national-cn"}
"""Profile of each country that has one."""


class Sourced(Strict):
    """What every entry has."""

    since: date = Field(date(2000, 1, 1), description="First day on which it holds.")
    source: str = Field(min_length=1, description="Where it stands.")
    mark: Mark = Field(description="`S`: the text was read. `S*`: a summary of it. `K`: general knowledge.")

    @property
    def unverified(self) -> bool:
        """Whether it has to be checked before anybody relies on it."""
        return self.mark == "K"


class ProfileTerm(Sourced):
    """The term of one step of a kind of notice."""

    kind: NoticeKind = Field(description="Kind of notice.")
    step: str = Field(description="What is due.", pattern=r"^[a-z_]{1,32}$")
    by: Side = Field("cmo", description="Who owes it.")
    classes: tuple[str, ...] = Field((), description="Of which classes; all where empty.")
    term: Term = Field(description="How long.")
    before: bool = Field(False, description="Whether it is counted back from what is planned.")
    binding: bool = Field(False, description="Whether an agreement may only be stricter: then the stricter counts.")


class ClassOfMatter(Sourced):
    """A class of deviation, change or recall."""

    of: Matter = Field(description="Of what.")
    id: str = Field(description="Name that agreements use.", pattern=r"^[a-z0-9_]{1,32}$")
    rank: int = Field(ge=1, le=9, description="1 is the gravest; where two sides differ the lower number holds.")
    name: Words = Field(description="Name for people.")
    also: tuple[str, ...] = Field((), description="Words by which quality systems name it.")
    means: Words = Field(description="What falls into it.")
    authority: Words | None = Field(None, description="What the authority is asked or told, and until when.")


class Minimum(Sourced):
    """The least time that something is kept."""

    of: Literal["records", "product_samples", "material_samples"] = Field(description="What is kept.")
    years: float = Field(gt=0, description="Years after expiry; of samples of materials, after release.")


class Frequency(Sourced):
    """How often a holder audits or visits."""

    of: Literal["all", "high_risk", "vaccine", "sterile_visit"] = Field(description="Of which products.")
    months: int = Field(gt=0, description="At most so many months between two.")


class ProhibitedDevice(Sourced):
    """A device that must not be entrusted (MD II)."""

    id: Identifier = Field(description="Short name of the entry.")
    codes: tuple[str, ...] = Field((), description="Codes of the catalogue of device classes, or how they begin.")
    words: tuple[str, ...] = Field(min_length=1, description="Words that a product's name holds, in either language.")
    name: Words = Field(description="Name for people.")
    until: date | None = Field(None, description="Last day, where it was taken from the list.")


class Year(Strict):
    """The days of a year that the calendar library does not know yet."""

    year: int = Field(ge=2000, le=2200, description="Year.")
    off: tuple[date, ...] = Field(description="Weekdays that are no working days.")
    worked: tuple[date, ...] = Field((), description="Saturdays and Sundays that are worked.")


class Profile(Strict):
    """Terms and classes of the country, a province or a company."""

    name: Identifier = Field(description="Short name, that of its file.")
    of: Literal["country", "province", "company"] = Field(description="Whose.")
    province: Province | None = Field(None, description="Of a province: the first two digits of GB/T 2260.")
    version: str = Field(description="Edition.")
    title: Words = Field(description="Name for people.")
    terms: tuple[ProfileTerm, ...] = Field((), description="Terms of notices.")
    classes: tuple[ClassOfMatter, ...] = Field((), description="Classes of deviations, changes and recalls.")
    minima: tuple[Minimum, ...] = Field((), description="Least times of keeping.")
    audits: tuple[Frequency, ...] = Field((), description="How often a holder audits.")
    prohibited: tuple[ProhibitedDevice, ...] = Field((), description="Devices that must not be entrusted.")
    prohibited_complete: bool = Field(True, description="Whether `prohibited` is the whole official catalogue.")
    years: tuple[Year, ...] = Field((), description="Holidays of years that the calendar library does not know.")

    @model_validator(mode="after")
    def _once_each(self) -> "Profile":
        entries: list[tuple[str, tuple[object, ...]]] = []
        entries += [("term", (one.kind, one.step, one.classes, one.by, one.since)) for one in self.terms]
        entries += [("class", (one.of, one.id, one.since)) for one in self.classes]
        entries += [("minimum", (one.of, one.since)) for one in self.minima]
        entries += [("frequency", (one.of, one.since)) for one in self.audits]
        entries += [("device", (one.id, one.since)) for one in self.prohibited]
        if doubled := [f"{what} {' '.join(map(str, key))}" for what, key in entries if entries.count((what, key)) > 1]:
            raise ValueError(f"stands twice from the same day: {doubled[0]}")
        return self


class _Dated(Protocol):
    @property
    def since(self) -> date: ...


Entry = TypeVar("Entry", bound=_Dated)


def in_force(entries: Iterable[tuple[object, Entry]], day: date) -> list[Entry]:
    """Of each key the entry that holds on that day: the last that began. They come in the order of their keys."""
    newest: dict[object, Entry] = {}
    for key, entry in entries:
        if entry.since <= day and (key not in newest or newest[key].since <= entry.since):
            newest[key] = entry
    return list(newest.values())


def terms(one: Profile, day: date) -> list[ProfileTerm]:
    """Its terms on that day."""
    return in_force((((t.kind, t.step, t.classes, t.by), t) for t in one.terms), day)


def classes(profiles: Sequence[Profile], day: date) -> list[ClassOfMatter]:
    """The classes on that day; a later profile speaks in place of an earlier one."""
    found = {(c.of, c.id): c for one in profiles for c in in_force((((c.of, c.id), c) for c in one.classes), day)}
    return sorted(found.values(), key=lambda c: (c.of, c.rank, c.id))


def class_named(profiles: Sequence[Profile], of: str, word: str, day: date) -> ClassOfMatter | None:
    """The class by its id or by a word that quality systems use for it; the gravest that has the word."""
    return next((one for one in classes(profiles, day) if one.of == of and word in (one.id, *one.also)), None)


def minima(profiles: Sequence[Profile], day: date) -> dict[str, Minimum]:
    """The strictest least time of each thing that is kept, on that day."""
    found: dict[str, Minimum] = {}
    for one in (m for p in profiles for m in in_force(((m.of, m) for m in p.minima), day)):
        if one.of not in found or found[one.of].years < one.years:
            found[one.of] = one
    return found


def audits(profiles: Sequence[Profile], day: date) -> dict[str, Frequency]:
    """The strictest frequency of each sort of product, on that day."""
    found: dict[str, Frequency] = {}
    for one in (a for p in profiles for a in in_force(((a.of, a) for a in p.audits), day)):
        if one.of not in found or found[one.of].months > one.months:
            found[one.of] = one
    return found


def prohibited(profiles: Sequence[Profile], day: date) -> list[ProhibitedDevice]:
    """The devices that must not be entrusted on that day."""
    held = [d for p in profiles for d in in_force(((d.id, d) for d in p.prohibited), day)]
    return [one for one in held if one.until is None or day <= one.until]


def working_days(profiles: Iterable[Profile]) -> WorkingDays:
    """The working days, with the years that these profiles tell."""
    years = {y.year: YearOfDays(frozenset(y.off), frozenset(y.worked)) for one in profiles for y in one.years}
    return WorkingDays(years)


def profile_names(folder: Path | None = None) -> list[str]:
    """The profiles that there are: those of the product, and those in a folder of one's own."""
    return sorted({path.stem for one in _folders(folder) for path in one.glob("*.yaml")})


def load_profiles(names: Iterable[str], folder: Path | None = None) -> tuple[Profile, ...]:
    """Profiles by their names; one in `folder` goes before one of the product. Raises ConfigurationError."""
    return tuple(_load(name, folder) for name in names)


def profiles_for(names: Iterable[str], country: str, folder: Path | None = None) -> tuple[Profile, ...]:
    """The profiles that an agreement names. What a country asks holds whether it is named or not: its own goes first.

    Raises ConfigurationError.
    """
    found = load_profiles(names, folder)
    missing = country in COUNTRIES and not any(one.of == "country" for one in found)
    return (_load(COUNTRIES[country], folder), *found) if missing else found


def _load(name: str, folder: Path | None) -> Profile:
    for one in _folders(folder):
        if (file := one / f"{name}.yaml").is_file():
            return _read(file)
    known = profile_names(folder)
    raise ConfigurationError([Finding(name, 1, f"there is no profile of terms of this name{nearest(name, known)}")])


@cache
def _read(file: Path) -> Profile:
    found = validate(read(file), Profile)
    if found.name != file.stem:
        raise ConfigurationError([Finding(str(file), 1, f"name: is {found.name!r}; it has to be the file's name")])
    return found


def _folders(folder: Path | None) -> list[Path]:
    own = Path(str(files("gateway.agreement"))) / "profiles"
    return [own] if folder is None else [folder, own]
