"""A source to which files are brought. Who brings one is answered when the journal has its records, and not before.

The same key with the same content is answered as the first time; with another content it is refused.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adapters.contract import Adapter, SourceError
from adapters.exports.ledger_file import State
from adapters.exports.originals import CHUNK, TooLargeError
from adapters.exports.settings import PushSettings, token_in
from adapters.exports.source import ExportSource
from adapters.exports.ways.push_server import Brought, NotTakenError, Server, application, listen
from schemas.records import GapCause

PAUSE = 5.0
"""Seconds between two reports while nothing is brought."""
LOOK = 0.05
"""Seconds between two looks whether a file is at its end."""
CLOSING = 5.0
"""Seconds that answers under way get when the source ends."""
_KEY = b"\0key "
"""Before a key, where the ledger remembers paths; no path has a NUL."""


class PushSource(ExportSource):
    """Listens while it is connected."""

    def __init__(self, settings: PushSettings) -> None:
        super().__init__(settings, PAUSE)
        self._pushed = settings
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the ledger and listen; without a journal it only looks. Raises SourceError."""
        await super().connect()
        if self._ledger is None:
            return
        try:
            app = application(self._pushed, token_in(self._pushed.token_file), self.take)
            self._server, listener = Server(self._pushed, app), listen(self._pushed)
        except (OSError, ValueError) as error:
            where = f"{self._pushed.host}:{self._pushed.port}"
            raise SourceError(GapCause.OTHER, f"cannot listen on {where}: {error}") from error
        self._serving = asyncio.create_task(self._server.serve([listener]))

    async def close(self) -> None:
        """Listen no more, and give the ledger back."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait([self._serving], timeout=CLOSING)
        self._server = self._serving = None
        await super().close()

    async def take(self, brought: Brought) -> tuple[int, Mapping[str, Any]]:
        """Status and answer. Raises NotTakenError."""
        try:
            sha = await self._kept(brought)
            self._more.set()
            while True:
                found = await self._do(lambda: self._came(brought, sha))
                if not any(one["state"] is State.OPEN for one in found):
                    break
                await asyncio.sleep(LOOK)
        except SourceError as error:
            raise NotTakenError(503, error.detail) from error
        refused = any(one["state"] is State.REFUSED for one in found)
        return 422 if refused else 200, {"sha256": sha, "readings": found}

    async def _kept(self, brought: Brought) -> str:
        handle, name = tempfile.mkstemp(dir=self._pushed.keep / "incoming")
        try:
            with os.fdopen(handle, "wb") as file:
                size = 0
                async for chunk in brought.chunks:
                    size += len(chunk)
                    if size > self._pushed.largest_mib * 1024 * 1024:
                        raise NotTakenError(413, f"the file is larger than {self._pushed.largest_mib} MiB")
                    file.write(chunk)
            return await self._do(lambda: self._entered(brought, Path(name)))
        except OSError as error:
            raise NotTakenError(503, f"cannot be kept: {error}") from error
        finally:
            Path(name).unlink(missing_ok=True)

    def _entered(self, brought: Brought, file: Path) -> str:
        """In the thread. Gives the SHA-256."""
        if self._intake is None or self._ledger is None:
            raise NotTakenError(503, "the agent is about to stop")
        try:
            original = self._intake.keep(_chunks(file))
        except TooLargeError as error:
            raise NotTakenError(413, "the file is too large") from error
        key = _KEY + (brought.key or f"{original.sha} {brought.name}").encode()
        before = self._ledger.signature(key)
        if before is None or brought.key is None:
            self._intake.enter(brought.name, original, (key, original.sha))
        elif before != original.sha:
            raise NotTakenError(409, f"the key {brought.key!r} was used for another content")
        return original.sha

    def _came(self, brought: Brought, sha: str) -> list[dict[str, Any]]:
        """In the thread: what became of it so far."""
        if self._ledger is None:
            raise NotTakenError(503, "the agent is about to stop")
        return [
            {"mapping": one.mapping and Path(one.mapping).name, "state": one.state, "reason": one.reason}
            | asdict(account)
            for one, account in self._ledger.came(brought.name, sha)
        ]


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            yield chunk


PUSH = Adapter(settings=PushSettings, source=PushSource, waits=True)
