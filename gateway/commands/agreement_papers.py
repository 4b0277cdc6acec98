"""`cmo-gateway agreement diff`, `render`, `sign`, `verify`: versions of agreements, on paper and signed."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from gateway.agreement import in_force, signing
from gateway.agreement.agreement import Agreement
from gateway.agreement.loading import files_in, load_agreement
from gateway.agreement.papers.changes import told
from gateway.agreement.papers.facts import Speaker
from gateway.agreement.papers.forms import FORMS, paper_of
from gateway.agreement.signing import ENDING
from gateway.commands.arguments import TrustFiles, refuse, trust_in
from gateway.configuration import ConfigurationError
from gateway.languages import Language
from gateway.proof.keys import Role, fingerprint, load, public_keys, write_new
from gateway.proof.note import VerifierKey
from gateway.running import Exit, complain
from gateway.words import moment

File = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement (YAML).")]
Read = TypeVar("Read")
Chinese = Annotated[bool, typer.Option("--zh", help="Words in Chinese.")]


class Paper(StrEnum):
    """In which language a paper is; `both` has the leading one first."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


def add(app: typer.Typer) -> None:
    """Put the commands into their group."""
    for command in (diff, render, sign, verify):
        app.command(command.__name__)(command)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="One version (YAML).")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another version (YAML).")],
    *,
    zh: Chinese = False,
) -> None:
    """Say in words what changed between two versions, a line for each difference.

    Exit code 0 where they are equal, 1 where they are not, 2 where a file is no agreement.
    """
    language = Language.ZH if zh else Language.EN
    lines = told(_loaded(old), _loaded(new), language)
    for line in lines or (Speaker(language).label("change", "same"),):
        typer.echo(line)
    raise typer.Exit(Exit.FAILED if lines else Exit.OK)


def render(
    file: File,
    *,
    to: Annotated[Path, typer.Option(help="The file to write; it ends with .html, .docx or .pdf.")],
    language: Annotated[Paper, typer.Option(help="Language of the paper.")] = Paper.BOTH,
    profiles: Annotated[Path | None, typer.Option(help="Folder with profiles of terms of your own.")] = None,
) -> None:
    """Write the agreement as a paper, in the order and with the headings of the official template (107)."""
    ending = to.suffix.lower()
    if ending not in FORMS:
        refuse(f"--to {to}: must end with {', '.join(FORMS)}")
    agreement, digest = _loaded(file), signing.digest_of(file.read_bytes())
    chosen = None if language is Paper.BOTH else Language(language.value)
    try:
        paper = paper_of(agreement, digest, ending, chosen, profiles)
    except ConfigurationError as error:
        refuse(error)
    to.write_bytes(paper)
    typer.echo(f"paper: {to}")


def sign(
    file: File, *, key: Annotated[Path, typer.Option(help="Private key file of a signatory that approves it.")]
) -> None:
    """Add a signature over the file's octets to the signed note beside it, FILE.signatures."""
    agreement, octets = _loaded(file), file.read_bytes()
    signatory = load(key, Role.SIGNATORY)
    beside = _beside(file)
    before = beside.read_bytes() if beside.is_file() else None
    note = signing.sign(agreement, octets, signatory, int(time.time()), before)
    scratch = beside.with_name(f".{beside.name}.{os.getpid()}")
    write_new(scratch, note.decode(), 0o644)
    scratch.replace(beside)
    typer.echo(f"signatures: {beside}")
    typer.echo(f"signed: {agreement.agreement} version {agreement.version}, SHA-256 {signing.digest_of(octets)}")
    own = fingerprint(public_keys(signatory)[0])
    typer.echo(f"by: {signatory.name}, {own}")
    if (signatory.name, own) not in signing.fingerprints(agreement):
        typer.echo("this key is not listed here: the signature counts only where the version before lists it")


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Agreements, all versions of a chain, or folders of them.")
    ],
    *,
    trust: TrustFiles = None,
    zh: Chinese = False,
) -> None:
    """Check both parties' signatures, and say from when to when each version holds.

    The first version of an agreement needs `--trust`: public key files whose fingerprints were compared on paper. Each
    later one is checked with the keys of the version before. Exit code 0 only where every file counts.
    """
    if not trust:
        _tell_fingerprints(files)
        refuse("without --trust nothing can be proven; compare these fingerprints on paper, then name the key files")
    keys = trust_in(trust, None).keys
    found = _signed(files, keys)
    for one in found.versions:
        typer.echo(_told(one, zh=zh))
    for finding in found.findings:
        complain(f"{finding.file}: {finding.words.zh if zh else finding.words.en}")
    raise typer.Exit(Exit.FAILED if found.findings else Exit.OK)


def _signed(files: list[Path], keys: tuple[VerifierKey, ...]) -> in_force.Signed:
    return _reading(lambda: in_force.signed_files(files_in(files), keys))


def _tell_fingerprints(files: list[Path]) -> None:
    for file in _reading(lambda: files_in(files)):
        for name, found in signing.fingerprints(_loaded(file)):
            typer.echo(f"{file}: {name}: {found}")


def _told(one: in_force.SignedVersion, *, zh: bool) -> str:
    agreement, zone = one.agreement, ZoneInfo(one.agreement.zone)
    begins, ends = (
        None if time is None else datetime.fromtimestamp(time // 1_000_000, zone) for time in (one.begins, one.ends)
    )
    signers = ", ".join(f"{signed.key.name} ({moment(signed.time)})" for signed in one.signed)
    if zh:
        span = f"自 {begins} 起" + (f"，至 {ends} 止" if ends else "")
        return f"{one.file}: {agreement.agreement} 第 {agreement.version} 版，{span}；签署：{signers}"
    span = f"from {begins}" + (f" until {ends}" if ends else "")
    return f"{one.file}: {agreement.agreement} version {agreement.version} holds {span}; signed by {signers}"


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ENDING)


def _loaded(file: Path) -> Agreement:
    return _reading(lambda: load_agreement(file))


def _reading(read: Callable[[], Read]) -> Read:
    """What is read; ends with a line for each fault."""
    try:
        return read()
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error
