"""What goes into a journal and what comes out of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas import context, exported
from schemas.catalogue import KINDS, Schema, schema
from schemas.codec import HEAD
from schemas.errors import ToldError

MEASUREMENT = "Frame"
"""The kind that may make room, oldest first."""
EXPORTED = frozenset(exported.KINDS | context.KINDS)
"""The kinds of other systems' records: their times are not ours, and their source can wait. What follows from them
waits with them."""
OVERHEAD = 256
"""Octets that an entry takes besides its own, roughly."""
STUB = 128
"""Octets that an entry takes when its own are gone, roughly."""


class JournalError(ToldError):
    """The journal cannot be used; the message names the file and says what to do."""


class NotOursError(ValueError):
    """A receipt, or entries read back, that do not belong to this journal's stream; the message says which."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An encoded record on its way into a stream. `time` is UTC microseconds."""

    stream: str
    kind: str
    key: bytes
    time: int
    octets: bytes
    stands: bool = True
    """Whether an agent goes on from it, as from the last step of an alarm: not from a copy that is late or redacted."""
    note: tuple[str, str | None] | None = None
    """Name and text of what is remembered from this record on, by the same commit; without a text, forgotten."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry with its number. `octets` is None where it had to make room; then only the leaf is left."""

    stream: str
    number: int
    kind: str
    key: bytes
    time: int
    leaf: bytes
    octets: bytes | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ends: its last number, the root over all entries, and the time of its last seal, POSIX seconds."""

    size: int
    root: bytes
    sealed: int


def schemas_for(draft: Draft, known: Collection[bytes]) -> Sequence[Schema]:
    """The schemas that must stand in the stream before this record: that of schemas, then the record's own."""
    fingerprint = draft.octets[2:HEAD]
    if fingerprint in known:
        return ()
    own = next(one for one in map(schema, KINDS) if one.fingerprint == fingerprint)
    first = schema("Schema")
    return [one for one in (first, own) if one.fingerprint not in known]
