"""`cmo-edge page`: the line page, a process of its own beside the agent."""

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from edge.commands.arguments import ConfigFile, loaded, refuse
from edge.settings import AgentConfiguration
from gateway.running import Exit, complain, configure_logs, until_stopped


def page(
    config: ConfigFile,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8081,
) -> None:
    """Serve the line page: rooms, values and alarms of the running agent, with no uplink. Until stopped."""
    configuration = loaded(config)
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; add one and restart the agent")
    if find_spec("nicegui") is None:
        refuse("the line page needs NiceGUI; install it with: pip install 'cmo-gateway[edge,page]'")
    configure_logs()
    asyncio.run(until_stopped(_serving(configuration, configuration.control_socket, host, port)))


async def _serving(configuration: AgentConfiguration, socket: Path, host: str, port: int) -> None:
    from edge.page.feed import Feed  # noqa: PLC0415 - the other commands need no NiceGUI
    from edge.page.server import serve  # noqa: PLC0415
    from gateway.console.serving import PortTakenError  # noqa: PLC0415

    try:
        await serve(Feed(configuration.site, socket), host, port, ready=_announce)
    except PortTakenError as error:
        complain(f"cmo-edge: {error}")
        raise typer.Exit(Exit.FAILED) from error


def _announce(address: str) -> None:
    typer.echo(f"line page at {address}")
