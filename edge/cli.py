"""`cmo-edge`: the commands of the agent. Exit codes: 0 done, 1 failed, 2 the configuration has faults."""

import asyncio
import logging
import signal
import sys
import time
from contextlib import closing
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from adapters.registry import adapter, adapter_names
from adapters.tools import ToolError
from edge.agent import Agent
from edge.annunciation.annunciation import status_lines
from edge.collector import spare_the_collector
from edge.commands import alarms, exports, tags
from edge.commands import map as maps
from edge.commands.arguments import ConfigFile, loaded
from edge.commands.browse import browse
from edge.commands.certificate import certificate
from edge.commands.chain import test_alarms
from edge.commands.check import check
from edge.commands.page import page
from edge.commands.probe import probe
from edge.commands.recordings import record, replay
from edge.commands.reload import reload
from edge.commands.weigh import accept_identity, weigh
from edge.control import ControlError, ask
from edge.line_errors import lines_of
from edge.reading import Reader
from edge.settings import AgentConfiguration, AgentSettings
from edge.telling import file_lines, uplink_lines
from gateway.cleanroom.site import Site
from gateway.journal.journal import Journal, JournalError
from gateway.proof import keys, rotation
from gateway.proof.note import SigningKey
from gateway.reference import reference
from gateway.running import Exit, complain, configure_logs, until_stopped

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(check)
app.command()(browse)
app.command()(certificate)
app.command()(weigh)
app.command()(accept_identity)
app.command()(page)
app.command()(probe)
app.command()(record)
app.command()(replay)
app.command()(reload)
app.command()(test_alarms)
app.add_typer(tags.app, name="tags")
app.add_typer(maps.app, name="map")
app.add_typer(alarms.app)
app.add_typer(exports.app)


@app.command()
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


@app.command()
def run(config: ConfigFile) -> None:
    """Read, alarm and publish until stopped (Ctrl-C or SIGTERM); SIGHUP reads the configuration again."""
    configuration = loaded(config)
    configure_logs()
    asyncio.run(until_stopped(_agent(configuration)))


async def _agent(configuration: AgentConfiguration) -> None:
    agent = Agent(configuration)
    spare_the_collector()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, agent.hang_up)
    await agent.run()


@app.command()
def keygen(
    config: ConfigFile,
    *,
    rotate: Annotated[bool, typer.Option("--rotate", help="Put a new key in the place of the present one.")] = False,
) -> None:
    """Make the key that seals this agent's streams, and the public file that holders are given."""
    configuration = loaded(config)
    public = configuration.key.with_suffix(".vkey")
    if rotate:
        key = _rotated(configuration)
    else:
        key = keys.generate(configuration.settings.cmo, keys.Role.SENDER, configuration.settings.sender)
        keys.save(key, configuration.key)
        keys.save_public(key, public)
    print(f"private key: {configuration.key}")
    print(f"give to holders: {public}")
    print(f"compare on paper: {keys.fingerprint(keys.public_keys(key)[0])}")


def _rotated(configuration: AgentConfiguration) -> SigningKey:
    """The new key; nobody seals meanwhile, because the journal is held. Raises JournalError and KeyFileError."""
    limit = configuration.settings.journal_mib * 1024 * 1024
    with closing(Journal(configuration.journal, limit=limit)) as journal:
        sealed = max((head.sealed for head in journal.heads().values()), default=0)
        rotated = rotation.rotate(configuration.key, sealed=sealed, now=int(time.time()))
    print(f"the statement of the change, published at the next start: {rotated.statement}")
    print(f"the old private key, to be destroyed once the agent runs with the new one: {rotated.old}")
    return rotated.key


@app.command()
def status(config: ConfigFile) -> None:
    """How the sources, the uplink and the journal of the running agent are, and what holders have confirmed."""
    configuration = loaded(config)
    answer = _ask(configuration, "status")
    table = Table("source", "connected", "last heard", "frames", "samples", "problem", box=None, header_style="dim")
    for source in answer["sources"]:
        age = "never" if source["age"] is None else f"{source['age']:.1f} s ago"
        state = "yes" if source["connected"] else "no"
        table.add_row(
            source["name"], state, age, str(source["frames"]), str(source["samples"]), source["problem"] or ""
        )
    Console().print(table)
    uplink = uplink_lines(answer, configuration.site.zone)
    for line in (*file_lines(answer), *lines_of(answer), *uplink, *status_lines(answer)):
        print(line)


@app.command()
def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    print(settings_reference())


def settings_reference() -> str:
    """The agent's settings, the site's, and those of each adapter."""
    parts = ["# Settings of the agent", reference("The configuration", AgentSettings), reference("The site file", Site)]
    parts += [reference(f"Sources of type `{name}`", adapter(name).settings) for name in adapter_names()]
    return "\n\n".join(parts)


def _ask(configuration: AgentConfiguration, do: str, **arguments: Any) -> Any:
    if configuration.control_socket is None:
        complain("the configuration has no control_socket; add one and restart the agent")
        raise typer.Exit(Exit.CONFIGURATION)
    return ask(configuration.control_socket, do, **arguments)


def main() -> None:
    """Entry point: faults that are not ours are one line, without a traceback."""
    try:
        app()
    except (ControlError, JournalError, ToolError, keys.KeyFileError, OSError) as error:
        complain(f"cmo-edge: {error}")
        sys.exit(Exit.FAILED)
