"""Sessions of persons who signed in, kept by the node alone: the browser has nothing but a random name."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.access.viewer import Viewer

SECOND = 1_000_000
MOST_OF_ONE = 20
"""Sessions of one account at a time; the oldest ends first."""


@dataclass(slots=True, eq=False)
class Session:
    """One browser of one person. Times are microseconds of the clock that the sessions are given.

    `credential` is that of the account with which the person signed in, None where a provider named the person.
    """

    viewer: Viewer
    credential: str | None
    begun: int
    used: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the session is over, so that what is open ends with it."""


class Sessions:
    """All sessions. `idle` and `absolute` are seconds; `clock` gives microseconds that never go back."""

    def __init__(self, idle: float, absolute: float, clock: Callable[[], int]) -> None:
        self._idle, self._absolute, self._clock = round(idle * SECOND), round(absolute * SECOND), clock
        self._sessions: dict[bytes, Session] = {}

    def begin(self, viewer: Viewer, credential: str | None) -> str:
        """A new session; gives its secret name, 256 random bits."""
        self._sweep()
        own = [one for one in self._sessions.values() if one.viewer.id == viewer.id]
        oldest = own[: max(0, len(own) - MOST_OF_ONE + 1)]
        self._end(lambda session: session in oldest)
        name, now = secrets.token_urlsafe(32), self._clock()
        self._sessions[_key(name)] = Session(viewer, credential, now, now)
        return name

    def find(self, name: str, *, used: bool = True) -> Session | None:
        """The session of that name, None where it is over; `used` says that the person did something just now."""
        session = self._sessions.get(_key(name))
        if session is None:
            return None
        if self.left(session) <= 0:
            self._end(lambda other: other is session)
            return None
        if used:
            self.touch(session)
        return session

    def touch(self, session: Session) -> None:
        """The person did something just now."""
        session.used = self._clock()

    def left(self, session: Session) -> float:
        """Seconds until the session is over if nothing is done."""
        if session.ended.is_set():
            return 0.0
        return (min(session.used + self._idle, session.begun + self._absolute) - self._clock()) / SECOND

    def end(self, name: str) -> None:
        """End one session."""
        session = self._sessions.get(_key(name))
        self._end(lambda other: other is session)

    def _sweep(self) -> None:
        self._end(lambda session: self.left(session) <= 0)

    def _end(self, wanted: Callable[[Session], bool]) -> None:
        for key in [key for key, session in self._sessions.items() if wanted(session)]:
            self._sessions.pop(key).ended.set()


def _key(name: str) -> bytes:
    """The node keeps no more than this of a session's name."""
    return hashlib.sha256(name.encode()).digest()
