"""What the commands share: their arguments, and how they are refused. One line, exit code 2."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge.settings import AgentConfiguration, SourceConfiguration, load
from gateway.configuration import ConfigurationError, nearest
from gateway.running import Exit, complain

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The agent's configuration (YAML).")]
SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source in the configuration.")]


def refuse(message: object) -> NoReturn:
    """Say what is wrong with what was asked for, and end."""
    complain(f"cmo-edge: {message}")
    raise typer.Exit(Exit.CONFIGURATION)


def loaded(config: Path) -> AgentConfiguration:
    """The agent's configuration; ends with a line for each fault."""
    try:
        return load(config)
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error


def source_in(configuration: AgentConfiguration, name: str) -> SourceConfiguration:
    """The source of that name."""
    known = {source.name: source for source in configuration.sources}
    if name not in known:
        refuse(f"the configuration has no source {name!r}{nearest(name, list(known))}")
    return known[name]
