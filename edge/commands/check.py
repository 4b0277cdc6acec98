"""`cmo-edge check`: the configuration, and with `--connect` the devices too."""

import asyncio
import logging
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.agreeing import held
from edge.commands.arguments import ConfigFile, loaded
from edge.settings import AgentConfiguration
from edge.trial import Seen, Trial
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.monitored import notes
from gateway.running import Exit, configure_logs, until_stopped


def check(
    config: ConfigFile,
    *,
    connect: Annotated[bool, typer.Option("--connect", help="Connect to every source, too.")] = False,
    seconds: Annotated[float, typer.Option(help="Seconds to wait for a Good value of every tag.", min=0.5)] = 10.0,
) -> None:
    """Name every fault of a configuration; with --connect, also what the devices say to it. Sends nothing."""
    configuration = loaded(config)
    tags = sum(len(source.settings.all_tags) for source in configuration.sources)
    limits = len(conditions(configuration.site))
    typer.echo(f"{config}: no faults; {len(configuration.sources)} sources, {tags} tags, {limits} alarms on its site")
    for version in held(configuration):
        typer.echo(f"in force: {version}")
    for note in notes(configuration.site):
        typer.echo(f"note: {note}")
    if connect and not _connected(configuration, seconds):
        raise typer.Exit(Exit.FAILED)


def _connected(configuration: AgentConfiguration, seconds: float) -> bool:
    """Whether every tag had a Good value; what was found is printed."""
    configure_logs(level=logging.WARNING)
    seen: list[Seen] = []

    async def trying() -> None:
        trial = Trial(configuration)
        seen.extend(trial.seen.values())
        await trial.run(seconds)

    asyncio.run(until_stopped(trying()))
    for one in seen:
        _show(one)
    return all(one.complete for one in seen)


def _show(seen: Seen) -> None:
    total = len(seen.source.settings.all_tags)
    state = "answers" if seen.answered else "does not answer"
    typer.echo(f"\n{seen.source.name}: {state}, {len(seen.good)} of {total} tags with a Good value")
    if seen.problem:
        typer.echo(f"  {seen.problem}")
    console = Console()
    if not console.is_terminal:
        for finding in seen.findings():
            typer.echo("\t".join(finding))
        return
    table = Table("tag", box=None, header_style="dim")
    table.add_column("value", justify="right")
    table.add_column("status")
    for name, value, status in seen.findings():
        style = "" if name in seen.good else "red"
        table.add_row(Text(name), Text(value), Text(status), style=style)
    console.print(table)
