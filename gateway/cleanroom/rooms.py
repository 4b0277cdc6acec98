"""Rooms, what lies between them, and how the air is to flow."""

from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from gateway.cleanroom.levels import (
    Grade,
    Levels,
    Limit,
    Probe,
    Quantity,
    RoomId,
    RoomState,
    TagName,
    Watch,
    Words,
    alert_within,
)
from gateway.cleanroom.places import DOORS_OPEN, OPEN, ROOM_STATE
from gateway.cleanroom.times import WeeklyTime, local
from schemas.frame import Value
from schemas.settings import Identifier, Strict
from schemas.units import conversion

REVERSED_BY = 0.5
"""Pa against the wanted flow that are no still air any more, where a site says nothing else."""
REVERSED_AFTER = 10.0
"""Seconds after which a reversed flow is an alarm, where no limit says another time."""


class Building(Strict):
    """A building of the site."""

    id: Identifier = Field(description="Short name.")
    name: Words = Field(description="Name for people.")


class StateTime(WeeklyTime):
    """A time of the week in which a room is in a state."""

    state: RoomState = Field(description="The state.")


class StateSource(Strict):
    """How the state of a room is known: from a tag, or from the hours of the week."""

    tag: TagName | None = Field(None, description="Tag that tells the state.", examples=["F1.State"])
    values: dict[str, RoomState] = Field(
        default_factory=dict,
        description="State of the room for each value of `tag`; with any other value it is not known.",
        examples=[{"0": "at_rest", "1": "in_operation"}],
    )
    schedule: tuple[StateTime, ...] = Field((), description="Hours of the week, instead of a tag; the first counts.")
    otherwise: RoomState = Field(RoomState.AT_REST, description="State outside the hours of `schedule`.")

    @model_validator(mode="after")
    def _one_source(self) -> "StateSource":
        if (self.tag is None) == (not self.schedule):
            raise ValueError("give either tag with values, or schedule")
        if (self.tag is None) != (not self.values):
            raise ValueError("tag and values go together")
        return self

    @property
    def states(self) -> frozenset[RoomState]:
        """The states in which the room can be."""
        if self.tag is not None:
            return frozenset(self.values.values())
        return frozenset([self.otherwise, *(slot.state for slot in self.schedule)])

    def of_value(self, value: Value) -> RoomState | None:
        """State for a value of the tag; None where it tells none."""
        return state_of(self.values, value)

    def at(self, moment: int, zone: ZoneInfo) -> RoomState:
        """State by the hours of the week; `moment` in UTC microseconds."""
        here = local(moment, zone)
        return next((slot.state for slot in self.schedule if slot.holds(here)), self.otherwise)


def state_of(values: Mapping[str, RoomState], value: Value) -> RoomState | None:
    """State for a value as a configuration writes it: `1` for 1.0, `true` for True."""
    if isinstance(value, bool):
        return values.get("true" if value else "false")
    return values.get(f"{value:g}" if isinstance(value, float) else str(value))


class Point(Strict):
    """One more place in a room where something is measured all the time."""

    tag: TagName = Field(description="Tag of the value.", examples=["F1.LAF.Counter05.PerM3"])
    quantity: Quantity = Field(description="What it measures.")
    probe: Probe = Field("monitor", description="`control` where the probe also controls the room.")
    grade: Grade | None = Field(None, description="Grade of the place, where it is not that of the room.")
    levels: Levels = Field(Levels(), description="Without any it is listed as not monitored.")
    watch: Watch | None = Field(None, description="What else is an alarm; left out, as the site has it.")


class Equipment(Strict):
    """An equipment whose batch is known from a tag; that of others is known from the MES alone."""

    id: Annotated[str, Field(min_length=1, max_length=128)] = Field(
        description="Its name, as the MES has it.", examples=["FL3"]
    )
    batch: TagName = Field(description="Text tag with the batch that is in it.", examples=["FL3.Batch"])
    room: RoomId | None = Field(None, description="Where it stands.")


class Room(Strict):
    """A room of the clean area."""

    id: RoomId = Field(description="Short name, as on the door.", examples=["F1"])
    name: Words = Field(description="Name for people.")
    grade: Grade = Field(description="Cleanroom grade (China GMP 2010 annex 1, art. 9).")
    at: tuple[int, int, int, int] = Field(description="Place on the plan: column, row, width, height in grid units.")
    tags: dict[Quantity, TagName] = Field(default_factory=dict, description="Other quantities measured in the room.")
    building: Identifier | None = Field(None, description="The building it is in.")
    batch: TagName | None = Field(
        None,
        description="Text tag with the batch that is in the room. What the MES says of the room goes before it; where "
        "there is no MES it stands alone.",
    )
    state: StateSource | None = Field(None, description="What it is used for; left out, it counts as in operation.")
    dust: bool = Field(
        False,
        description="Whether dry material is handled: air must flow into it (China GMP 2010, art. 53).",
    )
    store: bool = Field(False, description="Whether it is a store: reports give its mean kinetic temperature.")
    levels: dict[Quantity, Levels] = Field(
        default_factory=dict, description="Alert and action levels of its `tags`; without one a tag is not monitored."
    )
    control: tuple[Quantity, ...] = Field(
        (), description="Quantities whose tag is the probe that also controls the room, not one of its own."
    )
    points: tuple[Point, ...] = Field((), description="More places where it is measured.")
    watch: dict[Quantity, Watch] = Field(
        default_factory=dict, description="What else is an alarm on its `tags`; left out, as the site has it."
    )
    group: Identifier | None = Field(
        None,
        description="What serves the room, such as its air handler. Of alarms of one group the first is the cause, "
        "those that follow stand beneath it.",
        examples=["ahu-1"],
    )

    @property
    def states(self) -> frozenset[RoomState]:
        """The states in which it can be."""
        return frozenset([RoomState.IN_OPERATION]) if self.state is None else self.state.states

    @property
    def state_tag(self) -> str:
        """The agent's own tag with its state, where `state` says how it is known."""
        return f"{self.id}.{ROOM_STATE}"

    @model_validator(mode="after")
    def _levels_have_tags(self) -> "Room":
        for quantity in (*self.levels, *self.control, *self.watch):
            if quantity not in self.tags:
                raise ValueError(f"levels, control or watch name {quantity}, which is not among the room's tags")
        return self


class Differential(Strict):
    """The pressure of `room` against `against`; positive when air flows out of `room`."""

    tag: TagName = Field(description="Tag of the differential, in Pa.", examples=["F1.DP.M1"])
    room: RoomId = Field(description="The room that is measured.")
    against: RoomId = Field(description="The room it is measured against.")
    limit: Limit | None = Field(
        None, description="Action limit. Without it, `alert` and `wanted` it is shown as not monitored."
    )
    alert: Limit | None = Field(None, description="Alert level: reached before `limit`.")
    wanted: Literal["out", "in"] | None = Field(
        None,
        description="Where air is to flow: out of `room` or into it; there is an alarm when it is reversed. Left out, "
        "as `limit` has it: out for a low one above 0, in for a high one below 0.",
    )
    reversed_by: float = Field(
        REVERSED_BY,
        ge=0,
        le=50,
        description="Pa by which the flow must be against `wanted` to be reversed; the alarm returns when it is not "
        "against it any more. A transmitter for 100 Pa with 0.5 % of that as its error tells no less from still air.",
    )
    probe: Probe = Field("monitor", description="`control` where the probe also controls the room.")
    watch: Watch | None = Field(None, description="What else is an alarm; left out, as the site has it.")

    @model_validator(mode="after")
    def _reversed_is_wanted(self) -> "Differential":
        if "reversed_by" in self.model_fields_set and self.wanted is None:
            raise ValueError("reversed_by needs wanted: out or in, where air is to flow")
        return self

    @model_validator(mode="after")
    def _one_direction(self) -> "Differential":
        for level in (self.limit, self.alert):
            direction = _direction(level)
            if self.wanted is not None and direction not in (None, self.wanted):
                raise ValueError(f"air is wanted to flow {self.wanted}, but the level keeps it flowing {direction}")
        if self.alert is not None and self.limit is not None:
            alert_within((self.alert,), (self.limit,))
        return self

    @property
    def levels(self) -> Levels:
        """Its action and alert levels."""
        return Levels(
            action=() if self.limit is None else (self.limit,), alert=() if self.alert is None else (self.alert,)
        )

    @property
    def reversal(self) -> Limit | None:
        """From where on the flow is reversed, as a limit of the value; None where no direction is `wanted`."""
        if self.wanted is None:
            return None
        delay = REVERSED_AFTER if self.limit is None else self.limit.on_delay
        unit = next((level.unit for level in (self.limit, self.alert) if level is not None), "Pa")
        size = self.reversed_by * conversion("Pa", unit)[0]
        if self.wanted == "out":
            return Limit(low=0.0 - size, deadband=size, on_delay=delay, unit=unit)
        return Limit(high=size, deadband=size, on_delay=delay, unit=unit)

    @property
    def bound(self) -> Limit | None:
        """What is an action alarm: its limit, or else the reversed flow; None where nothing is."""
        return self.limit or self.reversal

    @property
    def flow(self) -> Literal["out", "in"] | None:
        """Where air is to flow; None where nobody said it."""
        return self.wanted or _direction(self.limit) or _direction(self.alert)


def _direction(level: Limit | None) -> Literal["out", "in"] | None:
    if level is None:
        return None
    if level.low is not None and level.low >= 0:
        return "out"
    return "in" if level.high is not None and level.high <= 0 else None


class Door(Strict):
    """A door and the tag that is true while it is open."""

    tag: TagName = Field(description="Tag that is true while the door is open.")
    between: tuple[RoomId, RoomId] = Field(description="The two rooms it joins.")
    open_time: float | None = Field(
        None,
        gt=0,
        le=3600,
        description="Seconds it may be open; then that is an alert. So long a lost differential of its two rooms is no "
        "alarm; where several doors count, the longest time does. After it is closed, the on-delay counts anew.",
    )
    cap: float = Field(
        60.0,
        gt=0,
        le=3600,
        description="Seconds after which a lost differential is an alarm with the door open, as with a wedged one.",
    )

    @property
    def open(self) -> str | None:
        """The agent's own tag, 1 while it is open; None where it may be open for any time."""
        return None if self.open_time is None else f"{self.tag}.{OPEN}"

    @model_validator(mode="after")
    def _cap_is_later(self) -> "Door":
        if self.open_time is not None and self.cap < self.open_time:
            raise ValueError(f"cap ({self.cap:g} s) must not be shorter than open_time ({self.open_time:g} s)")
        return self


class AirLock(Strict):
    """A room whose doors must never be open together."""

    room: RoomId = Field(description="The air lock.", examples=["P1"])
    doors: tuple[TagName, ...] = Field(description="Tags of its doors, two at least.")
    delay: float = Field(0.0, ge=0, le=60, description="Seconds that two doors may show as open together.")

    @model_validator(mode="after")
    def _has_two(self) -> "AirLock":
        if len(set(self.doors)) < 2:
            raise ValueError("an air lock has at least two doors")
        return self

    @property
    def doors_open(self) -> str:
        """The agent's own tag, the number of its doors that are open."""
        return f"{self.room}.{DOORS_OPEN}"
