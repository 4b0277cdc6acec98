"""The choice of a period in the address: a range that ends now, or from and to."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.parts import Tag, link
from gateway.console.visit import Visit
from gateway.views.display import SECOND, Clock
from gateway.views.trend import RANGES, Window, window

DEFAULT = "7d"
DAY = "1d"


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


def window_of(query: Mapping[str, str], clock: Clock, now: int) -> Window:
    """The window that an address asks for; the last day where it names none. Raises ValueError where it is unclear."""
    return window({"range": DAY} | dict(query), clock, now)


def moment_of(query: Mapping[str, str], clock: Clock, now: int) -> int | None:
    """The moment of the past that an address asks for by `at`, UTC microseconds; None for now. Raises ValueError."""
    if not query.get("at"):
        return None
    try:
        moment = clock.instant(query["at"])
    except OverflowError as error:
        raise ValueError("give at as an ISO 8601 time of this age") from error
    return moment if moment < now else None


def range_links(visit: Visit, path: str, chosen: str | None, **query: str | None) -> None:
    """A link for each range, the chosen one marked; `query` is what else the address says."""
    with Tag("div", "buttons", role="group", aria_label=visit.say("trend.range")):
        for name in RANGES:
            current = "true" if name == chosen else None
            link(
                visit.say(f"ranges.{name}"),
                visit.href(path, language=None, range=name, **query),
                "btn",
                aria_current=current,
            )


def window_form(visit: Visit, path: str, shown: Window, **query: str) -> None:
    """From and to, in the plant's time; works without a script. `query` is what else the address says."""
    say = visit.say
    with Tag("form", "window", method="get", action=visit.href(path), aria_label=say("period.label")):
        for name, value in query.items():
            Tag("input", name_=name, type="hidden", value=value)
        for name, moment in (("from", shown.begin), ("to", shown.end)):
            with Tag("label"):
                Tag("span", "", say(f"period.{name}"))
                value = f"{visit.clock.local(moment // SECOND * SECOND):%Y-%m-%dT%H:%M:%S}"
                # `^` makes it the attribute: as a property, Vue would write it over what is being typed at each push
                Tag("input", name_=name, type="datetime-local", step=1, required=True, **{"^value": value})
        for name, given in query.items():
            Tag("input", name_=name, type="hidden", **{"^value": given})
        Tag("span", "aside", visit.clock.offset(shown.end))
        Tag("button", "btn", say("period.show"), type="submit")
