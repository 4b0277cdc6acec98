"""Files become rows, streaming and within bounds, as each format's reader has them.

A file is read to its end before anybody sees a row of it: one that is cut off or not as declared gives none.
"""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

from adapters.exports.astm import astm_rows
from adapters.exports.block import Block, blocks_of_rows
from adapters.exports.csv_table import csv_blocks, json_line_rows
from adapters.exports.excel import excel_blocks
from adapters.exports.json_tree import json_rows
from adapters.exports.mapping import Format
from adapters.exports.row import Row, refusing
from adapters.exports.xml_tree import xml_rows

_TABLES = {"csv": csv_blocks, "excel": excel_blocks}
_OTHERS: dict[str, Callable[[Path, Format, frozenset[str]], Iterator[Row]]] = {
    "json-lines": json_line_rows,
    "xml": xml_rows,
    "b2mml": xml_rows,
    "animl": xml_rows,
    "json": json_rows,
    "asm": json_rows,
    "astm": astm_rows,
}


def blocks_of(path: Path, written: Format, needed: frozenset[str], tell: Callable[[int], object]) -> Iterator[Block]:
    """The rows, after the whole file was found readable. `needed` columns have to be there; `tell` hears of
    rows that were read on the way to the end. Raises FileRefusedError.
    """
    for block in blocks_once(path, written, needed):
        tell(len(block))
    return blocks_once(path, written, needed)


def blocks_once(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Block]:
    """The rows as they are read, though the file's end may be bad. Raises FileRefusedError where it is."""
    with refusing(written):
        if written.type in _TABLES:
            yield from _TABLES[written.type](path, written, needed)
        else:
            yield from blocks_of_rows(_OTHERS[written.type](path, written, needed), needed)


def rows_once(path: Path, written: Format, needed: frozenset[str]) -> Iterator[Row]:
    """As `blocks_once`, row by row: where speed does not matter."""
    return chain.from_iterable(block.each() for block in blocks_once(path, written, needed))


def sample_of(path: Path, written: Format, most: int) -> list[Row]:
    """The first rows, with all their cells. Raises FileRefusedError."""
    with refusing(written):
        if written.type in _TABLES:
            tables = _TABLES[written.type](path, written, frozenset())
            return [*islice(chain.from_iterable(block.each() for block in tables), most)]
        return [*islice(_OTHERS[written.type](path, written, frozenset()), most)]
