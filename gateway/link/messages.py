"""Entries of the journal as messages of their topic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.journal.journal import OVERHEAD, Journal, Numbered
from gateway.link.topics import Headers, headers
from gateway.proof.eviction import write_eviction
from gateway.proof.note import SigningKey
from schemas.codec import encode
from schemas.records import Evicted

FIRST = 16
"""Entries that are read at first, not knowing how large they are."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way out."""

    octets: bytes
    key: bytes
    headers: Headers = ()


def messages(entries: Sequence[Numbered], key: SigningKey) -> Iterator[Outgoing]:
    """The message of each entry; a run of entries that had to make room becomes one, for which the sender signs."""
    for gone, run in groupby(entries, key=lambda entry: entry.octets is None):
        if not gone:
            yield from (Outgoing(e.octets or b"", e.key, headers(e.stream, e.kind, e.number, e.time)) for e in run)
            continue
        evicted = list(run)
        first = evicted[0]
        leaves = tuple(entry.leaf for entry in evicted)
        note = write_eviction(first.stream, first.number, leaves, key)
        octets = encode(Evicted(first=first.number, leaves=leaves, note=note))
        yield Outgoing(octets, first.stream.encode(), headers(first.stream, "Evicted", first.number, first.time))


def some_entries(journal: Journal, stream: str, after: int, octets: int, last: int | None = None) -> list[Numbered]:
    """Entries of a stream behind number `after`, up to `last`, of about that many octets. Blocking.

    Raises sqlite3.Error.
    """
    found: list[Numbered] = []
    size, count = 0, FIRST
    while size < octets:
        more = journal.entries(stream, found[-1].number if found else after, count)
        found += more
        size += sum(len(entry.octets or b"") + OVERHEAD for entry in more)
        if len(more) < count:
            break
        count *= 2
    return [entry for entry in found if last is None or entry.number <= last]
