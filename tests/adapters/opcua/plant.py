"""An OPC UA server for tests: a small one in this process, or one in a process of its own that can be stopped."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server

NAMESPACE = "urn:plant:line-3"


class Plant:
    """A running server; nodes are found by the names they were added with."""

    def __init__(self, server: Server, port: int, namespace: int) -> None:
        self.server = server
        self.endpoint = f"opc.tcp://127.0.0.1:{port}/"
        self.namespace = namespace
        self._nodes: dict[str, Node] = {}

    async def add(self, name: str, value: object, kind: ua.VariantType) -> Node:
        """A variable with a string node id, or a new value for the one there is."""
        if name in self._nodes:
            told: Any = datetime.now(UTC)
            await self.write(name, ua.DataValue(ua.Variant(value, kind), SourceTimestamp=told))
            return self._nodes[name]
        shown = ua.QualifiedName(ua.String(name), ua.UInt16(self.namespace))
        node = await self.server.nodes.objects.add_variable(
            ua.NodeId(ua.String(name), ua.Int16(self.namespace)), shown, ua.Variant(value, kind)
        )
        self._nodes[name] = node
        return node

    async def write(self, name: str, data: ua.DataValue) -> None:
        """Set value, status and source time."""
        await self.server.write_attribute_value(self._nodes[name].nodeid, data)

    async def delete_subscriptions(self) -> int:
        """Drop all subscriptions behind the clients' backs; how many there were."""
        service = self.server.iserver.subscription_service
        known = list(service.subscriptions)
        await service.delete_subscriptions(known)
        return len(known)

    def subscriptions(self) -> int:
        """How many subscriptions the server has."""
        return len(self.server.iserver.subscription_service.subscriptions)

    def unacknowledged(self) -> int:
        """How many notifications the server keeps for being asked for again."""
        subscriptions = self.server.iserver.subscription_service.subscriptions
        return sum(len(one._not_acknowledged_results) for one in subscriptions.values())

    def connections(self) -> int:
        """How many clients are connected."""
        listener = self.server.bserver
        return 0 if listener is None else len(listener.clients)


@contextlib.asynccontextmanager
async def running(port: int) -> AsyncIterator[Plant]:
    """A server on loopback with one namespace of its own."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    plant = Plant(server, port, await server.register_namespace(NAMESPACE))
    await server.start()
    try:
        yield plant
    finally:
        await server.stop()


async def main(port: int) -> None:
    """A server with one changing double, until it is killed. Prints `ready` when it serves."""
    async with running(port) as plant:
        await plant.add("F1.DP", 12.5, ua.VariantType.Double)
        print("ready", flush=True)  # noqa: T201 - the parent waits for it
        for turn in range(1_000_000):
            await plant.write("F1.DP", ua.DataValue(ua.Variant(12.5 + turn % 10, ua.VariantType.Double)))
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
