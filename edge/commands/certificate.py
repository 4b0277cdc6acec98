"""`cmo-edge certificate`: our own certificate for a source that needs one."""

import typer

from edge.commands.arguments import ConfigFile, SourceName, loaded, refuse, source_in


def certificate(config: ConfigFile, source: SourceName) -> None:
    """Make the certificate and key by which a server knows this agent (OPC UA). Files that are there stay."""
    configuration = loaded(config)
    chosen, settings = source_in(configuration, source), configuration.settings
    make = chosen.adapter.tools.certify
    if make is None:
        refuse(f"{source}: sources of type {chosen.settings.type} have no certificate")
    made = make(chosen.settings, f"urn:{settings.cmo}:{settings.sender}", f"{settings.cmo} {settings.sender}")
    typer.echo(f"certificate: {made.certificate}")
    typer.echo(f"private key: {made.private_key}, for the agent's user alone")
    typer.echo(f"application URI: {made.uri}")
    typer.echo(f"SHA-256: {made.fingerprint}")
    typer.echo(
        "At the server: copy the certificate (never the key) into its folder of trusted clients, or connect once and "
        "accept it in the server's list of rejected ones; compare the SHA-256 there. Allow it to read, no more."
    )
