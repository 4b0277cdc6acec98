"""Names of streams and topics, and the headers of a message. Pure.

A stream has one sender, one recipient and one topic: `<from>.<sender>.<to>.<family>.v<major>` travels in
`<from>.<to>.<family>.v<major>`. Headers follow the CloudEvents Kafka binding 1.0.2, binary content mode.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.catalogue import MAJOR, families_to

_IDENTIFIER = re.compile(r"[a-z0-9-]{1,32}")
SCHEMAS = "schemas"
"""The compacted topic of schema texts, keyed by fingerprint, is no family: nothing in it is a record."""

SEALS = "seals"
"""The topic of signed checkpoints is no family either: they are neither numbered nor sealed."""

RECEIPTS = "receipts"
"""The topic from the recipient back to the sender: seals that its node countersigned, keyed by stream."""

RESENDS = "resends"
"""The topic from the recipient back to the sender: signed requests for numbers that are missing, keyed by stream."""

RESENT = "resent"
"""The topic of what was asked for again: key, headers and octets as they were, or an `Evicted` where octets are gone.
It is read besides the stream; only seals decide what it proves."""

TIMELESS = ("Schema", "Evicted")
"""Kinds of records that tell no time."""

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Stream:
    """Who sends what to whom."""

    origin: str
    sender: str
    recipient: str
    family: str

    @property
    def name(self) -> str:
        """Unique in the world of the parties; used verbatim as `ce_source`."""
        return f"{self.origin}.{self.sender}.{self.recipient}.{self.family}.v{MAJOR}"

    @property
    def topic(self) -> str:
        """The topic it travels in."""
        return topic(self.origin, self.recipient, self.family)

    def partition(self, partitions: int) -> int:
        """The one partition it is pinned to, so that its order holds."""
        return zlib.crc32(self.name.encode()) % partitions


def stream_named(name: str) -> Stream | None:
    """The stream of that name; None when the name is none."""
    parts = name.split(".")
    if len(parts) != 5 or parts[4] != f"v{MAJOR}":
        return None
    stream = Stream(*parts[:4])
    known = stream.family in families_to(stream.origin, stream.recipient)
    return stream if known and all(_IDENTIFIER.fullmatch(part) for part in parts[:3]) else None


def topic(origin: str, recipient: str, family: str) -> str:
    """Name of a topic."""
    return f"{origin}.{recipient}.{family}.v{MAJOR}"


def topics(origin: str, recipient: str) -> list[str]:
    """All topics from one party to another that carry records."""
    return [topic(origin, recipient, family) for family in families_to(origin, recipient)]


def headers(stream: str, kind: str, number: int, time: int) -> Headers:
    """CloudEvents attributes of one message; `time` is UTC microseconds. Source and id together name the event.

    A TIMELESS kind has no `ce_time`, so that every header can be made anew from the entry.
    """
    moment = datetime.fromtimestamp(time / 1e6, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    attributes = {
        "ce_specversion": "1.0",
        "ce_type": f"cmo.v{MAJOR}.{kind}",
        "ce_source": stream,
        "ce_id": str(number),
        "ce_time": moment,
        "content-type": "application/avro",
    }
    if kind in TIMELESS:
        del attributes["ce_time"]
    return [(name, value.encode()) for name, value in attributes.items()]


def stream_of(given: Headers) -> str:
    """The stream that the headers name; empty when they name none."""
    return dict(given).get("ce_source", b"").decode(errors="replace")


def number_of(given: Headers) -> int | None:
    """The number that the headers give; None when it is none."""
    text = dict(given).get("ce_id", b"")
    return int(text) if text.isdigit() and len(text) < 19 and text[:1] != b"0" else None
