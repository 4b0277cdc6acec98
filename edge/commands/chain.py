"""`cmo-edge test-alarms`: every way by which people hear of an alarm, tried by the running agent."""

import typer

from edge.annunciation.proving import part_lines
from edge.commands.arguments import ConfigFile, loaded, refuse
from edge.control import ask
from gateway.running import Exit

PATIENCE = 120.0
"""Seconds: longer than all ways may take."""


def test_alarms(config: ConfigFile) -> None:
    """Try beacon, mail, webhooks and uplink with marked messages. Exit code 1 when one of them fails."""
    configuration = loaded(config)
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; add one and restart the agent")
    answer = ask(configuration.control_socket, "test_alarms", patience=PATIENCE)
    for line in part_lines(answer):
        typer.echo(line)
    if not all(part["ok"] for part in answer["parts"]):
        raise typer.Exit(Exit.FAILED)
