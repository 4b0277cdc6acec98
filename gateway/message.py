"""One message as it came from a topic: the entry, where it stood, and what it says."""

from dataclasses import dataclass

from schemas.codec import Record


@dataclass(frozen=True, slots=True)
class Place:
    """A partition of a topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """A received entry. `record` is None where the entry could not be read; then `problem` says why.

    `appended` is Kafka's time of the message, `arrived` this node's, both UTC microseconds.
    """

    place: Place
    offset: int
    stream: str
    entry: bytes
    record: Record | None
    problem: str | None
    appended: int
    arrived: int
