"""`cmo-gateway`: the commands of a node. Exit codes: 0 done, 1 failed, 2 configuration or arguments at fault."""

import asyncio
import sys

import typer

from gateway.archive.archive import ArchiveError
from gateway.batches.settings import Masters
from gateway.bundle.contents import BundleError
from gateway.cleanroom.site import Site
from gateway.commands import batch, keys, proofs
from gateway.commands.arguments import ConfigFile, loaded
from gateway.commands.check_records import check_records
from gateway.commands.replay_alarms import replay_alarms
from gateway.commands.report import report
from gateway.console.serving import PortTakenError
from gateway.link.whole import UnreachableError
from gateway.node import Node
from gateway.proof.keys import KeyFileError
from gateway.reference import reference
from gateway.review.settings import ReviewSettings, SupplierList
from gateway.running import Exit, complain, configure_logs, until_stopped
from gateway.settings import NodeConfiguration, NodeSettings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(proofs.verify)
app.command()(proofs.export)
app.command()(keys.keygen)
app.command()(keys.close)
app.command()(replay_alarms)
app.command()(check_records)
app.add_typer(batch.batch, name="batch")
app.add_typer(batch.lot, name="lot")
app.command()(report)


@app.command()
def check(config: ConfigFile) -> None:
    """Name every fault of a configuration; start nothing."""
    configuration = loaded(config)
    print(f"{config}: no faults; {len(configuration.site.rooms)} rooms from {configuration.settings.cmo}")


@app.command()
def run(config: ConfigFile) -> None:
    """Receive, archive and show until stopped (Ctrl-C or SIGTERM)."""
    configuration = loaded(config)
    configure_logs()
    asyncio.run(until_stopped(_node(configuration)))


async def _node(configuration: NodeConfiguration) -> None:
    await Node(configuration).run()


@app.command()
def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    print(settings_reference())


def settings_reference() -> str:
    """The node's settings and the site's."""
    parts = ["# Settings of the holder's node", reference("The configuration", NodeSettings)]
    parts += [reference("The site file", Site), reference("The review file", ReviewSettings)]
    parts += [reference("The list of suppliers", SupplierList)]
    return "\n\n".join([*parts, reference("The file of master batch records", Masters)])


def main() -> None:
    """Entry point: faults that are not ours are one line, without a traceback."""
    try:
        app()
    except* (ArchiveError, BundleError, KeyFileError, PortTakenError, UnreachableError, OSError) as group:
        for error in group.exceptions:
            complain(f"cmo-gateway: {error}")
        sys.exit(Exit.FAILED)
