"""`cmo-edge exports`, `refused`, `reread` and `dismiss`: what became of the files of other systems.

The first two read the ledger in the folder that a source keeps, whether the agent runs or not; the others ask it.
"""

import getpass
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from adapters.exports import ledger_file
from adapters.exports.ledger_file import Reading, State
from edge.commands.arguments import ConfigFile, SourceName, loaded, refuse, source_in
from edge.control import ControlError, ask
from edge.settings import AgentConfiguration
from edge.telling import literal
from gateway.running import Exit

PATIENCE = 90.0
"""Seconds: a step of the source may take a share's silence."""
Most = Annotated[int, typer.Option(help="Show so many at most.", min=1)]
File = Annotated[
    str, typer.Argument(metavar="FILE", help="Its name as `cmo-edge exports` shows it, or the begin of its SHA-256.")
]
Raw = Annotated[
    Path | None,
    typer.Option(
        help="Write the refused rows into this file as they came, each behind a line that says where it stood and why "
        "it was refused."
    ),
]


def exports(config: ConfigFile, most: Most = 50) -> None:
    """The newest files that came, and what became of their rows."""
    configuration = loaded(config)
    for name, folder in _folders(configuration):
        with _ledger(folder) as db:
            if db is None:
                typer.echo(f"{name}: no file came yet")
                continue
            typer.echo(f"{name}: {ledger_file.total(db)}")
            for one in ledger_file.readings(db, most):
                typer.echo("\t".join(_told(one, db, configuration.site.zone)))


def refused(config: ConfigFile, most: Most = 1000, raw: Raw = None) -> None:
    """Files and rows that gave no record, with the reason. Exit code 1 when there are any."""
    found = 0
    octets = b""
    for name, folder in _folders(loaded(config)):
        with _ledger(folder) as db:
            for file in () if db is None else ledger_file.refused_files(db):
                found += 1
                typer.echo(f"{name}\t{file.name}\tthe file\t{literal(file.reason or '')}\t{(file.sha or '')[:12]}")
            for file, line, why, as_it_came in () if db is None else ledger_file.refused_rows(db, most):
                found += 1
                typer.echo("\t".join((name, file.name, f"line {line}", literal(why), _mapping(file))))
                octets += f"# {file.name}, line {line}: {literal(why)}\n".encode() + as_it_came.rstrip(b"\r\n") + b"\n"
    if raw is not None:
        raw.write_bytes(octets)
    if found:
        raise typer.Exit(Exit.FAILED)


def reread(config: ConfigFile, source: SourceName, file: File) -> None:
    """Have the running agent read a kept file once more, by the mappings as they are now."""
    count = _asked(config, source, "again", file=file)
    typer.echo(f"{source}: is read again by {count} mappings" if count > 1 else f"{source}: is read again")


def dismiss(
    config: ConfigFile,
    source: SourceName,
    file: File,
    *,
    reason: Annotated[str, typer.Option(help="Why nothing is missing without it; is kept beside it.", min=1)],
    by: Annotated[str | None, typer.Option(help="Who says so; the login name where left out.")] = None,
) -> None:
    """Say that what was refused of a file needs nothing more; the alarm of a refused file returns."""
    _asked(config, source, "dismiss", file=file, actor=by or getpass.getuser(), comment=reason)
    typer.echo(f"{source}: dismissed")


def _folders(configuration: AgentConfiguration) -> Iterator[tuple[str, Path]]:
    """Of every source that takes files: its name, and what it keeps."""
    found = [(one.name, one.settings.own_folder) for one in configuration.sources]
    if not any(folder for _, folder in found):
        refuse("the configuration has no source of files")
    for name, folder in found:
        if folder is not None:
            yield name, folder


@contextmanager
def _ledger(folder: Path) -> Iterator[sqlite3.Connection | None]:
    try:
        with ledger_file.looking(folder) as db:
            yield db
    except sqlite3.Error as error:
        raise ControlError(f"the ledger in {folder} cannot be read: {error}") from error


def _told(one: Reading, db: sqlite3.Connection, zone: str) -> Iterator[str]:
    """The columns of its line."""
    yield f"{datetime.fromtimestamp(one.began / 1e6, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
    yield one.name
    yield one.state.value
    counted = one.state in {State.OPEN, State.DONE}
    yield str(ledger_file.account(db, one.number)) if counted else literal(one.reason or "")
    yield (one.sha or "")[:12]
    yield _mapping(one)


def _mapping(one: Reading) -> str:
    return f"{Path(one.mapping).name} {(one.mapping_sha or '')[:12]}".rstrip() if one.mapping else ""


def _asked(config: Path, source: str, do: str, **arguments: str) -> Any:
    configuration = loaded(config)
    if source_in(configuration, source).settings.own_folder is None:
        refuse(f"source {source!r} takes no files")
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; add one and restart the agent")
    return ask(configuration.control_socket, do, patience=PATIENCE, source=source, **arguments)
