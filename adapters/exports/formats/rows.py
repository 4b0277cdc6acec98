"""Files become rows, streaming and within bounds, as each format's reader has them.

A file is read to its end before anybody sees a row of it: one that is cut off or not as declared gives none.
"""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

from adapters.exports.formats.astm import astm_rows
from adapters.exports.formats.block import Block, blocks_of_rows
from adapters.exports.formats.csv_table import csv_blocks, csv_check, json_line_rows
from adapters.exports.formats.excel import excel_blocks
from adapters.exports.formats.json_tree import json_check, json_rows
from adapters.exports.formats.row import Row, refusing
from adapters.exports.formats.tree import Behind
from adapters.exports.formats.xml_tree import xml_check, xml_rows
from adapters.exports.mapping import Format

_TABLES = {"csv": csv_blocks, "excel": excel_blocks}
_ROWS: dict[str, Callable[[Path, Format, frozenset[str]], Iterator[Row]]] = {
    "json-lines": json_line_rows,
    "astm": astm_rows,
}
_TREES = {
    **dict.fromkeys(("xml", "b2mml", "animl"), (xml_check, xml_rows)),
    **dict.fromkeys(("json", "asm"), (json_check, json_rows)),
}


class Export:
    """A file to be read. `needed` columns have to be there."""

    def __init__(self, path: Path, written: Format, needed: frozenset[str]) -> None:
        self._path, self._written, self._needed = path, written, needed
        self._behind = Behind()

    def check(self) -> Iterator[int]:
        """Reads the file to its end and gives the rows as they are found, some at a time. Of CSV they are lines: it is
        not parsed where nothing can be wrong with it. Raises FileRefusedError.
        """
        given, type_ = (self._path, self._written, self._needed), self._written.type
        with refusing(self._written):
            if type_ == "csv":
                yield from csv_check(*given)
            elif type_ in _TREES:
                yield from _TREES[type_][0](*given, self._behind)
            else:
                yield from map(len, self.blocks())

    def blocks(self) -> Iterator[Block]:
        """The rows as they are read, though the file's end may be bad. Raises FileRefusedError where it is."""
        given, type_ = (self._path, self._written, self._needed), self._written.type
        with refusing(self._written):
            if type_ in _TABLES:
                yield from _TABLES[type_](*given)
            elif type_ in _TREES:
                yield from blocks_of_rows(_TREES[type_][1](*given, self._behind), self._needed)
            else:
                yield from blocks_of_rows(_ROWS[type_](*given), self._needed)


def blocks_of(path: Path, written: Format, needed: frozenset[str], tell: Callable[[int], object]) -> Iterator[Block]:
    """The rows, after the whole file was found readable. `needed` columns have to be there; `tell` hears of
    rows that were read on the way to the end. Raises FileRefusedError.
    """
    export = Export(path, written, needed)
    for count in export.check():
        tell(count)
    return export.blocks()


def blocks_once(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Block]:
    """As `Export.blocks`."""
    return Export(path, written, needed).blocks()


def rows_once(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """As `blocks_once`, row by row: where speed does not matter."""
    return chain.from_iterable(block.each() for block in blocks_once(path, written, needed))


def sample_of(path: Path, written: Format, most: int) -> list[Row]:
    """The first rows of a table or list, with all their cells. Raises FileRefusedError."""
    with refusing(written):
        if written.type in _TABLES:
            tables = _TABLES[written.type](path, written, frozenset())
            return [*islice(chain.from_iterable(block.each() for block in tables), most)]
        return [*islice(_ROWS[written.type](path, written, frozenset()), most)]
