"""Of two senders with one identity the earlier start stops.

Each life of a sender has an epoch, stated in a signed note among its seals before its first entry. Whoever sees a
later start than its own under its own key stops publishing for good. Replays of old starts harm nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from gateway.link.tail import backwards, reading
from gateway.proof.keys import public_keys
from gateway.proof.note import NoteError, SigningKey
from gateway.proof.statement import Sender, Start, open_statement, write_statement

CHUNK = 5000
"""Messages read at once, going backwards."""
FURTHEST = 200_000
"""Messages before the end of a seals topic among which a start is looked for: some hours of many senders."""
REPEAT = 3600.0
"""Seconds after which a running sender states its start again, so that it is found there."""


class SupersededError(Exception):
    """Another agent with this identity was started later; the message says what to do."""


class Starts:
    """The starts of one sender, its own and others'."""

    def __init__(self, sender: Sender, key: SigningKey) -> None:
        self._sender, self._key = sender, key
        self.own = public_keys(key)
        """The sender's own public keys."""
        self.epoch = 0
        """Epoch of the own life, UTC microseconds; 0 before it began."""
        self.latest = 0
        """Latest epoch that anybody with this identity has stated, the own included."""
        self.watchers = list[Callable[[], None]]()
        """Called when a later start than the own was seen, in whichever cluster."""

    @property
    def key(self) -> bytes:
        """Message key of the sender's statements."""
        return str(self._sender).encode()

    def begin(self, now: int, before: int) -> int:
        """Choose the epoch of this life: later than any other; `now` and `before` (the last life's) are UTC µs."""
        self.epoch = self.latest = max(now, self.latest + 1, before + 1)
        return self.epoch

    def statement(self, time: int) -> bytes:
        """The own start, signed at `time`, POSIX seconds."""
        return write_statement(Start(self._sender, self.epoch), [self._key], time)

    def take(self, records: Sequence[ConsumerRecord]) -> bool:
        """Take messages of a seals topic; whether a start of this sender under its own key was among them."""
        epochs = [epoch for record in records if record.key == self.key and (epoch := self._epoch_of(record))]
        self.latest = max([self.latest, *epochs])
        if self.superseded:
            for watcher in self.watchers:
                watcher()
        return bool(epochs)

    @property
    def superseded(self) -> bool:
        """Whether a later start than the own was seen."""
        return 0 < self.epoch < self.latest

    async def look_back(self, options: Mapping[str, Any], places: Sequence[TopicPartition]) -> None:
        """Take the newest starts of the seals topics. Raises KafkaError."""
        async with reading(options) as consumer:
            consumer.assign(places)
            begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            for place in places:
                begin = max(begins[place], ends[place] - FURTHEST)
                async for records in backwards(consumer, place, (begin, ends[place]), CHUNK):
                    if self.take(records):
                        break

    def _epoch_of(self, record: ConsumerRecord) -> int:
        try:
            statement, _ = open_statement(record.value or b"", self.own)
        except NoteError:
            return 0
        return statement.epoch if isinstance(statement, Start) and statement.sender == self._sender else 0

    def check(self) -> None:
        """Raises SupersededError when a later start than the own was seen."""
        if self.superseded:
            raise SupersededError(
                f"another agent that sends as {self._sender} was started later, at {_written(self.latest)} (this one "
                f"at {_written(self.epoch)}): this one publishes nothing any more. Stop it, or give it its own "
                "`sender` and key"
            )


def _written(epoch: int) -> str:
    return datetime.fromtimestamp(epoch / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
