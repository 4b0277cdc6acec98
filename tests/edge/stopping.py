"""The end of an agent that runs in a test."""

import asyncio
from unittest.mock import patch


async def stopped(running: asyncio.Task[None]) -> None:
    """Without its farewell: nobody is there to take what waits."""
    with patch("edge.agent.FAREWELL", 0.1):
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
