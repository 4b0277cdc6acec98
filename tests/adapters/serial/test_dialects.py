"""Every dialect against lines built from its columns, and against any octets."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.serial import aandd, ohaus, radwag, sbi, sics
from adapters.serial.dialect import Dialect
from adapters.serial.reading import Accepted, Fault, Identity, Notation, Symptom, Weight
from schemas.status import Reason


def number(column: bytes, *, sign: bool = False) -> bool:
    """Blanks, digits and at most one point between digits: what a strict reader may take for a number."""
    text = column.lstrip(b" ")
    text = text.removeprefix(b"-") if sign else text
    whole, mark, decimals = text.partition(b".")
    return whole.isdigit() and (decimals.isdigit() if mark else True) and not (len(whole) > 1 and whole[:1] == b"0")


def unit(column: bytes) -> bool:
    return 1 <= len(column) <= 5 and all(0x21 <= octet <= 0x7E for octet in column)


def sics_stable(line: bytes) -> bool:
    return line[:4] == b"S S " and number(line[4:14], sign=True) and line[14:15] == b" " and unit(line[15:-2])


def sbi_stable(line: bytes) -> bool:
    signed = len(line) == 16 and line[0] in b"+- " and line[10] == 0x20
    return signed and number(line[1:10]) and unit(line[11:14].rstrip(b" "))


def sbi22_stable(line: bytes) -> bool:
    return line[:6] in {b"N     ", b"G     ", b"G#    ", b"      "} and sbi_stable(line[6:])


def aandd_stable(line: bytes) -> bool:
    for second in (b",LO,", b",OK,", b",HI,"):
        line = line.replace(second, b",", 1) if line[2:6] == second else line
    digits = line[4:12].replace(b".", b"", 1)
    right = len(line) == 17 and digits.isdigit() and line[4] != 0x2E and line[11] != 0x2E
    return right and line[:3] in {b"ST,", b"QT,"} and line[3] in b"+-" and unit(line[12:15].lstrip(b" "))


def ohaus_stable(line: bytes) -> bool:
    shown, _, legend = line[11:-2].partition(b" ")
    marked = legend == b"" or (legend[:1] == b" " and legend[1:2] in {b"", b" "})
    return number(line[:10], sign=True) and line[10:11] == b" " and unit(shown) and b"?" not in shown and marked


def radwag_stable(line: bytes) -> bool:
    head = len(line) == 22 and line[:3] in {b"S  ", b"SI ", b"SU ", b"SUI"} and line[3:6] == b"   "
    return head and line[6] in b" -" and number(line[7:16]) and line[16] == 0x20 and unit(line[17:20].rstrip(b" "))


def radwag_printed_stable(line: bytes) -> bool:
    return radwag_stable(line) or (len(line) == 18 and radwag_stable(b"SI  " + line))


@dataclass(frozen=True)
class Case:
    dialect: Dialect
    stable: Callable[[bytes], bool]
    """A recogniser of its own for lines that may count as a stable weight."""
    build: Callable[[str, bool], bytes]
    """A line for a number as shown, stable or not, in g."""


def magnitude(shown: str) -> tuple[str, str]:
    return ("-" if shown.startswith("-") else ""), shown.lstrip("-")


def build_sbi(shown: str, stable: bool) -> bytes:
    sign, digits = magnitude(shown)
    return f"{sign or '+'}{digits:>9} {'g' if stable else '':<3}\r\n".encode()


def build_aandd(shown: str, stable: bool) -> bytes:
    sign, digits = magnitude(shown)
    return f"{'ST' if stable else 'US'},{sign or '+'}{digits:0>8}  g\r\n".encode()


def build_radwag(shown: str, stable: bool) -> bytes:
    sign, digits = magnitude(shown)
    return f"SI  {' ' if stable else '?'} {sign or ' '}{digits:>9} g  \r\n".encode()


CASES = {
    "mt-sics": Case(sics.dialect(), sics_stable, lambda t, s: f"S {'S' if s else 'D'} {t:>10} g\r\n".encode()),
    "sbi-16": Case(sbi.dialect(), sbi_stable, build_sbi),
    "sbi-22": Case(sbi.dialect(characters=22), sbi22_stable, lambda t, s: b"N     " + build_sbi(t, s)),
    "and": Case(aandd.dialect(), aandd_stable, build_aandd),
    "ohaus": Case(ohaus.dialect(), ohaus_stable, lambda t, s: f"{t:>10} g{'' if s else ' ?'}\r\n".encode()),
    "radwag": Case(radwag.dialect(), radwag_stable, build_radwag),
    "radwag-printed": Case(radwag.dialect(printed=True), radwag_printed_stable, lambda t, s: build_radwag(t, s)[4:]),
}
every = pytest.mark.parametrize("case", CASES.values(), ids=CASES)

shown = st.builds(
    lambda value, places: f"{value / 10**places:.{places}f}",
    st.integers(-99_999, 999_999),
    st.integers(0, 4),
).filter(lambda text: float(text) != 0 or not text.startswith("-"))


def mutated(line: bytes) -> st.SearchStrategy[bytes]:
    """The line with some octets taken out and others put in."""
    return st.builds(
        lambda at, out, new: line[:at] + new + line[at + out :],
        st.integers(0, len(line)),
        st.integers(0, 3),
        st.binary(max_size=3) | st.sampled_from([b" ", b"0", b"-", b"?", b".", b",", b"[", b"]", b"\r", b"\n"]),
    )


@every
@given(text=shown, stable=st.booleans())
def test_a_line_in_its_columns_is_the_weight_that_is_shown(case: Case, text: str, stable: bool) -> None:
    """Text, value, unit and state as they stand there (F40); what lacks its unit moves."""
    read = case.dialect.read(case.build(text, stable))
    assert isinstance(read, Weight)
    assert (read.value, read.stable, read.unverified) == (float(text), stable, 0)
    assert float(read.text) == float(text)
    assert read.unit == "g" or (read.unit == "" and not stable)


@every
@given(data=st.data(), text=shown, stable=st.booleans())
def test_a_damaged_line_is_a_stable_weight_only_where_it_is_again_a_whole_line(
    case: Case, data: st.DataObject, text: str, stable: bool
) -> None:
    """No exception, and nothing stable without a complete match of the columns (F43)."""
    line = data.draw(mutated(case.build(text, stable)))
    for read in (case.dialect.read(line), case.dialect.read_identity(line)):
        if isinstance(read, Weight) and read.stable:
            assert line.endswith(b"\r\n")
            assert case.stable(line)


@every
@given(line=st.binary(max_size=80) | st.text(" +-?0123456789.,[]gkSTDI^v\r\n", max_size=30).map(str.encode))
def test_any_octets_are_read_without_an_exception(case: Case, line: bytes) -> None:
    """Nothing stable without a complete match of the columns; a message is one line."""
    read = case.dialect.read(line)
    if isinstance(read, Weight) and read.stable:
        assert case.stable(line)
    if isinstance(read, Fault):
        assert read.status >> 31
        assert "\n" not in read.text


@every
@given(text=shown, at=st.integers(0, 30))
def test_a_lost_character_never_makes_another_stable_weight(case: Case, text: str, at: int) -> None:
    """Where the width is fixed it makes none at all (F44)."""
    line = case.build(text, True)
    if at < len(line):
        read = case.dialect.read(line[:at] + line[at + 1 :])
        assert not isinstance(read, Weight)


@every
@given(text=shown, at=st.integers(0, 30))
def test_a_lost_character_of_a_moving_weight_does_not_make_it_stable(case: Case, text: str, at: int) -> None:
    """Its mark is in a column of its own."""
    line = case.build(text, False)
    read = case.dialect.read(line[:at] + line[at + 1 :])
    assert not (isinstance(read, Weight) and read.stable)


@every
def test_high_bits_name_the_parity_that_is_likely_set(case: Case) -> None:
    """7 data bits with even or odd parity, read as 8 without: nothing is masked off (F45)."""
    line = case.build("123.45", True)
    for parity, wanted in ((0, "even"), (1, "odd")):
        read = case.dialect.read(bytes(octet | 0x80 if octet.bit_count() % 2 != parity else octet for octet in line))
        assert isinstance(read, Fault)
        assert read.symptom is Symptom.HIGH_BITS
        assert f"{wanted} parity" in read.text


@pytest.mark.parametrize(
    ("read", "line", "reason"),
    [
        (sbi.dialect(), b"     High     \r\n", Reason.OVERLOAD),
        (sbi.dialect(), b"      Low     \r\n", Reason.UNDERLOAD),
        (sbi.dialect(), b"      --      \r\n", Reason.DEVICE),
        (sbi.dialect(), b"   Cal.Ext.   \r\n", Reason.DEVICE),
        (sbi.dialect(), b"   Err  54    \r\n", Reason.COMM),
        (sbi.dialect(), b"   Err 54     \r\n", Reason.DEVICE),
        (sbi.dialect(), b"   APP.ERR    \r\n", Reason.DEVICE),
        (sbi.dialect(characters=22), b"Stat       High     \r\n", Reason.OVERLOAD),
        (sbi.dialect(characters=22), b"Stat     ERR #54    \r\n", Reason.DEVICE),
        (sbi.dialect(characters=22), b"T     +   123.45 g  \r\n", Reason.TYPE),
        (sbi.dialect(characters=22), b"+   123.45 g  \r\n", Reason.COMM),
        (sbi.dialect(), b"N     +   123.45 g  \r\n", Reason.COMM),
        (aandd.dialect(), b"OL,+9999999E+19\r\n", Reason.OVERLOAD),
        (aandd.dialect(), b"OL,-9999999E+19\r\n", Reason.UNDERLOAD),
        (aandd.dialect(), b"OL,+999999.9  g\r\n", Reason.OVERLOAD),
        (aandd.dialect(), b"EC,E01\r\n", Reason.CONFIG),
        (aandd.dialect(), b"EC,E00\r\n", Reason.COMM),
        (aandd.dialect(), b"EC,E11\r\n", Reason.DEVICE),
        (aandd.dialect(), b"EC,E21\r\n", Reason.DEVICE),
        (aandd.dialect(), b"+00123.45\r\n", Reason.CONFIG),
        (ohaus.dialect(), b"ES\r\n", Reason.DEVICE),
        (ohaus.dialect(), b"Err 8.3\r\n", Reason.OVERLOAD),
        (ohaus.dialect(), b"Err 8.4\r\n", Reason.UNDERLOAD),
        (ohaus.dialect(), b"Err 9.5\r\n", Reason.DEVICE),
        (ohaus.dialect(), b"    207.80 g   TOTAL\r\n", Reason.TYPE),
        (ohaus.dialect(columns=11), b"    192.21 g\r\n", Reason.COMM),
        (radwag.dialect(), b"SI I\r\n", Reason.DEVICE),
        (radwag.dialect(), b"S E\r\n", Reason.DEVICE),
        (radwag.dialect(), b"ES\r\n", Reason.CONFIG),
        (radwag.dialect(), b"SI ^\r\n", Reason.OVERLOAD),
        (radwag.dialect(), b"SI  v -     8.50 g  \r\n", Reason.UNDERLOAD),
        (radwag.dialect(), b"SI ? -      8.50 g  \r\n", Reason.COMM),
        (radwag.dialect(), b"        8.50 g  \r\n", Reason.COMM),
    ],
)
def test_what_a_balance_says_instead_of_a_weight(read: Dialect, line: bytes, reason: Reason) -> None:
    """Limits and errors in the words of each dialect get the same reasons (F41, F42)."""
    answer = read.read(line)
    assert isinstance(answer, Fault)
    assert answer.reason is reason


@pytest.mark.parametrize(
    ("read", "line", "weight"),
    [
        (sbi.dialect(characters=22), b"G#    -   123.45 kg \r\n", Weight("-123.45", -123.45, "kg", stable=True)),
        (aandd.dialect(), b"QT,+00000012 PC\r\n", Weight("00000012", 12.0, "PC", stable=True)),
        (aandd.dialect(), b"ST,HI,-00123.45  g\r\n", Weight("-00123.45", -123.45, "g", stable=True)),
        (ohaus.dialect(), b"    192.08 g   00:00:30\r\n", Weight("192.08", 192.08, "g", stable=True)),
        (ohaus.dialect(), b"    176.30 g ? 00:00:15\r\n", Weight("176.30", 176.3, "g", stable=False)),
        (ohaus.dialect(columns=12), b"     -192.21 g\r\n", Weight("-192.21", -192.21, "g", stable=True)),
        (radwag.dialect(columns=2), b"SI ?       18.5 kg \r\n", Weight("18.5", 18.5, "kg", stable=False)),
        (radwag.dialect(), b"S     -      8.5 g  \r\n", Weight("-8.5", -8.5, "g", stable=True)),
    ],
)
def test_lines_of_the_manuals(read: Dialect, line: bytes, weight: Weight) -> None:
    """With the variants that makers print."""
    assert read.read(line) == weight


@pytest.mark.parametrize(
    ("make", "line", "notation", "weight"),
    [
        (sics.dialect, b"S S     100,00 g\r\n", Notation(decimal="comma"), Weight("100,00", 100.0, "g", stable=True)),
        (sics.dialect, b"S S   00100.00 g\r\n", Notation(leading_zeros=True), Weight("00100.00", 100.0, "g", True)),
        (sics.dialect, b"S S      -0.00 g\r\n", Notation(negative_zero=True), Weight("-0.00", 0.0, "g", stable=True)),
        (sbi.dialect, b"+  123.5[6]g  \r\n", Notation(brackets=True), Weight("123.5[6]", 123.56, "g", True, 1)),
        (sbi.dialect, b"-  12[3.5]g   \r\n", Notation(brackets=True), None),
        (sbi.dialect, b"-     12[3]g  \r\n", Notation(brackets=True), Weight("-12[3]", -123.0, "g", True, 1)),
        (aandd.dialect, b"ST,+00123,45  g\r\n", Notation(decimal="comma"), Weight("00123,45", 123.45, "g", True)),
        (sics.dialect, b"S S   1,100.00 g\r\n", Notation(decimal="comma"), None),
        (sics.dialect, b"S S     100.00 g\r\n", Notation(decimal="comma"), None),
    ],
)
def test_f46_a_notation_is_taken_only_where_the_configuration_says_so(
    make: Callable[[Notation], Dialect], line: bytes, notation: Notation, weight: Weight | None
) -> None:
    """Decimal comma, brackets, leading zeros, negative zero; a comma never parts thousands."""
    read = make(notation).read(line)
    assert read == weight if weight else isinstance(read, Fault)
    if weight:
        refused = make(Notation()).read(line)
        assert isinstance(refused, Fault)
        assert refused.symptom is Symptom.NOTATION


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (sics.dialect(), b'I4 A "B935412277"\r\n'),
        (sbi.dialect(), b"  B935412277  \r\n"),
        (sbi.dialect(characters=22), b"          B935412277\r\n"),
        (aandd.dialect(), b"SN,B935412277\r\n"),
        (ohaus.dialect(), b"B935412277\r\n"),
        (radwag.dialect(), b'NB A "B935412277"\r\n'),
    ],
)
def test_a_serial_number_is_read_where_it_was_asked_for(read: Dialect, line: bytes) -> None:
    """In every dialect."""
    assert read.read_identity(line) == Identity("B935412277")


def test_a_command_that_was_understood_is_not_yet_an_answer() -> None:
    """Radwag says so first."""
    assert radwag.dialect().read(b"S A\r\n") == Accepted()
