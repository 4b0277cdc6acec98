"""Alarm: the engine of `gateway.alarm` in the pipeline. It needs no uplink."""

from collections.abc import Callable, Iterator

from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from schemas.codec import Record
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent


class RaiseAlarms:
    """The stage: a frame goes on, and the alarm steps that it causes go behind it."""

    def __init__(self, engine: Engine, now: Callable[[], Instant]) -> None:
        self._engine = engine
        self._now = now

    def __call__(self, record: Record) -> Iterator[Record]:
        """Frames are evaluated, also those that come afterwards; all records pass."""
        yield record
        if isinstance(record, Frame):
            yield from self._engine.evaluate(record, self._now())

    def tick(self) -> Iterator[Alarm]:
        """Steps that are due by the clock alone."""
        yield from self._engine.tick(self._now())

    def command(
        self, event: AlarmEvent, condition: str, *, actor: str, comment: str, until: int | None = None
    ) -> Alarm:
        """What a person does with an alarm. Raises CommandRefusedError."""
        return self._engine.command(event, condition, self._now(), actor=actor, comment=comment, until=until)

    def open(self) -> list[Alarm]:
        """The latest step of each alarm that is neither normal nor suppressed by design."""
        return self._engine.open()

    def latest(self) -> list[Alarm]:
        """The latest step of each alarm that is not normal."""
        return self._engine.latest()
