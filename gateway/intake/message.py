"""Messages as they came from the topics: entries and seals, where they stood, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.codec import Record
from schemas.commitment import Commitment
from schemas.records import Evicted


@dataclass(frozen=True, slots=True)
class Place:
    """A partition of a topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """A received entry. `record` is None where the entry could not be read; then `problem` says why.

    `number` is its place in the stream; None where the message gives none. `key` and `headers` are as received; they
    prove nothing.

    `record` is as this node may read it; in the place of the fields in `withheld` the entry has these commitments.

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
    key: bytes = b""
    headers: Mapping[str, bytes] = field(default_factory=dict)
    withheld: Mapping[str, Commitment] = field(default_factory=dict)

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
    """What was read at once: entries, seals and what was sent again on request, each in the order of their topics.

    `caught_up` says that all topics were read to the ends that they had a moment ago.
    """

    messages: tuple[Message, ...] = ()
    seals: tuple[SealNote, ...] = ()
    resent: tuple[Message, ...] = ()
    caught_up: bool = False

    @property
    def size(self) -> int:
        """How many messages there are."""
        return len(self.messages) + len(self.seals) + len(self.resent)

    def ends(self) -> dict[Place, int]:
        """The next offset of each partition."""
        read: list[Message | SealNote] = [*self.messages, *self.seals, *self.resent]
        return {one.place: one.offset + 1 for one in read}
