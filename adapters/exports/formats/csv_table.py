"""CSV and lines of JSON: streaming, bounded, strict.

The text comes in pages of whole lines. Where a page has no quote each of its lines is a row, so that all are parsed at
once; else row by row, until one ends together with a page.
"""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from itertools import compress
from pathlib import Path
from typing import IO, Any, TypeVar

from adapters.exports.formats.block import Block, Line, blocks
from adapters.exports.formats.row import Cell, FileRefusedError, Row, opened
from adapters.exports.mapping import Format

_T = TypeVar("_T")
_Take = Callable[[list[str], int, tuple[str, ...], Format], Iterator[_T]]
_PAGE = 131_072
"""Characters that are read at once."""


def _pages(text: IO[str], longest: int) -> Iterator[tuple[list[str], bool]]:
    """Lines with their ends, a page of them at a time, whether quotes may be there. Raises FileRefusedError."""
    number, rest, chunk = 0, "", text.read(_PAGE)
    while chunk:
        ahead = text.read(_PAGE)
        page = rest + chunk
        lines = StringIO(page, newline="").readlines()
        rest = lines.pop() if ahead else ""  # it may go on, were it only by the second half of its end
        if len(rest) > longest or (lines and len(max(lines, key=len)) > longest):
            bad = next((at for at, line in enumerate(lines) if len(line) > longest), len(lines))
            raise FileRefusedError(f"line {number + bad + 1}: the row is longer than {longest} characters")
        if "\0" in chunk:
            bad = next((at for at, line in enumerate(lines) if "\0" in line), len(lines))
            raise FileRefusedError(f"line {number + bad + 1}: has a NUL; the file is damaged or of another encoding")
        number += len(lines)
        chunk = ahead
        if lines:
            yield lines, '"' in page


class _Lines:
    """The lines of a text. `number` is that of the last one given."""

    def __init__(self, text: IO[str], longest: int) -> None:
        self._longest, self._pages = longest, _pages(text, longest)
        self._left: deque[str] = deque()
        self._quoted = False
        self._taken: list[str] = []
        self._size = 0
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while self._left or self.turn():
            line = self._left.popleft()
            self.number += 1
            self._size += len(line)
            if self._size > self._longest:
                raise FileRefusedError(f"line {self.number}: the row is longer than {self._longest} characters")
            self._taken.append(line)
            yield line

    def row(self) -> str:
        """The text of the row just read."""
        text = "".join(self._taken)
        self._taken.clear()
        self._size = 0
        return text

    @property
    def page_ends(self) -> bool:
        """Whether the line after the last one given is in another page."""
        return not self._left

    def turn(self) -> bool:
        """Go on to the next page; gives whether there is one."""
        lines, self._quoted = next(self._pages, ((), False))
        self._left = deque(lines)
        return bool(lines)

    def page(self) -> list[str] | None:
        """All the lines of this page at once; None where they may have quotes."""
        if self._quoted:
            return None
        lines = [*self._left]
        self.number += len(lines)
        self._left.clear()
        return lines


def csv_blocks(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Block]:
    """The rows, as they are read. Raises FileRefusedError."""
    return _read(path, written, needed, _at_once)


def csv_check(path: Path, written: Format, needed: frozenset[str]) -> Iterator[int]:
    """Lines, as they are found readable. Raises FileRefusedError wherever `csv_blocks` would."""
    return map(len, _read(path, written, needed, _unparsed))


def _read(path: Path, written: Format, needed: frozenset[str], take: _Take[_T]) -> Iterator[Block | _T]:
    """Blocks of rows; `take` has what comes of a page that has no quotes."""
    with opened(path, written) as text:
        lines = _Lines(text, written.row)
        names: tuple[str, ...] = ()
        try:
            while lines.turn():
                rows = _singly(lines, written)
                if not names:
                    names = header(next(rows, ([], 0, ""))[0], written, needed)
                elif (page := lines.page()) is not None:
                    yield from take(page, lines.number, names, written)
                    continue
                yield from blocks(sized(rows, len(names), written.cell), names, written.encoding)
        except csv.Error as error:
            raise FileRefusedError(f"line {lines.number}: {error}") from error
        if not names:
            raise FileRefusedError("has no header")


def _singly(lines: _Lines, written: Format) -> Iterator[tuple[list[str], int, str]]:
    """Rows to the first that ends with a page, without empty ones."""
    for values in csv.reader(iter(lines), delimiter=written.delimiter, strict=True):
        text = lines.row()
        if any(values):
            yield values, lines.number, text
        if lines.page_ends:
            break


def _unparsed(page: list[str], last: int, names: tuple[str, ...], written: Format) -> Iterator[list[str] | Block]:
    """Lines without quotes in which nothing can be found that refuses the file: only a cell that is too long could."""
    longest = min(written.cell, csv.field_size_limit())
    return iter([page]) if len(max(page, key=len)) <= longest else _at_once(page, last, names, written)


def _at_once(page: list[str], last: int, names: tuple[str, ...], written: Format) -> Iterator[Block]:
    """Lines without quotes, the last of which has this number."""
    rows = [*csv.reader(page, delimiter=written.delimiter, strict=True)]
    numbers: Sequence[int] = range(last - len(page) + 1, last + 1)
    if not all(map(any, rows)):
        full = [any(values) for values in rows]
        rows, numbers, page = [*compress(rows, full)], [*compress(numbers, full)], [*compress(page, full)]
    if not rows:
        return
    if {*map(len, rows)} == {len(names)} and len(max(page, key=len)) <= written.cell:
        yield Block(names, rows, numbers, page, written.encoding, {})
    else:
        given = zip(rows, numbers, page, strict=True)
        yield from blocks(sized(given, len(names), written.cell), names, written.encoding)


def header(values: Sequence[str], written: Format, needed: frozenset[str]) -> tuple[str, ...]:
    """The names of the columns. Raises FileRefusedError where one is missing or stands twice."""
    names = tuple(name.strip() for name in values)
    if len(names) > written.columns:
        raise FileRefusedError(f"has {len(names)} columns, {written.columns} are allowed")
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        raise FileRefusedError("two columns have the same name")
    if missing := sorted(needed - set(named)):
        raise FileRefusedError(f"column {', '.join(missing)} is missing; there are {', '.join(named)}"[:400])
    return names


def sized(given: Iterator[tuple[list[Any], int, str]], width: int, longest: int) -> Iterator[Line]:
    """Rows of this width. One of another is cut off or has a delimiter too many. Raises FileRefusedError."""
    for values, line, text in given:
        if len(values) != width:
            yield f"has {len(values)} cells, the header {width}", line, text
            continue
        if not 0 < len(text) <= longest and any(len(one) > longest for one in values if isinstance(one, str)):
            raise FileRefusedError(f"line {line}: a cell is longer than {longest} characters")
        yield values, line, text


def json_line_rows(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """The rows, as they are read; a value within another has the path `outer.inner`. Raises FileRefusedError."""
    del needed  # objects have no header: what one lacks refuses that row
    with opened(path, written) as text:
        lines = _Lines(text, written.row)
        for line in lines:
            raw = lines.row()
            if not line.strip():
                continue
            cells = dict(_flat(_object(line, lines.number), ""))
            if _is_cut("".join(cell for cell in cells.values() if isinstance(cell, str))):
                cells = {"": "has half a character (a lone surrogate)"}
            if len(cells) > written.columns:
                raise FileRefusedError(f"line {lines.number}: has more than {written.columns} values")
            yield Row(lines.number, cells, raw.encode(written.encoding))


def _is_cut(text: str) -> bool:
    """Whether there is half a character, which JSON can write and no record can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        given = json.loads(line, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(f"line {number}: is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise FileRefusedError(f"line {number}: is no JSON object")
    return given


def _flat(given: dict[str, Any], above: str) -> Iterator[tuple[str, Cell]]:
    for name, value in given.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        elif name and not isinstance(value, list):
            yield above + name, value if isinstance(value, str) else None if value is None else str(value).lower()
