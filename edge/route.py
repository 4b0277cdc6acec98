"""Route: which streams a record goes to. Where no agreements decide, every recipient gets every record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from types import MappingProxyType
from typing import Any

from gateway.context.context import Context
from gateway.journal.journal import Draft
from gateway.link.topics import Stream
from schemas.catalogue import family_of
from schemas.codec import Record, encode, encode_all, kind_of
from schemas.exported import Exported
from schemas.frame import Frame
from schemas.opening import Opening
from schemas.records import Alarm, Condition, Gap, Weighing
from schemas.template import Templates


class Route:
    """Streams by family; a record is encoded once, whoever gets it."""

    def __init__(self, streams: Mapping[str, Sequence[Stream]]) -> None:
        self._streams = streams
        self._templates = Templates()

    def __call__(self, record: Record) -> Iterator[Draft]:
        """The record as an entry for each of its streams."""
        kind, octets = kind_of(record), encode(record, self._templates.sample_bytes)
        key, time = key_and_time(record)
        for stream in self._streams[family_of(kind).name]:
            yield Draft(stream.name, kind, key.encode(), time, octets)

    def all(self, records: Iterable[Record]) -> Iterator[Draft]:
        """As each of them by itself; those of other systems are encoded many at once."""
        for kind, some in groupby(records, type):
            if not issubclass(kind, Exported):
                yield from chain.from_iterable(map(self, some))
                continue
            together = [one for one in some if isinstance(one, Exported)]
            streams = [stream.name for stream in self._streams[family_of(kind.__name__).name]]
            for record, octets in zip(together, encode_all(kind, together), strict=True):
                key, time = record.system.encode(), record.time or 0
                yield from (Draft(stream, kind.__name__, key, time, octets) for stream in streams)

    def restore(
        self, context: Context, alarms: Iterable[Alarm] = (), notes: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Go on from what the agent's life before knew of batches, its last alarms, and what the journal remembers."""

    def describe(self, source: str, tags: Sequence[str]) -> None:
        """The tags of a source, from here on."""

    def due(self, *, everything: bool = False) -> list[Record]:  # noqa: ARG002 - here nothing is ever due
        """Records that are due by the clock; or everything, at the end."""
        return []

    def status(self) -> dict[str, Any] | None:
        """What decides, for people; None where nothing does."""
        return None


def key_and_time(record: Record) -> tuple[str, int]:
    """Key of its messages, and its time."""
    match record:
        case Frame() | Condition():
            return record.source, record.received
        case Alarm():
            return record.condition, record.time
        case Weighing():
            return record.source, record.time
        case Exported():
            return record.system, record.time or 0
        case Opening():
            return record.stream, record.time
        case Gap():
            return record.source, record.began if record.ended is None else record.ended
    raise TypeError(f"a {kind_of(record)} is made by the journal, not routed")
