"""What a sample says about a condition. Looking changes no alarm: that is the watch's part.

Kinds that look at all samples are judged in columns: `silence.py`, `stillness.py` and `changes.py`.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from gateway.alarm.condition import STATUS_KINDS, Condition
from gateway.alarm.instant import Instant
from schemas.records import AlarmKind
from schemas.status import Reason

RANGE = frozenset({Reason.RANGE, Reason.OVERLOAD, Reason.UNDERLOAD})
"""Reasons that say a value was beyond what its sensor can measure."""


class Verdict(Enum):
    """Where a value stands."""

    BEYOND = "beyond the limit"
    WITHIN = "within the limit, but not by the deadband"
    BACK = "within limit and deadband"
    UNKNOWN = "nobody knows"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, with the value in the condition's unit; `begin` where the breach began earlier than now.

    `doubt` is the reason for which the value that was judged is not Good.
    """

    verdict: Verdict
    value: float | None = None
    begin: Instant | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of the condition's tag; `value` is None where it is not judged, or where it is no number."""

    value: float | None
    good: bool
    reason: int


class Judge(Protocol):
    """Judges the samples of one condition, in their order."""

    @property
    def busy(self) -> bool:
        """Whether it needs every sample, not only those beyond the limit."""

    @property
    def timed(self) -> bool:
        """Whether the clock alone may say something."""

    def look(self, sample: Sample, now: Instant) -> Finding:
        """What the sample says."""

    def tick(self, now: Instant) -> Finding | None:
        """What the clock alone says; None where it says nothing."""


def judge_of(condition: Condition) -> Judge:
    """The judge for the condition's kind."""
    if condition.kind in STATUS_KINDS:
        return _Status(condition)
    if condition.kind is AlarmKind.DURATION:
        return _Cumulated(condition)
    return _Level(condition)


class _Level:
    """One value against the limit."""

    busy = timed = False

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def look(self, sample: Sample, now: Instant) -> Finding:  # noqa: ARG002 - as all judges
        value = sample.value
        if value is None:
            return Finding(Verdict.UNKNOWN)
        doubt = None if sample.good else Reason(sample.reason).name
        if self._condition.broken(value):
            return Finding(Verdict.BEYOND, value, doubt=doubt)
        return Finding(Verdict.BACK if self._condition.back(value) else Verdict.WITHIN, value, doubt=doubt)

    def tick(self, now: Instant) -> None:
        """Nothing changes by itself."""


class _Status:
    """A status that is not Good, or not because of the range."""

    busy = timed = False

    def __init__(self, condition: Condition) -> None:
        self._range = condition.kind is AlarmKind.OUT_OF_RANGE

    def look(self, sample: Sample, now: Instant) -> Finding:  # noqa: ARG002 - as all judges
        if sample.good:
            return Finding(Verdict.BACK, sample.value)
        known = not self._range or sample.reason in RANGE
        return Finding(Verdict.BEYOND if known else Verdict.UNKNOWN)

    def tick(self, now: Instant) -> None:
        """Nothing changes by itself."""


class _Cumulated:
    """Time beyond the limit, added up within the window."""

    def __init__(self, condition: Condition) -> None:
        self._level, self._window, self._allowed = _Level(condition), condition.window, condition.allowed
        self._over = deque[tuple[float, float]]()
        self._since: float | None = None
        self._value: float | None = None

    @property
    def busy(self) -> bool:
        """Beyond the limit, the sample that is not ends the time."""
        return self._since is not None

    @property
    def timed(self) -> bool:
        """A time beyond the limit grows, or leaves the window."""
        return self._since is not None or bool(self._over)

    def look(self, sample: Sample, now: Instant) -> Finding:
        self._value = sample.value
        beyond = self._level.look(sample, now).verdict is Verdict.BEYOND
        if beyond and self._since is None:
            self._since = now.monotonic
        elif not beyond and self._since is not None:
            self._over.append((self._since, now.monotonic))
            self._since = None
        return self._finding(now)

    def tick(self, now: Instant) -> Finding | None:
        """A value that stands beyond the limit adds to the time; what is long ago leaves it."""
        return self._finding(now) if self.timed else None

    def resume(self, now: Instant) -> None:
        """Nobody knows the times before a restart; that they were too long is known where the alarm was active."""
        self._over.append((now.monotonic - self._allowed - 1, now.monotonic))

    def _finding(self, now: Instant) -> Finding:
        edge = now.monotonic - self._window
        while self._over and self._over[0][1] <= edge:
            self._over.popleft()
        total = sum(end - max(begin, edge) for begin, end in self._over)
        if self._since is not None:
            total += now.monotonic - max(self._since, edge)
        return Finding(Verdict.BEYOND if total > self._allowed else Verdict.BACK, self._value)


def resume(judge: Judge, now: Instant) -> None:
    """Go on where the alarm was active before a restart."""
    if isinstance(judge, _Cumulated):
        judge.resume(now)
