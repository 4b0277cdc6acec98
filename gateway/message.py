"""Messages as they came from the topics: entries and seals, where they stood, and what they say."""

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


@dataclass(frozen=True, slots=True)
class SealNote:
    """A seal as it stands in the topic of seals, not yet checked."""

    place: Place
    offset: int
    stream: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read at once: entries and seals, each in the order of their topics.

    `caught_up` says that all topics were read to their ends.
    """

    messages: tuple[Message, ...] = ()
    seals: tuple[SealNote, ...] = ()
    caught_up: bool = False

    def ends(self) -> dict[Place, int]:
        """The next offset of each partition."""
        read: list[Message | SealNote] = [*self.messages, *self.seals]
        return {one.place: one.offset + 1 for one in read}
