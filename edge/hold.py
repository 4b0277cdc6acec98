"""Holding sources back: while the journal is full, those whose devices keep their data wait for room."""

import asyncio

HOLD, RESUME = 0.9, 0.8
"""Parts of the journal's limit: what is held from the one on goes on below the other. What makes room frees less than
that, so held sources go on only when receipts have let entries go.
"""


class Hold:
    """Waits for room."""

    def __init__(self) -> None:
        self._room = asyncio.Event()
        self._room.set()

    @property
    def holding(self) -> bool:
        """Whether sources are held back."""
        return not self._room.is_set()

    def look(self, filled: float) -> None:
        """So full is the journal now, as a part of its limit."""
        if filled >= HOLD:
            self._room.clear()
        elif filled < RESUME:
            self._room.set()

    async def room(self) -> None:
        """Wait until there is some."""
        await self._room.wait()
