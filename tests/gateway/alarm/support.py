"""An engine that is fed by the second, for tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from gateway.alarm.condition import Condition
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from schemas.frame import Beside, Frame, TagTable, frame_of
from schemas.records import Alarm, AlarmEvent, AlarmKind
from schemas.status import Reason, StatusCode

START = 1_700_000_000_000_000
NOBODY = UUID(int=0)
LOW = Condition(tag="dp", kind=AlarmKind.LOW, limit=10.0, deadband=0.5, on_delay=10.0, unit="Pa")


def at(seconds: float, step: float = 0.0) -> Instant:
    """An instant by both clocks; `step` is how far the wall clock was put forward."""
    return Instant(START + round((seconds + step) * 1e6), seconds)


def wall(seconds: float) -> int:
    return at(seconds).wall


@dataclass
class Line:
    """What the engine said so far stands in `steps`."""

    engine: Engine
    steps: list[Alarm] = field(default_factory=list)
    step: float = 0.0

    def say(self, seconds: float, **values: float | Beside | None) -> list[Alarm]:
        """A frame at that time; None is a value with a Bad status. Dots in tags are underscores here."""
        return self._add(self.engine.evaluate(sampled(wall(seconds), values), at(seconds, self.step)))

    def backfill(self, seconds: float, *samples: tuple[float, Mapping[str, float | Beside | None]]) -> list[Alarm]:
        """A frame out of a device's memory: samples with the seconds of their source times."""
        return self._add(self.engine.evaluate(remembered(wall(seconds), samples), at(seconds, self.step)))

    def tick(self, seconds: float) -> list[Alarm]:
        return self._add(self.engine.tick(at(seconds, self.step)))

    def do(self, seconds: float, event: AlarmEvent, condition: str, until: float | None = None) -> Alarm:
        moment = at(seconds, self.step)
        end = None if until is None else wall(until)
        (step,) = self._add([self.engine.command(event, condition, moment, actor="li", comment="why", until=end)])
        return step

    def _add(self, steps: Iterable[Alarm]) -> list[Alarm]:
        new = list(steps)
        self.steps += new
        return new


def line(*conditions: Condition) -> Line:
    return Line(Engine(conditions))


def sampled(received: int, values: Mapping[str, float | Beside | None]) -> Frame:
    return remembered(received, [((received - START) / 1e6, values)], backfilled=False)


def remembered(
    received: int, samples: Iterable[tuple[float, Mapping[str, float | Beside | None]]], *, backfilled: bool = True
) -> Frame:
    samples = list(samples)
    names = list(dict.fromkeys(name.replace("_", ".") for _, values in samples for name in values))
    rows = [
        (names.index(name.replace("_", ".")), value, int(StatusCode.GOOD if value is not None else StatusCode.BAD),
         Reason.NONE if value is not None else Reason.SOURCE, wall(seconds))
        for seconds, values in samples
        for name, value in values.items()
    ]  # fmt: skip
    table = TagTable(tuple(names), ("Pa",) * len(names), (), ("F1",) * len(names), "line-3")
    return replace(frame_of("ems", table, rows, received=received), backfilled=backfilled)


def told(steps: Iterable[Alarm]) -> list[tuple[str, AlarmEvent]]:
    """Conditions and events."""
    return [(step.condition, step.event) for step in steps]


def same(steps: Iterable[Alarm]) -> list[dict[str, Any]]:
    """Steps without what is random; which step of the list an alarm began with is not."""
    ids: dict[UUID | None, int] = {None: -1}
    return [
        {name: getattr(step, name) for name in Alarm.__slots__ if name not in {"id", "alarm", "head"}}
        | {name: ids.setdefault(getattr(step, name), len(ids)) for name in ("alarm", "head")}
        for step in steps
    ]
