"""Who has to be told what now. Pure: alarms that stand and the instant in, messages out.

A *call* is what people are told of once: an alarm, or a group of them with one common cause, under the id of its first.
It lasts until every alarm of it was acknowledged, put aside, or acknowledged after it returned. Each escalation step is
told once in a call to each of its targets. Acknowledging, and a value that is back, end the steps that are still to
come; a step that was due before the value came back is told.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from gateway.alarm.instant import Instant
from gateway.alarm.performance import FLOOD
from schemas.records import Alarm, AlarmEvent, AlarmPriority, AlarmState

CALLING = {AlarmState.UNACKNOWLEDGED, AlarmState.LATCHED_UNACKNOWLEDGED}
"""Nobody answered, and the alarm stands."""
UNANSWERED = CALLING | {AlarmState.RETURNED_UNACKNOWLEDGED}
FLOOD_WINDOW = 600.0
"""Seconds: more than `FLOOD` calls to a target within it are told together."""
DIGEST = 60.0
"""Seconds between two digests while the flood lasts."""


class Mark(NamedTuple):
    """One target was told one step of one call."""

    call: UUID
    step: int
    target: str


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to tell of a call that nobody answered for `after` seconds."""

    after: float
    alerts: bool
    """Whether alerts are told too; else action alarms alone."""
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """For one target; of several calls where they come too fast to be told one by one."""

    target: str
    marks: tuple[Mark, ...]
    alarms: tuple[Alarm, ...]
    digest: bool = False
    test: bool = False


def beacon_wanted(alarms: Iterable[Alarm]) -> bool:
    """Whether an action alarm stands that nobody acknowledged."""
    return any(one.state in CALLING and not one.retrospective and _is_about(one, alerts=False) for one in alarms)


@dataclass(slots=True)
class _Call:
    """`began` is when the first of its alarms was raised, monotonic seconds."""

    began: float
    alarms: list[Alarm] = field(default_factory=list)

    def waited(self, step: Step, now: Instant) -> float | None:
        """Seconds that nobody answered what the step is about; None where that is nothing."""
        about = [one for one in self.alarms if _is_about(one, alerts=step.alerts)]
        if any(one.state in CALLING for one in about):
            return now.monotonic - self.began
        return max(map(_until_returned, about), default=None)


class Caller:
    """Remembers who was told what; `told` is from the agent's life before."""

    def __init__(self, steps: Sequence[Step], told: Iterable[Mark] = ()) -> None:
        self._steps, self._told = steps, set(told)
        self._calls: dict[UUID, _Call] = {}
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._digested: dict[str, float] = {}

    @property
    def calls(self) -> frozenset[UUID]:
        """Those that last; what was told of others may be forgotten."""
        return frozenset(self._calls)

    def look(self, alarms: Iterable[Alarm], now: Instant) -> list[Message]:
        """What has to be told, given the latest step of every alarm that is open. A message is given once."""
        self._gather(alarms, now)
        self._told = {mark for mark in self._told if mark.call in self._calls}
        due: dict[str, dict[UUID, list[Mark]]] = defaultdict(lambda: defaultdict(list))
        for mark in self._due(now):
            due[mark.target][mark.call].append(mark)
        return [message for target, calls in due.items() for message in self._messages(target, calls, now)]

    def _gather(self, alarms: Iterable[Alarm], now: Instant) -> None:
        found: dict[UUID, _Call] = {}
        for alarm in alarms:
            if alarm.state in UNANSWERED and not alarm.retrospective:
                key, began = alarm.head or alarm.alarm, now.monotonic - max(0, now.wall - _raised(alarm)) / 1e6
                if key in self._calls:  # from then on the wall clock, which may be set, decides nothing
                    began = self._calls[key].began
                call = found.setdefault(key, _Call(began))
                call.began = min(call.began, began)
                call.alarms.append(alarm)
        self._calls = found

    def _due(self, now: Instant) -> Iterator[Mark]:
        for key, call in self._calls.items():
            for number, step in enumerate(self._steps):
                waited = call.waited(step, now)
                if waited is not None and waited >= step.after:
                    marks = (Mark(key, number, target) for target in step.targets)
                    yield from (mark for mark in marks if mark not in self._told)

    def _messages(self, target: str, calls: dict[UUID, list[Mark]], now: Instant) -> Iterator[Message]:
        """One for each call; in a flood one for all, and then none until the next digest."""
        recent = self._recent[target]
        while recent and recent[0] <= now.monotonic - FLOOD_WINDOW:
            recent.popleft()
        flood = len(recent) + len(calls) > FLOOD
        if flood and now.monotonic < self._digested.get(target, -DIGEST) + DIGEST:
            return
        recent.extend([now.monotonic] * len(calls))
        self._told.update(mark for marks in calls.values() for mark in marks)
        if flood:
            self._digested[target] = now.monotonic
            marks = tuple(mark for some in calls.values() for mark in some)
            yield Message(target, marks, tuple(one for key in calls for one in self._sorted(key)), digest=True)
            return
        yield from (Message(target, tuple(marks), self._sorted(key)) for key, marks in calls.items())

    def _sorted(self, key: UUID) -> tuple[Alarm, ...]:
        """The first one of a group first."""
        return tuple(sorted(self._calls[key].alarms, key=lambda one: (one.head is not None, one.since)))


def _is_about(alarm: Alarm, *, alerts: bool) -> bool:
    return alerts or alarm.priority is not AlarmPriority.ALERT


def _raised(alarm: Alarm) -> int:
    return alarm.since + round(alarm.on_delay * 1e6)


def _until_returned(alarm: Alarm) -> float:
    """Seconds from the raising to the return, which a look may have missed both."""
    return max(0.0, (alarm.time - _raised(alarm)) / 1e6) if alarm.event is AlarmEvent.RETURNED else 0.0
