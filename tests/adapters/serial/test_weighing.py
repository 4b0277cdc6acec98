import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.serial.reading import Identity, Weight
from adapters.serial.sics import parse
from adapters.serial.weighing import row
from schemas.status import Reason, StatusCode


def test_a_stable_weight_in_the_right_unit_from_the_right_balance_is_good() -> None:
    """All four are needed."""
    assert row(Weight("100.00", 100.0, "g", stable=True), unit="g", identified=True) == (0, 100.0, 0, Reason.NONE, None)


@pytest.mark.parametrize(
    ("weight", "identified", "value", "status", "reason"),
    [
        (Weight("1.0", 1.0, "g", stable=False), True, 1.0, StatusCode.UNCERTAIN_SUB_NORMAL, Reason.UNSTABLE),
        (Weight("1.0", 1.0, "g", stable=True), False, 1.0, StatusCode.UNCERTAIN, Reason.IDENTITY),
        (Weight("1.0", 1.0, "g", stable=False), False, 1.0, StatusCode.UNCERTAIN, Reason.IDENTITY),
        (Weight("1.0", 1.0, "kg", stable=True), True, None, StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT),
        (Weight("1.0", 1.0, "oz", stable=True), True, None, StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT),
        (Weight("1.0", 1.0, "PCS", stable=True), True, None, StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT),
    ],
)
def test_one_missing_is_said(
    weight: Weight, identified: bool, value: float | None, status: StatusCode, reason: Reason
) -> None:
    """Moving (F40), another balance (F-A4), another unit at the panel (F-A3), which is never converted by guess."""
    assert row(weight, unit="g", identified=identified) == (0, value, status, reason, None)


def test_a_serial_number_is_no_weight() -> None:
    """Whatever asked for it."""
    assert row(Identity("B1"), unit="g", identified=True)[2] >> 31


@given(st.binary(max_size=40), st.booleans())
def test_only_a_line_of_a_stable_weight_is_good(line: bytes, identified: bool) -> None:
    """Any bytes: Good needs a parsed stable weight, Bad has no value."""
    answer = parse(line)
    _, value, status, reason, _ = row(answer, unit="g", identified=identified)
    assert (status == 0) == (isinstance(answer, Weight) and answer.stable and identified and answer.unit == "g")
    assert (value is None) == bool(status >> 31)
    assert (reason is Reason.NONE) == (status == 0)
