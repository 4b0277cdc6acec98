"""What is missing, in figures: of the readings of the last day, and of the numbers that seals count. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.archive.evidence import Range
from gateway.completeness import percent
from gateway.console.views.display import DAY
from gateway.console.views.evidence import completeness_of
from gateway.console.views.sources import sources
from gateway.console.views.streams import StreamRow
from gateway.intake.live import Live
from schemas.records import Gap


@dataclass(frozen=True, slots=True)
class LastDay:
    """What the archive says of the last day: the gaps that lasted in it, and when each source's records begin."""

    gaps: Sequence[Gap] = ()
    first: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LostNumbers:
    """Numbers of a stream that seals count and that have not come, as ranges (first, last)."""

    stream: str
    ranges: tuple[Range, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """Readings of all sources in begin ≤ time < end (UTC microseconds), and numbers of any time.

    `percent` of the time of the sources has readings, rounded down; None where there was nothing to read. `gaps` of
    that time were not filled in.
    """

    begin: int
    end: int
    percent: float | None
    gaps: int
    numbers: tuple[LostNumbers, ...]


def lacking(live: Live, day: LastDay, streams: Sequence[StreamRow], now: int) -> Lacking:
    """As it stands at `now`, UTC microseconds."""
    begin, gaps = now - DAY, [gap for gap in day.gaps if not gap.backfilled]
    complete = [
        completeness_of(
            source, [gap for gap in gaps if gap.source == source.name], day.first.get(source.name), (begin, now), now
        )
        for source in sources(live, now, also=day.first)
    ]
    known = [one for one in complete if one is not None]
    whole = sum(one.end - one.begin for one in known)
    numbers = tuple(LostNumbers(row.stream, row.missing, row.lacking) for row in streams if row.missing)
    share = percent(whole - sum(one.missing for one in known), whole) if whole else None
    return Lacking(begin, now, share, len(gaps), numbers)
