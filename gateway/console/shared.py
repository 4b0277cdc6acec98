"""What many open pages ask the archive alike is asked once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """An answer that is kept: asked again when its mark differs, and after a while anyway.

    Never more often than every `least` seconds, always after `most`; `mark` is compared on the event loop. Whoever asks
    while an answer is under way waits for that one.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[Answer]], mark: Callable[[], Hashable], *, least: float, most: float
    ) -> None:
        self._ask, self._mark, self._least, self._most = ask, mark, least, most
        self._one = asyncio.Lock()
        self._known: tuple[Answer, Hashable, float] | None = None

    async def latest(self) -> Answer:
        """The answer, at most as old as was said."""
        known = self._fresh()
        if known is not None:
            return known
        async with self._one:
            known = self._fresh()
            if known is None:
                mark = self._mark()
                known = await self._ask()
                self._known = (known, mark, monotonic())
            return known

    @property
    def kept(self) -> Answer | None:
        """The last answer, however old; None before the first."""
        return None if self._known is None else self._known[0]

    def forget(self) -> None:
        """The next one is asked anew."""
        self._known = None

    def _fresh(self) -> Answer | None:
        if self._known is None:
            return None
        answer, mark, at = self._known
        age = monotonic() - at
        return answer if age < self._least or (age < self._most and mark == self._mark()) else None
