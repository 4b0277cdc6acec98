"""How well the alarms serve the people who answer them (ISA-18.2, 16; EEMUA 191; IEC 62682). Pure, from records.

Only alarms that were raised at the time count: a retrospective one called nobody.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from gateway.alarm.states import active
from schemas.records import Alarm, AlarmEvent, AlarmState

MINUTE = 60_000_000
TEN_MINUTES = 10 * MINUTE
FLOOD = 10
"""More alarms than this in ten minutes are a flood (ISA-18.2, 16.5.3)."""
CHATTER = 3
"""An alarm raised so often within a minute chatters (ISA-18.2, 16.5.5)."""
STANDING = 24 * 60 * MINUTE
"""An alarm that is active for longer stands (ISA-18.2, 16.5.6: stale alarms)."""
TOP = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a period. Times are microseconds, `floods` parts of the period in which the alarms came too fast."""

    raised: int
    per_ten_minutes: float
    most_in_ten_minutes: int
    floods: tuple[tuple[int, int], ...]
    top: tuple[tuple[str, int], ...]
    chattering: tuple[str, ...]
    standing: tuple[str, ...]
    unacknowledged: int
    time_to_acknowledge: int | None
    """Median; None where none was acknowledged."""
    slow_to_acknowledge: int | None
    """95 of 100 were acknowledged within this time."""
    answered: tuple[tuple[str, int], ...]
    """Who acknowledged alarms in the period, and how many, the most first."""


def figures(steps: Iterable[Alarm], begin: int, end: int) -> Figures:
    """The figures of a period, UTC microseconds, from the steps in order of time, also those before the period.

    Raises ValueError where the period is empty.
    """
    if end <= begin:
        raise ValueError("a period ends after it begins")
    known = [one for one in steps if one.time < end and one.event is not AlarmEvent.PASSED and not one.retrospective]
    raised = [one for one in known if one.event is AlarmEvent.RAISED and one.time >= begin]
    times = sorted(one.time for one in raised)
    counts = Counter(one.condition for one in raised)
    last = {one.condition: one for one in known}.values()
    waits = sorted(_waits(known, begin))
    return Figures(
        raised=len(raised),
        per_ten_minutes=len(raised) * TEN_MINUTES / (end - begin),
        most_in_ten_minutes=max((_within(times, i, TEN_MINUTES) for i in range(len(times))), default=0),
        floods=tuple(_floods(times)),
        top=tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:TOP]),
        chattering=tuple(name for name in sorted(counts) if _chatters([r.time for r in raised if r.condition == name])),
        standing=tuple(sorted(one.condition for one in last if active(one.state) and end - one.since > STANDING)),
        unacknowledged=sum(
            one.state in {AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED} for one in last
        ),
        time_to_acknowledge=round(median(waits)) if waits else None,
        slow_to_acknowledge=waits[-(-95 * len(waits) // 100) - 1] if waits else None,
        answered=_answered(known, begin),
    )


def _answered(steps: Iterable[Alarm], begin: int) -> tuple[tuple[str, int], ...]:
    persons = Counter(
        one.actor for one in steps if one.event is AlarmEvent.ACKNOWLEDGED and one.time >= begin and one.actor
    )
    return tuple(sorted(persons.items(), key=lambda one: (-one[1], one[0])))


def _within(times: Sequence[int], first: int, width: int) -> int:
    """How many from this one on lie within the width."""
    return bisect_right(times, times[first] + width - 1) - first


def _chatters(times: Sequence[int]) -> bool:
    ordered = sorted(times)
    return any(_within(ordered, i, MINUTE) >= CHATTER for i in range(len(ordered)))


def _floods(times: Sequence[int]) -> list[tuple[int, int]]:
    """From the first to the last alarm of each run in which any ten minutes had more than FLOOD."""
    runs = list[tuple[int, int]]()
    for i in range(len(times)):
        count = _within(times, i, TEN_MINUTES)
        if count <= FLOOD:
            continue
        last = times[i + count - 1]
        if runs and times[i] <= runs[-1][1]:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((times[i], last))
    return runs


def _waits(steps: Iterable[Alarm], begin: int) -> list[int]:
    """From each raising to its acknowledgement."""
    asked, waits = dict[UUID, int](), list[int]()
    for one in steps:
        if one.event is AlarmEvent.RAISED:
            asked.setdefault(one.alarm, one.time)
        elif one.event is AlarmEvent.ACKNOWLEDGED and one.alarm in asked:
            waited = asked.pop(one.alarm)
            if waited >= begin:
                waits.append(one.time - waited)
    return waits
