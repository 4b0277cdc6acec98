"""A weighing of record: when a weight counts, and everything that speaks against it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import WeighingRequest
from adapters.serial.reading import Fault, Reading, Symptom, Weight
from adapters.serial.record import Circumstances, weighing
from adapters.serial.settings import MtSicsSettings, WeighingSettings
from schemas.codec import encode
from schemas.records import Refusal, Weighing, WeighingMethod

RULES = WeighingSettings(minimum=1.0, confirmed=(0.5, 6000))
SETTINGS = MtSicsSettings.model_validate(
    {
        "type": "mt-sics",
        "name": "scale",
        "port": "/dev/null",
        "weighing": RULES.model_dump(),
        "tag": {"name": "W", "unit": "g", "calibration_due": "2027-03-31"},
    }
)
GOOD = Weight("100.30", 100.3, "g", stable=True, line=b"S S     100.30 g\r\n")
AT = Circumstances(time=9, requested=5, serial_number="B1", identified=True, confirmed=True)
BY = WeighingRequest(method=WeighingMethod.COMMAND, operator="li", second="wang", lot="L-77")


def taken(
    reading: Reading | None = GOOD,
    rules: WeighingSettings = RULES,
    request: WeighingRequest = BY,
    at: Circumstances = AT,
) -> Weighing:
    return weighing(SETTINGS, rules, request, reading, at)


def test_a_weight_of_which_everything_is_right_counts() -> None:
    """With balance, calibration, persons, lot, limits, and the line as it came."""
    one = taken()
    assert (one.accepted, one.refusals, one.detail) == (True, (), "")
    assert (one.gross, one.tare, one.net, one.unit, one.stable) == (None, None, 100.3, "g", True)
    assert (one.serial_number, one.calibration_due, one.operator, one.second, one.lot) == (
        *("B1", 20_908, "li", "wang", "L-77"),
    )
    assert (one.raw, one.requested, one.time) == (b"S S     100.30 g\r\n", 5, 9)


def test_a_tare_that_is_told_is_taken_off_exactly() -> None:
    """100.3 - 0.1 is 100.2, as on paper."""
    one = taken(request=BY.model_copy(update={"tare": 0.1}))
    assert (one.gross, one.tare, one.net) == (100.3, 0.1, 100.2)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reading": replace(GOOD, stable=False)}, Refusal.UNSTABLE),
        ({"reading": replace(GOOD, unit="kg")}, Refusal.UNIT),
        ({"reading": replace(GOOD, unit="oz")}, Refusal.UNIT),
        ({"reading": replace(GOOD, value=6000.1)}, Refusal.OUT_OF_RANGE),
        ({"reading": replace(GOOD, value=0.9)}, Refusal.BELOW_MINIMUM),
        ({"request": BY.model_copy(update={"tare": 99.5})}, Refusal.BELOW_MINIMUM),
        ({"reading": Fault(Symptom.OVERLOAD, "overload", b"S +\r\n")}, Refusal.NO_WEIGHT),
        ({"reading": None, "at": replace(AT, broken="switched off")}, Refusal.BROKEN),
        ({"at": replace(AT, confirmed=False)}, Refusal.UNPROVEN),
        ({"at": replace(AT, identified=False)}, Refusal.IDENTITY),
        ({"at": replace(AT, serial_number=None)}, Refusal.IDENTITY),
        ({"request": BY.model_copy(update={"second": " LI "})}, Refusal.SECOND_CHECK),
        (
            {
                "rules": RULES.model_copy(update={"second_check": True}),
                "request": BY.model_copy(update={"second": None}),
            },
            Refusal.SECOND_CHECK,
        ),
    ],
)
def test_one_thing_that_is_wrong_is_a_refusal_with_its_reason(change: dict[str, Any], refusal: Refusal) -> None:
    """The record has what the balance said all the same."""
    one = taken(**change)
    assert (one.accepted, one.refusals) == (False, (refusal,))
    assert one.detail


def test_everything_that_is_wrong_is_said() -> None:
    """Not only the first."""
    one = taken(replace(GOOD, stable=False, value=0.1), at=replace(AT, identified=False))
    assert one.refusals == (Refusal.UNSTABLE, Refusal.OUT_OF_RANGE, Refusal.BELOW_MINIMUM, Refusal.IDENTITY)


@given(st.binary(max_size=40), st.booleans(), st.booleans(), st.none() | st.floats(0, 200))
def test_any_line_makes_a_record_and_only_a_stable_weight_one_that_counts(
    line: bytes, identified: bool, confirmed: bool, tare: float | None
) -> None:
    """Whatever comes, it can be written; a record is accepted exactly when nothing speaks against it."""
    reading = SETTINGS.dialect.read(line)
    request = BY.model_copy(update={"tare": tare})
    one = taken(reading, request=request, at=replace(AT, identified=identified, confirmed=confirmed))
    encode(one)
    assert one.accepted == (not one.refusals)
    if one.accepted:
        assert isinstance(reading, Weight)
        assert reading.stable
        assert identified
        assert one.net is not None
        assert one.net >= RULES.minimum
