"""A route that leaves records as they are."""

from collections.abc import Iterable, Iterator
from typing import Any

from edge.route import Route
from schemas.codec import Record


class Untouched(Route):
    """For tests that look at records, not at entries."""

    def __init__(self) -> None:
        super().__init__({})

    def __call__(self, record: Record) -> Iterator[Any]:
        """The record."""
        yield record

    def all(self, records: Iterable[Record]) -> Iterator[Any]:
        """The records."""
        yield from records
