"""`cmo-gateway keygen` and `cmo-gateway close`: making keys, and ending a sender whose key or box is lost."""

import asyncio
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.arguments import loaded, refuse
from gateway.link.notes import publish_note
from gateway.link.topics import SEALS, stream_named, topic
from gateway.proof.checkpoint import decimal
from gateway.proof.keys import (
    Role,
    fingerprint,
    generate,
    load,
    load_public,
    public_keys,
    save,
    save_public,
    write_new,
)
from gateway.proof.note import NoteError, decode64
from gateway.proof.statement import Closing, LastKnown, Sender, write_statement
from gateway.proof.suites import ALGORITHMS
from gateway.running import until_stopped
from gateway.settings import NodeConfiguration


class Suite(StrEnum):
    """Signature algorithms of a signatory's key, by their names in agreements."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"


def keygen(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="The node's configuration.")] = None,
    *,
    role: Annotated[Role, typer.Option(help="`node` for a node's key, `signatory` for a person's.")] = Role.NODE,
    party: Annotated[str | None, typer.Option(help="Whose signatory; with --role signatory.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the signatory; with --role signatory.")] = None,
    out: Annotated[Path | None, typer.Option(help="Private key file to make; with --role signatory.")] = None,
    algorithm: Annotated[Suite, typer.Option(help="Of a signatory's key; others are of ed25519.")] = Suite.ED25519,
) -> None:
    """Make the keys of this node, for its receipts and for what it sends, or one of a signatory; and public files."""
    beside = (party, name, out)
    if role is Role.NODE and config is not None and not any(beside) and algorithm is Suite.ED25519:
        _make_nodes(loaded(config))
    elif role is Role.SIGNATORY and config is None and party and name and out:
        _make(party, Role.SIGNATORY, name, out, algorithm)
    elif role is Role.SENDER:
        refuse("a sender's key is made on its machine, by `cmo-edge keygen`")
    else:
        refuse(
            "keygen needs CONFIG alone, or --role signatory with --party, --name and --out, and may have --algorithm"
        )


def close(
    *,
    key: Annotated[Path, typer.Option(help="Private key file of a signatory of the sender's party.")],
    sender: Annotated[str, typer.Option(help="The sender that ends: PARTY.SENDER, as in `cmo-a.line-3`.")],
    revoked: Annotated[list[Path], typer.Option(help="Public key file of the sender; may be given several times.")],
    stream: Annotated[
        list[str], typer.Option(help="NAME=NUMBER or NAME=NUMBER=ROOT: its last known number, the root in base64.")
    ],
    reason: Annotated[str, typer.Option(help="Why the sender ends, in a line.")],
    unknown: Annotated[str, typer.Option(help="What is not known, in a line.")],
    out: Annotated[Path, typer.Option(help="File to make: the signed closing.")],
    since: Annotated[int | None, typer.Option(help="POSIX seconds from which nothing counts; else now.")] = None,
    publish: Annotated[Path | None, typer.Option(metavar="CONFIG", help="Publish it too, to this Kafka.")] = None,
) -> None:
    """End a sender: write the statement that closes its streams to one recipient at their last known numbers."""
    settings = None if publish is None else loaded(publish).settings
    now = int(time.time())
    ends = [_end(one) for one in stream]
    place = _topic(ends)
    try:
        keys = tuple(one for file in revoked for one in load_public(file))
        closing = Closing(Sender.parse(sender), now if since is None else since, keys, tuple(ends), reason, unknown)
    except NoteError as error:
        refuse(error)
    signatory = load(key, Role.SIGNATORY)
    if signatory.name.split("/")[0] != closing.sender.party:
        refuse(f"--key {key}: {signatory.name} is no signatory of {closing.sender.party}; only these can close")
    try:
        note = write_statement(closing, [signatory], now)
    except NoteError as error:
        refuse(f"--key {key}: {error}")
    write_new(out, note.decode(), 0o644)
    typer.echo(f"closing: {out}")
    if settings is not None:
        asyncio.run(until_stopped(publish_note(settings.kafka, place, sender, note)))
        typer.echo(f"published in: {place}")


def _make_nodes(configuration: NodeConfiguration) -> None:
    """Those that are missing; where none is, the first one refuses."""
    own, sender = configuration.settings.name, configuration.settings.sender_key
    wanted = [(Role.NODE, configuration.key), *([(Role.SENDER, sender)] if sender else [])]
    for role, file in [one for one in wanted if not one[1].exists()] or wanted[:1]:
        _make(own, role, own, file, Suite.ED25519)


def _make(party: str, role: Role, name: str, path: Path, algorithm: Suite) -> None:
    try:
        key = generate(party, role, name, ALGORITHMS[algorithm])
    except ValueError as error:
        refuse(error)
    public = path.with_suffix(".vkey")
    save(key, path)
    save_public(key, public)
    typer.echo(f"private key: {path}")
    typer.echo(f"give to the other side: {public}")
    typer.echo(f"compare on paper: {fingerprint(public_keys(key)[0])}")


def _end(text: str) -> LastKnown:
    """The end that `--stream` tells."""
    name, _, rest = text.partition("=")
    size, _, root = rest.partition("=")
    if stream_named(name) is None:
        refuse(f"--stream {text}: {name!r} is no name of a stream; `cmo-gateway verify` prints them")
    try:
        return LastKnown(name, decimal(size), decode64(root) if root else None)
    except NoteError as error:
        refuse(f"--stream {text}: {error}")


def _topic(ends: list[LastKnown]) -> str:
    """Where the closing is published. One for each recipient, so that none learns of another."""
    streams = [stream for end in ends if (stream := stream_named(end.stream))]
    places = sorted({topic(stream.origin, stream.recipient, SEALS) for stream in streams})
    if len(places) != 1:
        refuse("--stream: name the streams to one recipient; make one closing for each")
    return places[0]
