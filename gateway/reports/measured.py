"""What is measured all the time in a room, over a period: part by part, in a memory that a year does not fill.

Calls block.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from gateway.archive.archive import Archive
from gateway.archive.reporting import NOTHING, Readings, parts, readings_of, sources_of, unheard, words_of
from gateway.archive.trends import Trend
from gateway.completeness import without
from gateway.reports.figures import Tally
from gateway.reports.report import Subject, TagReport, Unmonitored
from gateway.reports.spells import Around, Said, Spans, Spell, Spells, joined, spans_of, spells
from gateway.views.display import DAY
from gateway.views.sources import SILENT_AFTER
from schemas.records import Gap

SINCE = DAY
"""A value that was said longer before the period is not known to have lasted into it, microseconds."""
BUCKETS = 400
"""A trend has at most two points for each."""
NEAR = 2 * BUCKETS
"""Times without a value that are nearer than this part of the period are told as one."""
LONGEST = 3
"""So many of the longest times in which nothing was monitored are named."""


def tag_reports(
    archive: Archive, measured: Sequence[Subject], gaps: Sequence[Gap], begin: int, until: int
) -> list[TagReport]:
    """One for each subject, in their order, on begin ≤ time < until (UTC microseconds).

    `gaps` are those of the time from `SINCE` before the period on.
    """
    if not measured:
        return []
    units = {one.tag: one.unit for one in measured}
    arounds = _Arounds(archive, measured, gaps, begin, until)
    sums = {one.tag: _Sums(one, arounds.of(one), begin) for one in measured}
    for low, high in parts(archive, list(units), begin - SINCE, until):
        found = readings_of(archive, units, low, high)
        for tag, readings in found.items():
            sums[tag].add(readings, low, high)
    trends = archive.trends(list(units), begin, until, BUCKETS)
    near = (until - begin) // NEAR
    return [sums[one.tag].report(trends[one.tag], near) for one in measured]


class _Sums:
    """One tag up to some time."""

    def __init__(self, subject: Subject, around: Around, begin: int) -> None:
        self._subject, self._around, self._begin = subject, around, begin
        self._tally = Tally(mean_kinetic=subject.store)
        self._last = NOTHING
        self._held: float | None = None
        self._without: list[Spans] = []
        self._unmonitored: list[Spans] = []

    def add(self, readings: Readings, low: int, high: int) -> None:
        """Those of low ≤ time < high; where that begins before the period, they may count into it."""
        known = self._last.then(readings)
        self._last = known.last
        if high <= self._begin:
            return
        stretches = spells(known, max(low, self._begin), high, self._around)
        if low <= self._begin and stretches.usable[0]:
            self._held = float(stretches.value[0])
        self._take(known, stretches)

    def _take(self, readings: Readings, stretches: Spells) -> None:
        self._tally.add(readings, stretches)
        self._without.append(stretches.spans(~stretches.usable))
        self._unmonitored.append(stretches.spans(stretches.spell == Spell.UNMONITORED))

    def report(self, trend: Trend, near: int) -> TagReport:
        """On all that was added."""
        holes = [(int(begin), int(end)) for begin, end in joined(self._without, near)]
        figures, unmonitored = self._tally.figures(), _unmonitored(self._unmonitored)
        return TagReport(self._subject, figures, tuple(holes), unmonitored, self._begun(trend))

    def _begun(self, trend: Trend) -> Trend:
        """With what counted when the period began."""
        if self._held is None or (len(trend.time) and trend.time[0] == self._begin):
            return trend
        return Trend(
            np.concatenate([[self._begin], trend.time]), np.concatenate([[self._held], trend.value]),
            np.concatenate([np.zeros(1, dtype=np.uint32), trend.status]), trend.exact,
        )  # fmt: skip


def _unmonitored(found: Sequence[Spans]) -> Unmonitored:
    spans = joined(found)
    longest = np.argsort(spans[:, 0] - spans[:, 1], kind="stable")[:LONGEST]
    return Unmonitored(len(spans), tuple((int(begin), int(end)) for begin, end in spans[np.sort(longest)]))


class _Arounds:
    """What decides beside the readings; tags of the same sources share what is known of these."""

    def __init__(
        self, archive: Archive, measured: Sequence[Subject], gaps: Sequence[Gap], begin: int, until: int
    ) -> None:
        self._archive, self._gaps, self._since, self._until = archive, gaps, begin - SINCE, until
        self._sources = sources_of(archive, [one.tag for one in measured])
        self._said = _said(archive, measured, begin, until)
        self._silences: dict[tuple[str, ...], tuple[tuple[int, int], ...]] = {}

    def of(self, subject: Subject) -> Around:
        """Of one tag."""
        silence = None if subject.silence is None else round(subject.silence * 1e6)
        absent = self._absent(subject.tag, tuple(self._sources.get(subject.tag, ())))
        return Around(absent, silence, subject.levels, self._said)

    def _absent(self, tag: str, sources: tuple[str, ...]) -> Spans:
        """Not heard of, or a gap says so; what the device's memory filled in later was monitored."""
        concerned = [gap for gap in self._gaps if gap.source in sources and (not gap.tags or tag in gap.tags)]
        lost = [self._span(gap) for gap in concerned if not gap.backfilled]
        filled = [self._span(gap) for gap in concerned if gap.backfilled]
        return spans_of(without([*self._silent(sources), *lost], filled))

    def _span(self, gap: Gap) -> tuple[int, int]:
        return gap.began, self._until if gap.ended is None else gap.ended

    def _silent(self, sources: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
        if sources not in self._silences:
            found = unheard(self._archive, sources, self._since, self._until, SILENT_AFTER)
            self._silences[sources] = tuple(found)
        return self._silences[sources]


def _said(archive: Archive, measured: Sequence[Subject], begin: int, end: int) -> Mapping[str, Said]:
    """What the rooms' states were, by their tag."""
    levels = [level for one in measured for level in one.levels if level.suppressed_in]
    found: dict[str, Said] = {}
    for tag in sorted({level.state_tag for level in levels if level.state_tag}):
        times, words = words_of(archive, tag, begin, end)
        found[tag] = Said(np.array(times, dtype=np.int64), tuple(words))
    return found
