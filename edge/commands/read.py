"""`cmo-edge read`: live values on the terminal."""

import asyncio
import logging
from typing import Annotated

import typer
from rich.console import Console

from edge.commands.arguments import ConfigFile, loaded
from edge.reading import Reader
from gateway.running import configure_logs, until_stopped


def read(
    config: ConfigFile,
    seconds: Annotated[float | None, typer.Option(help="Stop after this time instead of at Ctrl-C.", min=0.1)] = None,
) -> None:
    """Connect to the sources and show live values with their status; send nothing."""
    configuration = loaded(config)
    configure_logs(level=logging.ERROR)  # what is lost is shown among the values
    reader = Reader(configuration, Console())

    async def reading() -> None:
        try:
            await asyncio.wait_for(reader.run(), seconds)
        except TimeoutError:
            return

    asyncio.run(until_stopped(reading()))
