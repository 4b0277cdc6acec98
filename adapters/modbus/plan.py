"""Which addresses to ask for together: few requests, no value ever split across two of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Table = Literal["holding", "input", "coil", "discrete"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Addresses that belong together: the words of one value. Half open, `start` to `end`."""

    table: Table
    start: int
    count: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.start + self.count

    def holds(self, other: "Span") -> bool:
        """Whether the other lies inside."""
        return self.table == other.table and self.start <= other.start and other.end <= self.end

    def touches(self, other: "Span") -> bool:
        """Whether the two have an address in common."""
        return self.table == other.table and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Block:
    """One request, and the spans it answers, by start."""

    table: Table
    start: int
    count: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for: registers, bits, unused addresses between two spans; and what none may touch."""

    registers: int
    bits: int
    gap: int
    forbidden: tuple[Span, ...] = ()

    def most(self, table: Table) -> int:
        """Addresses of a table in one request."""
        return self.registers if table in {"holding", "input"} else self.bits

    def allow(self, table: Table, start: int, end: int) -> bool:
        """Whether one request may ask for these addresses."""
        asked = Span(table, start, end - start)
        return asked.count <= self.most(table) and not any(span.touches(asked) for span in self.forbidden)


def atoms(spans: Iterable[Span], limits: Limits, blocks: Iterable[Span] = ()) -> tuple[Span, ...]:
    """What one value needs, in as few pieces as may be: each is read at once and fails as one.

    Spans that follow each other become one; a span inside one of `blocks` becomes that block.
    """
    pieces: list[Span] = []
    for span in sorted({_widened(span, blocks) for span in spans}):
        last = pieces[-1] if pieces else None
        if last is not None and last.table == span.table and span.start - last.end <= limits.gap:
            end = max(last.end, span.end)
            if limits.allow(span.table, last.start, end):
                pieces[-1] = Span(span.table, last.start, end - last.start)
                continue
        pieces.append(span)
    return tuple(pieces)


def plan(spans: Iterable[Span], limits: Limits) -> list[Block]:
    """Blocks that cover all spans, each span whole in one block, in order of table and address."""
    return [_block(group) for group in _groups(sorted(set(spans)), limits)]


def halves(block: Block) -> list[Block]:
    """The block as two smaller ones, to find out which of its addresses the device refuses."""
    middle = len(block.spans) // 2
    return [_block(block.spans[:middle]), _block(block.spans[middle:])]


def _groups(spans: Iterable[Span], limits: Limits) -> Iterator[list[Span]]:
    group: list[Span] = []
    end = 0
    for span in spans:
        if group and _fits(group[0], end, span, limits):
            group.append(span)
            end = max(end, span.end)
            continue
        if group:
            yield group
        group, end = [span], span.end
    if group:
        yield group


def _fits(first: Span, end: int, span: Span, limits: Limits) -> bool:
    near = span.table == first.table and span.start - end <= limits.gap
    return near and limits.allow(span.table, first.start, max(end, span.end))


def _widened(span: Span, blocks: Iterable[Span]) -> Span:
    return next((block for block in blocks if block.holds(span)), span)


def _block(spans: Iterable[Span]) -> Block:
    kept = tuple(spans)
    start = kept[0].start
    return Block(kept[0].table, start, max(span.end for span in kept) - start, kept)
