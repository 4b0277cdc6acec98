"""The alarm engine: conditions of tags, judged on every sample in its order. Pure: time comes in as an argument.

Only frames and ticks bring time: the same ones give the same alarms. What is due by the clock comes before what a frame
says. `judge.py` says what a sample means, `watch.py` what follows for the alarm, `states.py` what may follow at all;
`limits.py`, `silence.py`, `stillness.py` and `changes.py` work in columns: samples that change nothing cost next to
nothing.
A value that is not Good enters no limit, unless only its time is in doubt (`looking.py`). Samples out of a device's
memory never touch the live alarms: `retrospect.py`.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.changes import Changes
from gateway.alarm.condition import Condition
from gateway.alarm.context import Context, Groups, InRoom, nobody_knows
from gateway.alarm.instant import Instant
from gateway.alarm.judge import Finding, Verdict
from gateway.alarm.looking import BY_COLUMN, beside_tags, judged, limits_of, sample_of, word
from gateway.alarm.retrospect import Retrospect
from gateway.alarm.silence import Silence
from gateway.alarm.states import COMMANDS, TRANSITIONS, active
from gateway.alarm.stillness import Stillness
from gateway.alarm.watch import Watch
from schemas.frame import Frame, TagTable
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmState
from schemas.status import is_good

LONGEST_SHELVING = 12 * 3600.0
"""Seconds; what lasts longer is taken out of service (ISA-18.2, 11.7: shelving is limited in time)."""


class CommandRefusedError(Exception):
    """What a person asked for is not possible with that alarm now; the message says why, in a line."""


class Engine:
    """All conditions of one agent."""

    def __init__(self, conditions: Sequence[Condition], in_room: InRoom = nobody_knows) -> None:
        """`in_room` tells the batch of a room; without it, the tag that a room has for it does."""
        self._context, self._groups = Context(in_room), Groups()
        self._watches: dict[str, Watch] = {}
        self._silence, self._stillness, self._changes = Silence([]), Stillness([]), Changes([])
        self._retrospect = Retrospect(in_room)
        self.watch(conditions)

    def watch(self, conditions: Iterable[Condition]) -> None:
        """Watch these too; one that is known goes on in its state. Raises ValueError where two do not go together."""
        new = {one.name: Watch(one, self._context, self._groups) for one in conditions}
        self._go_by(new | self._watches)

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

    def restore(self, latest: Iterable[Alarm], now: Instant) -> None:
        """Go on with the alarms of the agent's life before, given the last step of each condition.

        An alarm whose condition is no longer configured stays as it was: nobody watches it.
        """
        for alarm in latest:
            if alarm.condition in self._watches:
                self._watches[alarm.condition].restore(alarm, now)
            else:
                self._retrospect.restore(alarm)
        self._groups.restore((w.condition, w.last) for w in self._watches.values() if w.last and active(w.state))
        self._go_by(self._watches)

    def evaluate(self, frame: Frame, now: Instant) -> Iterator[Alarm]:
        """The steps that the frame's samples cause. Values must be in the conditions' units."""
        good = is_good(frame.status)
        if frame.backfilled:
            yield from self._retrospect.judge(frame, good & ~np.isnan(frame.value), now)
            return
        usable = judged(frame, good)
        numbers = usable & ~np.isnan(frame.value)
        yield from self._due(now)
        self._introduce(frame)
        for name in self._silence.take(frame, now):
            yield from self._take(self._watches[name], Finding(Verdict.BACK), now)
        for name, value in self._stillness.take(frame, numbers, now):
            yield from self._take(self._watches[name], Finding(Verdict.BACK, value), now)
        for name, finding in self._changes.take(frame, numbers, now):
            yield from self._take(self._watches[name], finding, now)
        rows = self._limits.telling(frame, numbers).tolist()
        yield from self._hear(frame, rows, usable, now)
        for row in rows:
            sample = sample_of(frame, row, good=bool(good[row]), judged=bool(usable[row]))
            for watch in self._looking.get(frame.tags.names[frame.tag[row]], ()):
                yield from self._take(watch, watch.judge.look(sample, now), now)

    def tick(self, now: Instant) -> Iterator[Alarm]:
        """The steps that the clock alone brings."""
        yield from self._due(now)
        for name, begin in self._silence.tick(now):
            yield from self._take(self._watches[name], Finding(Verdict.BEYOND, None, begin), now)
        for name, begin, value in self._stillness.tick(now):
            yield from self._take(self._watches[name], Finding(Verdict.BEYOND, value, begin), now)
        for name, finding in self._changes.tick(now):
            yield from self._take(self._watches[name], finding, now)
        yield from self._retrospect.tick(now)

    def command(
        self, event: AlarmEvent, name: str, now: Instant, *, actor: str, comment: str, until: int | None = None
    ) -> Alarm:
        """What a person does with the alarm of a condition: one of COMMANDS. Raises CommandRefusedError.

        `until` is when a shelving ends, UTC microseconds.
        """
        past = self._retrospect.known(name)
        watch = self._watches.get(name) or past
        if past is not None and event in {AlarmEvent.SHELVED, AlarmEvent.REMOVED_FROM_SERVICE}:
            raise CommandRefusedError(f"condition {name!r} is of the past, and can only be acknowledged")
        if event not in COMMANDS or watch is None or (watch.state, event) not in TRANSITIONS:
            raise CommandRefusedError(f"no alarm of condition {name!r} {COMMANDS.get(event, 'can do that')}")
        if not actor.strip() or not comment.strip():
            raise CommandRefusedError(f"condition {name!r}: say who does it, and why")
        step = watch.act(event, now, actor=actor, comment=comment, until=_end(event, name, until, now))
        if past is None:
            self._settle(watch, now)
        return step

    def acknowledge(self, name: str, now: Instant, *, actor: str, comment: str) -> Alarm:
        """Acknowledge the alarm of a condition. Raises CommandRefusedError."""
        return self.command(AlarmEvent.ACKNOWLEDGED, name, now, actor=actor, comment=comment)

    def open(self) -> list[Alarm]:
        """The latest step of each alarm that is neither normal nor suppressed by design."""
        return [one for one in self.latest() if one.state is not AlarmState.SUPPRESSED]

    def latest(self) -> list[Alarm]:
        """The latest step of each condition that is not normal."""
        watches = [*self._watches.values(), *self._retrospect.watches()]
        return [w.last for w in watches if w.last is not None and w.state is not AlarmState.NORMAL]

    def _go_by(self, watches: dict[str, Watch]) -> None:
        self._watches = watches
        conditions = [watch.condition for watch in watches.values()]
        self._looking, self._by_state_tag, self._by_member, self._by_tag = (dict[str, list[Watch]]() for _ in range(4))
        for watch in watches.values():
            one = watch.condition
            self._by_tag.setdefault(one.tag, []).append(watch)
            if one.kind not in BY_COLUMN:
                self._looking.setdefault(one.tag, []).append(watch)
            if one.state_tag and one.suppressed_in:
                self._by_state_tag.setdefault(one.state_tag, []).append(watch)
            for member in one.members:
                self._by_member.setdefault(member, []).append(watch)
        self._beside = beside_tags(conditions)
        self._limits = limits_of(conditions, self._beside)
        self._columns(watches.values())
        self._retrospect.go_by(conditions)
        self._tables = set[TagTable]()
        self._timed = dict(watches)
        self._order = {name: number for number, name in enumerate(watches)}
        for tag in self._looking:
            self._tell_busy(tag)

    def _columns(self, watches: Iterable[Watch]) -> None:
        of: dict[AlarmKind, list[Watch]] = {kind: [] for kind in BY_COLUMN}
        for watch in watches:
            of.get(watch.condition.kind, []).append(watch)
        stale, flat, fast = of[AlarmKind.STALE], of[AlarmKind.FLAT_LINE], of[AlarmKind.RATE_OF_CHANGE]
        self._silence = Silence([w.condition for w in stale], self._silence)
        self._silence.restore(w.condition.name for w in stale if w.breached)
        self._stillness = Stillness([w.condition for w in flat], self._stillness)
        self._stillness.restore(w.condition.name for w in flat if w.breached)
        self._changes = Changes([w.condition for w in fast], self._changes)
        self._changes.restore(w.condition.name for w in fast if w.breached)

    def _introduce(self, frame: Frame) -> None:
        """Rooms and line come with the table of tags; each is looked at once."""
        tags = frame.tags
        if tags in self._tables:
            return
        self._tables.add(tags)
        for name, room in zip(tags.names, tags.rooms, strict=True):
            for watch in self._by_tag.get(name, ()):
                watch.room, watch.line = room, tags.line

    def _hear(self, frame: Frame, rows: Sequence[int], usable: NDArray[np.bool_], now: Instant) -> Iterator[Alarm]:
        """What a frame says of doors and rooms counts for all its values."""
        for row in rows:
            name = frame.tags.names[frame.tag[row]]
            if name in self._beside and self._context.take(name, word(frame, row) if usable[row] else None, now):
                for watch in self._by_state_tag.get(name, ()):
                    yield from self._told(watch, watch.due(now), now)

    def _due(self, now: Instant) -> Iterator[Alarm]:
        self._context.begin(now)
        for watch in sorted(self._timed.values(), key=lambda watch: self._order[watch.condition.name]):
            finding = watch.judge.tick(now)
            if finding is not None:
                yield from self._take(watch, finding, now)
            yield from self._told(watch, watch.due(now), now)

    def _take(self, watch: Watch, finding: Finding, now: Instant) -> Iterator[Alarm]:
        yield from self._told(watch, watch.take(finding, now), now)

    def _told(self, watch: Watch, steps: Iterator[Alarm], now: Instant) -> Iterator[Alarm]:
        """The steps of one condition, and what those that count it make of them."""
        for step in steps:
            yield step
            for counting in self._by_member.get(step.condition, ()):
                yield from self._take(counting, self._count(counting), now)
        self._settle(watch, now)

    def _count(self, counting: Watch) -> Finding:
        members = [self._watches[name] for name in counting.condition.members if name in self._watches]
        counting.line = counting.line or next((w.line for w in members if w.line), None)
        count = sum(active(watch.state) for watch in members)
        return Finding(Verdict.BEYOND if count >= counting.condition.limit else Verdict.BACK, float(count))

    def _settle(self, watch: Watch, now: Instant) -> None:
        name, tag = watch.condition.name, watch.condition.tag
        if watch.timed(now):
            self._timed[name] = watch
        else:
            self._timed.pop(name, None)
        if tag in self._looking:
            self._tell_busy(tag)

    def _tell_busy(self, tag: str) -> None:
        self._limits.tell(tag, busy=any(watch.busy for watch in self._looking[tag]))


def _end(event: AlarmEvent, name: str, until: int | None, now: Instant) -> Instant | None:
    """When a shelving ends, by both clocks."""
    if event is not AlarmEvent.SHELVED:
        return None
    seconds = 0.0 if until is None else (until - now.wall) / 1e6
    if not 0 < seconds <= LONGEST_SHELVING:
        hours = LONGEST_SHELVING / 3600
        raise CommandRefusedError(f"condition {name!r}: say until when it is shelved, within {hours:g} h from now")
    return now.earlier(-seconds)
