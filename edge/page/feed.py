"""What the page knows of the agent: asked again and again over its control socket, and pushed to all open pages."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import Event

from adapters.contract import now as utc_now
from edge.control import ControlError, ask
from edge.page.line import Line, line_of
from gateway.cleanroom.site import Site
from gateway.intake.live import Live

EVERY = 0.4
"""Seconds between two looks."""
PATIENCE = 2.0
"""Seconds that the agent has for an answer; then the page says that there is none."""

TESTING = 120.0
"""Seconds that a test of the chain may take."""


class Feed:
    """The line's site and what the agent said last. For the event loop of the page alone."""

    def __init__(self, site: Site, socket: Path, *, now: Callable[[], int] = utc_now) -> None:
        self.site, self.now = site, now
        self.pushed: Event[[]] = Event()
        self.line = Line(now())
        self.answered = False
        """Whether the agent answered just now."""
        self.ever = False
        """Whether it ever did."""
        self._socket = socket
        self._tags = [*dict(site.tagged_rooms()), *(door.tag for door in site.doors)]

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Ask, and tell the pages what came of it."""
        try:
            self.line = await asyncio.to_thread(self._asked)
            self.answered = self.ever = True
        except ControlError:
            self.answered = False
        self.pushed.emit()

    async def act(self, do: str, **arguments: Any) -> None:
        """What a person does with an alarm. Raises ControlError, which says why not."""
        await asyncio.to_thread(lambda: ask(self._socket, do, patience=PATIENCE, **arguments))
        await self.look()

    async def test(self) -> dict[str, Any]:
        """Have the agent test the chain. Raises ControlError."""
        answer: dict[str, Any] = await asyncio.to_thread(lambda: ask(self._socket, "test_alarms", patience=TESTING))
        return answer

    def live(self) -> Live:
        """For the views; without an answer no value counts."""
        return self.line.live() if self.answered else self.line.silent()

    def _asked(self) -> Line:
        readings = ask(self._socket, "readings", patience=PATIENCE, tags=self._tags)
        alarms = ask(self._socket, "alarms", patience=PATIENCE, suppressed=True)
        return line_of(readings, alarms, ask(self._socket, "status", patience=PATIENCE), self.now())
