"""Numbers of the streams that tell of a batch: what a seal counts and has not come may be of it. Calls block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.archive.archive import Archive
from gateway.archive.evidence import Range, held, told_missing
from gateway.archive.numbers import Made, made_at
from gateway.batches.archived import Whole
from gateway.batches.batch import Batch
from gateway.completeness import still_missing


@dataclass(frozen=True, slots=True)
class Lost:
    """Numbers from the first to the last that did not come, where the batch's own stand or at its time."""

    stream: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A stream with records of the batch up to `last`, of which seals prove those up to `verified`."""

    stream: str
    last: int
    verified: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of its streams: how many are whole, and what speaks against the others."""

    whole: int
    lost: tuple[Lost, ...]
    unsealed: tuple[Unsealed, ...]


def counted(archive: Archive, whole: Whole, *, over: bool, now: int) -> Counted:
    """The streams with its records, and those of their line and of the sources that measure in its rooms.

    While the batch is not `over`, what comes up to `now` (UTC microseconds) is of its time.
    """
    own, told, standings = _own(whole.batch), told_missing(archive), archive.standings()
    here = held(archive, told)
    missing = {
        stream: still_missing(ranges, standings[stream].received if stream in standings else 0, here.get(stream, ()))
        for stream, ranges in told.items()
    }
    span = None if whole.began is None or whole.ended is None else (whole.began, whole.ended if over else now)
    around = _Around(own, span, over, _sources(archive, whole))
    lost = tuple(
        Lost(stream, *run) for stream in sorted(missing) for run in around.of(archive, stream, missing[stream])
    )
    unsealed = tuple(
        Unsealed(stream, last, verified)
        for stream, (_, last) in sorted(own.items())
        if (verified := standings[stream].verified if stream in standings else 0) < last
    )
    spoken = {one.stream for one in lost} | {one.stream for one in unsealed}
    return Counted(len(own.keys() - spoken), lost, unsealed)


def _own(batch: Batch) -> dict[str, Range]:
    """The first and the last number of its own records, by stream."""
    places = [(one.stream, one.number) for many in batch.records.values() for one in many]
    places += [(one.stream, one.number) for one in batch.weighings]
    found: dict[str, Range] = {}
    for stream, number in places:
        first, last = found.get(stream, (number, number))
        found[stream] = min(first, number), max(last, number)
    return found


def line_of(stream: str) -> str:
    """The party and the line that a stream is of: what its name begins with.

    >>> line_of("cmo-a.line-3.holder-b.records.v1")
    'cmo-a.line-3'
    """
    return ".".join(stream.split(".")[:2])


def _sources(archive: Archive, whole: Whole) -> frozenset[str]:
    """What measures in its rooms."""
    tags = sorted({one.tag for room in whole.rooms for one in room.measured})
    rows = archive.rows("SELECT DISTINCT source FROM tags WHERE list_contains(?::VARCHAR[], tag)", [tags])
    return frozenset(source for (source,) in rows)


@dataclass(frozen=True, slots=True)
class _Around:
    """The batch among the numbers of the streams."""

    own: Mapping[str, Range]
    span: tuple[int, int] | None
    over: bool
    sources: frozenset[str]

    def of(self, archive: Archive, stream: str, missing: Sequence[Range]) -> list[Range]:
        """Those of the missing numbers that may be of it: between or next to its own, or of its time.

        Of its time are those of its line and of what measures in its rooms.
        """
        beside = made_at(archive, stream, {at for first, last in missing for at in (first - 1, last + 1)})
        concerned = (
            stream in self.own
            or line_of(stream) in {line_of(one) for one in self.own}
            or any(one.source in self.sources for one in beside.values())
        )
        return [run for run in missing if self._among(stream, run) or (concerned and self._in_time(run, beside))]

    def _among(self, stream: str, run: Range) -> bool:
        mine = self.own.get(stream)
        return mine is not None and run[1] >= mine[0] - 1 and (run[0] <= mine[1] + 1 or not self.over)

    def _in_time(self, run: Range, beside: Mapping[int, Made]) -> bool:
        """What stands before and behind them tells when they were made; where nothing does it may be any time."""
        if self.span is None:
            return True
        before, behind = (beside[at].time if at in beside else None for at in (run[0] - 1, run[1] + 1))
        return (before is None or before <= self.span[1]) and (behind is None or behind >= self.span[0])
