"""One condition: where its alarm stands, and the steps it takes. Pure: time comes in as an argument.

Rules. A value beyond the limit begins a breach. A breach that lasts for the on-delay raises the alarm, whether or not
more samples came (a value that stands still is not sent again). One that ends before is told as PASSED, with its peak
and duration; so is one that ends while the alarm is shelved, suppressed or out of service. A value that is not Good, of
which nobody knows anything, ends a running on-delay and never returns an alarm. An active alarm returns with the first
value within limit and deadband, once it was not beyond the limit again for the off-delay. Durations are of the
monotonic clock; the times in records are the wall clock's, at which the samples were received.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from gateway.alarm.condition import Condition
from gateway.alarm.context import Context, Groups
from gateway.alarm.instant import Instant
from gateway.alarm.judge import Finding, Judge, Verdict, judge_of, resume
from gateway.alarm.states import ENDED_BY, SIGNED, TRANSITIONS, active
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmState


@dataclass(slots=True)
class Breach:
    """A time beyond the limit. The on-delay counts from `counts`, later than `begin` where that was seen late."""

    begin: Instant
    counts: Instant
    extreme: float | None = None

    def duration(self, end: Instant) -> float:
        """Seconds until `end`."""
        return max(0.0, end.monotonic - self.begin.monotonic)


class Watch:
    """A condition that is watched."""

    def __init__(self, condition: Condition, context: Context, groups: Groups, *, retrospective: bool = False) -> None:
        self.condition = condition
        self.judge: Judge = judge_of(condition)
        self.state = AlarmState.NORMAL
        self.room: str | None = condition.room
        self.line: str | None = None
        self.last: Alarm | None = None
        self._context, self._groups, self._retrospective = context, groups, retrospective
        self._value: float | None = None
        self._doubt: str | None = None
        self._breach: Breach | None = None
        self._returning: Instant | None = None
        self._since = 0
        self._extreme: float | None = None
        self._delay = condition.on_delay
        self._rank: tuple[bool | None, UUID | None] = (None, None)
        self._until: Instant | None = None
        self._held: str | None = None
        self._released: Instant | None = None

    @property
    def busy(self) -> bool:
        """Whether any sample may matter, not only one beyond the limit."""
        return self._breach is not None or self.judge.busy or not (self.state is AlarmState.NORMAL or self.held)

    @property
    def held(self) -> bool:
        """Whether it is shelved, suppressed or out of service."""
        return self.state in ENDED_BY

    @property
    def breached(self) -> bool:
        """Whether a breach lasts, as far as is known."""
        return self._breach is not None

    def timed(self, now: Instant) -> bool:
        """Whether the clock alone may bring the next step."""
        pending = self._breach is not None and (self.state, AlarmEvent.RAISED) in TRANSITIONS
        return (
            pending
            or self._returning is not None
            or self._until is not None
            or self.judge.timed
            or self._suppression(now) is not None
            or (self.state is AlarmState.SUPPRESSED and self._context.suppresses(self.condition, now) is None)
        )

    def take(self, finding: Finding, now: Instant) -> Iterator[Alarm]:
        """The steps that follow from what was found."""
        self._value, self._doubt = finding.value, finding.doubt
        match finding.verdict:
            case Verdict.BEYOND:
                yield from self._beyond(finding, now)
            case Verdict.UNKNOWN if active(self.state):
                self._returning = None
            case Verdict.BACK | Verdict.WITHIN if active(self.state):
                self._worsen(finding.value)
                if finding.verdict is Verdict.BACK and self._returning is None:
                    self._returning = now
                    yield from self.due(now)
            case _:
                yield from self.end(now)

    def due(self, now: Instant) -> Iterator[Alarm]:
        """The steps that the clock and the state of the room bring."""
        if self._until is not None and now.monotonic >= self._until.monotonic:
            yield self._move(AlarmEvent.UNSHELVED, self._until)
        if event := self._suppression(now):
            yield self._move(event, now)
        breach = self._breach
        if breach is None:
            return
        if self._returning is not None:
            if now.monotonic - self._returning.monotonic >= self.condition.off_delay:
                yield self._return(breach, self._returning)
        elif (self.state, AlarmEvent.RAISED) in TRANSITIONS:
            delay = self._context.delay(self.condition, breach.counts.monotonic)
            if now.monotonic - breach.counts.monotonic >= delay:
                yield self._raise(breach, delay)

    def end(self, now: Instant) -> Iterator[Alarm]:
        """A breach that made no alarm is over, or nobody knows of it any more."""
        breach, self._breach = self._breach, None
        if breach is not None:
            delay = self._context.delay(self.condition, breach.counts.monotonic)
            yield self._record(
                AlarmEvent.PASSED, now, breach.begin.wall, breach.extreme, delay, duration=breach.duration(now)
            )

    def close(self, now: Instant) -> Iterator[Alarm]:
        """Nothing more will be known of this breach: it is over as far as is known."""
        if self._breach is not None and active(self.state):
            yield self._return(self._breach, self._returning or now)
        else:
            yield from self.end(now)

    def act(self, event: AlarmEvent, now: Instant, *, actor: str, comment: str, until: Instant | None = None) -> Alarm:
        """What a person does. Raises KeyError where it is not in the table."""
        if TRANSITIONS[self.state, event] in ENDED_BY:
            self._until, self._held = until, f"{actor}: {comment}"
        return self._move(event, now, actor=actor, comment=comment)

    def restore(self, alarm: Alarm, now: Instant) -> None:
        """Go on after a restart, given the last step."""
        self._breach = self._returning = self._until = self._released = None
        self.last, self.state, self._since, self._extreme = alarm, alarm.state, alarm.since, alarm.extreme
        self._delay, self._rank, self._held = alarm.on_delay, (alarm.first_out, alarm.head), alarm.held
        self.room, self.line = alarm.room, alarm.line
        if active(self.state):
            begin = now.earlier((now.wall - alarm.since) / 1e6)
            self._breach = Breach(begin, begin, alarm.extreme)
            resume(self.judge, now)
        if self.state is AlarmState.SHELVED:
            self._until = now.earlier((now.wall - (alarm.until or now.wall)) / 1e6)

    def _suppression(self, now: Instant) -> AlarmEvent | None:
        """The event that the state of the room asks for now."""
        wanted = self._context.suppresses(self.condition, now)
        if wanted and (self.state, AlarmEvent.SUPPRESSED) in TRANSITIONS:
            return AlarmEvent.SUPPRESSED
        return AlarmEvent.UNSUPPRESSED if wanted is False and self.state is AlarmState.SUPPRESSED else None

    def _beyond(self, finding: Finding, now: Instant) -> Iterator[Alarm]:
        self._returning = None
        if self._breach is None:
            self._breach = Breach(finding.begin or now, now)
        self._worsen(finding.value)
        yield from self.due(now)

    def _worsen(self, value: float | None) -> None:
        if self._breach is not None:
            self._breach.extreme = self.condition.worse(self._breach.extreme, value)
            if active(self.state):
                self._extreme = self._breach.extreme

    def _raise(self, breach: Breach, delay: float) -> Alarm:
        end = breach.counts.earlier(-delay)
        if self._released is not None and end.monotonic < self._released.monotonic:
            end = self._released
        self._since, self._extreme, self._delay = breach.begin.wall, breach.extreme, delay
        return self._move(AlarmEvent.RAISED, end)

    def _return(self, breach: Breach, back: Instant) -> Alarm:
        self._breach = self._returning = None
        event = AlarmEvent.LATCHED if self.condition.latched else AlarmEvent.RETURNED
        return self._move(event, back.earlier(-self.condition.off_delay), duration=breach.duration(back))

    def _move(
        self,
        event: AlarmEvent,
        at: Instant,
        *,
        actor: str | None = None,
        comment: str | None = None,
        duration: float | None = None,
    ) -> Alarm:
        if not self.busy:  # then samples are not looked at, and the latest value is not known
            self._value = self._doubt = None
        before, self.state = self.state, TRANSITIONS[self.state, event]
        new = self.last is None or before is AlarmState.NORMAL
        id_ = uuid4()
        alarm = id_ if new or self.last is None else self.last.alarm
        if new and event is not AlarmEvent.RAISED:
            self._since, self._extreme, self._delay = at.wall, None, self.condition.on_delay
        self._regroup(event, alarm)
        self._hold(before, event, at)
        self.last = self._record(
            event, at, self._since, self._extreme, self._delay, actor=actor, comment=comment, duration=duration,
            id_=id_, alarm=alarm,
        )  # fmt: skip
        if self.state is AlarmState.NORMAL:
            self._rank = (None, None)
        return self.last

    def _regroup(self, event: AlarmEvent, alarm: UUID) -> None:
        if event is AlarmEvent.RAISED:
            self._rank = self._groups.raised(self.condition, alarm)
        elif not active(self.state):
            self._groups.left(self.condition)

    def _hold(self, before: AlarmState, event: AlarmEvent, at: Instant) -> None:
        """A hold begins or ends. A breach that was on its way back is over where one begins."""
        if event is AlarmEvent.SUPPRESSED:
            self._held = self._context.text(self.condition.state_tag)
        if self.held and self._returning is not None:
            self._breach = self._returning = None
        if before in ENDED_BY and not self.held:
            self._until, self._held, self._released = None, None, at

    def _record(
        self,
        event: AlarmEvent,
        at: Instant,
        since: int,
        extreme: float | None,
        delay: float,
        *,
        id_: UUID | None = None,
        alarm: UUID | None = None,
        actor: str | None = None,
        comment: str | None = None,
        duration: float | None = None,
    ) -> Alarm:
        condition, id_ = self.condition, id_ or uuid4()
        known = id_ if self.last is None or self.state is AlarmState.NORMAL else self.last.alarm
        return Alarm(
            id=id_, alarm=alarm or known, condition=condition.name, tag=condition.tag, room=self.room, line=self.line,
            event=event, state=self.state, time=at.wall, since=since, limit=condition.limit,
            deadband=condition.deadband, on_delay=delay, unit=condition.unit, value=self._value, extreme=extreme,
            actor=actor, comment=comment, kind=condition.kind, priority=condition.priority,
            off_delay=condition.off_delay, window=condition.window or None,
            allowed=condition.allowed if condition.kind is AlarmKind.DURATION else None,
            profile=condition.profile, duration=duration, room_state=self._context.text(condition.state_tag),
            batch=self._context.batch(condition, self.room, at.wall), retrospective=self._retrospective,
            group=condition.group,
            first_out=self._rank[0], head=self._rank[1], until=self._until.wall if self._until else None,
            held=self._held, meaning=SIGNED[event] if actor else None, doubt=self._doubt,
        )  # fmt: skip
