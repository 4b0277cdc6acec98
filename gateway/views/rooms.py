"""Rooms, the air between them and their doors at this moment. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.cleanroom.rooms import Differential, Door, Room
from gateway.cleanroom.site import Site
from gateway.intake.live import Live
from gateway.views.readings import Reading, Status, reading


class RoomState(StrEnum):
    """A room against its limits, the worst that applies. Without a limit nobody says that it is fine."""

    IN_LIMITS = "IN_LIMITS"
    ACTION = "ACTION"
    ALERT = "ALERT"
    HELD = "HELD"
    UNKNOWN = "UNKNOWN"
    NOT_MONITORED = "NOT_MONITORED"


class DoorState(StrEnum):
    """A door, as its switch says."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Flow:
    """The differential pressure of `room` against `against`. The air flows `into` that room; None if not known."""

    room: str
    against: str
    reading: Reading
    into: str | None


@dataclass(frozen=True, slots=True)
class DoorView:
    """A door between two rooms."""

    tag: str
    between: tuple[str, str]
    state: DoorState


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room with what is measured in it; `values` by quantity."""

    room: Room
    state: RoomState
    flows: tuple[Flow, ...]
    values: dict[str, Reading]


@dataclass(frozen=True, slots=True)
class Cascade:
    """The clean area at `now` (UTC microseconds)."""

    now: int
    rooms: tuple[RoomView, ...]
    flows: tuple[Flow, ...]
    doors: tuple[DoorView, ...]

    def room(self, id_: str | None) -> RoomView | None:
        """The room of that id, if there is one."""
        return next((view for view in self.rooms if view.room.id == id_), None)

    def beside(self, id_: str) -> tuple[Flow, ...]:
        """Flows that are measured against this room."""
        return tuple(flow for flow in self.flows if flow.against == id_)

    def doors_of(self, id_: str) -> tuple[DoorView, ...]:
        """Doors of this room."""
        return tuple(door for door in self.doors if id_ in door.between)


def cascade(site: Site, live: Live, now: int) -> Cascade:
    """Every room, differential and door of the site as it stands at `now`."""
    flows = tuple(_flow(differential, live, now) for differential in site.differentials)
    rooms = tuple(_room(room, flows, live, now) for room in site.rooms)
    return Cascade(now, rooms, flows, tuple(_door(door, live, now) for door in site.doors))


def state_of(readings: Iterable[Reading]) -> RoomState:
    """The worst of the readings that have a limit."""
    limited = [r for r in readings if r.monitored]
    if not limited:
        return RoomState.NOT_MONITORED
    if any(r.tone == "action" for r in limited):
        return RoomState.ACTION
    if any(r.tone == "alert" or r.status is Status.DELAYED for r in limited):
        return RoomState.ALERT
    if any(r.status is Status.HELD for r in limited):
        return RoomState.HELD
    fine = all(r.status is Status.GOOD and r.tone is None for r in limited)
    return RoomState.IN_LIMITS if fine else RoomState.UNKNOWN


def _flow(differential: Differential, live: Live, now: int) -> Flow:
    found = reading(differential.tag, differential.bound, live, now, differential.levels)
    into = None
    if found.value:
        into = differential.against if found.value > 0 else differential.room
    return Flow(differential.room, differential.against, found, into)


def _room(room: Room, flows: Iterable[Flow], live: Live, now: int) -> RoomView:
    own = tuple(flow for flow in flows if flow.room == room.id)
    values = {str(name): reading(tag, None, live, now, room.levels.get(name)) for name, tag in room.tags.items()}
    return RoomView(room, state_of([*(flow.reading for flow in own), *values.values()]), own, values)


def _door(door: Door, live: Live, now: int) -> DoorView:
    found = reading(door.tag, None, live, now)
    state = DoorState.UNKNOWN
    if found.value is not None:
        state = DoorState.OPEN if found.value else DoorState.CLOSED
    return DoorView(door.tag, door.between, state)
