"""One message as it came from a topic: the entry, where it stood, and what it says."""

from dataclasses import dataclass

from schemas.codec import Record
from schemas.records import Evicted


@dataclass(frozen=True, slots=True)
class Place:
    """A partition of a topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """A received entry. `record` is None where the entry could not be read; then `problem` says why.

    `number` is its place in the stream; None where the message gives none.

    `appended` is Kafka's time of the message, `arrived` this node's, both UTC microseconds.
    """

    place: Place
    offset: int
    stream: str
    number: int | None
    entry: bytes
    record: Record | None
    problem: str | None
    appended: int
    arrived: int

    @property
    def last_number(self) -> int:
        """The last number that the message stands for; 0 where it gives none."""
        if isinstance(self.record, Evicted):
            return self.record.first + len(self.record.leaves) - 1
        return self.number or 0
