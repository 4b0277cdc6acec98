"""Limit profiles: what regulations and pharmacopoeias allow at most, each number with its clause.

A profile is a file in `profiles/`. The site names those it goes by; its own levels may be tighter, never looser.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from gateway.cleanroom.levels import Grade, Level, RoomState, WaterKind, Words
from gateway.configuration import read, validate
from schemas.settings import Identifier, Strict

Against = Literal["unclassified", "other_grade", "same_grade"]


@dataclass(frozen=True, slots=True)
class Of:
    """What a limit of a profile is for; what does not apply is None."""

    quantity: str
    grade: Grade | None = None
    state: RoomState | None = None
    against: Against | None = None
    water: WaterKind | None = None


class ProfileLimit(Strict):
    """One number of a profile. Exactly one of `low`, `high`, `below` and `not_set`."""

    quantity: str = Field(description="What it limits.")
    grade: Grade | None = Field(None, description="Cleanroom grade.")
    state: RoomState | None = Field(None, description="State of the room.")
    against: Against | None = Field(None, description="Of a differential: the area it is measured against.")
    water: WaterKind | None = Field(None, description="Which water.")
    low: float | None = Field(None, description="The value must not be less; of a differential, its size.")
    high: float | None = Field(None, description="The value must not be more.")
    below: float | None = Field(None, description="The value must be less.")
    not_set: bool = Field(False, description="The clause leaves the number to the site.")
    clause: str = Field(description="Where it stands.")

    @model_validator(mode="after")
    def _one_number(self) -> "ProfileLimit":
        given = [number is not None for number in (self.low, self.high, self.below)]
        if sum([*given, self.not_set]) != 1:
            raise ValueError("give one of low, high, below and not_set")
        return self

    @property
    def of(self) -> Of:
        """What it is for."""
        return Of(self.quantity, self.grade, self.state, self.against, self.water)

    def allows(self, level: Level) -> bool:
        """Whether a site's action level raises its alarm no later than this limit asks.

        An alarm comes when the value is beyond its level, so a level at `below` itself would come too late.
        """
        if self.low is not None:
            return -level.sign * level.number >= self.low  # air that is to flow in has a high level below 0
        if self.below is not None:
            return level.number < self.below
        return self.high is None or level.number <= self.high

    def __str__(self) -> str:
        if self.below is not None:
            return f"less than {self.below:g}"
        return f"at least {self.low:g}" if self.low is not None else f"at most {self.high:g}"


class ConductivityTable(Strict):
    """What conductivity, not compensated, is allowed at each temperature of the water."""

    water: WaterKind = Field(description="Which water.")
    between: Literal["interpolate", "step"] = Field(
        description="Between two temperatures: `interpolate` on a line; `step`, the one of the lower temperature."
    )
    temperature: tuple[float, ...] = Field(min_length=2, description="Temperatures in Cel, ascending.")
    high: tuple[float, ...] = Field(description="Conductivity at each of them, uS/cm.")
    clause: str = Field(description="Where it stands.")

    @model_validator(mode="after")
    def _columns(self) -> "ConductivityTable":
        if len(self.temperature) != len(self.high) or list(self.temperature) != sorted(set(self.temperature)):
            raise ValueError("temperature must ascend, and high have one number for each")
        return self

    def at(self, temperature: ArrayLike) -> NDArray[np.float64]:
        """The limit in uS/cm at each temperature in Cel; NaN outside the table."""
        given = np.asarray(temperature, dtype=np.float64)
        known, high = np.array(self.temperature), np.array(self.high)
        if self.between == "interpolate":
            limit = np.interp(given, known, high)
        else:
            limit = high[np.clip(np.searchsorted(known, given, side="right") - 1, 0, len(known) - 1)]
        return np.where((given >= known[0]) & (given <= known[-1]), limit, np.nan)


class Profile(Strict):
    """A regulation or pharmacopoeia, as numbers."""

    name: Identifier = Field(description="Short name, that of its file.")
    version: str = Field(description="Edition.")
    title: Words = Field(description="Name for people.")
    limits: tuple[ProfileLimit, ...] = Field(description="Its limits.")
    conductivity: tuple[ConductivityTable, ...] = Field((), description="Its tables of conductivity.")

    @model_validator(mode="after")
    def _once_each(self) -> "Profile":
        named = [limit.of for limit in self.limits]
        if doubled := [of for of in named if named.count(of) > 1]:
            raise ValueError(f"stands twice: {doubled[0]}")
        return self

    @property
    def label(self) -> str:
        """Name and version, as alarm records carry it."""
        return f"{self.name}/{self.version}"

    def find(self, of: Of) -> ProfileLimit | None:
        """The limit for exactly that; None where the profile does not speak of it."""
        return next((limit for limit in self.limits if limit.of == of), None)

    def table(self, water: WaterKind) -> ConductivityTable | None:
        """The table of conductivity for that water."""
        return next((table for table in self.conductivity if table.water == water), None)


def profile_names() -> list[str]:
    """The profiles that there are."""
    return sorted(path.name.removesuffix(".yaml") for path in _folder().iterdir() if path.name.endswith(".yaml"))


@cache
def profile(name: str) -> Profile:
    """A profile by its name. Raises KeyError."""
    if name not in profile_names():
        raise KeyError(name)
    return validate(read(_folder() / f"{name}.yaml"), Profile)


def bounds(profiles: Iterable[Profile], of: Of) -> Iterator[tuple[Profile, ProfileLimit]]:
    """The limits that these profiles set for something, with a number."""
    for one in profiles:
        found = one.find(of)
        if found is not None and not found.not_set:
            yield one, found


def _folder() -> Path:
    return Path(str(files("gateway.cleanroom"))) / "profiles"
