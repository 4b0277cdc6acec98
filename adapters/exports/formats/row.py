"""A row of an export, whatever its format, and how its text is opened."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from adapters.exports.mapping import Format

Cell = str | datetime | float | int | None
_BOMS = {"utf-8": codecs.BOM_UTF8, "gb18030": "\ufeff".encode("gb18030"), "utf-16": b""}


class FileRefusedError(Exception):
    """Nothing of the file can be used; the message says why, in a line."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells by column, with the line where it ends (a row of a sheet, the position of an element) and, of a file
    of text, its text as declared. A cell of no column says why the row cannot be used.
    """

    line: int
    cells: dict[str, Cell]
    raw: bytes = b""


def opened(path: Path, written: Format) -> IO[str]:
    """The text behind its BOM. A BOM of another encoding contradicts the declared one. Raises FileRefusedError."""
    with path.open("rb") as file:
        begin = file.read(4)
    own = _BOMS[written.encoding]
    others = [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]
    if written.encoding != "utf-16" and any(begin.startswith(bom) for bom in others if bom != own):
        raise FileRefusedError(f"not {written.encoding} as declared: it begins with the mark of another encoding")
    text = path.open(encoding=written.encoding, errors="strict", newline="")
    if own and begin.startswith(own):
        text.read(1)
    return text


@contextmanager
def refusing(written: Format) -> Iterator[None]:
    """What goes wrong with the octets of a file refuses it. Raises FileRefusedError."""
    try:
        yield
    except UnicodeError as error:
        raise FileRefusedError(f"not {written.encoding} as declared: {error}") from error
    except OSError as error:
        raise FileRefusedError(str(error)) from error
