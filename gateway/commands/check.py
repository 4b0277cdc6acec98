"""`cmo-gateway check`: the configuration."""

import typer

from gateway.commands.arguments import ConfigFile, loaded


def check(config: ConfigFile) -> None:
    """Name every fault of a configuration; start nothing."""
    configuration = loaded(config)
    typer.echo(f"{config}: no faults; {len(configuration.site.rooms)} rooms from {configuration.settings.cmo}")
