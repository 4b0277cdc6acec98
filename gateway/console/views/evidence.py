"""What came from each source and what is missing. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.archive.archive import Archive, FoundBefore
from gateway.console.views.display import SECOND
from gateway.console.views.overview import Latency, latency
from gateway.console.views.sources import Source, sources
from gateway.inspection import Standing
from gateway.live import Live
from schemas.records import Gap

FINDINGS = 50
"""How many findings are listed."""
PARTS = 60
"""Into how many parts a range is cut to see where readings are."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """One gap. Times are UTC microseconds; `duration` microseconds, up to now while it lasts."""

    gap: UUID
    source: str
    began: int
    ended: int | None
    duration: int
    cause: str
    detail: str
    tags: tuple[str, ...]
    estimated: bool
    lost: int | None
    backfilled: bool


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """A source, its readings in the range, the spans that have some, and its gaps."""

    source: Source
    samples: int
    covered: tuple[tuple[int, int], ...]
    gaps: tuple[GapRow, ...]


@dataclass(frozen=True, slots=True)
class StreamRow:
    """How far a stream is proven: the last number without a hole, the last one a seal proves, and that seal's time.

    `sealed` is UTC microseconds; None while no seal held.
    """

    stream: str
    received: int
    verified: int
    sealed: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Completeness over begin ≤ time < end (UTC microseconds); `counts` are rows of the whole archive."""

    now: int
    begin: int
    end: int
    sources: tuple[SourceEvidence, ...]
    streams: tuple[StreamRow, ...]
    findings: tuple[FoundBefore, ...]
    counts: Mapping[str, int]
    latency_ms: Latency | None


@dataclass(frozen=True, slots=True)
class Received:
    """What the archive says of the range; samples in equal parts of it, `PARTS` many."""

    gaps: Sequence[Gap]
    samples: Mapping[str, Sequence[int]]
    counts: Mapping[str, int]
    findings: Sequence[FoundBefore] = ()


def received_in(now: int, length: int) -> Callable[[Archive], Received]:
    """The question to the archive about so many microseconds up to now."""
    begin = now - length
    return lambda archive: Received(
        archive.gaps(begin, now),
        archive.samples_by_source(begin, now, PARTS),
        archive.counts(),
        archive.findings(FINDINGS),
    )


def evidence(live: Live, received: Received, begin: int, end: int, now: int) -> Evidence:
    """The page's content, sources by name."""
    rows = [gap_row(gap, now) for gap in received.gaps]
    known = sources(live, now, also={*received.samples, *(row.source for row in rows)})
    return Evidence(
        now, begin, end,
        tuple(
            SourceEvidence(
                source, sum(received.samples.get(source.name, ())),
                covered(received.samples.get(source.name, ()), begin, end),
                tuple(row for row in rows if row.source == source.name),
            )
            for source in known
        ),
        tuple(stream_row(name, standing) for name, standing in sorted(live.streams.items())),
        tuple(received.findings),
        received.counts,
        latency(live),
    )  # fmt: skip


def stream_row(name: str, standing: Standing) -> StreamRow:
    """The stream as the node's verifier left it."""
    sealed = None if standing.sealed is None else standing.sealed * SECOND
    return StreamRow(name, standing.received, standing.verified, sealed)


def covered(counts: Sequence[int], begin: int, end: int) -> tuple[tuple[int, int], ...]:
    """Spans with readings: neighbouring parts of the range that have some, one empty part between them allowed.

    A source that reports once a minute, or only what changes, thus shows no holes where the range is cut finer.
    """
    filled = [part for part, count in enumerate(counts) if count]
    spans: list[tuple[int, int]] = []
    for part in filled:
        if spans and part - spans[-1][1] <= 1:
            spans[-1] = (spans[-1][0], part + 1)
        else:
            spans.append((part, part + 1))
    width = (end - begin) / max(1, len(counts))
    return tuple((begin + int(first * width), begin + int(last * width)) for first, last in spans)


def gap_row(gap: Gap, now: int) -> GapRow:
    """The gap as it stands at `now`."""
    duration = max(0, (now if gap.ended is None else gap.ended) - gap.began)
    return GapRow(
        gap.gap, gap.source, gap.began, gap.ended, duration, gap.cause.value, gap.detail, gap.tags, gap.estimated,
        gap.lost, gap.backfilled,
    )  # fmt: skip


def placed(began: int, ended: int | None, begin: int, end: int) -> tuple[float, float]:
    """Left edge and width of a span on a lane from begin to end, percent; at least 0.4 wide so that it is seen."""
    width = max(1, end - begin)
    left = min(max(began, begin), end)
    right = min(max(end if ended is None else ended, left), end)
    share = max(0.4, 100 * (right - left) / width)
    return min(100 * (left - begin) / width, 100 - share), share
