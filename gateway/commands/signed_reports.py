"""`cmo-gateway verify` of a capability report: the files beside its note, or the ZIP of a console."""

from collections.abc import Mapping
from pathlib import Path

import typer

from gateway.capability.signed import ENDING, check, is_report
from gateway.checking.trust import Trust
from gateway.commands.arguments import refuse
from gateway.proof.note import MAX_NOTE, NoteError
from gateway.running import Exit, complain, tell

LARGEST = 256 * 1024 * 1024
"""Octets of a file that is read."""


def note_beside(file: Path) -> Path:
    """Where the note of a report's file is."""
    return file.with_suffix(ENDING)


def is_report_file(file: Path) -> bool:
    """Whether it is a PDF."""
    with file.open("rb") as start:
        return start.read(5) == b"%PDF-"


def note_in(files: Mapping[str, bytes]) -> str | None:
    """The name of the report's note among the files of a ZIP or a folder; None where there is none."""
    return next((name for name, octets in sorted(files.items()) if name.endswith(ENDING) and is_report(octets)), None)


def tell_report(file: Path, trust: Trust) -> None:
    """Check a report's PDF with what lies beside it under the same name."""
    note = note_beside(file)
    if not note.is_file():
        refuse(f"{file}: its note {note.name} is not beside it; take both from the folder or the ZIP of the report")
    others = [one for one in file.parent.glob(f"{file.stem}.*") if one.suffix in {".pdf", ".json"}]
    for one in (note, *others):
        if one.stat().st_size > (MAX_NOTE if one == note else LARGEST):
            refuse(f"{one}: is longer than a report is")
    tell_files({one.name: one.read_bytes() for one in others}, note.name, note.read_bytes(), trust)


def tell_files(files: Mapping[str, bytes], name: str, note: bytes, trust: Trust) -> None:
    """Say what is proven, a line each; exit code 1 where it does not hold."""
    try:
        lines = check(files, note, trust)
    except NoteError as error:
        complain(f"{name}: {error}")
        raise typer.Exit(Exit.FAILED) from error
    for line in lines:
        tell(line)
