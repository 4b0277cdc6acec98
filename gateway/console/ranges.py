"""The choice of a range that ends now, in the address."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.parts import Tag, link
from gateway.console.views.trend import RANGES
from gateway.console.visit import Visit

DEFAULT = "7d"


@dataclass(frozen=True, slots=True)
class Range:
    """A named range; its length in microseconds."""

    name: str
    length: int


def range_of(query: Mapping[str, str]) -> Range:
    """The range that an address asks for; seven days where it names none that is known."""
    name = query.get("range", DEFAULT)
    name = name if name in RANGES else DEFAULT
    return Range(name, RANGES[name])


def range_links(visit: Visit, path: str, chosen: Range) -> None:
    """A link for each range, the chosen one marked."""
    with Tag("div", "buttons", role="group", aria_label=visit.say("trend.range")):
        for name in RANGES:
            current = "true" if name == chosen.name else None
            link(visit.say(f"ranges.{name}"), visit.href(path, range=name), "btn", aria_current=current)
