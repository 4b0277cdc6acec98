"""What is measured in a clean area, and the levels at which somebody has to know of it.

Alert and action level are those of China GMP 2010, art. 312: an action level asks for an answer, an alert level warns
that one may be near.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.settings import Strict
from schemas.units import Unit

RoomId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,16}$")]
TagName = Annotated[str, Field(min_length=1, max_length=128)]
Quantity = Literal["temperature", "humidity", "particles_0_5", "particles_5_0"]
Grade = Literal["A", "B", "C", "D", "CNC"]
Method = Literal["active_air", "settle_plate", "contact_plate", "glove_print"]
WaterKind = Literal["purified_water", "water_for_injection"]
WaterQuantity = Literal["conductivity", "toc", "microbes", "endotoxin"]
Probe = Literal["monitor", "control"]

UNITS: Mapping[str, str] = {
    "differential_pressure": "Pa",
    "temperature": "Cel",
    "humidity": "%",
    "particles_0_5": "{#}/m3",
    "particles_5_0": "{#}/m3",
    "active_air": "{CFU}/m3",
    "settle_plate": "{CFU}/(4.h)",
    "contact_plate": "{CFU}/{plate}",
    "glove_print": "{CFU}/{glove}",
    "conductivity": "uS/cm",
    "toc": "mg/L",
    "endotoxin": "[EU]/mL",
}
"""Unit of each quantity of the clean area, a UCUM code; that of microbes in water differs with the kind of water."""
MICROBES_IN: Mapping[str, str] = {"purified_water": "{CFU}/mL", "water_for_injection": "{CFU}/(100.mL)"}
"""Unit of microbes in each kind of water."""


class RoomState(StrEnum):
    """What a room is used for at a moment."""

    AT_REST = "at_rest"
    IN_OPERATION = "in_operation"
    CLEANING = "cleaning"
    OUT_OF_USE = "out_of_use"


UNKNOWN_STATE = "unknown"
"""What is said of a room whose state nobody tells; it counts as in operation."""


class Words(Strict):
    """A name in both languages."""

    en: str = Field(description="English.")
    zh: str = Field(description="Chinese.")


class Level(Strict):
    """A level of one tag, in the unit of its quantity. Exactly one of `low` and `high`."""

    low: float | None = Field(None, description="Alarm below this value.")
    high: float | None = Field(None, description="Alarm above this value.")
    deadband: float = Field(0.0, ge=0, description="How far within the level the value must be back.")
    on_delay: float = Field(10.0, ge=0, le=3600, description="Seconds the value must stay beyond the level.")
    off_delay: float = Field(0.0, ge=0, le=600, description="Seconds the value must be back before the alarm returns.")
    latched: bool = Field(
        False, description="Whether the alarm stays after the value is back, until somebody resets it."
    )
    per_hour: float | None = Field(
        None, ge=0, lt=3600, description="Seconds in any hour that it may be beyond the level in all, on-delay or not."
    )
    states: tuple[RoomState, ...] | None = Field(
        None,
        min_length=1,
        description="States of the room in which the level is in force; left out, all but out of use.",
    )

    @model_validator(mode="after")
    def _one_side(self) -> "Level":
        if (self.low is None) == (self.high is None):
            raise ValueError("give either low or high")
        return self

    @property
    def sign(self) -> int:
        """-1 for a low level, +1 for a high one."""
        return 1 if self.low is None else -1

    @property
    def number(self) -> float:
        """The level itself."""
        (number,) = (one for one in (self.low, self.high) if one is not None)
        return number

    def within(self, other: "Level") -> bool:
        """Whether this level is reached no later than the other one of the same side."""
        return self.sign * (other.number - self.number) >= 0


class Limit(Level):
    """An action limit of one tag. Exactly one of `low` and `high`."""

    unit: Unit = Field("Pa", description="Unit of the limit; must be the tag's unit.")
    deadband: float = Field(0.5, ge=0, description="How far within the limit the value must be back, in `unit`.")
    on_delay: float = Field(10.0, ge=0, le=600, description="Seconds the value must stay beyond the limit.")


class FlatLine(Strict):
    """A value that stands still."""

    within: float = Field(0.0, ge=0, description="It stands still when it moves no more than this, in its unit.")
    seconds: float = Field(gt=0, le=86_400, description="For so long.")


class RateOfChange(Strict):
    """A value that moves too fast."""

    change: float = Field(gt=0, description="Largest change, in its unit.")
    seconds: float = Field(gt=0, le=86_400, description="Within this time.")


class Watch(Strict):
    """What is an alert on a tag besides its levels. Nothing, unless it is given."""

    silence: float | None = Field(None, gt=0, le=86_400, description="Seconds without any usable value.")
    bad_status: float | None = Field(None, ge=0, le=3600, description="Seconds that its status is not Good.")
    out_of_range: float | None = Field(
        None, ge=0, le=3600, description="Seconds that it is outside what the instrument can measure."
    )
    flat_line: FlatLine | None = Field(None, description="It stands still, as a frozen sensor does.")
    rate_of_change: RateOfChange | None = Field(None, description="It moves too fast.")


class Levels(Strict):
    """Action and alert levels of one quantity."""

    action: tuple[Level, ...] = Field((), description="Levels that ask for an answer.")
    alert: tuple[Level, ...] = Field((), description="Levels that warn; each within the action level of its side.")

    @model_validator(mode="after")
    def _alert_comes_first(self) -> "Levels":
        alert_within(self.alert, self.action)
        return self

    @property
    def all(self) -> tuple[Level, ...]:
        """Those of action first."""
        return (*self.action, *self.alert)


def alert_within(alert: tuple[Level, ...], action: tuple[Level, ...]) -> None:
    """Raises ValueError where an alert comes later than an action level of its side in the same state."""
    for warning in alert:
        for level in action:
            if warning.sign == level.sign and in_common(warning, level) and not warning.within(level):
                raise ValueError(
                    f"the alert level {warning.number:g} comes later than the action level {level.number:g}"
                )


def in_common(one: Level, other: Level) -> bool:
    """Whether both levels are in force in some state."""
    return one.states is None or other.states is None or bool({*one.states} & {*other.states})
