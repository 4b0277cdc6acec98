"""Assignments on their way: worked out, kept, then into the journal; what was kept and is not there goes again."""

import asyncio
import sqlite3
from collections.abc import Sequence

import structlog

from edge.context_file import ContextFile
from gateway.context.context import Changes, Context
from schemas.context import Assignment

log = structlog.get_logger(__name__)


class Keeping:
    """Keeps what a context learns, one write at a time; without a file nothing is kept.

    A file that cannot be written is said once, and holds nothing up: what waits is written with what comes next.
    """

    def __init__(self, context: Context, file: ContextFile | None) -> None:
        self._context, self._file = context, file
        self._one = asyncio.Lock()
        self._left = Changes()
        self._problem: str | None = None

    def load(self) -> list[Assignment]:
        """Go on from the life before; gives what may not be in the journal."""
        try:
            return [] if self._file is None else self._file.load(self._context)
        except (sqlite3.Error, ValueError, KeyError) as error:
            self._say(str(error))
            return []

    async def write(self) -> None:
        """What was learnt and told since."""
        if self._file is None:
            self._context.changes()
            return
        async with self._one:
            self._left.add(self._context.changes())
            if not self._left:
                return
            try:
                await asyncio.to_thread(self._file.write, self._left)
            except sqlite3.Error as error:
                self._say(str(error))
                return
            self._left, self._problem = Changes(), None

    async def in_journal(self, told: Sequence[Assignment]) -> None:
        """These are in the journal."""
        if self._file is None or not told:
            return
        async with self._one:
            try:
                await asyncio.to_thread(self._file.in_journal, told)
            except sqlite3.Error as error:  # they are told once more after a restart
                self._say(str(error))

    def _say(self, problem: str) -> None:
        if problem != self._problem:
            log.error("what is known of batches cannot be kept", problem=problem)
        self._problem = problem
