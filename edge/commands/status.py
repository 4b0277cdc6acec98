"""`cmo-edge status`: how the running agent is."""

import typer
from rich.console import Console
from rich.table import Table

from edge.commands.arguments import ConfigFile, loaded, refuse
from edge.control import ask
from edge.line_errors import lines_of
from edge.telling import annunciation_lines, file_lines, uplink_lines


def status(config: ConfigFile) -> None:
    """How the sources, the uplink and the journal of the running agent are, and what holders have confirmed."""
    configuration = loaded(config)
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; add one and restart the agent")
    answer = ask(configuration.control_socket, "status")
    table = Table("source", "connected", "last heard", "frames", "samples", "problem", box=None, header_style="dim")
    for source in answer["sources"]:
        age = "never" if source["age"] is None else f"{source['age']:.1f} s ago"
        state = "yes" if source["connected"] else "no"
        table.add_row(
            source["name"], state, age, str(source["frames"]), str(source["samples"]), source["problem"] or ""
        )
    Console().print(table)
    uplink = uplink_lines(answer, configuration.site.zone)
    for line in (*file_lines(answer), *lines_of(answer), *uplink, *annunciation_lines(answer)):
        typer.echo(line)
