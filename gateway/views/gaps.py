"""Gaps as rows of a list and as stretches of a time line. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from schemas.records import Gap

NARROWEST = 0.4
"""How wide a stretch is drawn at least, percent of the time line, so that it is seen."""
FILLED, UNHEARD = "FILLED", "UNHEARD"


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
class Stretch:
    """What is drawn as one: gaps of one kind, or the time in which nothing was heard of the source.

    `kind` is a gap's cause, FILLED where the device's memory filled it later, or UNHEARD. `lost` counts the samples of
    those gaps that tell it; None if none does.
    """

    kind: str
    began: int
    ended: int | None
    count: int = 1
    lost: int | None = None
    estimated: bool = False


def gap_row(gap: Gap, now: int) -> GapRow:
    """The gap as it stands at `now`."""
    duration = max(0, (now if gap.ended is None else gap.ended) - gap.began)
    return GapRow(
        gap.gap, gap.source, gap.began, gap.ended, duration, gap.cause.value, gap.detail, gap.tags, gap.estimated,
        gap.lost, gap.backfilled,
    )  # fmt: skip


def stretches(rows: Iterable[GapRow], begin: int, end: int) -> tuple[Stretch, ...]:
    """What is drawn on a time line from begin to end: gaps of one kind that would touch there become one stretch.

    None is left out, and however many gaps there are, the stretches stay few.
    """
    near = int((end - begin) * NARROWEST / 100)
    found: list[Stretch] = []
    last: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: row.began):
        kind = FILLED if row.backfilled else row.cause
        at = last.get(kind)
        if at is not None and _reaches(found[at], row.began - near):
            found[at] = _joined(found[at], row)
        else:
            last[kind] = len(found)
            found.append(Stretch(kind, row.began, row.ended, 1, row.lost, row.estimated))
    return tuple(found)


def _reaches(stretch: Stretch, moment: int) -> bool:
    return stretch.ended is None or stretch.ended >= moment


def _joined(stretch: Stretch, row: GapRow) -> Stretch:
    ended = None if stretch.ended is None or row.ended is None else max(stretch.ended, row.ended)
    told = [lost for lost in (stretch.lost, row.lost) if lost is not None]
    return replace(
        stretch, ended=ended, count=stretch.count + 1, lost=sum(told) if told else None,
        estimated=stretch.estimated or row.estimated,
    )  # fmt: skip


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


def placed(began: int, ended: int | None, begin: int, end: int) -> tuple[float, float]:
    """Left edge and width of a span on a lane from begin to end, percent; wide enough to be seen."""
    width = max(1, end - begin)
    left = min(max(began, begin), end)
    right = min(max(end if ended is None else ended, left), end)
    share = max(NARROWEST, 100 * (right - left) / width)
    return min(100 * (left - begin) / width, 100 - share), share
