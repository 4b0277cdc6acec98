"""Who looked at what, as data: which accesses are asked for, and what is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.access.entrance import Entrance
from gateway.access.wanted import KeptAccess, WantedAccess
from gateway.archive.accesses import accesses_of
from gateway.archive.evidence import Readable
from gateway.console.views.trend import Window

SHOWN = 200
"""Accesses in a list at most."""


@dataclass(frozen=True, slots=True)
class Accesses:
    """The newest of those that were asked for, of this node's log (`stream`) and of what the other side sent.

    `more` says that there are others. Times are UTC microseconds.
    """

    stream: str
    accesses: tuple[KeptAccess, ...]
    more: bool


def wanted_accesses(query: Mapping[str, str], window: Window) -> WantedAccess:
    """Those that an address asks for: of a `person`, about a `batch`, of a `path` or beneath it, within the window."""
    paths = (path,) if (path := query.get("path", "").strip()) else ()
    return WantedAccess(
        window.begin, window.end, query.get("person", "").strip(), query.get("batch", "").strip(), paths
    )


def accesses_in(entrance: Entrance, archive: Readable, wanted: WantedAccess) -> Callable[[], Accesses]:
    """What asks the access log and the archive for them; blocks."""

    def ask() -> Accesses:
        both = [*entrance.log.find(wanted, SHOWN + 1), *accesses_of(archive, wanted, SHOWN + 1)]
        found = sorted(both, key=lambda kept: kept.access.time, reverse=True)
        return Accesses(entrance.log.stream, tuple(found[:SHOWN]), len(found) > SHOWN)

    return ask
