"""What the alarm engine watches at a site: one condition for each level, and for what else can be wrong. Pure.

An action level keeps the name `<tag>.LOW` or `<tag>.HIGH`; an alert level has `.ALERT` behind it, a level for some
states of the room those states, and the time that a value may be beyond it in an hour `.PER_HOUR`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.alarm.condition import HOUR, Condition, DoorDelay
from gateway.cleanroom.allowed import Bound, label, on_measured, on_sample, on_water
from gateway.cleanroom.levels import UNITS, UNKNOWN_STATE, Level, Levels, Limit, RoomState, Watch
from gateway.cleanroom.profile import profile
from gateway.cleanroom.rooms import Differential, Room
from gateway.cleanroom.site import Site, Watched
from schemas.records import AlarmKind, AlarmPriority

FULL = 100.0
"""The whole of what a pharmacopoeia allows, in %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What the conditions of one tag share. `bounds` finds what a profile says of a level."""

    tag: str
    unit: str = "1"
    room: Room | None = None
    bounds: Callable[[Level], Iterable[Bound]] = lambda _: ()
    doors: DoorDelay | None = None
    sample: bool = False
    """Whether it is the result of a sample, to which no on-delay applies."""

    def condition(self, kind: AlarmKind, *, states: Iterable[RoomState] | None = None, **settings: Any) -> Condition:
        """A condition on the tag, in force in these states of the room: in all but out of use, unless given."""
        if (room := self.room) is not None:
            settings |= {"group": room.group, "batch_tag": room.batch}
            if room.state is not None:
                settings |= {"state_tag": room.state_tag, "suppressed_in": _not_in_force(states)}
        return Condition(tag=self.tag, kind=kind, unit=self.unit, **settings)


def _not_in_force(states: Iterable[RoomState] | None) -> frozenset[str]:
    if states is None:
        return frozenset([RoomState.OUT_OF_USE.value])
    in_force = {state.value for state in states}
    known = {state.value for state in RoomState} - in_force
    return frozenset(known if RoomState.IN_OPERATION in in_force else {*known, UNKNOWN_STATE})


def conditions(site: Site) -> list[Condition]:
    """Every condition of the site. Raises ValueError where numbers do not fit each other."""
    return [*_measured(site), *_doors(site), *_samples(site), *_water(site), *_combined(site)]


def _measured(site: Site) -> Iterator[Condition]:
    for watched in site.watched():
        doors = None
        if watched.quantity == "differential_pressure":
            doors = _door_delay(site, site.differentials[int(watched.at[1])])
        place = _Place(
            tag=watched.tag, unit=_unit(watched), room=site.room(watched.room), doors=doors,
            bounds=partial(on_measured, site, watched),
        )  # fmt: skip
        yield from _levels(place, watched.levels)
        if watched.levels.all:
            yield from _besides(place, watched.watch)
        if watched.quantity == "differential_pressure":
            yield from _reversed(place, site.differentials[int(watched.at[1])])


def _unit(watched: Watched) -> str:
    return next((one.unit for one in watched.levels.all if isinstance(one, Limit)), UNITS[watched.quantity])


def _reversed(place: _Place, differential: Differential) -> Iterator[Condition]:
    if (edge := differential.reversal) is not None:
        yield place.condition(
            AlarmKind.REVERSED, sign=edge.sign, limit=edge.number, deadband=edge.deadband, on_delay=edge.on_delay,
            doors=place.doors,
        )  # fmt: skip


def _door_delay(site: Site, differential: Differential) -> DoorDelay | None:
    """Any door of the two rooms moves their differential, not only the one between them."""
    rooms = {differential.room, differential.against}
    timed = [(door.tag, door.open_time, door.cap) for door in site.doors if door.open_time and rooms & {*door.between}]
    if not timed:
        return None
    tags, times, caps = zip(*timed, strict=True)
    return DoorDelay(tags=tags, delay=max(times), cap=max(caps))


def _levels(place: _Place, levels: Levels) -> Iterator[Condition]:
    for level in levels.action:
        yield from _level(place, level, AlarmPriority.ACTION)
    for level in levels.alert:
        yield from _level(place, level, AlarmPriority.ALERT)


def _level(place: _Place, level: Level, priority: AlarmPriority) -> Iterator[Condition]:
    kind = AlarmKind.LOW if level.sign < 0 else AlarmKind.HIGH
    alert = ["ALERT"] if priority is AlarmPriority.ALERT else []
    name = ".".join([kind.value, *alert, *(state.name for state in level.states or ())])
    make = partial(
        place.condition, states=level.states, limit=level.number, priority=priority, profile=label(place.bounds(level))
    )
    yield make(
        kind, label=name, deadband=level.deadband, on_delay=0.0 if place.sample else level.on_delay,
        off_delay=level.off_delay, latched=level.latched, doors=place.doors,
    )  # fmt: skip
    if level.per_hour is not None:
        over = f"{name}.PER_HOUR"
        yield make(AlarmKind.DURATION, label=over, sign=level.sign, window=HOUR, allowed=level.per_hour)


def _besides(place: _Place, watch: Watch) -> Iterator[Condition]:
    alert = partial(place.condition, priority=AlarmPriority.ALERT)
    if watch.silence is not None:
        yield alert(AlarmKind.STALE, window=watch.silence)
    if watch.bad_status is not None:
        yield alert(AlarmKind.BAD_STATUS, on_delay=watch.bad_status)
    if watch.out_of_range is not None:
        yield alert(AlarmKind.OUT_OF_RANGE, on_delay=watch.out_of_range)
    if (flat := watch.flat_line) is not None:
        yield alert(AlarmKind.FLAT_LINE, limit=flat.within, window=flat.seconds)
    if (rate := watch.rate_of_change) is not None:
        yield alert(AlarmKind.RATE_OF_CHANGE, limit=rate.change, window=rate.seconds)


def _doors(site: Site) -> Iterator[Condition]:
    for door in site.doors:
        if door.open is not None:
            place = _Place(tag=door.open, room=site.room(door.between[0]))
            yield place.condition(AlarmKind.HIGH, on_delay=door.open_time, priority=AlarmPriority.ALERT)
    for lock in site.air_locks:
        place = _Place(tag=lock.doors_open, room=site.room(lock.room))
        yield place.condition(AlarmKind.HIGH, limit=1.0, on_delay=lock.delay)


def _samples(site: Site) -> Iterator[Condition]:
    for point in site.sampling:
        if point.tag is not None:
            bounds = partial(on_sample, site, point)
            room = site.room(point.room)
            place = _Place(tag=point.tag, unit=UNITS[point.method], room=room, bounds=bounds, sample=True)
            yield from _levels(place, point.levels)
    for planned in site.planned():
        yield Condition(tag=planned.flag, kind=AlarmKind.HIGH)


def _water(site: Site) -> Iterator[Condition]:
    for point in site.water:
        room = None if point.room is None else site.room(point.room)
        for quantity, test in point.tests.items():
            bounds = partial(on_water, site, point, quantity)
            place = _Place(
                tag=test.tag, unit=point.units[quantity], room=room, bounds=bounds, sample=test.plan is not None
            )
            yield from _levels(place, test.levels)
        if point.of_limit is not None:
            place = _Place(tag=point.of_limit, unit="%", room=room)
            book = None if point.pharmacopoeia is None else profile(point.pharmacopoeia).label
            yield place.condition(AlarmKind.HIGH, limit=FULL, profile=book)
            if point.conductivity_alert is not None:
                limit, alert = point.conductivity_alert, AlarmPriority.ALERT
                yield place.condition(AlarmKind.HIGH, limit=limit, label="HIGH.ALERT", priority=alert)


def _combined(site: Site) -> Iterator[Condition]:
    for combined in site.combined:
        yield Condition(
            tag=combined.id, kind=AlarmKind.N_OF_M, limit=combined.at_least, members=combined.of, room=combined.room
        )
