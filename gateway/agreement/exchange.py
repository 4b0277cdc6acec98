"""What is exchanged, and what of it is withheld: the clauses that route records."""

from dataclasses import fields
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.agreement.products import ProductCode
from gateway.cleanroom.levels import RoomId, Words
from gateway.configuration import nearest
from schemas.catalogue import FAMILIES, KINDS
from schemas.settings import Identifier, Strict

ClauseId = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,23}$")]


def _family(name: str) -> str:
    if name not in FAMILIES:
        raise ValueError(f"no such family: {name}{nearest(name, list(FAMILIES))}")
    return name


def _kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"no such kind of record: {name}{nearest(name, list(KINDS))}")
    return name


Family = Annotated[str, AfterValidator(_family)]
Kind = Annotated[str, AfterValidator(_kind)]


class Withheld(Strict):
    """A field that is replaced by a commitment."""

    kind: Kind = Field(description="Kind of record.")
    field: str = Field(description="Name of the field, as in the kind's schema.", pattern=r"^[a-z_]{1,64}$")
    why: Words = Field(description="Why.")

    @model_validator(mode="after")
    def _field_is_known(self) -> "Withheld":
        shape: Any = KINDS[self.kind]
        known = [one.name for one in fields(shape)]
        if self.field not in known:
            raise ValueError(f"a {self.kind} has no field {self.field}{nearest(self.field, known)}")
        return self


class Exchange(Strict):
    """A clause: which records of which products the holder gets.

    Without `rooms`, `equipment` and `tags` it covers all records of its families that name a batch or product of its
    products, wherever they come from. With them it covers what is measured there.
    """

    clause: ClauseId = Field(description="Number of the clause, unique in the agreement.", examples=["E-1"])
    text: Words = Field(description="The clause in words.")
    lines: tuple[Identifier, ...] = Field(min_length=1, description="Lines.")
    products: tuple[ProductCode, ...] = Field((), description="Products, by code; all of the agreement where empty.")
    families: tuple[Family, ...] = Field(min_length=1, description="Families of records.")
    kinds: tuple[Kind, ...] = Field((), description="Kinds of records; all of the families where empty.")
    rooms: tuple[RoomId, ...] = Field((), description="Rooms.")
    equipment: tuple[str, ...] = Field((), description="Equipment.")
    tags: tuple[str, ...] = Field((), description="Tags, with * and ? as wildcards.", examples=[["WFI.*"]])
    when: Literal["batch", "always"] = Field(
        "batch",
        description="`batch`: what is measured while a batch of the products is there. `always`: all the time, for "
        "rooms and utilities that are shared.",
    )
    before: int = Field(0, ge=0, le=2880, description="Minutes before the batch that belong to it: line clearance.")
    after: int = Field(0, ge=0, le=2880, description="Minutes after the batch that belong to it: cleaning.")
    decided_by: tuple[str, ...] = Field(
        (), description="Rooms or equipment whose batch decides, where it is not the room of the tag itself."
    )
    withheld: tuple[Withheld, ...] = Field((), description="Fields that are replaced by commitments.")

    @model_validator(mode="after")
    def _sensible(self) -> "Exchange":
        if self.when == "always" and not (self.rooms or self.equipment or self.tags):
            raise ValueError("when: always needs rooms, equipment or tags")
        stray = [kind for kind in self.kinds if not any(kind in FAMILIES[name].kinds for name in self.families)]
        if stray:
            raise ValueError(f"kinds: {', '.join(stray)} do not travel in {', '.join(self.families)}")
        return self

    @property
    def of_places(self) -> bool:
        """Whether it is about what is measured somewhere, not about records that name a batch."""
        return bool(self.rooms or self.equipment or self.tags)

    def covers_kind(self, family: str, kind: str) -> bool:
        """Whether records of that kind are meant."""
        return family in self.families and (not self.kinds or kind in self.kinds)

    def covers_tag(self, tag: str, room: str | None) -> bool:
        """Whether what this tag in this room says is meant."""
        return room in self.rooms or any(fnmatchcase(tag, pattern) for pattern in self.tags)
