"""`cmo-gateway disclose`: withheld values handed over later; and, for `verify`, whether they are the ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from gateway.archive.archive import Archive
from gateway.archive.openings import commitments_of, openings_of
from gateway.bundle.checking import Checked
from gateway.bundle.contents import entry_path
from gateway.commands.arguments import ConfigFile, loaded, refuse
from gateway.commands.asking import asked
from gateway.proof.keys import KeyFileError, write_new
from gateway.redaction.disclosure import Disclosed, DisclosureError, Holding, checked, document, holdings_in
from gateway.redaction.disclosure import read_document as read_disclosed
from gateway.running import Exit, complain
from gateway.settings import NodeConfiguration
from schemas.catalogue import KINDS, Schema, schema, schema_of
from schemas.opening import Opening

MAX_FILE = 16 * 1024 * 1024
"""Longest disclosure that is read, in octets."""


def disclose(
    config: ConfigFile,
    record: Annotated[UUID, typer.Argument(metavar="RECORD", help="Id of the record.")],
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD]...", help="Fields to open; all that are withheld without.")
    ] = None,
    *,
    to: Annotated[str, typer.Option(metavar="HOLDER", help="The holder to whom they are withheld.")],
    out: Annotated[Path | None, typer.Option(help="File to make; printed without.")] = None,
) -> None:
    """Write what opens withheld fields of a record, out of the manufacturer's own archive.

    Who gets the file checks it with `verify --disclosed`; it opens nothing else. Exit code 1 where nothing is withheld.
    """
    configuration = loaded(config)
    found = asked(configuration, lambda archive: openings_of(archive, record), f"/api/openings/{record}")
    mine = [one for one in map(_opening, found) if one.stream.split(".")[2] == to]
    unknown = sorted({*(fields or ())} - {one.field for one in mine})
    if unknown or not mine:
        named = f" as {unknown[0]}" if unknown else ""
        complain(f"cmo-gateway: of record {record} nothing is withheld from {to}{named}")
        raise typer.Exit(Exit.FAILED)
    text = document(one for one in mine if not fields or one.field in fields)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        write_new(out, text, 0o600)
    except KeyFileError as error:
        refuse(f"--out {error}")


def tell_disclosed(found: Sequence[Disclosed], holdings: Sequence[Holding]) -> None:
    """A line for each value: whether it is the one that was withheld; ends with exit code 1 where one is not."""
    wrong = 0
    for one in found:
        why = checked(one, holdings)
        wrong += why is not None
        value = ascii(one.value) if isinstance(one.value, str) and not one.value.isprintable() else one.value
        said = f"is {value}, sealed in {one.stream}" if why is None else f"is not proven: {why}"
        typer.echo(f"{one.path} of record {one.record}: {said}")
    if wrong:
        raise typer.Exit(Exit.FAILED)


def disclosed_in(file: Path) -> list[Disclosed]:
    """What a file discloses; ends with a line where it is none."""
    try:
        with file.open("rb") as opened:
            octets = opened.read(MAX_FILE + 1)
    except OSError as error:
        refuse(f"{file}: cannot be read: {error.strerror}")
    if len(octets) > MAX_FILE:
        refuse(f"{file}: is longer than {MAX_FILE} bytes")
    try:
        return read_disclosed(octets)
    except DisclosureError as error:
        refuse(f"{file}: {error}")


def holdings_of_bundle(files: Mapping[str, bytes], result: Checked) -> list[Holding]:
    """The records with something withheld in a bundle, as far as its check has proven them."""
    if result.seal is None:
        return []
    entries = [files[entry_path(number)] for number in result.proven]
    return list(holdings_in(result.seal.checkpoint.origin, entries, _schemas_in(files)))


def _schemas_in(files: Mapping[str, bytes]) -> dict[bytes, Schema]:
    """The bundle's schemas, which its check has proven; this version's own go first."""
    told = {bytes.fromhex(path[8:24]): octets.decode() for path, octets in files.items() if path.startswith("schemas/")}
    published = {mark: replace(schema_of(text), fingerprint=mark) for mark, text in told.items()}
    return published | {schema(kind).fingerprint: schema(kind) for kind in KINDS}


def holdings_of_node(configuration: NodeConfiguration, found: Iterable[Disclosed]) -> list[Holding]:
    """The records that these are said to be of, as far as seals prove them."""
    kept: dict[tuple[str, str, str], dict[str, bytes]] = {}
    for record in dict.fromkeys(one.record for one in found):
        for row in _kept(configuration, record):
            if row["sealed"]:
                place = (row["stream"], row["record"], row["kind"])
                kept.setdefault(place, {})[row["field"]] = bytes.fromhex(row["digest"])
    return [Holding(*place, digests) for place, digests in kept.items()]


def _kept(configuration: NodeConfiguration, record: str) -> Sequence[Any]:
    try:
        known = UUID(record)
    except ValueError:
        return ()
    ask: Callable[[Archive], object] = lambda archive: commitments_of(archive, known)  # noqa: E731 - typed
    found: Sequence[Any] = asked(configuration, ask, f"/api/commitments/{known}")
    return found


def _opening(row: Mapping[str, Any]) -> Opening:
    return Opening(**{**row, "id": UUID(row["id"]), "record": UUID(row["record"])})
