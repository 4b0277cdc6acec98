"""`cmo-gateway`: the commands of a holder's node. Exit codes: 0 done, 1 failed, 2 the configuration has faults."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.archive.archive import ArchiveError
from gateway.bundle.checking import check as check_bundle
from gateway.bundle.contents import BundleError
from gateway.bundle.directory import read_bundle
from gateway.bundle.export import Choice
from gateway.bundle.export import export as export_bundle
from gateway.bundle.progress import shown
from gateway.configuration import ConfigurationError
from gateway.console.server import PortTakenError
from gateway.link.topics import Stream, stream_named
from gateway.link.whole import UnreachableError
from gateway.node import Node
from gateway.proof.keys import KeyFileError, Role, fingerprint, generate, load_public, public_keys, save, save_public
from gateway.reference import reference
from gateway.running import Exit, complain, configure_logs, until_stopped
from gateway.settings import NodeConfiguration, NodeSettings, load
from gateway.site import Site
from gateway.verify import Check

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The node's configuration (YAML).")]
Trust = Annotated[list[Path], typer.Option(help="Public key file of a sender; may be given several times.")]


@app.command()
def check(config: ConfigFile) -> None:
    """Name every fault of a configuration; start nothing."""
    configuration = _load(config)
    print(f"{config}: no faults; {len(configuration.site.rooms)} rooms from {configuration.settings.cmo}")


@app.command()
def run(config: ConfigFile) -> None:
    """Receive, archive and show until stopped (Ctrl-C or SIGTERM)."""
    configuration = _load(config)
    configure_logs()
    asyncio.run(until_stopped(_node(configuration)))


async def _node(configuration: NodeConfiguration) -> None:
    await Node(configuration).run()


@app.command()
def keygen(config: ConfigFile) -> None:
    """Make the key that signs this node's receipts, and the public file that the manufacturer is given."""
    configuration = _load(config)
    name = configuration.settings.name
    key = generate(name, Role.NODE, name)
    public = configuration.key.with_suffix(".vkey")
    save(key, configuration.key)
    save_public(key, public)
    print(f"private key: {configuration.key}")
    print(f"give to the manufacturer: {public}")
    print(f"compare on paper: {fingerprint(public_keys(key)[0])}")


@app.command()
def verify(
    config: ConfigFile,
    trust: Trust,
) -> None:
    """Check all that stands in the topics against the seals; exit code 0 only if all of it holds."""
    configuration = _load(config)
    trusted = [key for file in trust for key in load_public(file)]
    check = Check(configuration.settings.cmo, configuration.settings.name, trusted)
    asyncio.run(until_stopped(check.run(configuration.settings.kafka)))
    for checked in check.streams.values():
        print("\n".join(checked.lines()))
    if check.strangers:
        print(f"{check.strangers} messages belong to no stream from {configuration.settings.cmo}")
    if check.strangers or not check.streams or not all(checked.good for checked in check.streams.values()):
        raise typer.Exit(Exit.FAILED)


@app.command()
def export(
    config: ConfigFile,
    *,
    stream: Annotated[str, typer.Option(help="Name of the stream, as `verify` prints it.")],
    out: Annotated[Path, typer.Option(help="Folder to make; an empty one may be there.")],
    trust: Trust,
    number: Annotated[list[int] | None, typer.Option(min=1, help="An entry; may be given several times.")] = None,
    first: Annotated[int | None, typer.Option("--from", min=1, help="First entry; 1 when not given.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="Last entry; else the last sealed one.")] = None,
) -> None:
    """Write entries of a stream with their proofs into a folder, to be checked without a network."""
    configuration = _load(config).settings
    named = _stream(stream, configuration)
    if number and (first or last):
        _refuse("--number stands for itself; leave --from and --to out")
    if first and last and first > last:
        _refuse(f"--from {first} is behind --to {last}; exchange them")
    choice = Choice(frozenset(number or ()), first or 1, last)
    trusted = [key for file in trust for key in load_public(file)]
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say comes as UnreachableError
    exported = asyncio.run(export_bundle(configuration.kafka, named, trusted, choice, out))
    for finding in exported.findings:
        complain(finding)
    print(f"{out}: {exported.checked}; its manifest is not signed")


@app.command()
def verify_bundle(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `export` wrote.")],
    trust: Trust,
) -> None:
    """Check a proof bundle, with no network; exit code 0 only if all of it holds."""
    if not folder.is_dir():
        _refuse(f"{folder}: is no folder; name the one that `export` wrote")
    trusted = [key for file in trust for key in load_public(file)]
    with shown("files read") as told:
        files, unread = read_bundle(folder, told)
    with shown("checking"):
        checked = check_bundle(files, trusted, unread)
    for fault in checked.faults:
        print(fault)
    if checked.faults:
        raise typer.Exit(Exit.FAILED)
    print(f"{folder}: {checked}")


def _stream(name: str, settings: NodeSettings) -> Stream:
    stream = stream_named(name)
    if stream is None or (stream.origin, stream.recipient) != (settings.cmo, settings.name):
        _refuse(f"--stream {name}: is no stream from {settings.cmo} to {settings.name}; `verify` prints their names")
    return stream


def _refuse(message: str) -> NoReturn:
    complain(f"cmo-gateway: {message}")
    raise typer.Exit(Exit.CONFIGURATION)


@app.command()
def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    print(settings_reference())


def settings_reference() -> str:
    """The node's settings and the site's."""
    parts = ["# Settings of the holder's node", reference("The configuration", NodeSettings)]
    return "\n\n".join([*parts, reference("The site file", Site)])


def _load(config: Path) -> NodeConfiguration:
    try:
        return load(config)
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error


def main() -> None:
    """Entry point: faults that are not ours are one line, without a traceback."""
    try:
        app()
    except* (ArchiveError, BundleError, KeyFileError, PortTakenError, UnreachableError, OSError) as group:
        for error in group.exceptions:
            complain(f"cmo-gateway: {error}")
        sys.exit(Exit.FAILED)
