"""Rule for instruments and balances: calibrated when a value was measured with them (74 art. 25)."""

from collections.abc import Iterator

from gateway.review.history import Context, date_of, moment
from gateway.review.outcome import Judged, Said, Severity, Subject, failed, not_evaluable, passed, said
from schemas.exported import Conclusion, EquipmentUse, TestResult, Use
from schemas.records import Weighing


def instrument_out_of_calibration(result: TestResult, context: Context) -> Judged | None:
    """The instrument of a test, by the calibrations in the equipment logs."""
    if result.equipment is None:
        return None
    time = result.tested if result.tested is not None else result.time
    expected = said("calibrated", equipment=result.equipment)
    if time is None:
        return not_evaluable(expected, said("time_missing"))
    return by_log(expected, time, calibrations(result.equipment, context))


def balance_out_of_calibration(weighing: Weighing, context: Context) -> Judged | None:
    """The balance of a weighing that counts: by its own due date, and by the equipment logs where these name it."""
    if not weighing.accepted:
        return None
    expected = said("calibrated", equipment=weighing.source)
    due = date_of(weighing.calibration_due)
    found = said("calibration_due", on=due)
    if context.day(weighing.time) > due:
        return failed(expected, found, said("weighed_at", at=moment(weighing.time)))
    names = [weighing.source, *([weighing.serial_number] if weighing.serial_number else [])]
    logged = [one for name in names for one in calibrations(name, context)]
    return by_log(expected, weighing.time, logged) if logged else passed(expected, found)


def by_log(expected: Said, time: int, logged: list[EquipmentUse]) -> Judged:
    """By the last calibration before that time; one after it that fails casts doubt on what was measured since."""
    before = [one for one in logged if one.time is not None and one.time <= time]
    if not before:
        return not_evaluable(expected, said("no_calibration"))
    last = max(before, key=lambda one: one.time or 0)
    next_ = min((one for one in logged if one.time is not None and one.time > time), key=lambda one: one.time or 0,
                default=None)  # fmt: skip
    found = [*_told(last)]
    overdue = last.valid_until is not None and time > last.valid_until
    if overdue or last.conclusion is Conclusion.FAIL:
        return failed(expected, *found, said("used_at", at=moment(time)), beside=[last])
    if next_ is not None and next_.conclusion is Conclusion.FAIL:
        doubt = said("failed_afterwards", at=moment(next_.time or 0))
        return failed(expected, *found, doubt, severity=Severity.ALERT, beside=[last, next_])
    if last.valid_until is None or last.conclusion is not Conclusion.PASS:
        return not_evaluable(expected, *found, said("calibration_unclear"), beside=[last])
    return passed(expected, *found, beside=[last])


def _told(last: EquipmentUse) -> Iterator[Said]:
    if last.conclusion is Conclusion.FAIL:
        yield said("calibration_failed", at=moment(last.time or 0))
    if last.valid_until is not None:
        yield said("valid_until", at=moment(last.valid_until))


def calibrations(equipment: str, context: Context) -> list[EquipmentUse]:
    """Calibrations of the equipment, in order of time."""
    return [one for one in context.current(EquipmentUse, equipment=equipment) if one.use is Use.CALIBRATION]


def measured_with(use: EquipmentUse, context: Context) -> Iterator[Subject]:
    """Results and weighings that a line of an equipment log bears on."""
    if use.use is Use.CALIBRATION:
        yield from context.current(TestResult, equipment=use.equipment)
        yield from context.history.weighings(source=use.equipment)
        yield from context.history.weighings(serial_number=use.equipment)
