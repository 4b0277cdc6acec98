"""Alarms and gaps as a person sees them: one object for each, folded from the records of its steps. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from schemas.records import Alarm, AlarmEvent, AlarmState, Gap

EVER = 2**62
"""Later than any clock, UTC microseconds: for "up to now" also where an agent's clock is ahead of ours."""

ASIDE = {AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE}
"""States in which a condition raises no alarm."""
QUIET = {AlarmState.NORMAL, *ASIDE}
"""States that ask for nothing."""
HELD = {AlarmEvent.SHELVED, AlarmEvent.SUPPRESSED, AlarmEvent.REMOVED_FROM_SERVICE}
ENDS = {AlarmEvent.RETURNED, AlarmEvent.LATCHED, *HELD}
"""Events after which an alarm is not active."""
NO_ALARM = {
    AlarmEvent.PASSED, AlarmEvent.UNSHELVED, AlarmEvent.UNSUPPRESSED, AlarmEvent.RETURNED_TO_SERVICE, *HELD,
}  # fmt: skip
"""Events that can happen where there was no alarm before."""


@dataclass(frozen=True, slots=True)
class AlarmLife:
    """One alarm from its first to its latest step. Times are UTC microseconds, numbers in `last.unit`.

    `batch` is the first that was in the room while the limit was broken.
    """

    last: Alarm
    raised: int
    acknowledged: Alarm | None = None
    returned: int | None = None
    batch: str | None = None

    @property
    def open(self) -> bool:
        """Whether it still asks for something: not yet back to normal, or not yet acknowledged, and not held."""
        return self.last.state not in QUIET

    @property
    def active(self) -> bool:
        """Whether the limit is still broken."""
        return self.last.state in {AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED}

    def duration(self, now: int) -> int:
        """How long the limit was broken, microseconds, from the first sample beyond it."""
        return (now if self.returned is None else self.returned) - self.last.since

    def step(self, alarm: Alarm) -> "AlarmLife":
        """The life after one more step; a breach that only passed is none."""
        if alarm.event is AlarmEvent.PASSED:
            return self
        again = alarm.event is AlarmEvent.RAISED
        acknowledged = None if again else self.acknowledged
        broken = again or self.returned is None
        return AlarmLife(
            last=alarm,
            raised=self.raised,
            acknowledged=alarm if alarm.event is AlarmEvent.ACKNOWLEDGED else acknowledged,
            returned=alarm.time if alarm.event in ENDS else None if again else self.returned,
            batch=self.batch or (alarm.batch if broken else None),
        )


def alarm_lives(steps: Iterable[Alarm]) -> dict[UUID, AlarmLife]:
    """Lives by alarm id, from steps in the order of their stream. A hold or a passed breach alone is none."""
    lives: dict[UUID, AlarmLife] = {}
    for step in steps:
        if step.alarm not in lives and step.event in NO_ALARM:
            continue
        known = lives.get(step.alarm) or AlarmLife(last=step, raised=step.time)
        lives[step.alarm] = known.step(step)
    return lives


def gap_spans(records: Iterable[Gap]) -> dict[UUID, Gap]:
    """The latest word on each gap, by gap id."""
    spans: dict[UUID, Gap] = {}
    for record in records:
        known = spans.get(record.gap)
        spans[record.gap] = record if known is None or record.ended is not None else replace(record, ended=known.ended)
    return spans
