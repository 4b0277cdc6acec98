"""What nobody watches: tags without a limit, rooms that only their own control probe watches. Pure.

A tag without a limit is not fine, it is not monitored; and a control probe that drifts takes its room with it, unseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from gateway.cleanroom.site import Site


@dataclass(frozen=True, slots=True, order=True)
class NotMonitored:
    """A tag, or a sampling point, on which no alarm stands. `room` is None for water outside the rooms."""

    room: str | None
    tag: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Unwatched:
    """What a site leaves out: `tags` without a limit, `control_only` rooms by quantity, and `rooms` without any tag."""

    tags: tuple[NotMonitored, ...]
    control_only: tuple[tuple[str, str], ...]
    rooms: tuple[str, ...]


def unwatched(site: Site) -> Unwatched:
    """What nobody watches at this site."""
    measured = {watched.room for watched in site.watched()} | {d.against for d in site.differentials}
    return Unwatched(
        tuple(_without_limit(site)),
        tuple(_control_only(site)),
        tuple(room.id for room in site.rooms if room.id not in measured),
    )


def notes(site: Site) -> Iterator[str]:
    """The same as lines for a person, one for each room."""
    found = unwatched(site)
    for room, tags in groupby(found.tags, key=lambda one: one.room):
        where = "water" if room is None else f"room {room}"
        yield f"{where}: not monitored, because there is no limit: {', '.join(one.tag for one in tags)}"
    for room, quantity in found.control_only:
        yield f"room {room}: {quantity} is watched only by the probe that controls the room"
    for room in found.rooms:
        yield f"room {room}: nothing is measured, so it is not monitored"


def _without_limit(site: Site) -> Iterator[NotMonitored]:
    reversible = {d.tag for d in site.differentials if d.wanted is not None}
    order = {room.id: at for at, room in enumerate(site.rooms)}
    tags = [
        NotMonitored(watched.room, watched.tag, watched.quantity)
        for watched in site.watched()
        if not watched.levels.all and watched.tag not in reversible
    ]
    tags += [
        NotMonitored(point.room, point.id, point.method)
        for point in site.sampling
        if point.tag is None or not point.levels.all
    ]
    tags += [
        NotMonitored(water.room, test.tag, quantity)
        for water in site.water
        for quantity, test in water.tests.items()
        if not test.levels.all and not (quantity == "conductivity" and water.of_limit is not None)
    ]
    yield from sorted(tags, key=lambda one: len(order) if one.room is None else order[one.room])


def _control_only(site: Site) -> Iterator[tuple[str, str]]:
    probes: dict[tuple[str, str], set[str]] = {}
    for watched in site.watched():
        probes.setdefault((watched.room, watched.quantity), set()).add(watched.probe)
    yield from (where for where, kinds in probes.items() if kinds == {"control"})
