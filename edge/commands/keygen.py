"""`cmo-edge keygen`: the key that seals the agent's streams."""

import time
from contextlib import closing
from typing import Annotated

import typer

from edge.commands.arguments import ConfigFile, loaded
from edge.settings import AgentConfiguration
from gateway.journal.journal import Journal
from gateway.proof import keys, rotation
from gateway.proof.note import SigningKey


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
    typer.echo(f"private key: {configuration.key}")
    typer.echo(f"give to holders: {public}")
    typer.echo(f"compare on paper: {keys.fingerprint(keys.public_keys(key)[0])}")


def _rotated(configuration: AgentConfiguration) -> SigningKey:
    """The new key; nobody seals meanwhile, because the journal is held. Raises JournalError and KeyFileError."""
    limit = configuration.settings.journal_mib * 1024 * 1024
    with closing(Journal(configuration.journal, limit=limit)) as journal:
        sealed = max((head.sealed for head in journal.heads().values()), default=0)
        rotated = rotation.rotate(configuration.key, sealed=sealed, now=int(time.time()))
    typer.echo(f"the statement of the change, published at the next start: {rotated.statement}")
    typer.echo(f"the old private key, to be destroyed once the agent runs with the new one: {rotated.old}")
    return rotated.key
