"""What waits for the agent: live reports first, what is not live in between; and what each frame is made of.

What comes within `coalesce` seconds may be made into one frame: that costs about the same whether it has one sample or
a hundred. The first of it waits that long, and no longer.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence, Sized
from typing import Generic, TypeVar
from uuid import UUID

import numpy as np

from adapters.contract import Report, SourceError
from schemas.frame import NOTHING_BESIDE, Frame
from schemas.records import Condition, GapCause

ROOM = 1_000
"""Frames that may wait for the agent."""
ENOUGH = 1_000
"""Samples that are not kept waiting for more."""


Part = TypeVar("Part", bound=Sized)
"""What frames are made of: one notification, as far as it is read; its size is that of its samples."""


class Reports(Generic[Part]):
    """A queue between the subscription and the source. `safe` is called with a notification's number when its samples
    are safe, or when it had none.
    """

    def __init__(self, coalesce: float, make: Callable[[Sequence[Part]], Frame | None]) -> None:
        """`coalesce` in seconds; 0 for not at all. `make` gives the frame of some parts, None where it is not worth
        one; it may call `fail`.
        """
        self._coalesce = coalesce
        self._make = make
        self._waiting: deque[Report] = deque()
        self._held: list[Part] = []
        self._held_size = 0
        self._held_numbers: list[int] = []
        self._timer: asyncio.TimerHandle | None = None
        self._owed: dict[UUID, tuple[int, ...]] = {}
        self._aside: Report | None = None
        self._aside_taken = asyncio.Event()
        self._arrived = asyncio.Event()
        self.failure: SourceError | None = None
        self.safe: Callable[[int], None] = lambda _: None

    def put(self, part: Part, number: int | None) -> None:
        """Queue what is live, of the notification with this number where it is of one."""
        if len(self._waiting) + len(self._held) >= ROOM:
            self.fail(GapCause.QUEUE_OVERFLOW, f"{ROOM} notifications wait to be processed")
            return
        self._held.append(part)
        self._held_size += len(part)
        if number is not None:
            self._held_numbers.append(number)
        if not self._coalesce or self._held_size >= ENOUGH:
            self._release()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._coalesce, self._release)

    def tell(self, conditions: Sequence[Condition]) -> None:
        """Queue what the server says of its own alarms."""
        self._release()
        self._waiting.extend(conditions)
        self._arrived.set()

    async def slip(self, report: Report) -> None:
        """Hand in what is not live; returns when it was taken, which is when nothing live waited."""
        self._aside = report
        self._aside_taken.clear()
        self._arrived.set()
        await self._aside_taken.wait()

    def fail(self, cause: GapCause, detail: str) -> None:
        """There will be no more. What came before is still handed out."""
        self._release()
        self.failure = self.failure or SourceError(cause, detail)
        self._arrived.set()

    async def next(self) -> Report:
        """The next report, live ones first. Raises SourceError when there will be none."""
        while not self._waiting:
            if self._aside is not None:
                aside, self._aside = self._aside, None
                self._aside_taken.set()
                return aside
            if self.failure is not None:
                raise self.failure
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    def acknowledge(self, frame: Frame) -> None:
        """The frame is safe, and so are the notifications that it is made of."""
        for number in self._owed.pop(frame.id, ()):
            self.safe(number)

    def _release(self) -> None:
        """Queue what was held back, as one frame."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._held:
            return
        held, numbers = self._held, tuple(self._held_numbers)
        self._held, self._held_numbers, self._held_size = [], [], 0
        frame = self._make(held)
        if frame is None:
            for number in numbers if self.failure is None else ():
                self.safe(number)
            return
        if numbers:
            self._owed[frame.id] = numbers
            while len(self._owed) > 2 * ROOM:  # never to be acknowledged; the server forgets them by itself
                self._owed.pop(next(iter(self._owed)))
        self._waiting.append(frame)
        self._arrived.set()


def joined(frames: Sequence[Frame]) -> Frame:
    """One frame of several of one source, one after the other; received when the last one was."""
    filled = [frame for frame in frames if len(frame)] or [frames[-1]]
    if len(filled) == 1:
        return filled[0]
    begins = np.cumsum([0, *map(len, filled)]).tolist()
    return Frame(
        source=filled[0].source,
        tags=filled[0].tags,
        tag=np.concatenate([frame.tag for frame in filled]),
        value=np.concatenate([frame.value for frame in filled]),
        status=np.concatenate([frame.status for frame in filled]),
        reason=np.concatenate([frame.reason for frame in filled]),
        source_time=np.concatenate([frame.source_time for frame in filled]),
        received=frames[-1].received,
        beside={
            begin + row: value
            for begin, frame in zip(begins, filled, strict=False)
            for row, value in frame.beside.items()
        }
        or NOTHING_BESIDE,
    )
