"""The alarms of one agent, computed again out of what it recorded. Time comes from records only. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.alarm.condition import Condition
from gateway.alarm.engine import CommandRefusedError, Engine
from gateway.alarm.instant import Instant
from gateway.alarm.states import COMMANDS
from gateway.replaying.clock import TICK
from gateway.replaying.tables import Tables
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmState


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
        """The agent begins, with the last step of each condition."""
        self._engine = Engine(self._conditions)
        self._engine.restore(latest, now)
        self._at = now

    def begin_anew(self, latest: Iterable[Alarm], now: Instant) -> None:
        """As `begin`; alarms of the past go on as they stand here, for when they were reported is not known."""
        past = [step for step in self._engine.latest() if step.retrospective]
        self.begin([*(step for step in latest if not step.retrospective), *past], now)

    def elsewhere(self, told: Iterable[Alarm]) -> list[Alarm]:
        """The reported steps after which the alarm stands elsewhere than here."""
        mine = {step.condition: step.state for step in self._engine.latest()}
        return [step for step in told if mine.get(step.condition, AlarmState.NORMAL) is not step.state]

    def adopt(self, told: Sequence[Alarm], now: Instant) -> None:
        """Go on from these reported steps."""
        if told:
            self._engine.restore(told, now)

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
