"""The figures of a capability report, out of the facts. Pure.

What is not known is never counted as good: where numbers of an agent's streams are missing, or here by their leaf hash
alone, one of them may be a gap, so the completeness of that agent's sources is not told. Shares are rounded down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from gateway.capability.facts import READINGS, Clause, Facts, Recorded, SourceSeen
from gateway.completeness import Completeness, Interval, completeness, merged, percent
from gateway.views.display import DAY, SECOND, Clock, micros_of
from gateway.views.sources import SILENT_AFTER
from schemas.catalogue import FAMILIES
from schemas.exported import Origin
from schemas.records import Gap, GapCause

SOON = 60 * SECOND
"""How far the newest seal or receipt may lie before the end of the period, microseconds: they come each few seconds."""
BY_DAYS = 62 * DAY
"""Up to this length a period is cut into days, longer ones into months."""
ORDINARY = tuple(kind for family in FAMILIES.values() if not family.home for kind in family.kinds)


@dataclass(frozen=True, slots=True)
class Share:
    """How the records of a kind came to be; `automatic` is the share that no hand keyed in and no scan, percent.

    `untold` are those whose source does not say.
    """

    kind: str
    direct: int
    exported: int
    checked: int
    unchecked: int
    scanned: int
    untold: int
    all: int
    automatic: float | None


@dataclass(frozen=True, slots=True)
class SourceShown:
    """A source with what it gave in the period, and how complete it is.

    `percent` is None where it cannot be told: nothing to speak of, or `lacking` numbers of its agent are not known.
    `unheard` is since when it is silent, as far as that lies in the period. `kinds` are what its records were.
    """

    seen: SourceSeen
    kinds: tuple[str, ...]
    readings: int
    gaps: int
    open: int
    unheard: Interval | None
    complete: Completeness | None
    lacking: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class CauseShown:
    """Gaps of one cause in the period: how many, how many of them still last, for how long together and at most."""

    cause: str
    count: int
    open: int
    whole: int
    longest: int
    backfilled: int


@dataclass(frozen=True, slots=True)
class WantedShown:
    """A kind that a clause wants exchanged, and how many records of it came in the period."""

    clause: Clause
    came: int


@dataclass(frozen=True, slots=True)
class PartShown:
    """A day or a month of the period; `percent` as of a source, over all of them."""

    begin: int
    end: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report shows beside its statements. `uncovered` are kinds that no clause exchanges.

    `in_force` is the share of the time in which the alarm conditions were in force, percent.
    """

    shares: tuple[Share, ...]
    sources: tuple[SourceShown, ...]
    percent: float | None
    lacking: int
    causes: tuple[CauseShown, ...]
    open_gaps: tuple[Gap, ...]
    wanted: tuple[WantedShown, ...]
    uncovered: tuple[str, ...]
    parts: tuple[PartShown, ...]
    by_days: bool
    in_force: float | None


def figures_of(facts: Facts, clock: Clock) -> Figures:
    """All of them; the period is cut at the midnights of the clock's zone."""
    sources = tuple(_source(one, facts) for one in facts.sources)
    lacking = sum(stream.lacking for stream in facts.streams)
    wanted = _wanted(facts)
    return Figures(
        shares=shares(facts.recorded), sources=sources, percent=_together((one.complete for one in sources), lacking),
        lacking=lacking, causes=causes(facts), open_gaps=tuple(gap for gap in facts.gaps if gap.ended is None),
        wanted=wanted, uncovered=_uncovered(facts),
        parts=tuple(_part(span, facts, lacking) for span in cut(facts.begin, facts.until, clock)),
        by_days=facts.until - facts.begin <= BY_DAYS, in_force=_in_force(facts),
    )  # fmt: skip


def shares(recorded: Iterable[Recorded]) -> tuple[Share, ...]:
    """By kind, readings first."""
    by_kind: dict[str, list[Recorded]] = {}
    for one in recorded:
        by_kind.setdefault(one.kind, []).append(one)
    return tuple(_share(kind, by_kind[kind]) for kind in sorted(by_kind, key=lambda kind: (kind != READINGS, kind)))


def _share(kind: str, recorded: Sequence[Recorded]) -> Share:
    def count(origin: Origin, checked: bool | None = None) -> int:
        return sum(one.count for one in recorded if one.origin == origin and checked in {None, one.checked})

    whole = sum(one.count for one in recorded)
    direct, exported, scanned = (count(one) for one in (Origin.DIRECT, Origin.EXPORTED, Origin.SCANNED))
    checked, unchecked = count(Origin.KEYED, checked=True), count(Origin.KEYED, checked=False)
    return Share(
        kind, direct, exported, checked, unchecked, scanned, whole - direct - exported - checked - unchecked - scanned,
        whole, percent(direct + exported, whole) if whole else None,
    )  # fmt: skip


def _source(seen: SourceSeen, facts: Facts) -> SourceShown:
    own = [gap for gap in facts.gaps if gap.source == seen.source]
    kinds = sorted({one.kind for one in facts.recorded if one.source == seen.source})
    readings = sum(one.count for one in facts.recorded if one.source == seen.source and one.kind == READINGS)
    complete = _complete(seen, facts, facts.begin, facts.until)
    lacking = _lacking(seen, facts)
    return SourceShown(
        seen, tuple(kinds), readings, len(own), sum(gap.ended is None for gap in own), unheard(seen, facts), complete,
        lacking, None if complete is None or lacking else complete.percent,
    )  # fmt: skip


def measures(seen: SourceSeen) -> bool:
    """Whether it gives readings, so that a time without them is a lack; records of a system come when there are any."""
    return seen.tags > 0 or seen.last is not None


def unheard(seen: SourceSeen, facts: Facts) -> Interval | None:
    """Since when nothing was heard of a source that gives readings, as far as that lies in the period."""
    if seen.last is None or facts.until - seen.last <= SILENT_AFTER:
        return None
    return max(seen.last, facts.begin), facts.until


def _complete(seen: SourceSeen, facts: Facts, begin: int, end: int) -> Completeness | None:
    """Of a part of the period; None of what gives no readings."""
    if not measures(seen):
        return None
    holes: list[tuple[int, int | None]] = [
        (gap.began, gap.ended) for gap in facts.gaps if gap.source == seen.source and not gap.backfilled
    ]
    if (silent := unheard(seen, facts)) is not None:
        holes.append(silent)
    return completeness(begin, end, facts.until, seen.first, holes)


def _lacking(seen: SourceSeen, facts: Facts) -> int:
    return sum(stream.lacking for stream in facts.streams if stream.sender == seen.sender)


def _together(all_: Iterable[Completeness | None], lacking: int) -> float | None:
    """The share of the time of all sources together; None where there is none, or where numbers are not known."""
    there = [one for one in all_ if one is not None]
    whole = sum(one.end - one.begin for one in there)
    return None if lacking or not whole else percent(whole - sum(one.missing for one in there), whole)


def _part(span: Interval, facts: Facts, lacking: int) -> PartShown:
    return PartShown(*span, _together((_complete(one, facts, *span) for one in facts.sources), lacking))


def cut(begin: int, end: int, clock: Clock) -> list[Interval]:
    """The period at each midnight of the zone, or at the first of each month where it is long."""
    days = end - begin <= BY_DAYS

    def following(moment: datetime) -> datetime:
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(days=1) if days else (day.replace(day=1) + timedelta(days=32)).replace(day=1)

    bounds = [begin]
    while bounds[-1] < end:
        bounds.append(min(end, micros_of(following(clock.local(bounds[-1])))))
    return list(pairwise(bounds))


def causes(facts: Facts) -> tuple[CauseShown, ...]:
    """In the order of the list of causes."""
    found = []
    for cause in GapCause:
        own = [gap for gap in facts.gaps if gap.cause is cause]
        spans = [(max(gap.began, facts.begin), min(_end(gap, facts), facts.until)) for gap in own]
        lengths = [max(0, end - begin) for begin, end in spans]
        if own:
            whole = sum(end - begin for begin, end in merged(spans))
            found.append(CauseShown(
                cause.value, len(own), sum(gap.ended is None for gap in own), whole, max(lengths),
                sum(gap.backfilled for gap in own),
            ))  # fmt: skip
    return tuple(found)


def _end(gap: Gap, facts: Facts) -> int:
    return facts.until if gap.ended is None else gap.ended


def came(facts: Facts, kind: str) -> int:
    """Records of the kind in the period; of frames the readings."""
    return facts.arrived.get(kind, 0) + sum(one.count for one in facts.recorded if one.kind == kind)


def _wanted(facts: Facts) -> tuple[WantedShown, ...]:
    return tuple(WantedShown(one, came(facts, one.kind)) for one in (facts.agreed.clauses if facts.agreed else ()))


def _uncovered(facts: Facts) -> tuple[str, ...]:
    """Kinds that no clause of the period exchanges; none is told where the agreements are not known."""
    if facts.agreed is None:
        return ()
    covered = {clause.kind for clause in facts.agreed.clauses}
    return tuple(kind for kind in ORDINARY if kind not in covered)


def _in_force(facts: Facts) -> float | None:
    whole = facts.conditions * (facts.until - facts.begin)
    return percent(max(0, whole - facts.held), whole) if whole else None
