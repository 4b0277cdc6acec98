"""The records of one agent in their order, through the engine and against what was reported. Pure.

Where the window begins, alarms stand as they were reported: what was computed before serves to fill windows and delays,
and knows neither all that a delay excused nor all that a person did.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import tee

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
_JUST = round(10 * TICK * 1e6)
"""Microseconds; by more the two sides never differ about the same step."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Records that are not here, between two that are; `wall` is about when, UTC microseconds."""

    wall: int
    text: str


@dataclass(frozen=True, slots=True)
class _Restart:
    wall: int


@dataclass(frozen=True, slots=True)
class _Told:
    """A step that was reported; `sure` where it was reported within the window, and not perhaps beside it."""

    step: Alarm
    sure: bool = True


_Item = Frame | Hole | _Told | _Restart
_Timed = tuple[Instant, _Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one agent recorded. `frames` and `reported` come in the order of their numbers, which is that of time.

    `begin` and `end` are the window to compare, UTC microseconds; frames may begin earlier, so that windows and delays
    are filled. `latest` is the last step of each condition before the first frame, `tags` are those that were ever
    recorded until `end`. `from_first` and `to_last` say that there was nothing before these records, and nothing after.
    """

    frames: Iterable[Frame | Hole]
    reported: Iterable[Alarm]
    gaps: Sequence[Gap]
    latest: Sequence[Alarm]
    tags: frozenset[str]
    begin: int
    end: int
    from_first: bool = True
    to_last: bool = True


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
    comparison = Comparison(
        agreed, lambda name: reason_for(name, agreed, without), tell, begin=recorded.begin, end=recorded.end
    )
    _Run(conditions, recorded, comparison).run(progress)
    return Outcome(comparison.matched, without)


class _Run:
    """One way through the records."""

    def __init__(self, conditions: Sequence[Condition], recorded: Recorded, comparison: Comparison) -> None:
        self._again, self._recorded, self._comparison = Again(conditions), recorded, comparison
        self._names = [one.name for one in conditions]
        self._latest = {step.condition: step for step in recorded.latest}
        self._known = set(self._latest)
        self._at: Instant | None = None
        self._stepped = dict[str, int]()
        self._begun = False

    def run(self, progress: Callable[[int], None]) -> None:
        """Through all records."""
        for count, (now, item) in enumerate(self._items()):
            if isinstance(item, _Told) and _of_the_past(item.step):
                self._found_afterwards(item, now)
                continue
            if self._at is None:
                self._again.begin(self._latest.values(), now)
            if not self._begun and now.wall >= self._recorded.begin:
                self._begin(now)
            self._take(item, now)
            self._at = now
            if count % _OFTEN == 0:
                self._comparison.settle(now.monotonic)
                progress(_OFTEN)
        self._finish()
        self._comparison.close()

    def _begin(self, now: Instant) -> None:
        """The window begins; a step just before may only not be known yet on one of the two sides."""
        self._begun, last, begin = True, self._at, self._recorded.begin
        if last is None:
            return
        at = now.earlier((now.wall - begin) / 1e6)
        self._computed(self._again.until(at), last)
        differing = self._again.elsewhere(one for one in self._latest.values() if not one.retrospective)
        just = [one for one in differing if begin - max(one.time, self._stepped.get(one.condition, 0)) <= _JUST]
        self._again.adopt([one for one in differing if one not in just], at)
        for one in just:
            self._comparison.unsure(one.condition, "the alarm stood elsewhere just before")

    def _items(self) -> Iterator[_Timed]:
        gaps = self._recorded.gaps
        told, done = tee(self._recorded.reported)
        sides: list[Iterator[_Timed]] = [
            _timed(map(_Restart, restarts(gaps)), gaps),
            _timed(self._recorded.frames, gaps),
            _told(self._recorded, told),
            _done(done, gaps),
        ]
        return merge(*sides, key=lambda timed: timed[0].monotonic)

    def _take(self, item: _Item, now: Instant) -> None:
        match item:
            case Frame():
                self._computed(self._again.frame(item, now), now)
            case _Told():
                self._reported(item.step, now)
            case _Restart():
                self._finish()
                self._again.begin_anew(self._latest.values(), now)
            case Hole():
                for name in self._names:
                    self._comparison.unsure(name, item.text)

    def _reported(self, step: Alarm, now: Instant) -> None:
        if self._began_before(step):
            self._comparison.unsure(step.condition, "where the alarm stood before is not in the archive")
        if step.event is not AlarmEvent.PASSED:
            self._latest[step.condition] = step
        if now.wall >= self._recorded.begin:
            self._comparison.reported(step, now.monotonic)
        if by_person(step):
            self._computed(self._again.person(step, now), now)

    def _found_afterwards(self, told: _Told, now: Instant) -> None:
        """A step of the past: it is compared, wherever it was reported; the engine finds it by the frames alone."""
        sure = not self._began_before(told.step) and told.sure
        if not told.sure:
            self._comparison.unsure(told.step.condition, "whether it was found within this window is not known")
        self._comparison.reported(told.step, now.monotonic, sure=sure)

    def _began_before(self, step: Alarm) -> bool:
        """Whether the alarm began before the archive."""
        if step.event is AlarmEvent.PASSED or step.condition in self._known:
            return False
        self._known.add(step.condition)
        return step.alarm != step.id

    def _finish(self) -> None:
        """What was due with the last record before an end; the ticks that told it left no record."""
        if (last := self._at) is not None:
            self._computed(self._again.until(last), last)
            steps = self._again.until(last.earlier(-3 * TICK))
            self._computed((step for step in steps if step.retrospective or step.time <= last.wall), last, after=True)

    def _computed(self, steps: Iterable[Alarm], now: Instant, *, after: bool = False) -> None:
        """Steps that are due now, or just `after`, where of those of the past nobody knows whether they came yet."""
        inside = now.wall >= self._recorded.begin
        for step in steps:
            self._stepped[step.condition] = step.time
            if inside or step.retrospective:
                sure = inside and not (after and step.retrospective)
                self._comparison.computed(step, now.monotonic, sure=sure)


def _timed(items: Iterable[Frame | Hole | _Restart], gaps: Sequence[Gap]) -> Iterator[_Timed]:
    clock = Clock(gaps)
    return ((clock.at(item.received if isinstance(item, Frame) else item.wall), item) for item in items)


def _told(recorded: Recorded, steps: Iterable[Alarm]) -> Iterator[_Timed]:
    """What the line told by itself. Steps of the past come with the one before them, or else with the first."""
    clock, past = Clock(recorded.gaps), list[Alarm]()
    last: Instant | None = None
    since = recorded.from_first
    for step in steps:
        if _of_the_past(step):
            past.append(step)
            continue
        now = clock.at(step.time)
        yield from ((last or now, _Told(one, since)) for one in past)
        if not by_person(step):
            yield now, _Told(step)
        past, last, since = [], now, since or now.wall >= recorded.begin
    last = last or clock.at(recorded.begin)
    yield from ((last, _Told(one, since and recorded.to_last)) for one in past)


def _done(steps: Iterable[Alarm], gaps: Sequence[Gap]) -> Iterator[_Timed]:
    """What persons did, at its own time: a wrong time in another step moves none of it."""
    clock = Clock(gaps)
    last: Instant | None = None
    for step in steps:
        if _of_the_past(step):
            continue
        clock.at(step.time)
        if by_person(step):
            now = clock.by_itself(step.time)
            last = now if last is None or now.monotonic > last.monotonic else Instant(now.wall, last.monotonic)
            yield last, _Told(step)


def _of_the_past(step: Alarm) -> bool:
    """Whether its time does not tell when it was reported."""
    return step.retrospective and not by_person(step)
