"""The holder's node: receive, verify, archive, show. The one place that knows how its parts are joined."""

import asyncio
import sys
import time

import structlog

from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.inspection import Inspected, Inspector
from gateway.link.receiver import Receiver
from gateway.live import Live
from gateway.message import Batch
from gateway.proof.keys import load_public
from gateway.settings import NodeConfiguration

log = structlog.get_logger(__name__)


class Node:
    """One node, from configuration to running. Raises KeyFileError and ArchiveError."""

    def __init__(self, configuration: NodeConfiguration) -> None:
        settings = configuration.settings
        self._console = settings.console
        self._receiver = Receiver(settings.kafka, origin=settings.cmo, recipient=settings.name)
        trusted = [key for file in configuration.trust for key in load_public(file)]
        self.archive = Archive(configuration.archive)
        self._inspector = Inspector(settings.cmo, settings.name, trusted, self.archive.leaf, self.archive.states())
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
        positions, begun = await asyncio.to_thread(self.archive.positions), time.time() - time.monotonic()
        async for batch in self._receiver.batches(positions):
            inspected = await asyncio.to_thread(self._keep, batch, begun + time.monotonic())
            self.live.apply_inspected(inspected)
            for finding in inspected.findings:
                log.warning("finding", code=finding.code.value, text=str(finding))
            self._desk.changed()
        raise AssertionError("receiving ended, and nobody asked for it")

    def _keep(self, batch: Batch, now: float) -> Inspected:
        inspected = self._inspector.inspect(batch, now)
        self.archive.store_inspected(inspected)
        return inspected


def _announce(url: str) -> None:
    sys.stdout.write(f"console: {url}\n")
    sys.stdout.flush()
