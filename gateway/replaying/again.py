"""The alarms of one agent, computed again out of what it recorded. Time comes from records only. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.alarm.condition import Condition
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.instant import Instant
from gateway.alarm.states import COMMANDS
from gateway.replaying.clock import TICK
from gateway.replaying.tables import Tables
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent


def by_person(step: Alarm) -> bool:
    """Whether the step is what a person did, which no frame tells."""
    return step.event in COMMANDS and step.actor is not None


class Again:
    """An engine that goes on from record to record, with the agent's ticks in between."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions, self._tables = conditions, Tables()
        self._engine = Engine(conditions)
        self._at: Instant | None = None

    def begin(self, latest: Iterable[Alarm], now: Instant) -> None:
        """The agent begins, or begins anew, with the last step of each condition."""
        self._engine = Engine(self._conditions)
        self._engine.restore(latest, now)
        self._at = now

    def frame(self, frame: Frame, now: Instant) -> Iterator[Alarm]:
        """The steps until the frame, and those that it causes."""
        yield from self.until(now)
        yield from self._engine.evaluate(self._tables.shared(frame), now)

    def person(self, step: Alarm, now: Instant) -> Iterator[Alarm]:
        """The same is done; nothing, where it is not possible with the alarm as it was computed."""
        yield from self.until(now)
        try:
            yield self._engine.command(
                step.event, step.condition, now, actor=step.actor or "", comment=step.comment or "",
                until=step.until if step.event is AlarmEvent.SHELVED else None,
            )  # fmt: skip
        except CommandRefusedError:
            return

    def until(self, now: Instant) -> Iterator[Alarm]:
        """The ticks before `now`."""
        at = self._at or now
        while at.monotonic + TICK < now.monotonic:
            at = at.earlier(-TICK)
            yield from self._engine.tick(at)
        self._at = now if now.monotonic >= at.monotonic else at
