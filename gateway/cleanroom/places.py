"""Where samples of the clean area are taken: particle counters, microbes, water."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field, model_validator

from gateway.cleanroom.levels import (
    MICROBES_IN,
    UNITS,
    Grade,
    Levels,
    Method,
    Quantity,
    RoomId,
    TagName,
    WaterKind,
    WaterQuantity,
    Words,
)
from gateway.cleanroom.times import Plan
from schemas.settings import Strict

PER_M3, LAST_M3, OF_LIMIT, SAMPLE_MISSED = "PerM3", "LastM3", "OfLimit", "SampleMissed"
ROOM_STATE, OPEN, DOORS_OPEN = "RoomState", "Open", "DoorsOpen"
"""What the agent derives stands in tags named `<tag, point or room>.<one of these>`."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A sample that is planned and can be seen: the agent's own `flag` on it, and the `tag` of its results."""

    flag: str
    tag: str
    plan: Plan
    room: str | None


class Counter(Strict):
    """A particle counter whose counts become particles per cubic metre.

    Of each count tag the agent derives `<tag>.PerM3`, over the last minute of sampled air, and `<tag>.LastM3`, over the
    last cubic metre.
    """

    room: RoomId = Field(description="The room it stands in.")
    counts: dict[Quantity, TagName] = Field(
        min_length=1,
        description="Tags with the number of particles in a sample, cumulative: ≥ 0.5 µm, ≥ 5.0 µm.",
        examples=[{"particles_0_5": "F1.Counter05", "particles_5_0": "F1.Counter50"}],
    )
    record: TagName = Field(description="Tag that changes with each new sample: its number, or its time.")
    seconds: TagName | float = Field(description="Tag with the seconds of a sample, or the seconds themselves.")
    flow: TagName | float = Field(description="Tag with the flow in L/min, or the flow itself.", examples=[28.3])
    flow_range: tuple[float, float] | None = Field(
        None,
        description="Flow in L/min within which a sample counts; beyond, the air of the sample is not known.",
        examples=[[26.9, 29.7]],
    )
    pause: float = Field(
        10.0, ge=0, le=3600, description="Seconds that may lie between two samples; a longer pause is air not sampled."
    )

    @model_validator(mode="after")
    def _counts_particles(self) -> "Counter":
        if others := [name for name in self.counts if not name.startswith("particles")]:
            raise ValueError(f"a particle counter does not count {others[0]}")
        if any(isinstance(given, float) and given <= 0 for given in (self.seconds, self.flow)):
            raise ValueError("seconds and flow must be greater than 0")
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tags that it needs."""
        others = (self.record, self.seconds, self.flow)
        return (*self.counts.values(), *(tag for tag in others if isinstance(tag, str)))

    @property
    def derived(self) -> Iterator[tuple[str, Quantity]]:
        """The tags that the agent makes of it, with their quantity."""
        for quantity, tag in self.counts.items():
            yield f"{tag}.{PER_M3}", quantity
            yield f"{tag}.{LAST_M3}", quantity


class SamplingPoint(Strict):
    """A place where microbes are sampled by hand, and when."""

    id: TagName = Field(description="Name of the point, unique among points and tags.", examples=["F1.SP1"])
    room: RoomId = Field(description="The room it is in.")
    method: Method = Field(description="How the sample is taken.")
    grade: Grade | None = Field(None, description="Grade of the place, where it is not that of the room.")
    tag: TagName | None = Field(
        None,
        description="Tag with the result; its source time is when the sample was taken. Without one nobody sees "
        "whether it was taken, and the point is listed as not monitored.",
    )
    plan: Plan | None = Field(None, description="When it is to be sampled; a sample that was not taken is an alarm.")
    levels: Levels = Field(Levels(), description="Without any, results are listed as not monitored.")


class WaterTest(Strict):
    """One quantity of the water at a point."""

    tag: TagName = Field(description="Tag of the value; of a sample, its source time is when it was taken.")
    plan: Plan | None = Field(None, description="When it is to be sampled; left out where it is measured all the time.")
    levels: Levels = Field(Levels(), description="Without any it is listed as not monitored.")


class WaterPoint(Strict):
    """A point of use or return of purified water or water for injection."""

    id: TagName = Field(description="Name of the point, unique among points and tags.", examples=["WFI.Return"])
    name: Words = Field(description="Name for people.")
    kind: WaterKind = Field(description="Which water.")
    room: RoomId | None = Field(None, description="The room it is in.")
    temperature: TagName | None = Field(
        None,
        description="Tag of the water's temperature, in Cel. With it the agent derives `<conductivity tag>.OfLimit`: "
        "the conductivity, not compensated, in % of what the pharmacopoeia allows at that temperature; above 100 is "
        "an alarm.",
    )
    pharmacopoeia: str | None = Field(
        None, description="The profile whose table of conductivity is meant.", examples=["chp-2020"]
    )
    conductivity_alert: float | None = Field(
        None, gt=0, lt=100, description="Alert level of `<conductivity tag>.OfLimit`, in %.", examples=[80]
    )
    tests: dict[WaterQuantity, WaterTest] = Field(min_length=1, description="What is tested.")

    @model_validator(mode="after")
    def _table_and_temperature(self) -> "WaterPoint":
        if (self.temperature is None) != (self.pharmacopoeia is None):
            raise ValueError("temperature and pharmacopoeia go together")
        if self.temperature is not None and "conductivity" not in self.tests:
            raise ValueError("temperature is given, but no test of conductivity")
        if self.conductivity_alert is not None and self.temperature is None:
            raise ValueError("conductivity_alert needs temperature and pharmacopoeia")
        return self

    @property
    def inputs(self) -> tuple[str | None, ...]:
        """The tags that it needs."""
        return (self.temperature, *(test.tag for test in self.tests.values()))

    @property
    def of_limit(self) -> str | None:
        """The derived tag; None where the limit at a temperature is not asked for."""
        return None if self.temperature is None else f"{self.tests['conductivity'].tag}.{OF_LIMIT}"

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of each quantity in this kind of water."""
        return {**UNITS, "microbes": MICROBES_IN[self.kind]}
