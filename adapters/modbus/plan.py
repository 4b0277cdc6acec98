"""Which addresses to ask for together: few requests, no value ever split across two of them."""

from collections.abc import Iterable
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


@dataclass(frozen=True, slots=True)
class Block:
    """One request, and the spans it answers, by start."""

    table: Table
    start: int
    count: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for: registers, bits, and unused addresses between two spans."""

    registers: int
    bits: int
    gap: int


def plan(spans: Iterable[Span], limits: Limits) -> list[Block]:
    """Blocks that cover all spans, each span whole in one block, in order of table and address."""
    groups: list[list[Span]] = []
    end = 0
    for span in sorted(set(spans)):
        most = limits.registers if span.table in {"holding", "input"} else limits.bits
        if groups and _fits(groups[-1][0], end, span, most, limits.gap):
            groups[-1].append(span)
            end = max(end, span.end)
        else:
            groups.append([span])
            end = span.end
    return [_block(group) for group in groups]


def halves(block: Block) -> list[Block]:
    """The block as two smaller ones, to find out which of its addresses the device refuses."""
    middle = len(block.spans) // 2
    return [_block(block.spans[:middle]), _block(block.spans[middle:])]


def _fits(first: Span, end: int, span: Span, most: int, gap: int) -> bool:
    return span.table == first.table and span.start - end <= gap and max(end, span.end) - first.start <= most


def _block(spans: Iterable[Span]) -> Block:
    kept = tuple(spans)
    start = kept[0].start
    return Block(kept[0].table, start, max(span.end for span in kept) - start, kept)
