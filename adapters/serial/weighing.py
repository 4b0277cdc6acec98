"""From a reading of the balance to a row of a frame. Pure."""

from adapters.serial.dialect import UNITS
from adapters.serial.reading import STATUS, Fault, Reading, Symptom, Weight
from schemas.frame import Value
from schemas.status import Reason, StatusCode

Row = tuple[int, Value, int, Reason, int | None]
"""Tag row, value, status, reason, source time: what `frame_of` takes. A balance has one tag and no clock."""


def row(reading: Reading, *, unit: str, identified: bool, confirmed: bool = True) -> Row:
    """Good only for a stable weight in the unit expected (UCUM), from the balance that is meant, said twice where
    once proves nothing (`confirmed`).
    """
    if isinstance(reading, Fault):
        return 0, None, *STATUS[reading.symptom], None
    if not isinstance(reading, Weight):
        return 0, None, *STATUS[Symptom.NO_ANSWER], None
    symptom = _symptom(reading, unit=unit, identified=identified, confirmed=confirmed)
    if symptom is None:
        return 0, reading.value, StatusCode.GOOD, Reason.NONE, None
    status, reason = STATUS[symptom]
    return 0, None if status >> 31 else reading.value, status, reason, None


def _symptom(weight: Weight, *, unit: str, identified: bool, confirmed: bool) -> Symptom | None:
    if weight.unit and UNITS.get(weight.unit) != unit:
        return Symptom.OTHER_UNIT
    if not identified:
        return Symptom.OTHER_BALANCE
    if not weight.stable:
        return Symptom.UNSTABLE
    return None if confirmed else Symptom.UNCONFIRMED
