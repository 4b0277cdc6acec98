"""A node: receive, verify, archive, confirm, review, show. The one place that joins its parts."""

import asyncio
import sys
from zoneinfo import ZoneInfo

from gateway.access.entrance import Entrance
from gateway.agreement.shelf import Shelf
from gateway.archive.archive import Archive
from gateway.bundle.archived import Proofs
from gateway.certificates import Watch, files_of
from gateway.concerned import holders_concerned
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.console.serving import Certificate
from gateway.intake.intake import Intake
from gateway.partitioning import Partitioning
from gateway.proof.keys import Role, load, load_public, public_keys
from gateway.review.judging import Judging
from gateway.sending import ABROAD, HOME, Sending, sent_by
from gateway.settings import NodeConfiguration


class Node:
    """One node, from configuration to running. Raises KeyFileError and ArchiveError."""

    def __init__(self, configuration: NodeConfiguration) -> None:
        settings = configuration.settings
        self._settings, self._console = settings, settings.console
        key = load(configuration.key, Role.NODE)
        self._sender_key = None if settings.sender_key is None else load(settings.sender_key, Role.SENDER)
        own = [key] if self._sender_key is None else [key, self._sender_key]
        trusted = [key for file in configuration.trust for key in load_public(file)]
        trusted += [public for one in own for public in public_keys(one) if public not in trusted]
        self.archive = Archive(configuration.archive)
        self._partitioning = None if settings.partitions is None else Partitioning(self.archive, settings.partitions)
        self._intake = Intake(settings.kafka, (settings.cmo, settings.name), trusted, key, self.archive)
        beside = [(holder, ABROAD) for holder in settings.holders]
        if settings.name != settings.cmo and self._sender_key is not None:  # the manufacturer's intake has its own
            beside.append((settings.name, HOME))
        self._beside = [
            Intake(
                settings.kafka, (origin, settings.name), trusted, key, self.archive, families=families,
                live=self._intake.live,
            )
            for origin, families in beside
        ]  # fmt: skip
        self._judging = Judging(self.archive, configuration.agreed, ZoneInfo(configuration.site.zone))
        self._certificates = Watch(lambda: files_of(settings))
        self._trusted = trusted
        self._agreements = Shelf(folder, trusted) if (folder := configuration.agreements) else None
        self._desk = Desk(
            configuration.site, self.archive, self._intake.live, masters=configuration.agreed.masters,
            agreed=configuration.agreed, agreements=self._agreements, certificates=self._certificates.status,
            proofs=Proofs(key, trusted),
        )  # fmt: skip

    async def run(self) -> None:
        """Until cancelled. Raises PortTakenError."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._show())
                tasks.create_task(self._certificates.run())
                for intake in (self._intake, *self._beside):
                    tasks.create_task(intake.answer())
                    tasks.create_task(self._receive(intake))
                tasks.create_task(self._judging.run(self._desk.changed))
                if self._partitioning is not None:
                    tasks.create_task(self._partitioning.run())
        finally:
            await asyncio.to_thread(self.archive.close)

    async def _show(self) -> None:
        settings, console = self._settings.access, self._console
        entrance = None
        if settings is not None:
            concerned = holders_concerned(self.archive, self._agreements)
            entrance = Entrance(settings, console.host, (self._settings.name, self._settings.cmo), concerned=concerned)
        certificate = None
        if console.certificate_file and console.key_file:
            certificate = Certificate(console.certificate_file, console.key_file)
        serving = serve(
            self._desk, console.host, console.port, ready=_announce, entrance=entrance, certificate=certificate,
             proxied=settings is not None and settings.address is not None,
        )  # fmt: skip
        if entrance is None:
            await serving
            return
        sending = asyncio.create_task(self._send(entrance))
        writing = asyncio.create_task(entrance.run())
        try:
            await serving
        finally:
            for task in (sending, writing):  # in this order: what is sent stands in what is written
                task.cancel()
                await asyncio.wait([task])

    async def _send(self, entrance: Entrance) -> None:
        """Who looked at what, and what persons say: to the other side, and home."""
        settings, key = self._settings, self._sender_key
        streams = sent_by(settings.name, [*settings.others, settings.name])
        if key is None:
            return
        sending = Sending(settings.kafka, entrance.outbox.journal, streams, key, self._trusted)
        entrance.outbox.written = sending.wake
        await sending.run()

    async def _receive(self, intake: Intake) -> None:
        async for _ in intake.batches():
            self._desk.changed()
        raise AssertionError("receiving ended, and nobody asked for it")


def _announce(url: str) -> None:
    sys.stdout.write(f"console: {url}\n")
    sys.stdout.flush()
