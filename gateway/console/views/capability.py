"""Which capability report an address asks for, and what asks for it."""

import asyncio
from collections.abc import Mapping

from gateway.capability.archived import Capability, capability_of
from gateway.capability.facts import Latency
from gateway.console.desk import Desk
from gateway.console.views import overview
from gateway.console.views.display import Clock
from gateway.console.views.reports import LONGEST
from gateway.console.views.trend import Window, window

DEFAULT = "30d"


def capability_asked(query: Mapping[str, str], zone: str, now: int) -> Window:
    """The last thirty days, where the address names none. Raises ValueError for what cannot be reported."""
    found = window({"range": DEFAULT} | dict(query), Clock.of(zone), now)
    if found.begin >= now:
        raise ValueError("nothing of this period has passed; from must lie before now")
    if found.end - found.begin > LONGEST:
        raise ValueError("a report covers a year at most; ask for several")
    return found


async def capability(desk: Desk, asked: Window, now: int) -> Capability:
    """The report on the window. Raises ConfigurationError where the agreements cannot be read."""
    shelf, seen = desk.agreements, overview.latency(desk.live)
    signed = None if shelf is None else await asyncio.to_thread(shelf.signed)
    latency = None if seen is None else Latency(seen.p50, seen.p99)
    period = asked.begin, asked.end
    return await desk.ask(
        lambda archive: capability_of(archive, desk.site, signed, period, now=now, latency=latency)
    )  # fmt: skip
