"""The records of one agent in their order, through the engine and against what was reported. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge

from gateway.alarm.condition import Condition
from gateway.alarm.instant import Instant
from gateway.replaying.again import Again, by_person
from gateway.replaying.clock import TICK, Clock, restarts
from gateway.replaying.comparison import Comparison, Difference
from gateway.replaying.evaluable import not_evaluable, reason_for
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, Gap

_OFTEN = 64
"""Records between two looks for what waits for its counterpart."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Records that are not here, between two that are; `wall` is about when, UTC microseconds."""

    wall: int
    text: str


@dataclass(frozen=True, slots=True)
class _Restart:
    wall: int


_Item = Frame | Hole | Alarm | _Restart
_Timed = tuple[Instant, _Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one agent recorded. `frames` and `reported` come in the order of their numbers, which is that of time.

    `begin` and `end` are the window to compare, UTC microseconds; frames may begin earlier, so that windows and delays
    are filled. `latest` is the last step of each condition before the first frame, `tags` are those that were ever
    recorded until `end`.
    """

    frames: Iterable[Frame | Hole]
    reported: Iterable[Alarm]
    gaps: Sequence[Gap]
    latest: Sequence[Alarm]
    tags: frozenset[str]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`matched` steps are the same on both sides; `not_evaluable` names conditions with the reason."""

    matched: int
    not_evaluable: Mapping[str, str]


def replay(
    conditions: Sequence[Condition],
    recorded: Recorded,
    tell: Callable[[Difference], None],
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Compute the alarms again and tell each difference; `progress` gets the number of records done."""
    agreed = {one.name: one for one in conditions}
    without = not_evaluable(conditions, recorded.tags)
    comparison = Comparison(agreed, lambda name: reason_for(name, agreed, without), tell)
    _Run(conditions, recorded, comparison).run(progress)
    return Outcome(comparison.matched, without)


class _Run:
    """One way through the records."""

    def __init__(self, conditions: Sequence[Condition], recorded: Recorded, comparison: Comparison) -> None:
        self._again, self._recorded, self._comparison = Again(conditions), recorded, comparison
        self._names = [one.name for one in conditions]
        self._latest = {step.condition: step for step in recorded.latest}
        self._at: Instant | None = None

    def run(self, progress: Callable[[int], None]) -> None:
        """Through all records."""
        for count, (now, item) in enumerate(self._items()):
            if self._at is None:
                self._again.begin(self._latest.values(), now)
            self._take(item, now)
            self._at = now
            if count % _OFTEN == 0:
                self._comparison.settle(now.monotonic)
                progress(_OFTEN)
        self._finish()
        self._comparison.close(self._recorded.begin, self._recorded.end)

    def _items(self) -> Iterator[_Timed]:
        gaps = self._recorded.gaps
        sides: list[Iterator[_Timed]] = [
            _timed(map(_Restart, restarts(gaps)), gaps),
            _timed(self._recorded.frames, gaps),
            _told(self._recorded.reported, gaps),
        ]
        return merge(*sides, key=lambda timed: timed[0].monotonic)

    def _take(self, item: _Item, now: Instant) -> None:
        match item:
            case Frame():
                self._computed(self._again.frame(item, now), now)
            case Alarm():
                self._reported(item, now)
            case _Restart():
                self._finish()
                self._again.begin(self._latest.values(), now)
            case Hole():
                for name in self._names:
                    self._comparison.unsure(name, item.text)

    def _reported(self, step: Alarm, now: Instant) -> None:
        known = self._latest.get(step.condition)
        if known is None and step.alarm != step.id and step.event is not AlarmEvent.PASSED:
            self._comparison.unsure(step.condition, "where the alarm stood before is not in the archive")
        if step.event is not AlarmEvent.PASSED:
            self._latest[step.condition] = step
        if now.wall >= self._recorded.begin:
            self._comparison.reported(step, now.monotonic)
        if by_person(step):
            self._computed(self._again.person(step, now), now)

    def _finish(self) -> None:
        """What was due with the last record before an end; the ticks that told it left no record."""
        if (last := self._at) is not None:
            steps = self._again.until(last.earlier(-3 * TICK))
            self._computed((step for step in steps if step.retrospective or step.time <= last.wall), last)

    def _computed(self, steps: Iterable[Alarm], now: Instant) -> None:
        for step in steps:
            if now.wall >= self._recorded.begin:
                self._comparison.computed(step, now.monotonic)


def _timed(items: Iterable[Frame | Hole | _Restart], gaps: Sequence[Gap]) -> Iterator[_Timed]:
    clock = Clock(gaps)
    return ((clock.at(item.received if isinstance(item, Frame) else item.wall), item) for item in items)


def _told(steps: Iterable[Alarm], gaps: Sequence[Gap]) -> Iterator[_Timed]:
    """Steps of the past have times of the past, and come when those around them do."""
    clock, last = Clock(gaps), None
    for step in steps:
        if last is None or not step.retrospective or by_person(step):
            last = clock.at(step.time)
        yield last, step
