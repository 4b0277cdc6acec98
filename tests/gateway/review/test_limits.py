"""A result as reported against limits: signs before numbers, decimals, units."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.limits import Limits, Possible, Where, converted, decimal_of, shown

WITHIN, OUTSIDE, UNKNOWN = Where.WITHIN, Where.OUTSIDE, Where.UNKNOWN


def where(value: str, sign: str, low: str | None, high: str | None, *, not_negative: bool = False) -> Where:
    limits = Limits(*(None if one is None else Decimal(one) for one in (low, high)))
    return limits.where(Possible.of(Decimal(value), sign, not_negative=not_negative))


@pytest.mark.parametrize(
    ("value", "sign", "low", "high", "expected"),
    [
        ("0.1", "=", "0.1", "0.3", WITHIN), ("0.3", "=", "0.1", "0.3", WITHIN),
        ("0.30000001", "=", "0.1", "0.3", OUTSIDE), ("0.05", "<", None, "0.05", WITHIN),
        ("0.05", "<", None, "0.1", WITHIN), ("0.05", "<", None, "0.04", UNKNOWN),
        ("0.05", "<", "0.05", None, OUTSIDE), ("0.05", "≤", "0.05", None, UNKNOWN),
        ("0.05", "<", "0.01", None, UNKNOWN), ("0.05", "<", "0.06", None, OUTSIDE),
        ("0.05", "≤", "0.06", None, OUTSIDE), ("10", ">", "10", None, WITHIN), ("10", ">", "5", None, WITHIN),
        ("10", ">", "11", None, UNKNOWN), ("10", ">", None, "10", OUTSIDE), ("10", "≥", None, "10", UNKNOWN),
        ("10", ">", None, "12", UNKNOWN), ("10", "≥", None, "9", OUTSIDE),
    ],
)  # fmt: skip
def test_a_sign_is_a_range_of_possible_values(
    value: str, sign: str, low: str | None, high: str | None, expected: Where
) -> None:
    """Within where every possible value is; outside where none is; else it cannot be told."""
    assert where(value, sign, low, high) is expected


def test_less_than_is_between_0_and_its_number_only_where_it_cannot_be_negative() -> None:
    """A lower limit of 0 says nothing of a concentration, but of a rotation it does."""
    assert where("0.05", "<", "0", "0.1") is UNKNOWN
    assert where("0.05", "<", "0", "0.1", not_negative=True) is WITHIN
    assert where("-5", "<", "-10", "0", not_negative=True) is UNKNOWN


quarters = st.integers(-12, 12).map(lambda n: Fraction(n, 4))


@given(quarters, st.sampled_from("<≤=≥>"), st.none() | quarters, st.none() | quarters)
def test_no_possible_value_contradicts_the_answer(
    value: Fraction, sign: str, low: Fraction | None, high: Fraction | None
) -> None:
    """Tried with every eighth around: the answer is what all of them say, and unknown where they differ."""
    if low is not None and high is not None and low > high:
        low, high = high, low
    tried = [Fraction(n, 8) for n in range(-80, 81)]
    holds = {"<": value.__gt__, "≤": value.__ge__, "=": value.__eq__, "≥": value.__le__, ">": value.__lt__}[sign]
    inside = [(low is None or x >= low) and (high is None or x <= high) for x in tried if holds(x)]
    expected = WITHIN if all(inside) else UNKNOWN if any(inside) else OUTSIDE
    text = [None if one is None else str(float(one)) for one in (low, high)]
    assert where(str(float(value)), sign, *text) is expected


def test_numbers_are_compared_as_they_were_written() -> None:
    """In binary, 0.1 + 0.2 is above 0.3, and 1.1 mg above 0.0011 g."""
    assert decimal_of(0.1) == Decimal("0.1")
    assert decimal_of(float("nan")) is decimal_of(None) is None
    assert converted(Decimal("1.1"), "mg", "g") == Decimal("0.0011")
    assert converted(Decimal(25), "Cel", "K") == Decimal("298.15")
    assert (
        converted(Decimal(1), "mg", "Pa")
        is converted(Decimal(1), None, "Pa")
        is converted(Decimal(1), "??", "g")
        is None
    )
    assert converted(Decimal(1), None, None) == 1


def test_a_number_is_shown_without_an_exponent() -> None:
    """As a person writes it."""
    assert [shown(Decimal(one)) for one in ("100.0", "1E+3", "0.050")] == ["100", "1000", "0.05"]
