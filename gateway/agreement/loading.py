"""Agreements from files: one, or all of a folder, each fault with file and line."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.agreement.agreement import Agreement
from gateway.configuration import ConfigurationError, Document, Finding, read, validate

ENDINGS = (".yaml", ".yml")
MAX_FILES = 1000
"""Most agreements in a folder; one manufacturer has tens."""
MAX_OCTETS = 2 * 1024 * 1024
"""Longest agreement that is read, in octets; the samples have 25 000."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An agreement with the file that it stands in, so that a finding can name the line."""

    document: Document
    agreement: Agreement


def load_agreement(file: Path) -> Agreement:
    """The agreement in a file. Raises ConfigurationError with every fault."""
    return load_with_places(file).agreement


def load_with_places(file: Path) -> Loaded:
    """The agreement in a file, and where each of its words stands. Raises ConfigurationError with every fault."""
    try:
        large = file.stat().st_size > MAX_OCTETS
    except OSError as error:
        raise ConfigurationError([Finding(str(file), 1, f"cannot be read: {error.strerror}")]) from error
    if large:
        raise ConfigurationError([Finding(str(file), 1, f"larger than {MAX_OCTETS} bytes: no agreement is")])
    document = read(file)
    if (line := _line_of_variable(file)) is not None:
        message = "takes a value from the environment; an agreement has to be the same wherever it is read"
        raise ConfigurationError([Finding(str(file), line, message)])
    return Loaded(document, validate(document, Agreement))


def _line_of_variable(file: Path) -> int | None:
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if "${" in line), None)


def load_agreements(folder: Path) -> tuple[Agreement, ...]:
    """All agreements in a folder, by file name. Raises ConfigurationError with every fault of all of them."""
    return tuple(one.agreement for one in load_all(files_in([folder])))


def load_all(files: Iterable[Path]) -> tuple[Loaded, ...]:
    """The agreements in these files. Raises ConfigurationError with every fault of all of them."""
    loaded: list[Loaded] = []
    faults: list[Finding] = []
    for file in files:
        try:
            loaded.append(load_with_places(file))
        except ConfigurationError as error:
            faults += error.findings
    if faults:
        raise ConfigurationError(faults)
    return tuple(loaded)


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files named, and of folders all that end in `.yaml` or `.yml`. Raises ConfigurationError."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(one for one in path.iterdir() if one.suffix in ENDINGS and one.is_file())
        if not inside:
            raise ConfigurationError([Finding(str(path), 1, "no agreement is in this folder; they end in .yaml")])
        found += inside
    if len(found) > MAX_FILES:
        raise ConfigurationError([Finding(str(found[0].parent), 1, f"more than {MAX_FILES} agreements")])
    return found
