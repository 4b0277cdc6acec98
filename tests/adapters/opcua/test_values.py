import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import TagSettings
from adapters.opcua.values import EXACT, Interpreter, Row, micros
from schemas.status import Reason, StatusCode

NOW = 1_800_000_000_000_000
TAGS = (TagSettings(name="DP", unit="Pa"), TagSettings(name="state"))
MEASURED, CODE = 0, 1


def interpreter() -> Interpreter:
    return Interpreter(TAGS, clock_tolerance=60)


def data(value: Any, kind: ua.VariantType, *, status: int = 0, time: Any = None) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, kind), ua.StatusCode(ua.UInt32(status)), time)


def row(value: Any, kind: ua.VariantType, *, tag: int = MEASURED, status: int = 0) -> Row:
    return interpreter().row(tag, data(value, kind, status=status), NOW)


def at(micros_: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros_)


@pytest.mark.parametrize("kind", [ua.VariantType.Float, ua.VariantType.Double])
def test_a_finite_number_is_good(kind: ua.VariantType) -> None:
    """A number with a good status is the value."""
    assert row(12.5, kind) == (MEASURED, 12.5, StatusCode.GOOD, Reason.NONE, None)


def test_a_bad_status_takes_the_value_away() -> None:
    """A value may still stand beside a Bad status (F04); it is not passed on, the number of the status is."""
    assert row(12.5, ua.VariantType.Double, status=0x808C0000) == (MEASURED, None, 0x808C0000, Reason.SOURCE, None)


def test_an_uncertain_status_keeps_the_value_and_its_number() -> None:
    """Uncertain_LastUsableValue is neither Good nor lost (F04)."""
    assert row(12.5, ua.VariantType.Double, status=0x40900000) == (MEASURED, 12.5, 0x40900000, Reason.SOURCE, None)


def test_the_overflow_bit_stays_in_a_good_status() -> None:
    """InfoType DataValue with Overflow (F13) says that values before this one were lost."""
    assert row(1.0, ua.VariantType.Double, status=0x480) == (MEASURED, 1.0, 0x480, Reason.NONE, None)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("status", [0, 0x40900000])
def test_not_a_number_is_bad_whatever_the_server_says(number: float, status: int) -> None:
    """NaN and infinity never pass for a value (F-A2)."""
    found = row(number, ua.VariantType.Double, status=status)
    assert found[1:4] == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)


@pytest.mark.parametrize(
    "variant",
    [
        ua.Variant(None, ua.VariantType.Null),
        ua.Variant(None, ua.VariantType.String),
        ua.Variant([1.0, 2.0], ua.VariantType.Double),
        ua.Variant([], ua.VariantType.Double, is_array=True),
        ua.Variant(datetime.now(UTC), ua.VariantType.DateTime),
        ua.Variant(ua.LocalizedText("open"), ua.VariantType.LocalizedText),
    ],
)
def test_null_arrays_and_structures_are_bad(variant: ua.Variant) -> None:
    """What the tag cannot hold is Bad, reason TYPE (F06)."""
    found = interpreter().row(MEASURED, ua.DataValue(variant), NOW)
    assert found[1:4] == (None, StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)


def test_a_missing_value_is_bad() -> None:
    """A DataValue may come without a value and with a Good status."""
    missing = ua.DataValue(ua.Variant(1.0, ua.VariantType.Double))
    missing.Value = None
    assert interpreter().row(MEASURED, missing, NOW)[1:4] == (None, StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)


def test_a_tag_that_changes_its_type_is_bad_until_it_has_the_old_one_again() -> None:
    """Double → String → Double: the tag's type is the first one seen (F06)."""
    fixed = interpreter()
    assert fixed.row(MEASURED, data(1.0, ua.VariantType.Double), NOW)[2] == StatusCode.GOOD
    assert fixed.row(MEASURED, data("1", ua.VariantType.String), NOW)[3] == Reason.TYPE
    assert fixed.row(MEASURED, data(1, ua.VariantType.Int16), NOW)[3] == Reason.TYPE
    assert fixed.row(MEASURED, data(2.0, ua.VariantType.Double), NOW)[2] == StatusCode.GOOD


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, ua.VariantType.Boolean),
        ("running", ua.VariantType.String),
        (b"\x00\xff", ua.VariantType.ByteString),
        (7, ua.VariantType.Byte),
        (-(2**63), ua.VariantType.Int64),
        (2**63 - 1, ua.VariantType.UInt64),
    ],
)
def test_codes_text_and_bytes_keep_their_type(value: object, kind: ua.VariantType) -> None:
    """They stand beside the columns, integers exactly (F07)."""
    found = row(value, kind, tag=CODE)[1]
    assert found == value
    assert type(found) is type(value)


def test_an_integer_of_a_measured_tag_is_a_number_of_the_column() -> None:
    """A tag with a unit is scaled and limited, so its integers are numbers; beyond 2^53 they stay exact."""
    assert type(row(12, ua.VariantType.Int16)[1]) is float
    assert row(EXACT + 1, ua.VariantType.Int64)[1] == EXACT + 1


def test_an_integer_beyond_a_long_is_bad() -> None:
    """A UInt64 above 2^63 - 1 has no place in a record; it is not cut off (F07)."""
    assert row(2**63, ua.VariantType.UInt64, tag=CODE)[1:4] == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)


def test_bytes_that_are_no_text_are_bad() -> None:
    """A string that was not UTF-8 on the wire is not passed on as text."""
    broken = b"\xff".decode(errors="surrogateescape")
    assert row(broken, ua.VariantType.String, tag=CODE)[1:4] == (None, StatusCode.BAD_DECODING_ERROR, Reason.TYPE)


def test_source_time_is_microseconds_and_may_be_missing() -> None:
    """The two values that mean no time are none; the rest is exact (F05)."""
    assert micros(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)) == 1767323045678901
    assert micros(None) is None
    assert micros(datetime(1601, 1, 1, tzinfo=UTC)) is None
    assert micros(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) is None


def test_a_source_time_that_runs_backwards_or_ahead_is_uncertain() -> None:
    """A clock that is not believable is said with the value (F05, F-A5); an old time by itself is not."""
    fixed = interpreter()

    def reason(micros_: int) -> Reason:
        return fixed.row(MEASURED, data(1.0, ua.VariantType.Double, time=at(micros_)), NOW)[3]

    assert reason(NOW - 86_400_000_000) == Reason.NONE
    assert reason(NOW) == Reason.NONE
    assert reason(NOW) == Reason.NONE
    assert reason(NOW - 1) == Reason.TIME
    assert reason(NOW + 59_000_000) == Reason.NONE
    assert reason(NOW + 61_000_000) == Reason.TIME


scalars: dict[ua.VariantType, st.SearchStrategy[Any]] = {
    ua.VariantType.Boolean: st.booleans(),
    ua.VariantType.Double: st.floats(),
    ua.VariantType.Int64: st.integers(-(2**63), 2**63 - 1),
    ua.VariantType.UInt64: st.integers(0, 2**64 - 1),
    ua.VariantType.String: st.text(max_size=5) | st.none(),
    ua.VariantType.ByteString: st.binary(max_size=5) | st.none(),
    ua.VariantType.DateTime: st.datetimes() | st.none(),
}
variants = st.one_of(
    [st.builds(ua.Variant, values, st.just(kind)) for kind, values in scalars.items()]
    + [st.builds(ua.Variant, st.lists(values, max_size=2), st.just(kind)) for kind, values in scalars.items()]
)


@given(
    st.lists(
        st.tuples(st.integers(0, 1), variants, st.integers(0, 2**32 - 1) | st.just(0), st.none() | st.datetimes()),
        max_size=6,
    )
)
def test_whatever_a_server_sends_good_means_a_usable_value(
    changes: list[tuple[int, ua.Variant, int, Any]],
) -> None:
    """No exception, Bad has no value, Good has one, and reason NONE only with Good."""
    fixed = interpreter()
    for tag, variant, status, time in changes:
        _, value, given_status, reason, _ = fixed.row(
            tag, ua.DataValue(variant, ua.StatusCode(ua.UInt32(status)), time), NOW
        )
        severity = given_status >> 30
        assert (value is None) == (severity >= 2)
        assert (reason is Reason.NONE) == (severity == 0)
        assert not isinstance(value, float) or math.isfinite(value)
        assert severity >= status >> 30 or status >> 31
