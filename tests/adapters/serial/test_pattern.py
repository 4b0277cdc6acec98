import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.serial import ASCII_LINE
from adapters.serial.ascii_settings import AsciiLineSettings
from adapters.serial.pattern import compile_pattern
from adapters.serial.sensor import LineReader
from schemas.status import Reason, StatusCode

PATTERN = "DP {dp:+7.2f} Pa T {t:5.1f} C N {count:04d} {state:2s}{{{:3s}}}"


def settings(**more: object) -> AsciiLineSettings:
    found = ASCII_LINE.settings.model_validate(
        {
            "type": "ascii-line",
            "name": "gauge",
            "port": "/dev/ttyS0",
            "pattern": PATTERN,
            "status": {"state": {"OK": "good", "WU": "unstable", "SE": "sensor-fault"}},
            "tags": [
                {"name": "DP", "field": "dp", "unit": "Pa", "no_value": ["-----"]},
                {"name": "T", "field": "t", "unit": "Cel", "status": []},
                {"name": "N", "field": "count"},
            ],
        }
        | more
    )
    assert isinstance(found, AsciiLineSettings)
    return found


def line(dp: float = -14.5, t: float = 20.1, count: int = 7, state: str = "OK", rest: str = "abc") -> bytes:
    """What Python's own formatter makes of the pattern."""
    return PATTERN.replace("{:3s}", "{rest:3s}").format(dp=dp, t=t, count=count, state=state, rest=rest).encode()


reader = LineReader(settings())


def test_a_whole_line_gives_every_tag_its_field() -> None:
    """In the order of the tags."""
    rows = reader.read(line() + b"\r\n")
    assert rows == [(0, -14.5, 0, Reason.NONE, None), (1, 20.1, 0, Reason.NONE, None), (2, 7.0, 0, Reason.NONE, None)]


@given(st.integers(-99_999, 99_999).filter(bool), st.integers(-999, 9_999).filter(bool), st.integers(0, 9_999))
def test_what_the_formatter_writes_is_read_again(dp: int, t: int, count: int) -> None:
    """The pattern means what `str.format` means."""
    rows = reader.read(line(dp / 100, t / 10, count) + b"\r\n")
    assert rows is not None
    assert [row[1] for row in rows] == [dp / 100, t / 10, count]


@given(st.data())
def test_a_damaged_line_is_no_line_unless_the_formatter_could_have_written_it(data: st.DataObject) -> None:
    """Nothing is read from a part of a line (F43, F44)."""
    right = line() + b"\r\n"
    at = data.draw(st.integers(0, len(right)))
    out = data.draw(st.integers(0, 3))
    damaged = (
        right[:at] + data.draw(st.binary(max_size=3) | st.sampled_from([b"0", b" ", b"-", b"9"])) + right[at + out :]
    )
    if (rows := reader.read(damaged)) is not None and all(row[1] is not None for row in rows):
        dp, t, count = (row[1] for row in rows)
        assert isinstance(dp, float)
        assert isinstance(t, float)
        assert isinstance(count, float)
        rest = damaged[-6:-3].decode()
        assert damaged == line(dp, t, int(count), damaged[31:33].decode(), rest) + b"\r\n"


@given(st.binary(max_size=60))
def test_any_octets_are_read_without_an_exception(octets: bytes) -> None:
    """And what is no line can be told in one."""
    assert reader.read(octets) is None
    assert "\n" not in reader.why(octets)


@pytest.mark.parametrize(
    ("state", "status", "reason", "value"),
    [
        ("WU", StatusCode.UNCERTAIN_SUB_NORMAL, Reason.UNSTABLE, -14.5),
        ("SE", StatusCode.BAD_SENSOR_FAILURE, Reason.DEVICE, None),
        ("??", StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG, None),
    ],
)
def test_a_status_word_speaks_for_the_tags_it_belongs_to(
    state: str, status: StatusCode, reason: Reason, value: float | None
) -> None:
    """By the table of the configuration; a word that is not in it is Bad."""
    rows = reader.read(line(state=state) + b"\r\n")
    assert rows is not None
    assert rows[0] == (0, value, status, reason, None)
    assert rows[1] == (1, 20.1, 0, Reason.NONE, None)


def test_a_mark_for_no_value_is_bad_and_not_noise() -> None:
    """The other fields of the line still count."""
    rows = reader.read(line().replace(b" -14.50", b"  -----") + b"\r\n")
    assert rows is not None
    assert rows[0][1:4] == (None, StatusCode.BAD_NO_DATA, Reason.NO_VALUE)
    assert rows[2][1] == 7.0


def test_f46_negative_zero_is_zero_only_where_that_is_said() -> None:
    """Else the line does not count."""
    assert reader.read(line(dp=-0.0) + b"\r\n") is None
    rows = LineReader(settings(negative_zero=True)).read(line(dp=-0.0) + b"\r\n")
    assert rows is not None
    assert str(rows[0][1]) == "0.0"


def test_f45_high_bits_name_the_parity() -> None:
    """As for balances."""
    octets = bytes(octet | 0x80 if octet.bit_count() % 2 else octet for octet in line())
    assert "even parity" in reader.why(octets)


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("{dp:f}", "with a width"),
        ("{dp}", "with a width"),
        ("{dp:7f}", "needs decimals"),
        ("{dp:+7s}", "neither sign"),
        ("{dp!r:7s}", "with a width"),
        ("{dp:7.2f} {dp:7.2f}", "name of its own"),
        ("{dp:7.2f", "unmatched '{'"),
        ("{a.b:7.2f}", "with a width"),
        ("text", "needs fields"),
        ("µ{dp:7.2f}", "printable ASCII"),
    ],
)
def test_a_pattern_that_leaves_a_width_open_is_refused(pattern: str, wrong: str) -> None:
    """And says what is wrong with it."""
    with pytest.raises(ValueError, match=wrong):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"status": {"dp": {"OK": "good"}}}, "'dp' is no word"),
        ({"status": {"nobody": {"OK": "good"}}}, "'nobody' is no word"),
        ({"tags": [{"name": "DP", "field": "nobody"}]}, "has no field 'nobody'"),
        ({"tags": [{"name": "DP", "field": "dp", "status": ["nobody"]}]}, "is not in `status`"),
        ({"port": "socket://host"}, "socket://host:port"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(change: dict[str, object], wrong: str) -> None:
    """Fields, words and tags belong to one pattern."""
    with pytest.raises(ValidationError, match=wrong):
        settings(**change)
