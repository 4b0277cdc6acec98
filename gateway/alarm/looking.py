"""From frames to samples: which columns the conditions need, and one row as its condition sees it."""

from collections.abc import Iterable

from gateway.alarm.condition import STATUS_KINDS, Condition
from gateway.alarm.judge import Sample
from gateway.alarm.limits import Limits
from schemas.frame import Frame, Value
from schemas.records import AlarmKind

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


def sample_of(frame: Frame, row: int, *, good: bool) -> Sample:
    """One row. A boolean counts as 0 or 1; what is no number has no value."""
    beside, number = frame.beside.get(row), float(frame.value[row])
    if isinstance(beside, bool | int):
        number = float(beside)
    return Sample(number if good and number == number else None, good, int(frame.reason[row]))  # noqa: PLR0124 - NaN


def word(frame: Frame, row: int) -> Value:
    """What a Good row says, as it says it; None where it is neither a number nor stands beside."""
    number = float(frame.value[row])
    return frame.beside.get(row, None if number != number else number)  # noqa: PLR0124 - NaN
