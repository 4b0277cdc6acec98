"""Sheets of Excel files, read row by row."""

import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from adapters.exports.formats.block import Block, blocks
from adapters.exports.formats.csv_table import header, sized
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.mapping import Format

_OCTETS = 2**31
"""Most octets that a file may unpack to."""


def excel_blocks(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Block]:
    """The rows, as they are read. Raises FileRefusedError."""
    try:
        _check_size(path)
        with path.open("rb") as file, closing(load_workbook(file, read_only=True, data_only=True)) as book:
            yield from _table(_lines(_sheet(book, written), written.columns), written, needed)
    except (FileRefusedError, GeneratorExit):
        raise
    except Exception as error:  # openpyxl raises whatever its XML and ZIP parsers do
        raise FileRefusedError(f"is no readable Excel file: {error or type(error).__name__}") from error


def _table(given: Iterator[tuple[list[Any], int, str]], written: Format, needed: frozenset[str]) -> Iterator[Block]:
    first = next(given, None)
    if first is None:
        raise FileRefusedError("has no header")
    names = header([str(value or "") for value in first[0]], written, needed)
    yield from blocks(sized(_filled(given, len(names)), len(names), written.cell), names, "utf-8")


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        if sum(part.file_size for part in packed.infolist()) > _OCTETS:
            raise FileRefusedError("unpacks to more than 2 GiB")


def _sheet(book: Any, written: Format) -> Any:
    if written.sheet is None and len(book.sheetnames) != 1:
        raise FileRefusedError(f"has the sheets {', '.join(book.sheetnames)}; the mapping has to name one")
    if written.sheet is not None and written.sheet not in book.sheetnames:
        raise FileRefusedError(f"has no sheet {written.sheet}; there are {', '.join(book.sheetnames)}")
    return book[written.sheet or book.sheetnames[0]]


def _lines(sheet: Any, columns: int) -> Iterator[tuple[list[Any], int, str]]:
    """Rows that are not empty, without the empty cells at their ends."""
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=columns + 1), 1):
        given = list(values)
        while given and given[-1] is None:
            given.pop()
        if given:
            yield given, number, ""


def _filled(given: Iterator[tuple[list[Any], int, str]], width: int) -> Iterator[tuple[list[Any], int, str]]:
    for values, line, text in given:
        yield values + [None] * (width - len(values)), line, text
