"""Alarm: the engine of `gateway.alarm` in the pipeline. It needs no uplink."""

from collections.abc import Callable, Iterator

from gateway.alarm.engine import Engine, Instant
from schemas.codec import Record
from schemas.frame import Frame
from schemas.records import Alarm


class RaiseAlarms:
    """The stage: a frame goes on, and the alarm steps that it causes go behind it."""

    def __init__(self, engine: Engine, now: Callable[[], Instant]) -> None:
        self._engine = engine
        self._now = now

    def __call__(self, record: Record) -> Iterator[Record]:
        """Frames are evaluated; all records pass."""
        yield record
        if isinstance(record, Frame) and not record.backfilled:  # what is over is no alarm any more
            yield from self._engine.evaluate(record, self._now())

    def tick(self) -> Iterator[Alarm]:
        """Steps that are due by the clock alone."""
        yield from self._engine.tick(self._now())

    def acknowledge(self, condition: str, *, actor: str, comment: str) -> Alarm:
        """Acknowledge an alarm. Raises NothingToAcknowledgeError."""
        return self._engine.acknowledge(condition, self._now(), actor=actor, comment=comment)

    def open(self) -> list[Alarm]:
        """The latest step of each alarm that is not normal."""
        return self._engine.open()
