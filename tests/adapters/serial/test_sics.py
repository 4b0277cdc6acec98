import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.serial.reading import Fault, Identity, Notation, Weight
from adapters.serial.sics import parse
from schemas.status import Reason

RIGHT = b"S S     100.00 g\r\n"


@pytest.mark.parametrize(
    ("line", "weight"),
    [
        (b"S S     100.00 g\r\n", Weight("100.00", 100.0, "g", stable=True)),
        (b"S D     -99.95 g\r\n", Weight("-99.95", -99.95, "g", stable=False)),
        (b"S S   0.001234 kg\r\n", Weight("0.001234", 0.001234, "kg", stable=True)),
        (b"S S          7 mg\r\n", Weight("7", 7.0, "mg", stable=True)),
    ],
)
def test_a_whole_line_in_its_columns_is_a_weight(line: bytes, weight: Weight) -> None:
    """State, value right in ten columns, unit."""
    assert parse(line) == weight


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"S I\r\n", Reason.DEVICE),
        (b"S +\r\n", Reason.OVERLOAD),
        (b"S -\r\n", Reason.UNDERLOAD),
        (b"ES\r\n", Reason.CONFIG),
        (b"EL\r\n", Reason.CONFIG),
        (b"ET\r\n", Reason.COMM),
        (b"S S Error 10b\r\n", Reason.DEVICE),
    ],
)
def test_what_a_balance_says_instead_of_a_weight(line: bytes, reason: Reason) -> None:
    """Limits and errors (F41, F42) are Bad, with the reason."""
    answer = parse(line)
    assert isinstance(answer, Fault)
    assert answer.reason is reason
    assert answer.status >> 31


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"S S     100.00 g",
        b"S S     100.00 g\n",
        b"S S     100.00 g\r",
        b"S S     100.00 g\r\n\r\n",
        b"S S    100.00 g\r\n",
        b"S S     10.00 g\r\n",
        b"S S     100.00\r\n",
        b"S S     100.00 \r\n",
        b"S S     100,00 g\r\n",
        b"S S    1 00.00 g\r\n",
        b"S S     00.100 g\r\n",
        b"S S  -  100.00 g\r\n",
        b"S S     +10.00 g\r\n",
        b"S S      .1000 g\r\n",
        b"S S      1000. g\r\n",
        b"S S     1e0000 g\r\n",
        b"S S       -0.0 g\r\n",
        b"S A     100.00 g\r\n",
        b"s s     100.00 g\r\n",
        b" S S     100.00 g\r\n",
        b"S S     100.00 gS S     100.00 g\r\n",
        b"ST,+00123.45  g\r\n",
        b"+    100.0[0] g\r\n",
        b"S S     100.00 \xb5g\r\n",
        b'I4 A "B021002593\r\n',
        b'I4 A ""\r\n',
    ],
)
def test_anything_else_is_no_weight(line: bytes) -> None:
    """Parts of lines, lost characters, lines run together, other dialects (F43, F44, F46)."""
    answer = parse(line)
    assert isinstance(answer, Fault)
    assert answer.reason is Reason.COMM


@pytest.mark.parametrize("lost", range(len(RIGHT)))
def test_a_lost_character_never_makes_another_weight(lost: int) -> None:
    """Nor another answer that looks like one (F44)."""
    assert isinstance(parse(RIGHT[:lost] + RIGHT[lost + 1 :]), Fault)


def test_negative_zero_is_zero_only_where_that_is_said() -> None:
    """`-0.00` is refused unless the configuration takes it (F46)."""
    assert isinstance(parse(b"S S      -0.00 g\r\n"), Fault)
    assert parse(b"S S      -0.00 g\r\n", Notation(negative_zero=True)) == Weight("-0.00", 0.0, "g", stable=True)


def test_high_bits_name_the_likely_setting() -> None:
    """7 data bits with parity, read as 8: nothing is masked off (F45)."""
    answer = parse(bytes(octet | 0x80 if octet.bit_count() % 2 else octet for octet in RIGHT))
    assert isinstance(answer, Fault)
    assert "parity" in answer.text


def test_the_serial_number_is_taken_as_it_stands() -> None:
    """Also that there is none to be had."""
    assert parse(b'I4 A "B021002593"\r\n') == Identity("B021002593")
    assert parse(b"I4 I\r\n") == Identity(None)


GRAMMAR = re.compile(rb"S [SD] (?=.{10} ) *-?(0|[1-9][0-9]*)(\.[0-9]+)? [!-~]{1,5}\r\n")
near = st.builds(
    lambda at, octets: RIGHT[:at] + octets + RIGHT[at + len(octets) :], st.integers(0, 18), st.binary(max_size=3)
)


@given(st.binary(max_size=80) | near | st.from_regex(rb"S [SD] [ 0-9.+-]{9,11} [a-z]{0,3}\r\n", fullmatch=True))
@example(RIGHT)
def test_any_bytes_are_answered_and_only_the_whole_grammar_is_a_weight(line: bytes) -> None:
    """No exception, no weight without a complete match of the grammar."""
    if isinstance(parse(line, Notation(negative_zero=True)), Weight):
        assert GRAMMAR.fullmatch(line)
        assert len(line.rpartition(b" ")[0]) == 14
