"""The clean area as both sides know it: rooms and what lies between them, what is measured where, and its levels.

One file, read by the agent (context and alarms) and by the holder's node (pages). Until the quality agreement carries
it (design, promise 3), the two sides keep the same copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from gateway.cleanroom.levels import UNITS, Grade, Levels, Limit, Probe, RoomId, TagName, Watch, Words
from gateway.cleanroom.places import SAMPLE_MISSED, Counter, Planned, SamplingPoint, WaterPoint
from gateway.cleanroom.rooms import AirLock, Building, Differential, Door, Equipment, Room
from gateway.configuration import Location
from gateway.context.timeline import Place
from schemas.context import PlaceKind
from schemas.settings import Identifier, Strict


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("not a time zone of the IANA list, such as Asia/Shanghai") from error
    return name


@dataclass(frozen=True, slots=True)
class Watched:
    """A tag that is measured all the time; `at` is where it stands in the site file."""

    tag: str
    room: str
    quantity: str
    grade: Grade
    probe: Probe
    levels: Levels
    watch: Watch
    at: Location


class Combined(Strict):
    """An alarm when several others are active at once."""

    id: TagName = Field(description="Name of the alarm.", examples=["F1.Temperatures"])
    room: RoomId | None = Field(None, description="The room it is about.")
    at_least: int = Field(ge=1, description="How many.")
    of: tuple[str, ...] = Field(
        min_length=1, description="Names of the alarms, as `cmo-edge alarms` shows them.", examples=[["F1.DP.M1.LOW"]]
    )

    @model_validator(mode="after")
    def _enough(self) -> "Combined":
        if self.at_least > len(self.of):
            raise ValueError(f"at_least ({self.at_least}) is more than the alarms that are named ({len(self.of)})")
        return self


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
    profiles: tuple[str, ...] = Field(
        (),
        description="Regulations and pharmacopoeias that the levels must keep to; a looser level is refused.",
        examples=[["cn-gmp-2010", "eu-gmp-annex-1"]],
    )
    buildings: tuple[Building, ...] = Field((), description="Buildings.")
    air_locks: tuple[AirLock, ...] = Field((), description="Air locks.")
    counters: tuple[Counter, ...] = Field((), description="Particle counters that give counts, not concentrations.")
    sampling: tuple[SamplingPoint, ...] = Field((), description="Where microbes are sampled.")
    combined: tuple[Combined, ...] = Field((), description="Alarms on several alarms at once.")
    watch: Watch = Field(Watch(), description="What else is an alert on every tag that has a level.")
    water: tuple[WaterPoint, ...] = Field((), description="Purified water and water for injection.")

    equipment: tuple[Equipment, ...] = Field((), description="Equipment whose batch is known from a tag.")
    no_batch: tuple[str, ...] = Field(
        ("", "0", "-"), description="What tags with a batch say where there is none.", examples=[["", "NONE"]]
    )

    @model_validator(mode="after")
    def _names_agree(self) -> "Site":
        rooms = [room.id for room in self.rooms]
        named = [d.room for d in self.differentials] + [d.against for d in self.differentials]
        named += [room for door in self.doors for room in door.between]
        named += [one.room for one in self.equipment if one.room is not None]
        unknown = sorted(set(named) - set(rooms))
        doubled = sorted({room for room in rooms if rooms.count(room) > 1})
        tags = [*self._own_tags()]
        equipment = [one.id for one in self.equipment]
        doubled_equipment = sorted({one for one in equipment if equipment.count(one) > 1})
        doubled_tags = sorted({tag for tag in tags if tags.count(tag) > 1})
        for names, fault in (
            (unknown, "no such room"),
            (doubled, "room stands twice"),
            (doubled_equipment, "equipment stands twice"),
            (doubled_tags, "tag stands twice"),
        ):
            if names:
                raise ValueError(f"{fault}: {', '.join(names)}")
        return self

    def _own_tags(self) -> Iterator[str]:
        """The tags that stand in one place of the file only."""
        yield from (watched.tag for watched in self.watched())
        yield from (door.tag for door in self.doors)
        yield from (point.tag for point in self.sampling if point.tag is not None)
        yield from (test.tag for point in self.water for test in point.tests.values())
        yield from (point.id for point in self.sampling)
        yield from (point.id for point in self.water)

    def watched(self) -> Iterator[Watched]:
        """Every tag of the clean area that is measured all the time; water apart."""
        grades = {room.id: room.grade for room in self.rooms}
        for at, d in enumerate(self.differentials):
            grade, watch = grades.get(d.room, "CNC"), d.watch or self.watch  # an unknown room is a fault of its own
            where: Location = ("differentials", at)
            yield Watched(d.tag, d.room, "differential_pressure", grade, d.probe, d.levels, watch, where)
        for at, room in enumerate(self.rooms):
            yield from self._watched_in(room, at)

    def _watched_in(self, room: Room, at: int) -> Iterator[Watched]:
        for quantity, tag in room.tags.items():
            probe: Probe = "control" if quantity in room.control else "monitor"
            levels, watch = room.levels.get(quantity, Levels()), room.watch.get(quantity, self.watch)
            where: Location = ("rooms", at, "levels", quantity)
            yield Watched(tag, room.id, quantity, room.grade, probe, levels, watch, where)
        for row, point in enumerate(room.points):
            grade, watch = point.grade or room.grade, point.watch or self.watch
            where = ("rooms", at, "points", row)
            yield Watched(point.tag, room.id, point.quantity, grade, point.probe, point.levels, watch, where)

    def protected_by(self, room: str) -> list[str]:
        """The cleaner rooms that lie behind a room in the cascade, the next first: what enters it may reach them."""
        found = [room]
        for one in found:  # grows on the way
            found += [d.room for d in self.differentials if d.against == one and d.room not in found]
        return found[1:]

    def tagged_rooms(self) -> Iterator[tuple[str, str]]:
        """Every tag of the clean area with its room; a door's is the first of the two it joins."""
        yield from ((watched.tag, watched.room) for watched in self.watched())
        for door in self.doors:
            yield from ((tag, door.between[0]) for tag in (door.tag, door.open) if tag is not None)
        yield from ((lock.doors_open, lock.room) for lock in self.air_locks)
        for room in self.rooms:
            state = () if room.state is None else (room.state_tag, room.state.tag)
            yield from ((tag, room.id) for tag in (*state, room.batch) if tag is not None)
        yield from ((one.batch, one.room) for one in self.equipment if one.room is not None)
        for counter in self.counters:
            derived = (tag for tag, _ in counter.derived)
            yield from ((tag, counter.room) for tag in (*counter.inputs, *derived))
        yield from ((point.tag, point.room) for point in self.sampling if point.tag is not None)
        yield from ((one.flag, one.room) for one in self.planned() if one.room is not None)
        for water in self.water:
            if water.room is not None:
                yield from ((tag, water.room) for tag in (*water.inputs, water.of_limit) if tag is not None)

    def batch_tags(self) -> Iterator[tuple[str, Place]]:
        """The tags that name a batch, with the room or the equipment in which it is."""
        yield from ((room.batch, Place(PlaceKind.ROOM, room.id)) for room in self.rooms if room.batch is not None)
        yield from ((one.batch, Place(PlaceKind.EQUIPMENT, one.id)) for one in self.equipment)

    def planned(self) -> Iterator[Planned]:
        """Every sample that is planned and can be seen."""
        for point in self.sampling:
            if point.plan is not None and point.tag is not None:
                yield Planned(f"{point.id}.{SAMPLE_MISSED}", point.tag, point.plan, point.room)
        for water in self.water:
            for quantity, test in water.tests.items():
                if test.plan is not None:
                    yield Planned(f"{water.id}.{quantity}.{SAMPLE_MISSED}", test.tag, test.plan, water.room)

    def derived(self) -> dict[str, str]:
        """The tags that the agent derives, with their units."""
        tags = {tag: UNITS[quantity] for counter in self.counters for tag, quantity in counter.derived}
        tags |= {point.of_limit: "%" for point in self.water if point.of_limit is not None}
        plain = [door.open for door in self.doors if door.open is not None]
        plain += [lock.doors_open for lock in self.air_locks]
        plain += [room.state_tag for room in self.rooms if room.state is not None]
        return tags | dict.fromkeys([*plain, *(one.flag for one in self.planned())], "1")

    def needed(self) -> Iterator[tuple[str, str | None]]:
        """The tags that sources have to give for its alarms, with the unit where one is needed."""
        derived = self.derived()
        for watched in self.watched():
            if watched.levels.all and watched.tag not in derived:
                level = watched.levels.all[0]
                yield watched.tag, level.unit if isinstance(level, Limit) else UNITS[watched.quantity]
        for room in self.rooms:
            yield from ((tag, None) for tag in (room.state and room.state.tag, room.batch) if tag)
        yield from ((one.batch, None) for one in self.equipment)
        yield from ((door.tag, None) for door in self.doors if door.open is not None)
        yield from ((tag, None) for counter in self.counters for tag in counter.inputs)
        yield from ((point.tag, UNITS[point.method]) for point in self.sampling if point.tag is not None)
        for water in self.water:
            yield from ((test.tag, water.units[quantity]) for quantity, test in water.tests.items())
            if water.temperature is not None:
                yield water.temperature, "Cel"

    def room(self, id: str) -> Room:  # noqa: A002 - the field's name
        """The room of that id. Raises KeyError."""
        for room in self.rooms:
            if room.id == id:
                return room
        raise KeyError(id)
