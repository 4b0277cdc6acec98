"""What a batch did where, from the events of its steps. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.batches.batch import Batch, Told
from schemas.exported import BatchStep, EquipmentUse, StepEvent, Use

BEGINS = {StepEvent.STARTED, StepEvent.REPEATED}
ENDS = {StepEvent.COMPLETED, StepEvent.ABORTED}
_ORDER = list(StepEvent)
"""Of events told for the same moment: a step starts before it is completed."""


@dataclass(frozen=True, slots=True)
class Run:
    """A step once through. Times are UTC microseconds; `began` or `ended` is None where that was not told."""

    step: str
    began: int | None
    ended: int | None
    events: tuple[Told[BatchStep], ...]

    @property
    def last(self) -> BatchStep:
        """Its latest event."""
        return self.events[-1].record

    @property
    def room(self) -> str | None:
        """Where, as the first event that says so."""
        return next((one.record.room for one in self.events if one.record.room), None)

    @property
    def equipment(self) -> str | None:
        """With what, as the first event that says so."""
        return next((one.record.equipment for one in self.events if one.record.equipment), None)

    @property
    def name(self) -> str:
        """In words where the source has them."""
        return next((one.record.name for one in self.events if one.record.name), self.step)

    @property
    def completed(self) -> bool:
        """Whether it came to its end."""
        return any(one.record.event is StepEvent.COMPLETED for one in self.events)


@dataclass(frozen=True, slots=True)
class Stay:
    """A time of a batch in a room. UTC microseconds; `ended` is None where no end was told."""

    room: str
    began: int
    ended: int | None


def runs(steps: Iterable[Told[BatchStep]]) -> list[Run]:
    """The steps as they ran, in the order in which they began."""
    found = list[Run]()
    latest: dict[str, int] = {}
    for one in sorted(steps, key=_place):
        event, at = one.record.event, latest.get(one.record.step)
        if at is None or event in BEGINS or found[at].ended is not None:
            latest[one.record.step] = at = len(found)
            found.append(Run(one.record.step, None, None, ()))
        run = found[at]
        found[at] = replace(
            run,
            began=one.record.time if event in BEGINS else run.began,
            ended=one.record.time if event in ENDS or event is StepEvent.SKIPPED else run.ended,
            events=(*run.events, one),
        )
    return sorted(found, key=lambda run: (run.events[0].record.time, run.step))


def _place(one: Told[BatchStep]) -> tuple[int, int, str, str]:
    return one.record.time, _ORDER.index(one.record.event), one.record.system, one.record.key


def stays(batch: Batch) -> list[Stay]:
    """When the batch was in which room, as its steps and the use of equipment say; what overlaps is one stay."""
    spans = [(run.room, _begin(run), run.ended) for run in runs(batch.of(BatchStep)) if not _skipped(run)]
    used = (one.record for one in batch.of(EquipmentUse) if one.record.use is Use.PRODUCTION)
    spans += [(one.room, one.began, one.time) for one in used]
    rooms = sorted({room for room, _, _ in spans if room})
    return sorted(
        (stay for room in rooms for stay in _merged(room, [(b, e) for at, b, e in spans if at == room])),
        key=lambda stay: (stay.began, stay.room),
    )


def _begin(run: Run) -> int:
    return run.events[0].record.time if run.began is None else run.began


def _skipped(run: Run) -> bool:
    return run.last.event is StepEvent.SKIPPED


def _merged(room: str, spans: list[tuple[int, int | None]]) -> list[Stay]:
    """What overlaps is one."""
    found = list[Stay]()
    for began, ended in sorted(spans, key=lambda span: span[0]):
        if found and (found[-1].ended is None or began <= found[-1].ended):
            known = found[-1].ended
            end = None if known is None or ended is None else max(known, ended)
            found[-1] = Stay(room, found[-1].began, end)
        else:
            found.append(Stay(room, began, ended))
    return found
