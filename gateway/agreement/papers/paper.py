"""The paper form of an agreement: sections with paragraphs and tables, as every writer draws them."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.languages import Language


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `widths` are parts of the page's width, together 1; without `columns` it has no head."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list without numbers."""

    items: tuple[str, ...]


Block = str | Table | Items
"""A string is a paragraph."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its heading, then its blocks, then its sections."""

    heading: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()
    annex: bool = False
    """Whether it begins a page."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole paper in one language; `head` stands before the first section."""

    language: Language
    title: str
    head: tuple[Block, ...]
    sections: tuple[Section, ...]
    foot: str
    """Stands below every page."""
    page: str
    """The number of a page: a template with `page` and `pages`."""

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Every section with its level from 1, in the order in which they stand."""
        return _walk(self.sections, 1)


def _walk(sections: tuple[Section, ...], level: int) -> Iterator[tuple[int, Section]]:
    for one in sections:
        yield level, one
        yield from _walk(one.sections, level + 1)
