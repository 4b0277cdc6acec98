"""`cmo-gateway run`: the node."""

import asyncio

from gateway.commands.arguments import ConfigFile, loaded
from gateway.node import Node
from gateway.running import configure_logs, until_stopped
from gateway.settings import NodeConfiguration


def run(config: ConfigFile) -> None:
    """Receive, archive and show until stopped (Ctrl-C or SIGTERM)."""
    configuration = loaded(config)
    configure_logs()
    asyncio.run(until_stopped(_node(configuration)))


async def _node(configuration: NodeConfiguration) -> None:
    await Node(configuration).run()
