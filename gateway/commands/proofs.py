"""`cmo-gateway verify` and `cmo-gateway export`: what is proven, on live topics and with no network."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from gateway.bundle import export as exporting
from gateway.bundle.checking import check as check_bundle
from gateway.bundle.contents import CHECKPOINT, MANIFEST
from gateway.bundle.directory import read_bundle
from gateway.bundle.logged import log_of
from gateway.bundle.progress import shown
from gateway.bundle.purpose import Purpose, PurposeError
from gateway.bundle.zipped import is_zipped, read_zipped
from gateway.checking.check import Check
from gateway.checking.trust import Trust
from gateway.commands import signed_reports as reports
from gateway.commands.arguments import (
    ConfigFile,
    StatementFiles,
    TrustFiles,
    kafka_from,
    loaded,
    refuse,
    stream_from,
    trust_in,
)
from gateway.link.settings import KafkaSettings
from gateway.proof.keys import IDENTIFIER, Role
from gateway.proof.keys import load as load_key
from gateway.running import Exit, complain, tell

File = Annotated[Path | None, typer.Option(help="As `kafka` in the settings; with --bootstrap only.")]
Name = Annotated[str | None, typer.Option(help="Name of the party; with --bootstrap only.")]


def verify(
    what: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR|ZIP|PDF|CONFIG]",
            help="What `export` or `capability` wrote or a console handed out, or a node's configuration.",
        ),
    ] = None,
    *,
    trust: TrustFiles = None,
    statements: StatementFiles = None,
    bootstrap: Annotated[str | None, typer.Option(help="HOST:PORT[,…] of brokers, in place of CONFIG.")] = None,
    cmo: Name = None,
    holder: Name = None,
    user: Annotated[str | None, typer.Option(help="User of SASL/SCRAM-SHA-512; with --bootstrap only.")] = None,
    password_file: File = None,
    ca_file: File = None,
    certificate_file: File = None,
    key_file: File = None,
    disclosed: Annotated[
        Path | None,
        typer.Option(help="What `disclose` wrote: check that this was withheld in the bundle, or in CONFIG's archive."),
    ] = None,
) -> None:
    """Check a bundle with no network, or all that stands in live topics; exit code 0 only if all of it holds."""
    bundled = what is not None and (what.is_dir() or (what.is_file() and is_zipped(what)))
    if disclosed is not None and what is not None and what.is_file() and not bundled:
        _tell_disclosed_to_node(disclosed, what)
        return
    if (what is None) == (bootstrap is None):
        refuse("verify needs one of three: the folder of a bundle, a node's configuration, or --bootstrap")
    trusted = trust_in(trust, statements)
    beside = {
        "ca_file": ca_file, "certificate_file": certificate_file, "key_file": key_file, "password_file": password_file,
    }  # fmt: skip
    if what is None:
        _verify_topics(
            kafka_from(bootstrap or "", user, beside), (_party("cmo", cmo), _party("holder", holder)), trusted
        )
    elif disclosed is not None and not bundled:
        refuse(f"{what}: is not there; name the bundle or the node that --disclosed is checked against")
    elif cmo or holder or user or any(beside.values()):
        refuse("--cmo, --holder and how to reach Kafka belong to --bootstrap; leave them out")
    elif bundled:
        _verify_bundle(what, trusted, disclosed)
    elif what.is_file() and reports.is_report_file(what):
        reports.tell_report(what, trusted)
    elif what.exists():
        settings = loaded(what).settings
        _verify_topics(settings.kafka, (settings.cmo, settings.name), trusted)
    else:
        refuse(f"{what}: is not there; name the folder that `export` wrote, or a node's configuration")


def export(
    config: ConfigFile,
    *,
    stream: Annotated[str, typer.Option(help="Name of the stream, as `verify` prints it.")],
    out: Annotated[Path, typer.Option(help="Folder to make; an empty one may be there.")],
    trust: TrustFiles = None,
    statements: StatementFiles = None,
    number: Annotated[list[int] | None, typer.Option(min=1, help="An entry; may be given several times.")] = None,
    first: Annotated[int | None, typer.Option("--from", min=1, help="First entry; 1 when not given.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="Last entry; else the last sealed one.")] = None,
    authority: Annotated[
        str | None,
        typer.Option("--for", metavar="AUTHORITY", help="A copy for CN, a province (GB/T 2260, 13), or a country."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; with --for.")] = None,
    asked_by: Annotated[str | None, typer.Option(help="Who asked, of the authority; with --for.")] = None,
    approved_by: Annotated[str | None, typer.Option(help="Who of this party approved; with --for.")] = None,
    approval: Annotated[str | None, typer.Option(help="Number of the approval, for an authority abroad.")] = None,
) -> None:
    """Write entries of a stream with their proofs into a folder, to be checked without a network.

    Each export is logged beside the archive. With --for it bears, signed, for whom it is a copy and why.
    """
    configuration = loaded(config)
    named = stream_from(stream, configuration.settings)
    if number and (first or last):
        refuse("--number stands for itself; leave --from and --to out")
    if first and last and first > last:
        refuse(f"--from {first} is behind --to {last}; exchange them")
    purpose = _purpose(authority, {"reason": reason, "asked_by": asked_by, "approved_by": approved_by}, approval)
    trusted = trust_in(trust, statements)
    choice = exporting.Choice(frozenset(number or ()), first or 1, last)
    node = load_key(configuration.key, Role.NODE)
    _silence_client()
    account = exporting.Account(log_of(configuration.archive), purpose)
    exported = asyncio.run(
        exporting.export(configuration.settings.kafka, named, trusted, choice, node=node, folder=out, account=account)
    )
    for finding in exported.findings:
        complain(finding)
    for line in exported.checked.lines():
        typer.echo(f"{out}: {line}")


def _purpose(authority: str | None, told: Mapping[str, str | None], approval: str | None) -> Purpose | None:
    """What a copy is for; ends with a line where that is not told in full, or is not allowed."""
    if authority is None:
        if approval or any(told.values()):
            refuse("--reason, --asked-by, --approved-by and --approval belong to --for; name the authority")
        return None
    if missing := [f"--{name.replace('_', '-')}" for name, text in told.items() if text is None]:
        refuse(f"--for {authority}: {', '.join(missing)} must be told too")
    try:
        return Purpose(authority=authority, approval=approval, **{name: text or "" for name, text in told.items()})
    except PurposeError as error:
        refuse(error)


def _verify_bundle(folder: Path, trusted: Trust, disclosed: Path | None) -> None:
    with shown("files read") as told:
        files, unread = read_bundle(folder, told) if folder.is_dir() else read_zipped(folder, told)
    if (note := reports.note_in(files)) is not None:
        reports.tell_files({name: octets for name, octets in files.items() if name != note}, note, files[note], trusted)
        return
    if not {CHECKPOINT, MANIFEST} & files.keys():
        refuse(f"{folder}: is no bundle, it holds neither {CHECKPOINT} nor {MANIFEST}; name what `export` wrote")
    with shown("checking"):
        checked = check_bundle(files, trusted, unread)
    for line in checked.lines():
        tell(line)
    if checked.faults:
        raise typer.Exit(Exit.FAILED)
    if disclosed is not None:
        from gateway.commands import disclosure  # noqa: PLC0415 - the archive and pages, which few calls need

        disclosure.tell_disclosed(disclosure.disclosed_in(disclosed), disclosure.holdings_of_bundle(files, checked))


def _tell_disclosed_to_node(disclosed: Path, config: Path) -> None:
    from gateway.commands import disclosure  # noqa: PLC0415 - the archive and pages, which few calls need

    found = disclosure.disclosed_in(disclosed)
    disclosure.tell_disclosed(found, disclosure.holdings_of_node(loaded(config), found))


def _verify_topics(kafka: KafkaSettings, parties: tuple[str, str], trusted: Trust) -> None:
    _silence_client()
    check = Check(*parties, trusted)
    with shown("messages read") as told:
        asyncio.run(check.run(kafka, told))
    for line in check.lines():
        tell(line)
    if not check.good:
        raise typer.Exit(Exit.FAILED)


def _party(option: str, name: str | None) -> str:
    if name is None:
        refuse(f"--bootstrap needs --cmo and --holder; --{option} is missing")
    if not IDENTIFIER.fullmatch(name):
        refuse(f"--{option} {name}: is no name of a party; use 1 to 32 of a-z, 0-9 and -")
    return name


def _silence_client() -> None:
    """What the client would log comes as an UnreachableError, in one line."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
