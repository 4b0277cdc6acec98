"""`cmo-gateway archive`: the archive as Parquet files, made anew from the topics, and compared with another."""

import asyncio
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.archive.archive import Archive, ArchiveError
from gateway.archive.content import digests, only_in, opened
from gateway.archive.partitions import write_partitions
from gateway.commands.arguments import ConfigFile, loaded, refuse
from gateway.intake.rebuilding import Far, Rebuilding
from gateway.link.receiver import Receiver
from gateway.proof.keys import Role, load, load_public
from gateway.running import Exit, configure_logs
from gateway.sending import ABROAD, HOME
from gateway.settings import NodeConfiguration

app = typer.Typer(no_args_is_help=True, help="The archive: as Parquet files, made anew from the topics, compared.")
TOLD_EVERY = 1.0
"""Seconds between two lines that say how far it is."""


@app.command("parquet")
def parquet(
    config: ConfigFile, folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made where it is missing.")]
) -> None:
    """Write the archive as Parquet files by month, for Spark, Polars or DuckDB; only what changed since the last time.

    The node has to be stopped; while it runs it writes them itself, where its configuration names a folder
    (`partitions`).
    """
    configuration = _there(loaded(config))
    with closing(Archive(configuration.archive)) as archive:
        for told in write_partitions(archive, folder):
            typer.echo(f"{told.done}/{told.of}\t{told.file}")


@app.command("rebuild")
def rebuild(
    config: ConfigFile,
    *,
    replace: Annotated[
        bool, typer.Option(help="Put the one that was made in the place of the archive; the node has to be stopped.")
    ] = False,
) -> None:
    """Make the archive anew from the topics, in a file beside it; the node may run meanwhile.

    With --replace the file that was made so takes the archive's place, if it has every entry that the archive has. The
    archive stays beside it, under the time at which it was replaced.
    """
    configuration = loaded(config)
    made = configuration.archive.with_suffix(f".rebuilt{configuration.archive.suffix}")
    if replace:
        typer.echo(_replaced(configuration.archive, made))
        return
    configure_logs(level=logging.WARNING)
    unfinished = made.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(Archive(unfinished)) as archive:
        asyncio.run(_rebuild(configuration, archive))
    unfinished.replace(made)
    typer.echo(made)


@app.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Its file; no node may have it open.")],
    second: Annotated[Path, typer.Argument(metavar="OTHER")],
) -> None:
    """Compare what two archives hold, table by table; exit code 1 where they differ.

    Not compared is what is the node's own: when things came, receipts, findings.
    """
    same = True
    with opened(first) as one, opened(second) as other:
        for (name, left), (_, right) in zip(digests(one), digests(other), strict=True):
            same &= left == right
            typer.echo(f"{'same' if left == right else 'differs'}\t{name}\t{left.rows}\t{right.rows}")
    if not same:
        raise typer.Exit(Exit.FAILED)


def _there(configuration: NodeConfiguration) -> NodeConfiguration:
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    return configuration


def _exchanges(configuration: NodeConfiguration) -> Iterator[tuple[tuple[str, str], Receiver]]:
    """With whom, and what reads it; as the node does."""
    settings = configuration.settings
    yield (settings.cmo, settings.name), Receiver(settings.kafka, origin=settings.cmo, recipient=settings.name)
    for holder in settings.holders:
        receiver = Receiver(settings.kafka, origin=holder, recipient=settings.name, families=ABROAD)
        yield (holder, settings.name), receiver
    if settings.name != settings.cmo and settings.sender_key is not None:
        receiver = Receiver(settings.kafka, origin=settings.name, recipient=settings.name, families=HOME)
        yield (settings.name, settings.name), receiver


async def _rebuild(configuration: NodeConfiguration, archive: Archive) -> None:
    key = load(configuration.key, Role.NODE)
    trusted = [key for file in configuration.trust for key in load_public(file)]
    for parties, receiver in _exchanges(configuration):
        if parties[0] != configuration.settings.cmo and not await receiver.finds_topics():
            continue  # a party that never sent anything; of the manufacturer nothing at all would be a wrong setting
        told, far = 0.0, Far(0, 0)
        async for far in Rebuilding(parties, trusted, key, archive).run(receiver):
            if time.monotonic() - told >= TOLD_EVERY:
                told = time.monotonic()
                _tell(parties[0], far)
        _tell(parties[0], far)


def _tell(origin: str, far: Far) -> None:
    sys.stderr.write(f"{origin}: {far.read:,} of {far.of:,} messages\n")
    sys.stderr.flush()


def _replaced(archive: Path, made: Path) -> Path:
    """Where the old one is now."""
    if not made.exists():
        refuse(f"{made} is not there; call without --replace first")
    try:
        Archive(archive).close()  # nobody has it open, and its file is whole
    except ArchiveError as error:
        refuse(f"{error}; stop the node first")
    if lost := only_in(archive, made):
        refuse(f"{made} lacks {lost} entries that {archive} has: the topics do not have them any more; nothing is done")
    old = archive.with_suffix(f".until-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{archive.suffix}")
    archive.rename(old)
    made.rename(archive)
    return old
