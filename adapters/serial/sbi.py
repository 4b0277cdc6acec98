"""The lines of a balance that speaks Sartorius SBI (Quintix, Cubis MSE, GC803S, weigh cell WZA manuals). Pure.

16 characters with CR LF: sign, the value right in column 10 of columns 2–10, a blank, the unit left in 3:
`+   123.56 g  `. With digits that are not verified everything moves one to the left and the bracket closes in column
11: `+  123.5[6]g  `. 22 characters have a name of 6 before that: `N     `. The unit is left out while the weight
moves. Words instead of a weight (`High`, `Low`, `Err 54`) stand alone between blanks in the same width; they are all
Bad, so their column, which differs between models, does not matter.
"""

import re
from functools import partial
from typing import Literal

from adapters.serial.dialect import Dialect
from adapters.serial.reading import PLAIN, Fault, Identity, Notation, Reading, Symptom, no_line, weight

NAME = "SBI"

Characters = Literal[16, 22]

_WEIGHT = re.compile(rb"([+ -])([ 0-9.,]{9}|[ 0-9.,\[]{9}(?=\]))([ \]])([!-~]{1,3} {0,2}| {3})\r\n")
_WORD = re.compile(rb" *([!-~]+(?: [!-~]+){0,2}) *\r\n")
_ERROR = re.compile(r"(?:E[Rr][Rr] ?#?[0-9.]{1,5}|(?:APP|DIS|PRT)\.ERR)")
_NUMBERED = re.compile(rb" *([0-9A-Z][0-9A-Z-]{4,13}) *\r\n")
_NAMES = {b"N     ", b"G     ", b"G#    ", b"      "}
"""Net, gross, or not said. `T` (tare), `Qnt` (pieces) and the others are no weight of what lies on the pan."""
_STATE = b"Stat  "

_SAID = {
    "High": Fault(Symptom.OVERLOAD, "overload"),
    "H": Fault(Symptom.OVERLOAD, "overload"),
    "Low": Fault(Symptom.UNDERLOAD, "underload"),
    "L": Fault(Symptom.UNDERLOAD, "underload"),
    "--": Fault(Symptom.NOT_READY, "the balance cannot weigh now"),
    "C": Fault(Symptom.CALIBRATING, "the balance is being calibrated"),
    "Cal.Ext.": Fault(Symptom.CALIBRATING, "the balance is being calibrated"),
    "Cal. Ext.": Fault(Symptom.CALIBRATING, "the balance is being calibrated"),
    "Cal.Int.": Fault(Symptom.CALIBRATING, "the balance is being calibrated"),
    "Cal. Int.": Fault(Symptom.CALIBRATING, "the balance is being calibrated"),
}


def parse(line: bytes, notation: Notation = PLAIN, characters: Characters = 16) -> Reading:
    """What one line says, with its line end. Anything that is not exactly a line of that width is a Fault."""
    if len(line) != characters:
        return no_line(line, NAME)
    name, rest = line[:-16], line[-16:]
    if found := _WEIGHT.fullmatch(rest):
        if name and name not in _NAMES:
            return _named(name, line)
        column = found[2] + found[3].strip()
        unit = found[4].decode("ascii").strip()
        sign = found[1].strip()
        return weight(column, unit, notation, stable=bool(unit), sign=sign)
    if name in {b"", _STATE} and (said := _WORD.fullmatch(rest)):
        return _said(said[1].decode("ascii"), line)
    return no_line(line, NAME)


def _named(name: bytes, line: bytes) -> Fault:
    if not name.isascii() or not name.decode("ascii").isprintable():
        return no_line(line, NAME)
    return Fault(Symptom.NOT_A_WEIGHT, f"{name.decode('ascii').strip()!r} is neither net nor gross")


def _said(word: str, line: bytes) -> Reading:
    if _ERROR.fullmatch(word):
        return Fault(Symptom.HARDWARE, f"the balance says {word}")
    return _SAID.get(word) or no_line(line, NAME)


def parse_identity(line: bytes, notation: Notation = PLAIN, characters: Characters = 16) -> Reading:
    """A line where the serial number was asked for: it stands alone between blanks, with nothing that marks it.

    A moving weight of five digits and more looks the same; then the balance seems to be another one (IDENTITY).
    """
    if found := _NUMBERED.fullmatch(line):
        return Identity(found[1].decode("ascii"))
    return parse(line, notation, characters)


def dialect(notation: Notation = PLAIN, characters: Characters = 16) -> Dialect:
    """`ESC P` prints what is shown, `ESC x2_` the serial number. Streaming is a menu setting of the balance."""
    return Dialect(
        NAME, weigh=b"\x1bP\r\n", stream=b"", stop=b"", identify=b"\x1bx2_\r\n",
        read=partial(parse, notation=notation, characters=characters),
        read_identity=partial(parse_identity, notation=notation, characters=characters),
    )  # fmt: skip
