"""From an answer of the balance to a row of a frame. Pure."""

from adapters.serial.sics import UNITS, Answer, Fault, Weight
from schemas.frame import Value
from schemas.status import Reason, StatusCode

Row = tuple[int, Value, int, Reason, int | None]
"""Tag row, value, status, reason, source time: what `frame_of` takes. A balance has one tag and no clock."""


def row(answer: Answer, *, unit: str, identified: bool) -> Row:
    """Good only for a stable weight in the unit expected (UCUM), from the balance that is meant."""
    if isinstance(answer, Fault):
        return _bad(answer.status, answer.reason)
    if not isinstance(answer, Weight):
        return _bad(StatusCode.BAD_DECODING_ERROR, Reason.COMM)
    if UNITS.get(answer.unit) != unit:
        return _bad(StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT)
    if not identified:
        return 0, answer.value, StatusCode.UNCERTAIN, Reason.IDENTITY, None
    if not answer.stable:
        return 0, answer.value, StatusCode.UNCERTAIN_SUB_NORMAL, Reason.UNSTABLE, None
    return 0, answer.value, StatusCode.GOOD, Reason.NONE, None


def _bad(status: StatusCode, reason: Reason) -> Row:
    return 0, None, status, reason, None
