"""Gets messages out by one way, in order, again and again until they are; nobody waits for it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from edge.annunciation.calling import Message
from edge.annunciation.mail import NotToldError

FIRST, LONGEST = 5.0, 300.0
"""Seconds before a message is tried again; twice as long each time."""
MOST = 100
"""Messages that wait at most; then the oldest is given up, and said."""
OLDEST = 12 * 3600.0
"""Seconds after which a message is given up."""
log = structlog.get_logger(__name__)


class Outlet:
    """One mail server, or one webhook. `done` is told when a message is out."""

    def __init__(
        self,
        name: str,
        send: Callable[[Message], Awaitable[None]],
        done: Callable[[Message], Awaitable[None]],
        *,
        first: float = FIRST,
    ) -> None:
        """`send` raises NotToldError; `first` seconds are waited before the second attempt."""
        self.name, self.problem = name, ""
        self._send, self._done, self._first = send, done, first
        self._waiting: deque[tuple[Message, float]] = deque()
        self._more = asyncio.Event()
        self.given_up = 0

    @property
    def waiting(self) -> int:
        """Messages that are not out yet."""
        return len(self._waiting)

    def offer(self, message: Message) -> None:
        """Send it, soon."""
        if len(self._waiting) >= MOST:
            self._give_up("too many wait")
        self._waiting.append((message, asyncio.get_running_loop().time()))
        self._more.set()

    async def send(self, message: Message) -> None:
        """Once, now. Raises NotToldError."""
        try:
            await self._send(message)
        except NotToldError as error:
            self._say(str(error))
            raise
        self._say("")

    async def run(self) -> None:
        """Send until cancelled."""
        pause = self._first
        while True:
            await self._more.wait()
            while self._waiting:
                message, offered = self._waiting[0]
                try:
                    await self.send(message)
                except NotToldError:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST)
                    if asyncio.get_running_loop().time() >= offered + OLDEST:
                        self._drop(message, "too old")
                    continue
                pause = self._first
                self._drop(message)
                await self._done(message)
            self._more.clear()

    def _drop(self, message: Message, why: str = "") -> None:
        """It may have been given up while it was being sent."""
        if self._waiting and self._waiting[0][0] is message:
            if why:
                self._give_up(why)
            else:
                self._waiting.popleft()

    def _give_up(self, why: str) -> None:
        message, _ = self._waiting.popleft()
        self.given_up += 1
        log.error("message given up", by=self.name, target=message.target, why=why, problem=self.problem)

    def _say(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.error("people are not reached", by=self.name, problem=problem)
        if self.problem and not problem:
            log.info("people are reached again", by=self.name)
        self.problem = problem
