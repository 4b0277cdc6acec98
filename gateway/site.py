"""The cleanroom as both sides know it: rooms, differentials, other tags of a room, doors, and limits.

One file, read by the agent (context and alarms) and by the holder's node (pages). Until the quality agreement carries
it (design, promise 3), the two sides keep the same copy.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from gateway.configuration import read, validate
from schemas.settings import Identifier, Strict
from schemas.units import Unit


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("not a time zone of the IANA list, such as Asia/Shanghai") from error
    return name


RoomId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,16}$")]
TagName = Annotated[str, Field(min_length=1, max_length=128)]
Quantity = Literal["temperature", "humidity", "particles_0_5", "particles_5_0"]


class Words(Strict):
    """A name in both languages."""

    en: str = Field(description="English.")
    zh: str = Field(description="Chinese.")


class Limit(Strict):
    """An action limit of one tag. Exactly one of `low` and `high`."""

    low: float | None = Field(None, description="Alarm below this value, in `unit`.")
    high: float | None = Field(None, description="Alarm above this value, in `unit`.")
    unit: Unit = Field("Pa", description="Unit of the limit; must be the tag's unit.")
    deadband: float = Field(0.5, ge=0, description="How far within the limit the value must be back, in `unit`.")
    on_delay: float = Field(10.0, ge=0, le=600, description="Seconds the value must stay beyond the limit.")

    @model_validator(mode="after")
    def _one_side(self) -> "Limit":
        if (self.low is None) == (self.high is None):
            raise ValueError("give either low or high")
        return self


class Room(Strict):
    """A room of the clean area."""

    id: RoomId = Field(description="Short name, as on the door.", examples=["F1"])
    name: Words = Field(description="Name for people.")
    grade: Literal["A", "B", "C", "D", "CNC"] = Field(description="Cleanroom grade (China GMP 2010 annex 1, art. 9).")
    at: tuple[int, int, int, int] = Field(description="Place on the plan: column, row, width, height in grid units.")
    tags: dict[Quantity, TagName] = Field(default_factory=dict, description="Other quantities measured in the room.")


class Differential(Strict):
    """The pressure of `room` against `against`; positive when air flows out of `room`."""

    tag: TagName = Field(description="Tag of the differential, in Pa.", examples=["F1.DP.M1"])
    room: RoomId = Field(description="The room that is measured.")
    against: RoomId = Field(description="The room it is measured against.")
    limit: Limit | None = Field(None, description="Without one the differential is shown as not monitored.")


class Door(Strict):
    """A door and the tag that is true while it is open."""

    tag: TagName = Field(description="Tag that is true while the door is open.")
    between: tuple[RoomId, RoomId] = Field(description="The two rooms it joins.")


class Site(Strict):
    """One clean area with its line."""

    site: Identifier = Field(description="Short name of the site.")
    name: Words = Field(description="Name for people.")
    line: Identifier = Field(description="Production line (ISA-95 work center).")
    zone: Annotated[str, AfterValidator(_check_zone)] = Field(
        description="The plant's time zone.", examples=["Asia/Shanghai"]
    )
    rooms: list[Room] = Field(min_length=1, description="Rooms of the clean area.")
    differentials: list[Differential] = Field(default_factory=list, description="Differential pressures.")
    doors: list[Door] = Field(default_factory=list, description="Doors.")

    @model_validator(mode="after")
    def _names_agree(self) -> "Site":
        rooms = [room.id for room in self.rooms]
        named = [d.room for d in self.differentials] + [d.against for d in self.differentials]
        named += [room for door in self.doors for room in door.between]
        unknown = sorted(set(named) - set(rooms))
        doubled = sorted({room for room in rooms if rooms.count(room) > 1})
        tags = [tag for tag, _ in self.tagged_rooms()]
        doubled_tags = sorted({tag for tag in tags if tags.count(tag) > 1})
        for names, fault in (
            (unknown, "no such room"),
            (doubled, "room stands twice"),
            (doubled_tags, "tag stands twice"),
        ):
            if names:
                raise ValueError(f"{fault}: {', '.join(names)}")
        return self

    def tagged_rooms(self) -> Iterator[tuple[str, str]]:
        """Every tag of the clean area with its room; a door's is the first of the two it joins."""
        yield from ((d.tag, d.room) for d in self.differentials)
        yield from ((tag, room.id) for room in self.rooms for tag in room.tags.values())
        yield from ((door.tag, door.between[0]) for door in self.doors)

    def room(self, id: str) -> Room:  # noqa: A002 - the field's name
        """The room of that id. Raises KeyError."""
        for room in self.rooms:
            if room.id == id:
                return room
        raise KeyError(id)


def load_site(file: Path) -> Site:
    """A site file. Raises ConfigurationError."""
    return validate(read(file), Site)
