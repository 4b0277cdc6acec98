"""A site file with all its faults: of each part, between the parts, and against the profiles."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gateway.cleanroom.allowed import looser
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.profile import profile, profile_names
from gateway.cleanroom.site import Site
from gateway.configuration import ConfigurationError, Location, nearest, read, validate

Fault = tuple[Location, str]


def load_site(file: Path) -> Site:
    """A site file, whose parts fit each other and whose levels keep to its profiles. Raises ConfigurationError."""
    document = read(file)
    site = validate(document, Site)
    if findings := [document.finding(at, message) for at, message in faults(site)]:
        raise ConfigurationError(findings)
    return site


def faults(site: Site) -> Iterator[Fault]:
    """What is wrong between parts that are right by themselves, with the place in the file."""
    unknown = [*_unknown_names(site)]
    yield from unknown
    yield from _dust(site)
    yield from _air_locks(site)
    if not unknown:
        yield from _conditions(site)
    yield from looser(site)


def _conditions(site: Site) -> Iterator[Fault]:
    """What makes no condition, and what has the name of another."""
    try:
        names = Counter(condition.name for condition in conditions(site))
    except ValueError as error:
        yield _place_of(str(error), site), str(error)
        return
    for name in (name for name, count in names.items() if count > 1):
        yield _place_of(name, site), f"{name}: two levels of one side and priority, for the same states; keep one"
    for at, combined in enumerate(site.combined):
        for row, member in enumerate(combined.of):
            if member not in names:
                yield ("combined", at, "of", row), f"no such alarm: {member}{nearest(member, list(names))}"


def _place_of(name: str, site: Site) -> Location:
    """Where the tag stands that a condition is named after."""
    return next((watched.at for watched in site.watched() if name.startswith(f"{watched.tag}.")), ())


def _unknown_names(site: Site) -> Iterator[Fault]:
    rooms, buildings = [room.id for room in site.rooms], [building.id for building in site.buildings]
    named: list[tuple[Location, str | None]] = [
        *((("counters", at, "room"), counter.room) for at, counter in enumerate(site.counters)),
        *((("sampling", at, "room"), point.room) for at, point in enumerate(site.sampling)),
        *((("water", at, "room"), point.room) for at, point in enumerate(site.water)),
        *((("air_locks", at, "room"), lock.room) for at, lock in enumerate(site.air_locks)),
        *((("combined", at, "room"), combined.room) for at, combined in enumerate(site.combined)),
    ]
    for place, name in named:
        if name is not None and name not in rooms:
            yield place, f"no such room: {name}{nearest(name, rooms)}"
    for at, room in enumerate(site.rooms):
        if room.building is not None and room.building not in buildings:
            yield ("rooms", at, "building"), f"no such building: {room.building}{nearest(room.building, buildings)}"
    for at, name in enumerate(site.profiles):
        if name not in profile_names():
            yield ("profiles", at), f"no such profile: {name}{nearest(name, profile_names())}"
    for at, water in enumerate(site.water):
        book = water.pharmacopoeia
        if book is not None and (book not in profile_names() or profile(book).table(water.kind) is None):
            with_tables = [name for name in profile_names() if profile(name).table(water.kind)]
            known = nearest(book, with_tables)
            yield ("water", at, "pharmacopoeia"), f"no table of conductivity of {water.kind} in {book}{known}"


def _dust(site: Site) -> Iterator[Fault]:
    """China GMP 2010, art. 53: rooms in which dust comes up are held at relative negative pressure."""
    dusty = {room.id for room in site.rooms if room.dust}
    for at, d in enumerate(site.differentials):
        if (d.flow == "out" and d.room in dusty) or (d.flow == "in" and d.against in dusty):
            room = d.room if d.flow == "out" else d.against
            yield ("differentials", at), f"{d.tag}: air must flow into {room}, where there is dust (GMP 2010 art. 53)"


def _air_locks(site: Site) -> Iterator[Fault]:
    doors = {door.tag: door.between for door in site.doors}
    for at, lock in enumerate(site.air_locks):
        for row, tag in enumerate(lock.doors):
            if tag not in doors:
                yield ("air_locks", at, "doors", row), f"no such door: {tag}{nearest(tag, list(doors))}"
            elif lock.room not in doors[tag]:
                yield ("air_locks", at, "doors", row), f"door {tag} does not lead into {lock.room}"
