"""Arguments that the commands share, and how they are refused: one line, exit code 2."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from gateway.checking.trust import Trust
from gateway.configuration import ConfigurationError
from gateway.link.settings import KafkaSettings, is_loopback
from gateway.link.topics import Stream, stream_named
from gateway.proof.keys import KeyFileError, load_public
from gateway.proof.note import NoteError
from gateway.running import Exit, complain
from gateway.settings import NodeConfiguration, NodeSettings, load

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The node's configuration (YAML).")]
TrustFiles = Annotated[
    list[Path] | None, typer.Option(help="Public key file of a sender or a node; may be given several times.")
]
StatementFiles = Annotated[
    list[Path] | None,
    typer.Option(help="A signed statement: a rotation or a closing; may be given several times, in their order."),
]


def refuse(message: object) -> NoReturn:
    """Say what is wrong with what was asked for, and end."""
    complain(f"cmo-gateway: {message}")
    raise typer.Exit(Exit.CONFIGURATION)


def loaded(config: Path) -> NodeConfiguration:
    """The node's configuration; ends with a line for each fault."""
    try:
        return load(config)
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error


def moment_from(option: str, text: str, zone: str) -> int:
    """The time of an option, ISO 8601, in the zone where it has no offset: UTC microseconds."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"{option} {text}: is no time; write it as 2026-03-01T08:00")
    if not 1970 < moment.year < 9999:
        refuse(f"{option} {text}: is a time of no record")
    return round((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp() * 1e6)


def trust_in(files: Sequence[Path] | None, statements: Sequence[Path] | None) -> Trust:
    """The keys in the files of `--trust`, and the notes in those of `--statements`."""
    if not files:
        refuse("without --trust nothing can be proven; name the sender's public key file, had by a way of its own")
    try:
        trust = Trust(tuple(key for file in files for key in load_public(file)))
    except KeyFileError as error:
        refuse(f"--trust {error}")
    for file in statements or ():
        try:
            trust = replace(trust, statements=(*trust.statements, file.read_bytes()))
            problem: object = next(iter(trust.idle()), None)
        except (OSError, NoteError) as error:
            problem = error
        if problem is not None:
            refuse(f"--statements {file}: {problem}")
    return trust


def stream_from(name: str, settings: NodeSettings) -> Stream:
    """The stream of `--stream`."""
    stream = stream_named(name)
    if stream is None or (stream.origin, stream.recipient) != (settings.cmo, settings.name):
        refuse(f"--stream {name}: is no stream from {settings.cmo} to {settings.name}; `verify` prints their names")
    return stream


def kafka_from(bootstrap: str, user: str | None, files: Mapping[str, Path | None]) -> KafkaSettings:
    """How to reach Kafka by options alone. `files` are those by the names of their settings.

    With a user SASL over TLS, else TLS; plaintext where nothing else is given and all brokers are on this machine.
    """
    for option, file in files.items():
        if file is not None and not file.is_file():
            refuse(f"--{option.replace('_', '-')} {file}: there is no such file")
    local = all(is_loopback(server.strip().rpartition(":")[0]) for server in bootstrap.split(","))
    sasl = user is not None or files.get("password_file") is not None
    security = "sasl-tls" if sasl else "plaintext" if local and not any(files.values()) else "tls"
    try:
        settings = KafkaSettings.model_validate({"bootstrap": bootstrap, "security": security, "user": user, **files})
        settings.client_options()
    except ValidationError as error:
        refuse(f"--bootstrap {bootstrap}: {error.errors()[0]['msg'].removeprefix('Value error, ')}")
    except OSError as error:
        refuse(f"--bootstrap {bootstrap}: a certificate, key or password file cannot be used: {error}")
    return settings
