"""Tag lists as files: CSV in UTF-8, or Excel's .xlsx. One row a tag, one column a setting.

Spreadsheets change what looks like a number or a date. So a cell that was changed, or could have been, is refused with
its row and column, and nothing is guessed back:

- a number or date in a column of text (a name `2-1` becomes a date, a node `2610000` becomes 2.61E+06),
- a number with leading zeros in a column of numbers (an address `0012`: is it 12, or was it cut?).
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, get_args
from zipfile import BadZipFile

import yaml
from pydantic import BaseModel

from gateway.configuration import ConfigurationError, Document, Finding, Location, nearest

MAX_ROWS = 200_000
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]\d+", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2}[-/]\d{1,2}[-/]\d{2})"
    r"(?: \d\d?:\d\d(?::\d\d)?)?"
    rf"|\d{{1,2}}-{_MONTH}(?:-\d{{2,4}})?|{_MONTH}-\d{{2,4}}"
    r"|\d{1,4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日",
    re.IGNORECASE,
)
_ZEROS = re.compile(r"[+-]?0\d+")
_HINT = "format the column as text and enter it again"


@dataclass(frozen=True, slots=True)
class Column:
    """A setting: whether it is text or a whole number; neither where it is a number or a list."""

    text: bool
    whole: bool


def columns_of(rows: Any) -> dict[str, Column]:
    """The columns that a list of these rows may have; `rows` is the annotation of a setting."""
    return {
        field.alias or name: _column(field.annotation)
        for model in _models_in(rows)
        for name, field in model.model_fields.items()
    }


def rows_of(document: Document, file: Path, at: Location, rows: Any, first: int) -> list[dict[str, Any]]:
    """The rows of a file as if they stood in the document's list at `at`, from index `first`.

    Headers are the fields of the model in the annotation `rows`; cells stay text, empty ones are left out, and one in
    brackets is a list. Findings on them point into the file. Raises ConfigurationError.
    """
    columns = columns_of(rows)
    found: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for line, cells in _read(file, columns):
        document.places[*at, first + len(found)] = (str(file), line)
        row: dict[str, Any] = {}
        for name, cell in cells.items():
            try:
                row[name] = _content(cell, columns[name])
            except ValueError as error:
                findings.append(Finding(str(file), line, f"column {name}: {error}"))
        found.append(row)
    if findings:
        raise ConfigurationError(findings)
    return found


def write_list(file: Path | None, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a list that `rows_of` reads, to standard output where there is no file; what is there is not overwritten.

    Columns that no row fills are left out, but for the first two. Raises OSError.
    """
    listed = list(rows)
    used = [name for at, name in enumerate(columns) if at < 2 or any(row.get(name) for row in listed)]
    table = [used, *([row.get(name, "") for name in used] for row in listed)]
    if file is not None and file.suffix.lower() == ".xlsx":
        _write_sheet(file, table)
        return
    with ExitStack() as stack:
        out: TextIO = sys.stdout
        if file is not None:
            out = stack.enter_context(file.open("x", encoding="utf-8", newline=""))
        csv.writer(out, lineterminator="\n").writerows(table)


Cells = dict[str, Any]


def _read(file: Path, columns: Mapping[str, Column]) -> Iterator[tuple[int, Cells]]:
    """Line and filled cells of each row that is not empty. Raises ConfigurationError."""
    read = _lines_of_sheet if file.suffix.lower() == ".xlsx" else _lines_of_csv
    try:
        lines = read(file)
        header = [str(name or "") for name in next(lines, (1, []))[1]]
        while header and not header[-1]:
            header.pop()
        _check_header(file, header, list(columns))
        for line, cells in lines:
            filled = {name: cell for name, cell in zip(header, cells, strict=False) if cell not in (None, "")}
            if any(cell not in (None, "") for cell in cells[len(header) :]):
                raise ConfigurationError([Finding(str(file), line, "more cells than columns")])
            if filled:
                yield line, filled
    except OSError as error:
        raise ConfigurationError([Finding(str(file), 1, f"cannot be read: {error.strerror or error}")]) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError([Finding(str(file), 1, f"is not CSV in UTF-8: {error}")]) from error


def _check_header(file: Path, header: Sequence[str], known: Sequence[str]) -> None:
    faults = [f"unknown column {name!r}{nearest(name, known)}" for name in header if name not in known]
    faults += [f"column {name!r} stands a second time" for at, name in enumerate(header) if name in header[:at]]
    if faults:
        raise ConfigurationError([Finding(str(file), 1, fault) for fault in faults])


def _lines_of_csv(file: Path) -> Iterator[tuple[int, list[Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        for cells in reader:
            yield reader.line_num, cells


def _lines_of_sheet(file: Path) -> Iterator[tuple[int, list[Any]]]:
    """The first sheet; a formula counts as what it was last computed to."""
    import openpyxl  # noqa: PLC0415 - only who keeps lists in Excel waits for it
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise ConfigurationError([Finding(str(file), 1, "is no Excel workbook (.xlsx); save it anew")]) from error
    try:
        for line, cells in enumerate(book.worksheets[0].iter_rows(values_only=True, max_row=MAX_ROWS), 1):
            yield line, list(cells)
    finally:
        book.close()


def _write_sheet(file: Path, table: Sequence[Sequence[str]]) -> None:
    import openpyxl  # noqa: PLC0415 - as above
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    with file.open("xb") as out:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("tags")
        sheet.freeze_panes = "A2"
        for cells in table:
            row = []
            for text in cells:
                cell = WriteOnlyCell(sheet, value=text or None)
                cell.number_format = "@"  # text, so that Excel changes nothing
                if text:
                    cell.data_type = "s"  # also where it begins like a formula
                row.append(cell)
            sheet.append(row)
        book.save(out)


def _content(cell: Any, column: Column) -> Any:
    """What a cell says. Raises ValueError where a spreadsheet has changed it, or could have."""
    if not isinstance(cell, str):
        return _typed(cell, column)
    if column.text and (_SCIENTIFIC.fullmatch(cell) or _DATE.fullmatch(cell)):
        made = "number" if _SCIENTIFIC.fullmatch(cell) else "date"
        raise ValueError(f"a spreadsheet made a {made} of it ({cell}); {_HINT}")
    if not column.text and _ZEROS.fullmatch(cell):
        raise ValueError(f"{cell} has leading zeros: write the number without them")
    if column.whole and _SCIENTIFIC.fullmatch(cell):
        raise ValueError(f"a spreadsheet shortened it ({cell}); {_HINT}")
    if not column.text and cell.startswith(("[", "{")):
        return _listed(cell)
    return cell


def _typed(cell: object, column: Column) -> str:
    """A cell that Excel keeps as a number, a truth, or a date."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if not isinstance(cell, int | float):
        raise ValueError(f"a spreadsheet made a date of it ({cell}); {_HINT}")  # noqa: TRY004 - a fault of the file
    if column.text:
        raise ValueError(f"is a number ({cell:g}), where text is meant; {_HINT}")
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 2**53 else repr(cell)


def _listed(cell: str) -> Any:
    try:
        return yaml.safe_load(cell)
    except yaml.YAMLError as error:
        raise ValueError(f"is no list as in YAML: {cell}") from error


def _column(annotation: Any) -> Column:
    kinds = set(_leaves(annotation))
    number = kinds & {int, float} or any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds)
    return Column(text=not number and bool not in kinds, whole=float not in kinds and int in kinds)


def _leaves(annotation: Any) -> Iterator[Any]:
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from _leaves(part)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
