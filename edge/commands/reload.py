"""`cmo-edge reload`: a running agent reads its configuration again."""

import typer

from edge.commands.arguments import ConfigFile, loaded, refuse
from edge.control import ask

PATIENCE = 60.0
"""Seconds: sources are closed in order, and a server may hang."""


def reload(config: ConfigFile) -> None:
    """Have the running agent read its configuration again; sources that did not change go on untouched."""
    configuration = loaded(config)
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; send the agent SIGHUP instead")
    answer = ask(configuration.control_socket, "reload", patience=PATIENCE)
    for what in ("unchanged", "changed", "added", "removed"):
        if answer[what]:
            typer.echo(f"{what}: {', '.join(answer[what])}")
    for name in answer["agreements"]:
        typer.echo(f"agreement: {name}")
    for name in answer["restart"]:
        typer.echo(f"needs a restart of the agent: {name}")
