"""What a node sends, in one journal: numbered, in a Merkle tree, on the disk before anybody is told.

Who looked at what and what persons say to the other side are streams of the same sender, so they share it.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from gateway.journal.entries import Draft
from gateway.journal.journal import Journal

UNBOUNDED = 1 << 50
"""Octets: what was said and who looked never makes room."""


class Outbox:
    """One node's. For the event loop, save `journal`, whose reading calls may come from any thread.

    Raises JournalError when the file cannot be used.
    """

    def __init__(self, file: Path) -> None:
        """Open or make the file, for its owner alone."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self.journal = Journal(file, limit=UNBOUNDED, days=365_000, keeping=True)
        self.written: Callable[[], None] = lambda: None
        """Called when there is more in the journal."""
        self._writing = asyncio.Lock()

    async def append(self, drafts: Sequence[Draft]) -> None:
        """On the disk when it returns, all or nothing, also where the caller is cancelled. Raises sqlite3.Error."""
        await asyncio.shield(asyncio.ensure_future(self._append(drafts)))

    async def _append(self, drafts: Sequence[Draft]) -> None:
        async with self._writing:
            await asyncio.to_thread(self.journal.append, drafts)
        self.written()

    async def close(self) -> None:
        """Close the file, once nothing is being written."""
        async with self._writing:
            await asyncio.to_thread(self.journal.close)
