"""The alarm engine: limits of tags, evaluated on every Good sample in its order. Pure: time comes in as an argument.

Rules. A sample enters a limit only when its status is Good. Beyond the limit it starts the on-delay; the alarm is
raised when no Good sample was back within it, whether or not more samples came (a value that stands still is not sent
again). A sample that is not Good says nothing: it ends a running on-delay, because nobody knows, and never returns an
alarm. An active alarm returns with the first Good sample beyond limit and deadband. Durations are of the monotonic
clock; the times in records are the agent's wall clock, at which the samples were received.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import numpy as np

from gateway.alarm.limits import Limits
from gateway.alarm.states import TRANSITIONS, active
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmState
from schemas.status import is_good


@dataclass(frozen=True, slots=True)
class Condition:
    """One limit of one tag. `sign` is -1 for a low limit, +1 for a high one; numbers in `unit`, delay in seconds."""

    tag: str
    sign: int
    limit: float
    deadband: float
    on_delay: float
    unit: str

    @property
    def name(self) -> str:
        """Unique within an agent: `<tag>.LOW` or `<tag>.HIGH`."""
        return f"{self.tag}.{'LOW' if self.sign < 0 else 'HIGH'}"

    def broken(self, value: float) -> bool:
        """Whether the value is beyond the limit; the limit itself is not."""
        return self.sign * (value - self.limit) > 0

    def back(self, value: float) -> bool:
        """Whether the value is within the limit by at least the deadband."""
        return self.sign * (value - self.limit) <= -self.deadband

    def worse(self, known: float | None, value: float) -> float:
        """The one of the two that is farther beyond the limit."""
        return value if known is None else self.sign * max(self.sign * known, self.sign * value)


@dataclass(frozen=True, slots=True)
class Instant:
    """Now: `wall` UTC microseconds for records, `monotonic` seconds for durations."""

    wall: int
    monotonic: float


class NothingToAcknowledgeError(Exception):
    """No alarm of that condition waits for an acknowledgement."""


@dataclass(slots=True)
class _Watch:
    """What the engine remembers of one condition; `pending` runs while the on-delay does."""

    condition: Condition
    state: AlarmState = AlarmState.NORMAL
    pending: Instant | None = None
    since: int = 0
    value: float | None = None
    extreme: float | None = None
    room: str | None = None
    line: str | None = None
    last: Alarm | None = None

    @property
    def busy(self) -> bool:
        """Whether any sample may matter: an on-delay runs, or the alarm is not normal."""
        return self.pending is not None or self.state is not AlarmState.NORMAL


class Engine:
    """All conditions of one agent."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._watches: dict[str, _Watch] = {}
        self.watch(conditions)

    def watch(self, conditions: Iterable[Condition]) -> None:
        """Watch these too; one that is known goes on in its state."""
        self._go_by({one.name: _Watch(one) for one in conditions} | self._watches)

    def unwatch(self, tags: Iterable[str]) -> None:
        """These tags will say nothing any more. An alarm that is open stays as it is, for a person to acknowledge."""
        gone = set(tags)
        self._go_by(
            {
                name: watch
                for name, watch in self._watches.items()
                if watch.condition.tag not in gone or watch.state is not AlarmState.NORMAL
            }
        )

    def restore(self, latest: Iterable[Alarm]) -> None:
        """Go on with the alarms that were open in the agent's life before, given the last step of each condition.

        An alarm whose condition is no longer configured stays as it was: nobody watches it.
        """
        for alarm in latest:
            watch = self._watches.get(alarm.condition)
            if watch is not None:
                watch.last, watch.state, watch.since = alarm, alarm.state, alarm.since
                watch.extreme, watch.room, watch.line = alarm.extreme, alarm.room, alarm.line
                self._tell_busy(watch.condition.tag)

    def evaluate(self, frame: Frame, now: Instant) -> Iterator[Alarm]:
        """The steps that the frame's samples cause. Values must be in the conditions' units."""
        good = is_good(frame.status) & ~np.isnan(frame.value)
        for row in self._limits.telling(frame, good).tolist():
            tag = int(frame.tag[row])
            name, value = frame.tags.names[tag], float(frame.value[row]) if good[row] else None
            for watch in self._by_tag[name]:
                watch.room, watch.line = frame.tags.rooms[tag], frame.tags.line
                yield from _sample(watch, value, now)
            self._tell_busy(name)

    def tick(self, now: Instant) -> Iterator[Alarm]:
        """The alarms whose on-delay has passed without another sample."""
        for watch in self._watches.values():
            yield from _due(watch, now)

    def acknowledge(self, name: str, now: Instant, *, actor: str, comment: str) -> Alarm:
        """Acknowledge the alarm of a condition. Raises NothingToAcknowledgeError."""
        watch = self._watches.get(name)
        if watch is None or (watch.state, AlarmEvent.ACKNOWLEDGED) not in TRANSITIONS:
            raise NothingToAcknowledgeError(f"no alarm of condition {name!r} waits for an acknowledgement")
        return _step(watch, AlarmEvent.ACKNOWLEDGED, now.wall, actor=actor, comment=comment)

    def open(self) -> list[Alarm]:
        """The latest step of each alarm that is not normal."""
        return [w.last for w in self._watches.values() if w.last is not None and w.state is not AlarmState.NORMAL]

    def _go_by(self, watches: dict[str, _Watch]) -> None:
        self._watches = watches
        self._by_tag = dict[str, list[_Watch]]()
        for watch in watches.values():
            self._by_tag.setdefault(watch.condition.tag, []).append(watch)
        self._limits = Limits((one.condition.tag, one.condition.sign, one.condition.limit) for one in watches.values())
        for tag in self._by_tag:
            self._tell_busy(tag)

    def _tell_busy(self, tag: str) -> None:
        self._limits.tell(tag, busy=any(watch.busy for watch in self._by_tag[tag]))


def _sample(watch: _Watch, value: float | None, now: Instant) -> Iterator[Alarm]:
    condition, watch.value = watch.condition, value
    if value is None:
        watch.pending = None
    elif active(watch.state):
        watch.extreme = condition.worse(watch.extreme, value)
        if condition.back(value):
            yield _step(watch, AlarmEvent.RETURNED, now.wall)
    elif not condition.broken(value):
        watch.pending = None
    else:
        if watch.pending is None:
            watch.pending, watch.extreme = now, None
        watch.extreme = condition.worse(watch.extreme, value)
        yield from _due(watch, now)


def _due(watch: _Watch, now: Instant) -> Iterator[Alarm]:
    pending, delay = watch.pending, watch.condition.on_delay
    if pending is not None and now.monotonic - pending.monotonic >= delay:
        watch.pending, watch.since = None, pending.wall
        yield _step(watch, AlarmEvent.RAISED, pending.wall + round(delay * 1e6))


def _step(
    watch: _Watch, event: AlarmEvent, time: int, *, actor: str | None = None, comment: str | None = None
) -> Alarm:
    condition, id_ = watch.condition, uuid4()
    alarm = id_ if watch.last is None or watch.state is AlarmState.NORMAL else watch.last.alarm
    watch.state = TRANSITIONS[watch.state, event]
    watch.last = Alarm(
        id=id_, alarm=alarm, condition=condition.name,
        tag=condition.tag, room=watch.room, line=watch.line, event=event, state=watch.state, time=time,
        since=watch.since, limit=condition.limit, deadband=condition.deadband, on_delay=condition.on_delay,
        unit=condition.unit, value=watch.value, extreme=watch.extreme, actor=actor, comment=comment,
    )  # fmt: skip
    return watch.last
