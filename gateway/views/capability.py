"""Which capability report an address asks for. Pure."""

from collections.abc import Mapping

from gateway.views.display import Clock
from gateway.views.reports import LONGEST
from gateway.views.trend import Window, window

DEFAULT = "30d"


def capability_asked(query: Mapping[str, str], zone: str, now: int) -> Window:
    """The last thirty days, where the address names none. Raises ValueError for what cannot be reported."""
    found = window({"range": DEFAULT} | dict(query), Clock.of(zone), now)
    if found.begin >= now:
        raise ValueError("nothing of this period has passed; from must lie before now")
    if found.end - found.begin > LONGEST:
        raise ValueError("a report covers a year at most; ask for several")
    return found
