import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import variant_from_binary, variant_to_binary
from hypothesis import given
from hypothesis import strategies as st

from adapters.opcua.settings import OpcUaTag
from adapters.opcua.values import EXACT, Interpreter, Row, micros
from schemas.frame import Value
from schemas.status import Reason, StatusCode

NOW = 1_800_000_000_000_000
TAGS = (
    OpcUaTag(name="DP", node="i=1", unit="Pa"),
    OpcUaTag(name="state", node="i=2"),
    OpcUaTag(name="third", node="i=3", index=2),
)
MEASURED, CODE, THIRD = 0, 1, 2


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


def test_f04_a_bad_status_takes_the_value_away() -> None:
    """A value may still stand beside a Bad status (F04); it is not passed on, the number of the status is."""
    assert row(12.5, ua.VariantType.Double, status=0x808C0000) == (MEASURED, None, 0x808C0000, Reason.SOURCE, None)


def test_f04_an_uncertain_status_keeps_the_value_and_its_number() -> None:
    """Uncertain_LastUsableValue is neither Good nor lost (F04)."""
    assert row(12.5, ua.VariantType.Double, status=0x40900000) == (MEASURED, 12.5, 0x40900000, Reason.SOURCE, None)


def test_f13_the_overflow_bit_stays_in_a_good_status() -> None:
    """InfoType DataValue with Overflow (F13) says that values before this one were lost."""
    assert row(1.0, ua.VariantType.Double, status=0x480) == (MEASURED, 1.0, 0x480, Reason.NONE, None)


@pytest.mark.parametrize(
    ("given_status", "status", "reason"),
    [
        (0x0, 0x0, Reason.NONE),
        (0x400, 0x400, Reason.NONE),
        (0x401, 0x40000401, Reason.SOURCE),
        (0x402, 0x40000402, Reason.SOURCE),
        (0x408, 0x408, Reason.NONE),
        (0x40900402, 0x40900402, Reason.SOURCE),
        (0x809B0000, 0x809B0000, Reason.SOURCE),
    ],
)
def test_f08_what_a_historian_made_up_is_uncertain(given_status: int, status: int, reason: Reason) -> None:
    """Calculated and interpolated values are not Good; the InfoBits stay."""
    found = interpreter().kept(MEASURED, data(1.0, ua.VariantType.Double, status=given_status), NOW)
    assert found[2:4] == (status, reason)
    assert (found[1] is None) == bool(status >> 31)


def test_history_does_not_run_backwards_for_the_live_values() -> None:
    """What was remembered has older times than what was told since; neither makes the other Uncertain."""
    fixed = interpreter()
    assert fixed.row(MEASURED, data(1.0, ua.VariantType.Double, time=at(NOW)), NOW)[3] == Reason.NONE
    assert fixed.kept(MEASURED, data(1.0, ua.VariantType.Double, time=at(NOW - 9)), NOW)[3] == Reason.NONE
    assert fixed.row(MEASURED, data(1.0, ua.VariantType.Double, time=at(NOW)), NOW)[3] == Reason.NONE


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
        ua.Variant(ua.LocalizedText(None), ua.VariantType.LocalizedText),
        ua.Variant(ua.QualifiedName(ua.String("open")), ua.VariantType.QualifiedName),
        ua.Variant(ua.Range(1, 2), ua.VariantType.ExtensionObject),
    ],
)
def test_f06_null_arrays_and_structures_are_bad(variant: ua.Variant) -> None:
    """What the tag cannot hold is Bad, reason TYPE (F06)."""
    found = interpreter().row(MEASURED, ua.DataValue(variant), NOW)
    assert found[1:4] == (None, StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)


def test_a_missing_value_is_bad() -> None:
    """A DataValue may come without a value and with a Good status."""
    missing = ua.DataValue(ua.Variant(1.0, ua.VariantType.Double))
    missing.Value = None
    assert interpreter().row(MEASURED, missing, NOW)[1:4] == (None, StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)


@pytest.mark.parametrize(
    ("values", "value"), [([1.0, 2.0, 3.0], 3.0), ([1.0, 2.0], None), ([], None), ([[1.0], [2.0], [3.0]], None)]
)
def test_f06_a_tag_may_be_one_element_of_an_array(values: Any, value: float | None) -> None:
    """While the array is long enough; else Bad, reason TYPE."""
    found = interpreter().row(THIRD, ua.DataValue(ua.Variant(values, ua.VariantType.Double, is_array=True)), NOW)
    assert (found[1], found[3]) == (value, Reason.NONE if value is not None else Reason.TYPE)
    assert interpreter().row(THIRD, data(3.0, ua.VariantType.Double), NOW)[3] == Reason.TYPE


def test_f06_a_tag_that_changes_its_type_is_bad_until_it_has_the_old_one_again() -> None:
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
def test_f07_codes_text_and_bytes_keep_their_type(value: object, kind: ua.VariantType) -> None:
    """They stand beside the columns, integers exactly (F07)."""
    found = row(value, kind, tag=CODE)[1]
    assert found == value
    assert type(found) is type(value)


def test_an_integer_of_a_measured_tag_is_a_number_of_the_column() -> None:
    """A tag with a unit is scaled and limited, so its integers are numbers; beyond 2^53 they stay exact."""
    assert type(row(12, ua.VariantType.Int16)[1]) is float
    assert row(EXACT + 1, ua.VariantType.Int64)[1] == EXACT + 1


def test_f07_an_integer_beyond_a_long_is_exact_text() -> None:
    """A UInt64 above 2^63 - 1 is not cut off; a measurement of that size cannot be calculated with, and is Bad."""
    assert row(2**64 - 1, ua.VariantType.UInt64, tag=CODE)[1] == "18446744073709551615"
    assert row(2**63, ua.VariantType.UInt64)[1:4] == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)


def test_f07_a_float_is_shown_as_the_double_it_is() -> None:
    """0.1 as a 32-bit float is not 0.1: it is not made prettier."""
    octets = variant_to_binary(ua.Variant(0.1, ua.VariantType.Float))
    received = variant_from_binary(Buffer(octets))
    assert interpreter().row(MEASURED, ua.DataValue(received), NOW)[1] == 0.10000000149011612


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (ua.LocalizedText("Läuft", "de"), ua.VariantType.LocalizedText, "Läuft"),
        (
            datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
            ua.VariantType.DateTime,
            "2026-01-02T03:04:05.678901+00:00",
        ),
        (UUID(int=7), ua.VariantType.Guid, "00000000-0000-0000-0000-000000000007"),
        (ua.MessageSecurityMode.Sign, ua.VariantType.Int32, 2),
    ],
)
def test_f07_what_has_no_type_of_its_own_is_exact_text(value: Any, kind: ua.VariantType, text: Value) -> None:
    """As it comes from the wire; an enumeration is its number."""
    received = variant_from_binary(Buffer(variant_to_binary(ua.Variant(value, kind))))
    assert interpreter().row(CODE, ua.DataValue(received), NOW)[1:4] == (text, StatusCode.GOOD, Reason.NONE)


def decimal(scale: int, number: int) -> ua.Variant:
    """As on the wire (OPC 10000-6, 5.1.10)."""
    body = scale.to_bytes(2, "little", signed=True) + number.to_bytes(13, "little", signed=True)
    sent = ua.ExtensionObject(TypeId=ua.NodeId(ua.Int32(17863)), Body=ua.ByteString(body))
    received: ua.Variant = variant_from_binary(Buffer(variant_to_binary(ua.Variant(sent))))
    return received


@pytest.mark.parametrize(
    ("scale", "number", "text"),
    [(2, 12345, "123.45"), (0, -7, "-7"), (3, 1, "0.001"), (1, -(10**30) - 1, "-100000000000000000000000000000.1")],
)
def test_f07_a_decimal_is_exact_text(scale: int, number: int, text: str) -> None:
    """Of a measurement it is Bad: it would have to be rounded."""
    assert interpreter().row(CODE, ua.DataValue(decimal(scale, number)), NOW)[1:3] == (text, StatusCode.GOOD)
    assert interpreter().row(MEASURED, ua.DataValue(decimal(scale, number)), NOW)[3] == Reason.TYPE


@given(st.integers(-(2**15), 2**15 - 1), st.integers(-(2**100), 2**100))
def test_f07_a_decimal_comes_back_from_its_text(scale: int, number: int) -> None:
    """No digit is lost, whatever the scale."""
    text = interpreter().row(CODE, ua.DataValue(decimal(scale, number)), NOW)[1]
    with localcontext(Emin=-(10**6), Emax=10**6, prec=50):
        assert Decimal(str(text)) == Decimal(number).scaleb(-scale)


def test_bytes_that_are_no_text_are_bad() -> None:
    """A string that was not UTF-8 on the wire is not passed on as text."""
    broken = b"\xff".decode(errors="surrogateescape")
    assert row(broken, ua.VariantType.String, tag=CODE)[1:4] == (None, StatusCode.BAD_DECODING_ERROR, Reason.TYPE)


def test_f05_source_time_is_microseconds_and_may_be_missing() -> None:
    """The two values that mean no time are none; the rest is exact (F05)."""
    assert micros(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)) == 1767323045678901
    assert micros(None) is None
    assert micros(datetime(1601, 1, 1, tzinfo=UTC)) is None
    assert micros(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) is None


def test_f05_a_source_time_that_runs_backwards_or_ahead_is_uncertain() -> None:
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
    ua.VariantType.Guid: st.uuids(),
    ua.VariantType.LocalizedText: st.builds(ua.LocalizedText, st.text(max_size=3) | st.none()),
    ua.VariantType.ExtensionObject: st.builds(
        ua.ExtensionObject, st.just(ua.NodeId(ua.Int32(17863))), st.binary(max_size=20) | st.none()
    ),
}
variants = st.one_of(
    [st.builds(ua.Variant, values, st.just(kind)) for kind, values in scalars.items()]
    + [st.builds(ua.Variant, st.lists(values, max_size=2), st.just(kind)) for kind, values in scalars.items()]
)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), variants, st.integers(0, 2**32 - 1) | st.just(0), st.none() | st.datetimes()),
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
