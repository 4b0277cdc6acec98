"""Which report an address asks for: a room, a period, a language. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.cleanroom.site import Site
from gateway.languages import Language
from gateway.views.display import Clock
from gateway.views.trend import Window, following, window

DEFAULT = "1d"
LONGEST = 366 * 24 * 3600 * 1_000_000
"""A year, microseconds: longer ones take minutes, while others wait for the same disk."""


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """The room and the period, as far as it has passed."""

    room: str
    window: Window
    language: Language = Language.EN

    def query(self, clock: Clock) -> dict[str, str]:
        """As it stands in the address of a file, where a range that follows the present has its times."""
        fixed = Window(self.window.begin, self.window.end).query(clock)
        return {"room": self.room, **fixed, "language": self.language.value}


def report_asked(query: Mapping[str, str], site: Site, now: int) -> ReportAsked:
    """The first room and the last day, where the address names none. Raises ValueError for what cannot be reported."""
    rooms = [room.id for room in site.rooms]
    room = query.get("room", rooms[0])
    if room not in rooms:
        raise ValueError(f"room {room!r} is not one of {', '.join(rooms)}")
    found = window({"range": DEFAULT} | dict(query), Clock.of(site.zone), now)
    if found.begin >= now:
        raise ValueError("nothing of this period has passed; from must lie before now")
    if found.end - found.begin > LONGEST:
        raise ValueError("a report covers a year at most; ask for several")
    try:
        return ReportAsked(room, found, Language(query.get("language", Language.EN)))
    except ValueError as error:
        raise ValueError(f"language {query['language']!r} is not one of {', '.join(Language)}") from error


def first(site: Site, now: int, language: Language) -> ReportAsked:
    """What is shown where an address is not understood."""
    return ReportAsked(site.rooms[0].id, following(DEFAULT, now), language)
