"""The capability report, asked of the desk."""

import asyncio

from gateway.capability.archived import Capability, capability_of
from gateway.capability.facts import Latency
from gateway.console.desk import Desk
from gateway.views.overview import latency
from gateway.views.trend import Window


async def capability(desk: Desk, asked: Window, now: int) -> Capability:
    """The report on the window. Raises ConfigurationError where the agreements cannot be read."""
    shelf, seen = desk.agreements, latency(desk.live)
    signed = None if shelf is None else await asyncio.to_thread(shelf.signed)
    took = None if seen is None else Latency(seen.p50, seen.p99)
    period = asked.begin, asked.end
    return await desk.ask(
        lambda archive: capability_of(archive, desk.site, signed, period, now=now, latency=took)
    )  # fmt: skip
