"""Rows of an export in columns, a block of them at a time: so that the work for each row is done in C, by column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.exports.formats.row import Cell, Row

ROWS = 1024
"""Most rows of a block."""
_CHARACTERS = 2**20
"""A block with more characters than this gets no further row."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows with their lines (see `Row`) and texts. `faults` says, by index, which row cannot be used and why; its cells
    are None. A column has the name at its index; one named "" is none.
    """

    names: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    texts: Sequence[str | bytes]
    encoding: str
    faults: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.rows)

    def columns(self) -> dict[str, Sequence[Cell]]:
        """The cells of all rows, by column."""
        return dict(zip(self.names, zip(*self.rows, strict=True), strict=True))

    def raw(self, index: int) -> bytes:
        """A row's text as it stands in the file."""
        text = self.texts[index]
        return text if isinstance(text, bytes) else text.encode(self.encoding)

    def each(self) -> Iterator[Row]:
        """Row by row."""
        for index, (line, values) in enumerate(zip(self.lines, self.rows, strict=True)):
            cells: dict[str, Cell] = dict(zip(self.names, values, strict=True))
            cells.pop("", None)
            yield Row(line, {"": self.faults[index]} if index in self.faults else cells, self.raw(index))


Line = tuple[Sequence[Cell] | str, int, str | bytes]
"""The cells of a row, or why it cannot be used; its line and its text."""


def blocks(given: Iterable[Line], names: tuple[str, ...], encoding: str) -> Iterator[Block]:
    """Rows in blocks, in order."""
    nothing = (None,) * len(names)
    rows, lines, texts, faults = list[Sequence[Cell]](), list[int](), list[str | bytes](), dict[int, str]()
    size = 0
    for values, line, text in given:
        if isinstance(values, str):
            faults[len(rows)] = values
            values = nothing  # noqa: PLW2901 - in its place
        rows.append(values)
        lines.append(line)
        texts.append(text)
        size += len(text) or sum(len(one) for one in values if isinstance(one, str))
        if len(rows) == ROWS or size > _CHARACTERS:
            yield Block(names, rows, lines, texts, encoding, faults)
            rows, lines, texts, faults, size = [], [], [], {}, 0
    if rows:
        yield Block(names, rows, lines, texts, encoding, faults)


def blocks_of_rows(rows: Iterable[Row], columns: Iterable[str]) -> Iterator[Block]:
    """Single rows in blocks of these columns. One that a row has not is None there."""
    names = tuple(sorted(columns))
    each = (
        (str(row.cells[""]) if "" in row.cells else [*map(row.cells.get, names)], row.line, row.raw) for row in rows
    )
    return blocks(each, names, "utf-8")
