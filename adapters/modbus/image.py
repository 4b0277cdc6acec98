"""The device's memory as one scan saw it. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.modbus.answer import Failure
from adapters.modbus.numbers import decode, is_number
from adapters.modbus.places import Place
from adapters.modbus.plan import Block, Span, Table


class Image:
    """Made anew for each scan, so that nothing old can be in it."""

    def __init__(self) -> None:
        self._words: dict[Table, NDArray[np.uint16]] = {}
        self._read: dict[Table, NDArray[np.bool_]] = {}
        self._failures: dict[Span, Failure] = {}

    def put(self, block: Block, words: Sequence[int]) -> None:
        """The answer to a block: as many registers, or bits, as it has addresses."""
        place = slice(block.start, block.start + block.count)
        if block.table not in self._words:
            self._words[block.table] = np.zeros(65_536, np.uint16)
            self._read[block.table] = np.zeros(65_536, np.bool_)
        self._words[block.table][place] = words
        self._read[block.table][place] = True

    def fail(self, block: Block, failure: Failure) -> None:
        """The block could not be read."""
        self._failures |= dict.fromkeys(block.spans, failure)

    @property
    def failures(self) -> Mapping[Span, Failure]:
        """What could not be read, and why."""
        return self._failures

    def was_read(self, table: Table, addresses: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which addresses have a content, of the shape of the addresses."""
        if table not in self._read:
            return np.zeros(addresses.shape, np.bool_)
        return self._read[table][addresses]

    def words(self, table: Table, addresses: NDArray[np.intp]) -> NDArray[np.uint16]:
        """Contents, of the shape of the addresses; 0 where nothing was read."""
        if table not in self._words:
            return np.zeros(addresses.shape, np.uint16)
        return self._words[table][addresses]

    def word(self, table: Table, address: int) -> int:
        """Content of one address; 0 where nothing was read."""
        return int(self.words(table, np.array(address, dtype=np.intp)))

    def span(self, span: Span) -> NDArray[np.uint16] | None:
        """Contents of a span; None where not all of it was read."""
        addresses = np.arange(span.start, span.end, dtype=np.intp)
        return self.words(span.table, addresses) if self.was_read(span.table, addresses).all() else None

    def refused(self, span: Span) -> bool:
        """Whether the device answered that it has no such addresses."""
        return any(failure.is_refused for whole, failure in self._failures.items() if whole.holds(span))

    def number(self, place: Place) -> int | float | None:
        """The number that stands in a place; None where it was not read."""
        words = self.span(place.span)
        if words is None or not is_number(place.type):
            return None
        found: int | float = decode(words[None, :], place.type, place.word_order, place.byte_order)[0].item()
        return found
