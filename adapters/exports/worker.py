"""A thread of a source's own: what blocks for a disk or a share must not hold up the others, nor the agent's end."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

_T = TypeVar("_T")
_LOOK = 0.5
"""Seconds between two looks whether it is alive."""


class Worker:
    """Does one thing after the other. The thread is a daemon: one that hangs in a dead share ends with the process."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Callable[[], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]]
        self._queue = SimpleQueue()
        self._name = name
        self._thread: Thread | None = None
        self._sign = time.monotonic()

    def alive(self) -> None:
        """Called by what is done: it goes on."""
        self._sign = time.monotonic()

    async def do(self, work: Callable[[], _T], silence: float) -> _T:
        """The outcome. Raises TimeoutError when it gave no sign for `silence` seconds; then it may still end some day,
        and what is asked next waits for that.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        if self._thread is None:
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        asked = time.monotonic()
        self._queue.put((work, loop, future))
        try:
            while not (await asyncio.wait([future], timeout=_LOOK))[0]:
                if time.monotonic() - max(asked, self._sign) > silence:
                    raise TimeoutError
        finally:
            future.cancel()
        return future.result()

    def _run(self) -> None:
        while True:
            work, loop, future = self._queue.get()
            if future.cancelled():
                continue
            self.alive()
            outcome, error = None, None
            try:
                outcome = work()
            except BaseException as raised:  # noqa: BLE001 - it belongs to who asked
                error = raised
            with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(_tell, future, outcome, error)


def _tell(future: asyncio.Future[Any], outcome: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(outcome)
    else:
        future.set_exception(error)
