"""The badge in the head of every page: how far what is here is proven. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.archive.queries import FoundBefore
from gateway.views.streams import LATE_AFTER, StreamRow


class Proven(StrEnum):
    """What the badge says, worst first."""

    FAILED = "FAILED"
    MISSING = "MISSING"
    LATE = "LATE"
    UNSEALED = "UNSEALED"
    VERIFIED = "VERIFIED"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class Badge:
    """One state of all streams. `to` is the oldest of their newest seals, UTC microseconds.

    `count` are numbers that are missing, or records that no seal proves yet, or proofs that failed; of these `failed`
    is the newest.
    """

    proven: Proven
    to: int | None = None
    count: int = 0
    failed: FoundBefore | None = None


def badge(rows: Sequence[StreamRow], doubts: Sequence[FoundBefore], now: int) -> Badge:
    """The worst of what holds."""
    if doubts:
        return Badge(Proven.FAILED, None, len(doubts), doubts[0])
    seals = [row.sealed for row in rows if row.sealed is not None]
    to = min(seals, default=None)
    if lacking := sum(row.lacking for row in rows):
        return Badge(Proven.MISSING, to, lacking)
    if to is not None and now - to >= LATE_AFTER:
        return Badge(Proven.LATE, to)
    if unproven := sum(row.received for row in rows if row.sealed is None):
        return Badge(Proven.UNSEALED, to, unproven)
    return Badge(Proven.NOTHING if to is None else Proven.VERIFIED, to)
