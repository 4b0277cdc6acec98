"""`cmo-gateway`: the commands of a holder's node. Exit codes: 0 done, 1 failed, 2 the configuration has faults."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.archive.archive import ArchiveError
from gateway.configuration import ConfigurationError
from gateway.console.server import PortTakenError
from gateway.link.whole import UnreachableError
from gateway.node import Node
from gateway.proof.keys import KeyFileError, load_public
from gateway.reference import reference
from gateway.running import Exit, complain, configure_logs, until_stopped
from gateway.settings import NodeConfiguration, NodeSettings, load
from gateway.site import Site
from gateway.verify import Check

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The node's configuration (YAML).")]


@app.command()
def check(config: ConfigFile) -> None:
    """Name every fault of a configuration; start nothing."""
    configuration = _load(config)
    print(f"{config}: no faults; {len(configuration.site.rooms)} rooms from {configuration.settings.cmo}")


@app.command()
def run(config: ConfigFile) -> None:
    """Receive, archive and show until stopped (Ctrl-C or SIGTERM)."""
    configuration = _load(config)
    configure_logs()
    asyncio.run(until_stopped(_node(configuration)))


async def _node(configuration: NodeConfiguration) -> None:
    await Node(configuration).run()


@app.command()
def verify(
    config: ConfigFile,
    trust: Annotated[list[Path], typer.Option(help="Public key file of a sender; may be given several times.")],
) -> None:
    """Check all that stands in the topics against the seals; exit code 0 only if all of it holds."""
    configuration = _load(config)
    trusted = [key for file in trust for key in load_public(file)]
    check = Check(configuration.settings.cmo, configuration.settings.name, trusted)
    asyncio.run(until_stopped(check.run(configuration.settings.kafka)))
    for checked in check.streams.values():
        print("\n".join(checked.lines()))
    if check.strangers:
        print(f"{check.strangers} messages belong to no stream from {configuration.settings.cmo}")
    if check.strangers or not check.streams or not all(checked.good for checked in check.streams.values()):
        raise typer.Exit(Exit.FAILED)


@app.command()
def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    print(settings_reference())


def settings_reference() -> str:
    """The node's settings and the site's."""
    parts = ["# Settings of the holder's node", reference("The configuration", NodeSettings)]
    return "\n\n".join([*parts, reference("The site file", Site)])


def _load(config: Path) -> NodeConfiguration:
    try:
        return load(config)
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error


def main() -> None:
    """Entry point: faults that are not ours are one line, without a traceback."""
    try:
        app()
    except* (ArchiveError, KeyFileError, PortTakenError, UnreachableError, OSError) as group:
        for error in group.exceptions:
            complain(f"cmo-gateway: {error}")
        sys.exit(Exit.FAILED)
