"""What came from each source and what is missing, how complete it is, and how far it is proven. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.archive import evidence as kept
from gateway.archive.archive import Archive, FoundBefore
from gateway.archive.lives import EVER
from gateway.archive.withheld import NotSent, TakenBack, not_sent, taken_back
from gateway.completeness import Completeness, Interval, completeness, without
from gateway.console.views.gaps import UNHEARD, GapRow, Stretch, covered, gap_row, stretches
from gateway.console.views.overview import Latency, latency
from gateway.console.views.sources import SILENT_AFTER, Source, sources
from gateway.console.views.streams import FindingRow, Numbers, StreamRow, Summary, finding_row, stream_row, summary
from gateway.console.views.trend import Window
from gateway.intake.live import Live
from schemas.records import Gap

FINDINGS = 200
"""How many findings are listed."""
PARTS = 60
"""Into how many parts a range is cut to see where readings are."""


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """A source, its readings in the window, the spans that have some, its gaps, and how complete it is.

    `percent` is rounded down, so 100 says that nothing is missing; it and `complete` are None where there is nothing
    to speak of. `unheard` is the time in the window since when the source is silent: it counts as missing until a gap
    says what it was. `estimated` when a gap's bound is.
    """

    source: Source
    samples: int
    percent: float | None
    complete: Completeness | None
    estimated: bool
    unheard: Interval | None
    covered: tuple[Interval, ...]
    gaps: tuple[GapRow, ...]
    drawn: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Completeness over begin ≤ time < end (UTC microseconds); `counts` are rows of the whole archive.

    `findings` are those of the window, newest first; `more_findings` when there are more than listed. `withheld` is
    what by agreement did not come, by room, clause and reason, `withdrawn` what came and is not the holder's any more.
    """

    now: int
    begin: int
    end: int
    summary: Summary | None
    sources: tuple[SourceEvidence, ...]
    streams: tuple[StreamRow, ...]
    findings: tuple[FindingRow, ...]
    more_findings: bool
    counts: Mapping[str, int]
    latency_ms: Latency | None
    withheld: Sequence[NotSent] = ()
    withdrawn: Sequence[TakenBack] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What the archive says of the window; samples in equal parts of it, `PARTS` many.

    `first` is as `gateway.archive.evidence` gives them.
    """

    window: Window
    gaps: Sequence[Gap]
    samples: Mapping[str, Sequence[int]]
    counts: Mapping[str, int]
    findings: Sequence[FoundBefore]
    first: Mapping[str, int]
    numbers: Numbers
    withheld: Sequence[NotSent] = ()
    withdrawn: Sequence[TakenBack] = ()


def received_in(window: Window) -> Callable[[Archive], Received]:
    """The question to the archive."""
    begin, end = window.begin, window.end

    def ask(archive: Archive) -> Received:
        told = kept.told_missing(archive)
        gaps = archive.gaps(begin, EVER if window.range else end)
        return Received(
            window, gaps, archive.samples_by_source(begin, end, PARTS), archive.counts(),
            kept.findings_between(archive, begin, end, FINDINGS + 1), kept.first_records(archive),
            Numbers(told, kept.held(archive, told), kept.leaves_only(archive)),
            not_sent(archive, begin, end), taken_back(archive, begin, end),
        )  # fmt: skip

    return ask


def evidence(live: Live, received: Received, now: int) -> Evidence:
    """The page's content, sources and streams by name."""
    rows = [gap_row(gap, now) for gap in received.gaps]
    known = sources(live, now, also={*received.first, *received.samples, *(row.source for row in rows)})
    streams = tuple(stream_row(name, live.streams[name], received.numbers, now) for name in sorted(live.streams))
    return Evidence(
        now, received.window.begin, received.window.end, summary(streams, now),
        tuple(_source(source, [row for row in rows if row.source == source.name], received, now) for source in known),
        streams, tuple(finding_row(found, live.streams, received.numbers) for found in received.findings[:FINDINGS]),
        len(received.findings) > FINDINGS, received.counts, latency(live), received.withheld, received.withdrawn,
    )  # fmt: skip


def completeness_of(
    source: Source, gaps: Iterable[Gap | GapRow], first: int | None, window: tuple[int, int], now: int
) -> Completeness | None:
    """How complete what came of a source is, by its gaps and since when it was not heard of; `first` began it."""
    unheard = _unheard(source, *window, now)
    holes: list[tuple[int, int | None]] = [(gap.began, gap.ended) for gap in gaps if not gap.backfilled]
    return completeness(*window, now, first, holes + ([unheard] if unheard else []))


def _source(source: Source, gaps: Sequence[GapRow], received: Received, now: int) -> SourceEvidence:
    begin, end = received.window.begin, received.window.end
    counts = received.samples.get(source.name, ())
    missing = [gap for gap in gaps if not gap.backfilled]
    unheard = _unheard(source, begin, end, now)
    complete = completeness_of(source, gaps, received.first.get(source.name), (begin, end), now)
    silent = (
        without([unheard], [(gap.began, now if gap.ended is None else gap.ended) for gap in gaps]) if unheard else ()
    )
    return SourceEvidence(
        source=source, samples=sum(counts), percent=complete.percent if complete else None, complete=complete,
        estimated=any(gap.estimated for gap in missing), unheard=unheard, covered=covered(counts, begin, end),
        gaps=tuple(gaps),
        drawn=(*stretches(gaps, begin, end), *(Stretch(UNHEARD, *span) for span in silent)),
    )  # fmt: skip


def _unheard(source: Source, begin: int, end: int, now: int) -> Interval | None:
    """Since when nothing was heard of the source, as far as it lies in the window; None while it is heard of."""
    if source.heard is None or now - source.heard <= SILENT_AFTER:
        return None
    span = (max(begin, source.heard), min(end, now))
    return span if span[0] < span[1] else None
