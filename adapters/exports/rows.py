"""Files become rows of text, streaming and within bounds. A file is read to its end before anybody sees a row of it:
one that is cut off or not as declared gives none.
"""

import codecs
import csv
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook

from adapters.exports.mapping import Format

Cell = str | datetime | float | int | None
_BOMS = {"utf-8": codecs.BOM_UTF8, "gb18030": "\ufeff".encode("gb18030"), "utf-16": b""}
_EXCEL_OCTETS = 2**31
"""Most octets that an Excel file may unpack to."""


class FileRefusedError(Exception):
    """Nothing of the file can be used; the message says why, in a line."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells by column, with the line where it ends (a row of a sheet) and, of a text file, its text as declared."""

    line: int
    cells: dict[str, Cell]
    raw: bytes = b""


def rows_of(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """The rows, after the whole file was found readable. `needed` columns have to be there. Raises FileRefusedError."""
    for _ in _rows(path, written, needed):
        pass
    return _rows(path, written, needed)


def _rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    readers = {"csv": _csv_rows, "json-lines": _json_rows, "excel": _excel_rows}
    try:
        yield from readers[written.type](path, written, needed)
    except FileRefusedError:
        raise
    except UnicodeError as error:
        raise FileRefusedError(f"not {written.encoding} as declared: {error}") from error
    except (OSError, csv.Error) as error:
        raise FileRefusedError(str(error)) from error


def header_of(path: Path, written: Format) -> list[str]:
    """The names of the columns. Raises FileRefusedError."""
    rows = _rows(path, written, frozenset())
    return list(next(rows, Row(0, {})).cells)


class _Lines:
    """Lines of a text with their ends, within bounds; it remembers those of the row that is being read."""

    def __init__(self, text: IO[str], longest: int) -> None:
        self._text, self._longest = text, longest
        self.number = 0
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._longest + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._size += len(line)
        if self._size > self._longest:
            raise FileRefusedError(f"line {self.number}: the row is longer than {self._longest} characters")
        if "\0" in line:
            raise FileRefusedError(f"line {self.number}: has a NUL; the file is damaged or of another encoding")
        self.taken.append(line)
        return line

    def row(self) -> str:
        """The text of the row just read."""
        text = "".join(self.taken)
        self.taken.clear()
        self._size = 0
        return text


def _opened(path: Path, written: Format) -> IO[str]:
    """The text behind its BOM. A BOM of another encoding contradicts the declared one."""
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


def _csv_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    with _opened(path, written) as text:
        lines = _Lines(text, written.row)
        reader = csv.reader(lines, delimiter=written.delimiter, strict=True)
        names: list[str] = []
        for values in reader:
            raw = lines.row()
            if not any(values):
                continue
            if not names:
                names = _header(values, written, needed)
                continue
            cells = _cells(names, values, lines.number, written)
            yield Row(lines.number, cells, raw.encode(written.encoding))
        if not names:
            raise FileRefusedError("has no header")


def _header(values: list[str], written: Format, needed: frozenset[str]) -> list[str]:
    names = [name.strip() for name in values]
    if len(names) > written.columns:
        raise FileRefusedError(f"has {len(names)} columns, {written.columns} are allowed")
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        raise FileRefusedError("two columns have the same name")
    if missing := sorted(needed - set(named)):
        raise FileRefusedError(f"column {', '.join(missing)} is missing; there are {', '.join(named)}"[:400])
    return names


def _cells(names: list[str], values: list[Any], line: int, written: Format) -> dict[str, Cell]:
    """By name. A row of another length is cut off or has a delimiter too many: it makes cells of no column."""
    if len(values) != len(names):
        return {"": f"has {len(values)} cells, the header {len(names)}"}
    for value in values:
        if isinstance(value, str) and len(value) > written.cell:
            raise FileRefusedError(f"line {line}: a cell is longer than {written.cell} characters")
    cells = dict(zip(names, values, strict=True))
    cells.pop("", None)
    return cells


def _json_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    del needed  # objects have no header: what one lacks refuses that row
    with _opened(path, written) as text:
        lines = _Lines(text, written.row)
        for line in lines:
            raw = lines.row()
            if not line.strip():
                continue
            try:
                given = json.loads(line, parse_int=str, parse_float=str)
            except (ValueError, RecursionError) as error:
                raise FileRefusedError(f"line {lines.number}: is no JSON: {error}") from error
            if not isinstance(given, dict):
                raise FileRefusedError(f"line {lines.number}: is no JSON object")
            cells = dict(_flat(given, ""))
            if len(cells) > written.columns:
                raise FileRefusedError(f"line {lines.number}: has more than {written.columns} values")
            yield Row(lines.number, cells, raw.encode(written.encoding))


def _flat(given: dict[str, Any], above: str) -> Iterator[tuple[str, Cell]]:
    for name, value in given.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        elif name and not isinstance(value, list):
            yield above + name, value if isinstance(value, str) else None if value is None else str(value).lower()


def _excel_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    try:
        _check_size(path)
        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            yield from _sheet_rows(book, written, needed)
    except (FileRefusedError, GeneratorExit):
        raise
    except Exception as error:  # openpyxl raises whatever its XML and ZIP parsers do
        raise FileRefusedError(f"is no readable Excel file: {error or type(error).__name__}") from error


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        if sum(part.file_size for part in packed.infolist()) > _EXCEL_OCTETS:
            raise FileRefusedError("unpacks to more than 2 GiB")


def _sheet_rows(book: Any, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    if written.sheet is None and len(book.sheetnames) != 1:
        raise FileRefusedError(f"has the sheets {', '.join(book.sheetnames)}; the mapping has to name one")
    if written.sheet is not None and written.sheet not in book.sheetnames:
        raise FileRefusedError(f"has no sheet {written.sheet}; there are {', '.join(book.sheetnames)}")
    names: list[str] = []
    sheet = book[written.sheet or book.sheetnames[0]]
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=written.columns + 1), 1):
        given = list(values)
        while given and given[-1] is None and len(given) > len(names):
            given.pop()
        if not any(value is not None for value in given):
            continue
        if not names:
            names = _header([str(value or "") for value in given], written, needed)
            continue
        given.extend([None] * (len(names) - len(given)))
        yield Row(number, _cells(names, given, number, written))
    if not names:
        raise FileRefusedError("has no header")
