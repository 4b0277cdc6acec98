"""A draft deviation: the facts of an action alarm that stood while a batch was in its room. Pure.

China GMP 2010, art. 312 (25) asks for an investigation when an action limit is exceeded, art. 250 for the record of the
deviation. The draft is derived from records alone, so it is the same after every restart and on every side that holds
them; its id is that of the alarm's first record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.alarm.states import active
from gateway.archive.lives import ENDS
from schemas.records import Alarm, AlarmEvent, AlarmPriority

Span = tuple[int, int | None]
"""Begin and end, UTC microseconds; no end while it lasts."""


@dataclass(frozen=True, slots=True)
class DoorOpen:
    """A door that stood open during the breach; `ended` is None where it was not closed before the breach was over."""

    tag: str
    began: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """Facts only. Times are UTC microseconds, `duration` microseconds beyond the limit, numbers in `unit`.

    `first` is the record that raised the alarm, with the limits in force and their version; `spans` are the times
    beyond the limit: an alarm may be raised again before anybody acknowledged it.
    """

    id: UUID
    first: Alarm
    batches: tuple[str, ...]
    spans: tuple[Span, ...]
    duration: int
    extreme: float | None
    room_states: tuple[str, ...]
    doors: tuple[DoorOpen, ...] = ()

    @property
    def began(self) -> int:
        """When the limit was first broken."""
        return self.spans[0][0]

    @property
    def ended(self) -> int | None:
        """When it held again; None while it does not."""
        return self.spans[-1][1]


def draft_of(steps: Sequence[Alarm], now: int) -> Draft | None:
    """The draft that one alarm opens, from its steps in their order; None where it opens none.

    An alarm opens one when it is of action priority, and a batch is in its room while the limit is broken.
    """
    told = [one for one in steps if one.event is not AlarmEvent.PASSED]
    raised = next((one for one in told if one.event is AlarmEvent.RAISED), None)
    if raised is None or raised.priority is not AlarmPriority.ACTION or raised.room is None:
        return None
    broken = [one for one in told if active(one.state) or one.event in ENDS]
    batches = tuple(dict.fromkeys(one.batch for one in broken if one.batch))
    if not batches:
        return None
    spans = tuple(_spans(told))
    return Draft(
        id=told[0].id, first=raised, batches=batches, spans=spans,
        duration=sum((now if end is None else end) - begin for begin, end in spans),
        extreme=_farthest(broken),
        room_states=tuple(dict.fromkeys(one.room_state for one in broken if one.room_state)),
    )  # fmt: skip


def _spans(steps: Iterable[Alarm]) -> list[Span]:
    spans = list[Span]()
    for one in steps:
        if one.event is AlarmEvent.RAISED:
            spans.append((one.since, None))
        elif one.event in ENDS and spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], one.time)
    return spans


def _farthest(steps: Iterable[Alarm]) -> float | None:
    """The extreme that lies farthest from the limit that it broke."""
    known = [(abs(one.extreme - one.limit), one.extreme) for one in steps if one.extreme is not None]
    return max(known)[1] if known else None
