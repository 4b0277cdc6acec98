"""`cmo-edge settings`: the reference of all settings."""

import typer

from adapters.registry import adapter, adapter_names
from edge.settings import AgentSettings
from gateway.cleanroom.site import Site
from gateway.reference import reference


def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    typer.echo(settings_reference())


def settings_reference() -> str:
    """The agent's settings, the site's, and those of each adapter."""
    parts = ["# Settings of the agent", reference("The configuration", AgentSettings), reference("The site file", Site)]
    parts += [reference(f"Sources of type `{name}`", adapter(name).settings) for name in adapter_names()]
    return "\n\n".join(parts)
