"""Three Apache Kafkas that hold every partition in common, so that one may be lost."""

import asyncio
import base64
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from simulators.broker.kafka import KafkaBroker
from simulators.broker.properties import Member
from simulators.ports import free_ports

NODES = 3
"""The smallest number of which a majority is left when one is gone."""


class KafkaCluster:
    """Brokers by node id, from 1; each partition on all of them, written to two before it counts as written."""

    def __init__(self, directory: Path) -> None:
        ports = free_ports(2 * NODES)
        members = tuple(Member(at + 1, ports[2 * at], ports[2 * at + 1]) for at in range(NODES))
        name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self.brokers = {
            member.node: KafkaBroker(directory / f"node-{member.node}", cluster=(name, members, member))
            for member in members
        }

    @property
    def bootstrap(self) -> str:
        """All brokers, as clients are given them."""
        return ",".join(broker.bootstrap for broker in self.brokers.values())

    async def start(self) -> None:
        """Returns when all of them can be reached: a majority has to be there before one is ready."""
        await asyncio.gather(*(asyncio.to_thread(broker.start) for broker in self.brokers.values()))

    def stop(self) -> None:
        """End them at once: one after the other would wait for a majority that is gone."""
        for broker in self.brokers.values():
            broker.kill()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()
