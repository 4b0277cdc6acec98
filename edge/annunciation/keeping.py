"""Keeps the beacon in the state that the alarms ask for, and says when it is not to be reached."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

Switch = Callable[[bool], Awaitable[None]]
"""Bring it into this state. Raises BeaconError."""
LOOK = 0.1
"""Seconds between two looks at what is wanted."""
RETRY = 5.0
"""Seconds before a beacon that was not reached is tried again."""
log = structlog.get_logger(__name__)


class BeaconError(Exception):
    """The beacon is not in the state that is wanted; the message says why, in a line."""


class Beaconkeeper:
    """A beacon; its state is left as it is when the agent stops, since the alarms stand on."""

    def __init__(self, switch: Switch, wanted: Callable[[], bool], refresh: float) -> None:
        """`refresh` seconds after it was written the state is written again."""
        self._switch, self._wanted, self._refresh = switch, wanted, refresh
        self.problem = ""
        self._one = asyncio.Lock()

    async def run(self) -> None:
        """Keep until cancelled."""
        written: bool | None = None
        again = 0.0
        while True:
            now, wanted = asyncio.get_running_loop().time(), self._wanted()
            if wanted is not written or now >= again:
                written = wanted if await self._reached(wanted) else None
                again = asyncio.get_running_loop().time() + (RETRY if written is None else self._refresh)
                if written is None:
                    await asyncio.sleep(RETRY)
            await asyncio.sleep(LOOK)

    async def test(self) -> None:
        """On, off, and as it is wanted again. Raises BeaconError."""
        async with self._one:
            try:
                for on in (True, False):
                    await self._switch(on)
                if self._wanted():
                    await self._switch(True)
            except BeaconError as error:
                self._say(str(error))
                raise
            self._say("")

    async def _reached(self, on: bool) -> bool:
        async with self._one:
            try:
                await self._switch(on)
            except BeaconError as error:
                self._say(str(error))
                return False
            self._say("")
            return True

    def _say(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.error("beacon is not reached", problem=problem)
        if self.problem and not problem:
            log.info("beacon is reached again")
        self.problem = problem
