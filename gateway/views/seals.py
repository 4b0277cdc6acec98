"""The seals of one stream that came, a page at a time, newest first: what each counts, and whether it holds. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.archive import seals as kept
from gateway.archive.evidence import Readable
from gateway.archive.queries import FoundBefore
from gateway.bundle.archived import Proofs
from gateway.views.display import SECOND

PAGE = 50
"""Seals on a page."""
LISTED = 100
"""Findings that are listed, and seals that wait."""


class Holds(StrEnum):
    """Whether a seal holds."""

    PROVEN = "PROVEN"
    """Every entry that it counts is here, and their root is the one that was signed."""
    CLOSED = "CLOSED"
    """So it is, but the stream was closed before it: it counts no more."""
    WAITING = "WAITING"
    """Entries that it counts are not here yet."""
    DISPUTED = "DISPUTED"
    """What is here does not fit its root."""


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal of `last` entries, of which the one before it did not count those from `first` on; times are UTC
    microseconds, the root hexadecimal.

    `key` is the name and id of the key that signed it at `signed`. `proven` is when it was found to hold, `confirmed`
    when this node countersigned it: None where it countersigned a larger one at once, or none yet.
    """

    first: int
    last: int
    root: str
    signed: int
    holds: Holds
    key: str | None = None
    proven: int | None = None
    confirmed: int | None = None


@dataclass(frozen=True, slots=True)
class SealsPage:
    """`rows` are newest first; `last` is how many entries the newest of all counts, 0 where there is none. `older` and
    `newer` are numbers for which to ask, None where there is nothing; `waiting` are seals that prove nothing yet.
    """

    stream: str
    last: int
    rows: Sequence[SealRow]
    older: int | None
    newer: int | None
    waiting: Sequence[SealRow]
    findings: Sequence[FoundBefore]


def seals_page(stream: str, to: int | None, proofs: Proofs | None) -> Callable[[Readable], SealsPage]:
    """The question to the archive: the seals down from the first that counts the number `to`, or from the newest."""

    def ask(archive: Readable) -> SealsPage:
        newest = kept.newest_seals(archive, stream, None, 1)
        proven_at = [] if to is None else kept.sizes_from(archive, stream, to, 1)
        found = kept.newest_seals(archive, stream, proven_at[0] if proven_at else None, PAGE + 1)
        end = None if proofs is None else proofs.end_of(archive, stream)
        before = [one.size for one in found[1:]] + [0]
        rows = [
            SealRow(
                below + 1, one.size, one.root.hex(), one.time * SECOND,
                Holds.CLOSED if end is not None and end.bars(one) else Holds.PROVEN, one.key, one.proven,
                None if one.confirmed is None else one.confirmed * SECOND,
            )
            for one, below in zip(found[:PAGE], before, strict=False)
        ]  # fmt: skip
        last = newest[0].size if newest else 0
        above = kept.sizes_from(archive, stream, rows[0].last + 1, PAGE) if rows else []
        return SealsPage(
            stream, last, rows, found[PAGE].size if len(found) > PAGE else None, above[-1] if above else None,
            _waiting(archive, stream, last), kept.found_of_seals(archive, stream, LISTED),
        )  # fmt: skip

    return ask


def _waiting(archive: Readable, stream: str, last: int) -> list[SealRow]:
    rows, below = list[SealRow](), last
    for one in kept.unproven_seals(archive, stream)[:LISTED]:
        holds = Holds.DISPUTED if one.disputed else Holds.WAITING
        rows.append(SealRow(below + 1, one.size, one.root.hex(), one.time * SECOND, holds))
        below = one.size
    return rows[::-1]
