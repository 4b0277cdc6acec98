"""From frames to samples: which columns the conditions need, and one row as its condition sees it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from math import isnan

import numpy as np
from numpy.typing import NDArray

from gateway.alarm.condition import STATUS_KINDS, Condition
from gateway.alarm.judge import Sample
from gateway.alarm.limits import Limits
from schemas.frame import NO_TIME, Frame, Value
from schemas.records import AlarmKind
from schemas.status import Reason, is_bad

OLDEST = round(datetime(2015, 1, 1, tzinfo=UTC).timestamp() * 1e6)
"""No clock that is right shows less; wrong ones show 1970, 1980, 1984, 1990 or 2000. UTC microseconds."""
BY_COLUMN = {AlarmKind.STALE, AlarmKind.FLAT_LINE, AlarmKind.RATE_OF_CHANGE, AlarmKind.N_OF_M}
"""Kinds for which no single sample is looked at."""


def beside_tags(conditions: Iterable[Condition]) -> frozenset[str]:
    """Tags that conditions name beside their own: doors, states of rooms, batches."""
    named = ((*(one.doors.tags if one.doors else ()), one.state_tag, one.batch_tag) for one in conditions)
    return frozenset(tag for tags in named for tag in tags if tag is not None)


def limits_of(conditions: Iterable[Condition], always: Iterable[str]) -> Limits:
    """The columns for conditions whose samples are looked at; those of the tags in `always` all are."""
    looked = [one for one in conditions if one.kind not in BY_COLUMN]
    status = [one.tag for one in looked if one.kind in STATUS_KINDS]
    bounds = [(one.tag, one.side, one.limit) for one in looked if one.kind not in STATUS_KINDS]
    return Limits(bounds, status=status, always=always)


def judged(frame: Frame, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows of a live frame are judged: the Good ones, and those of which only the time is doubted.

    The engine goes by the time of reception. A device's time that is ahead of it, or lies before `OLDEST`, is that of a
    wrong clock, the device's or the agent's; one that only goes back may be that of a value that is old.
    """
    if good.all():
        return good
    wrong = (frame.source_time > frame.received) | ((frame.source_time < OLDEST) & (frame.source_time != NO_TIME))
    usable: NDArray[np.bool_] = good | ((frame.reason == Reason.TIME) & ~is_bad(frame.status) & wrong)
    return usable


def sample_of(frame: Frame, row: int, *, good: bool, judged: bool) -> Sample:
    """One row. A boolean counts as 0 or 1; what is no number has no value."""
    beside, number = frame.beside.get(row), float(frame.value[row])
    if isinstance(beside, bool | int):
        number = float(beside)
    value = number if judged and not isnan(number) else None
    return Sample(value, good, int(frame.reason[row]))


def word(frame: Frame, row: int) -> Value:
    """What a row that is judged says, as it says it; None where it is neither a number nor stands beside."""
    number = float(frame.value[row])
    return frame.beside.get(row, None if isnan(number) else number)
