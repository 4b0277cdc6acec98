"""The holder's node: receive, archive, show. The one place that knows how its parts are joined."""

import asyncio
import sys

from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.link.receiver import Receiver
from gateway.live import Live
from gateway.settings import NodeConfiguration


class Node:
    """One node, from configuration to running. Raises ArchiveError when the archive cannot be opened."""

    def __init__(self, configuration: NodeConfiguration) -> None:
        settings = configuration.settings
        self._console = settings.console
        self._receiver = Receiver(settings.kafka, origin=settings.cmo, recipient=settings.name)
        self.archive = Archive(configuration.archive)
        self.live = Live.of(self.archive)
        self._desk = Desk(configuration.site, self.archive, self.live)

    async def run(self) -> None:
        """Until cancelled. Raises PortTakenError."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(serve(self._desk, self._console.host, self._console.port, ready=_announce))
                tasks.create_task(self._receive())
        finally:
            await asyncio.to_thread(self.archive.close)

    async def _receive(self) -> None:
        positions, numbers = await asyncio.to_thread(lambda: (self.archive.positions(), self.archive.numbers()))
        async for batch in self._receiver.batches(positions, numbers):
            await asyncio.to_thread(self.archive.store, batch)
            self.live.apply(batch)
            self._desk.changed()
        raise AssertionError("receiving ended, and nobody asked for it")


def _announce(url: str) -> None:
    sys.stdout.write(f"console: {url}\n")
    sys.stdout.flush()
