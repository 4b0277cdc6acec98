"""Stopping a Kafka client whose broker may be away."""

import asyncio
from collections.abc import Coroutine
from typing import Any

PATIENCE = 1.0
"""Seconds that a client has to stop; what it did not confirm is sent again by the next one."""


async def closed(stop: Coroutine[Any, Any, None]) -> None:
    """Run a client's `stop`, whatever it raises.

    In a task of its own: aiokafka lets the cancellation of its inner tasks out of `stop`, which would look like a
    cancellation of the caller and end it silently.
    """
    task = asyncio.ensure_future(stop)
    task.add_done_callback(_seen)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        task.cancel()


def _seen(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
