"""How far each stream is here, proven and confirmed, and that in one sentence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.archive.archive import FoundBefore
from gateway.archive.evidence import Range
from gateway.completeness import still_missing
from gateway.intake.inspection import Standing
from gateway.proof.findings import Code
from gateway.proof.standing import Limits
from gateway.views.display import SECOND

LATE_AFTER = int(Limits().late * SECOND)
"""From this age on the newest seal is late, microseconds: as the verifier has it."""


class Verdict(StrEnum):
    """What is true of all records of a stream, or of all streams, worst first."""

    MISSING = "MISSING"
    UNSEALED = "UNSEALED"
    LATE = "LATE"
    PROVEN = "PROVEN"


@dataclass(frozen=True, slots=True)
class StreamRow:
    """How far a stream stands: the last number here without a hole, proven by a seal, confirmed by our receipt.

    `sealed` is the signed time of that seal, `confirmed_at` that of the receipt, UTC microseconds; None while there is
    none. `missing` are ranges of numbers (first, last) that a seal counts and that have not come. `leaves_only` counts
    those that are here by their leaf hash alone, because their content made room at the sender.
    """

    stream: str
    verdict: Verdict
    received: int
    verified: int
    sealed: int | None
    confirmed: int
    confirmed_at: int | None
    missing: tuple[Range, ...]
    leaves_only: int

    @property
    def lacking(self) -> int:
        """How many numbers are missing."""
        return sum(last - first + 1 for first, last in self.missing)


@dataclass(frozen=True, slots=True)
class Summary:
    """All streams together: the worst verdict; how many records are proven, wait for a seal, are missing, and of how
    many only the leaf hash is here.

    `to` is the oldest of the streams' newest seals, UTC microseconds: what was sent until then is here. None without
    any seal. `unsealed` and `late` count streams without a seal, and with an old one.
    """

    verdict: Verdict
    proven: int
    waiting: int
    missing: int
    leaves_only: int
    unsealed: int
    late: int
    to: int | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the archive knows of numbers, by stream: told as missing, held of those, held by their leaf hash alone."""

    told: Mapping[str, Sequence[Range]]
    held: Mapping[str, Sequence[Range]]
    leaves_only: Mapping[str, int]


def stream_row(name: str, standing: Standing, known: Numbers, now: int) -> StreamRow:
    """The stream as the node's verifier left it."""
    sealed = None if standing.sealed is None else standing.sealed * SECOND
    confirmed_at = None if standing.confirmed_at is None else standing.confirmed_at * SECOND
    missing = still_missing(known.told.get(name, ()), standing.received, known.held.get(name, ()))
    return StreamRow(
        name, _verdict(sealed, missing, now), standing.received, standing.verified, sealed, standing.confirmed,
        confirmed_at, missing, known.leaves_only.get(name, 0),
    )  # fmt: skip


def _verdict(sealed: int | None, missing: Sequence[Range], now: int) -> Verdict:
    if missing:
        return Verdict.MISSING
    if sealed is None:
        return Verdict.UNSEALED
    return Verdict.LATE if late(sealed, now) else Verdict.PROVEN


def summary(rows: Sequence[StreamRow], now: int) -> Summary | None:
    """What holds for all streams; None without any."""
    if not rows:
        return None
    seals = [row.sealed for row in rows if row.sealed is not None]
    return Summary(
        verdict=min((row.verdict for row in rows), key=list(Verdict).index),
        proven=sum(row.verified for row in rows),
        waiting=sum(row.received - row.verified for row in rows),
        missing=sum(row.lacking for row in rows),
        leaves_only=sum(row.leaves_only for row in rows),
        unsealed=len(rows) - len(seals),
        late=sum(late(sealed, now) for sealed in seals),
        to=min(seals, default=None),
    )


def verified_to(streams: Mapping[str, Standing]) -> int | None:
    """The oldest of the streams' newest seals, UTC microseconds; None while one has none, or without any."""
    seals = [standing.sealed for standing in streams.values()]
    known = [sealed for sealed in seals if sealed is not None]
    return min(known) * SECOND if known and len(known) == len(seals) else None


def late(sealed: int, now: int) -> bool:
    """Whether that newest seal is old."""
    return now - sealed >= LATE_AFTER


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding; `came` when it told numbers as missing that have all come since."""

    finding: FoundBefore
    came: bool


def finding_row(finding: FoundBefore, streams: Mapping[str, Standing], known: Numbers) -> FindingRow:
    """The finding as it stands now."""
    if finding.code != Code.MISSING or finding.stream not in streams:
        return FindingRow(finding, came=False)
    told = [(finding.first, finding.last)]
    rest = still_missing(told, streams[finding.stream].received, known.held.get(finding.stream, ()))
    return FindingRow(finding, came=not rest)
