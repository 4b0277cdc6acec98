"""The site's levels against its profiles: which clause binds which level, and where a level is looser. Pure."""

from collections.abc import Iterable, Iterator

from gateway.cleanroom.levels import MICROBES_IN, UNITS, Grade, Level, RoomState, WaterQuantity
from gateway.cleanroom.places import SamplingPoint, WaterPoint
from gateway.cleanroom.profile import Against, Of, Profile, ProfileLimit, bounds, profile, profile_names
from gateway.cleanroom.rooms import Differential
from gateway.cleanroom.site import Site, Watched
from gateway.configuration import Location

Bound = tuple[Profile, ProfileLimit]


def looser(site: Site) -> Iterator[tuple[Location, str]]:
    """Each level that comes later than a profile allows, with its place and the first clause that it breaks."""
    for watched in site.watched():
        for level in watched.levels.all:
            yield from _broken(watched.at, watched.tag, level, on_measured(site, watched, level))
    for at, point in enumerate(site.sampling):
        for level in point.levels.all:
            yield from _broken(("sampling", at, "levels"), point.id, level, on_sample(site, point, level))
    for at, water in enumerate(site.water):
        for quantity, test in water.tests.items():
            for level in test.levels.all:
                found = on_water(site, water, quantity, level)
                yield from _broken(("water", at, "tests", quantity), test.tag, level, found)


def on_measured(site: Site, watched: Watched, level: Level) -> Iterator[Bound]:
    """The limits that bind a level of a tag that is measured all the time."""
    if watched.quantity == "differential_pressure":
        differential = site.differentials[int(watched.at[1])]
        if (differential.flow == "in") == (level.sign > 0):  # the other side only says that it is not too much
            yield from _bounds(site, [Of(watched.quantity, against=_against(site, differential))], level)
        return
    states = site.room(watched.room).states - {RoomState.OUT_OF_USE}
    in_force = sorted(states & {*(level.states or states)})
    yield from _bounds(site, (Of(watched.quantity, grade=watched.grade, state=state) for state in in_force), level)


def on_sample(site: Site, point: SamplingPoint, level: Level) -> Iterator[Bound]:
    """The limits that bind a level of a sampling point; the regulations set them for rooms in operation."""
    grade = point.grade or _grade(site, point.room)
    yield from _bounds(site, [Of(point.method, grade=grade, state=RoomState.IN_OPERATION)], level)


def on_water(site: Site, water: WaterPoint, quantity: WaterQuantity, level: Level) -> Iterator[Bound]:
    """The limits that bind a level of a test of water."""
    yield from _bounds(site, [Of(quantity, water=water.kind)], level)


def label(found: Iterable[Bound]) -> str | None:
    """Name and version of the profile that binds a level; None where none does."""
    return next((one.label for one, _ in found), None)


def _bounds(site: Site, what: Iterable[Of], level: Level) -> Iterator[Bound]:
    profiles = [profile(name) for name in site.profiles if name in profile_names()]
    for of in what:
        for one, found in bounds(profiles, of):
            if found.low is not None or level.sign > 0:  # a differential's size is that of either direction
                yield one, found


def _broken(at: Location, tag: str, level: Level, found: Iterable[Bound]) -> Iterator[tuple[Location, str]]:
    broken = next(((one, limit) for one, limit in found if not limit.allows(level)), None)
    if broken is not None:
        one, limit = broken
        is_looser = f"the level {level.number:g} is looser than {one.label}, {limit.clause}"
        yield at, f"{tag}: {is_looser}: {limit} {_unit(limit.of)}"


def _unit(of: Of) -> str:
    return MICROBES_IN[of.water] if of.quantity == "microbes" and of.water is not None else UNITS[of.quantity]


def _against(site: Site, differential: Differential) -> Against:
    one, other = _grade(site, differential.room), _grade(site, differential.against)
    if one == other:
        return "same_grade"
    return "unclassified" if "CNC" in (one, other) else "other_grade"


def _grade(site: Site, room: str) -> Grade:
    return next((one.grade for one in site.rooms if one.id == room), "CNC")
