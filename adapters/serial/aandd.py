"""The lines of a balance that speaks the A&D standard format (GC, GH, AD-4212D, EK-L, FZ-i manuals). Pure.

`ST,+00123.45  g` CR LF: state, comma, sign and eight columns with leading zeros, the unit right in three. The state
is `ST` stable, `QT` stable count, `US` moving, `OL` out of range; a comparator's `LO`, `OK` or `HI` may follow it.
Out of range still sends a number (`9999999E+19`, `999999.9`): the state is read before the digits.
"""

import re
from dataclasses import replace
from functools import partial

from adapters.serial.dialect import Dialect
from adapters.serial.reading import PLAIN, Fault, Identity, Notation, Reading, Symptom, no_line, weight

NAME = "the A&D standard format"

_WEIGHT = re.compile(rb"(ST|QT|US)(?:,(?:LO|OK|HI))?,([+-])([0-9.,]{8})([ !-~]{3})\r\n")
_BEYOND = re.compile(rb"OL(?:,(?:LO|OK|HI))?,([+-])(?:9999999E\+19|[9.,]{8}[ !-~]{3})\r\n")
_NUMERIC = re.compile(rb"[+-][0-9.,]{8}\r\n")
_IDENTITY = re.compile(rb"SN,([0-9A-Z][0-9A-Z-]{0,19})\r\n")
_ERROR = re.compile(rb"EC,E0?([0-9]{1,2})\r\n")

_ERRORS = {
    0: (Symptom.COMMAND_DAMAGED, "the balance received a damaged command"),
    1: (Symptom.COMMAND_UNKNOWN, "the balance does not know the command"),
    2: (Symptom.NOT_READY, "the balance is not ready"),
    3: (Symptom.COMMAND_DAMAGED, "the balance waited too long for the rest of the command"),
    4: (Symptom.COMMAND_DAMAGED, "the balance received too long a command"),
    6: (Symptom.COMMAND_DAMAGED, "the balance received a command of a wrong form"),
    7: (Symptom.COMMAND_IMPOSSIBLE, "the balance cannot do the command"),
    11: (Symptom.NOT_READY, "the weight does not become stable"),
}


def parse(line: bytes, notation: Notation = PLAIN) -> Reading:
    """What one line says, with its line end. Anything that is not exactly a line of the format is a Fault."""
    if found := _WEIGHT.fullmatch(line):
        if (unit := _unit(found[4])) is None:
            return no_line(line, NAME)
        zeros = replace(notation, leading_zeros=True)  # they are part of the format
        return weight(found[3], unit, zeros, stable=found[1] != b"US", sign=found[2])
    if found := _BEYOND.fullmatch(line):
        symptom = Symptom.OVERLOAD if found[1] == b"+" else Symptom.UNDERLOAD
        return Fault(symptom, symptom.name.lower())
    if found := _IDENTITY.fullmatch(line):
        return Identity(found[1].decode("ascii"))
    return _error(line)


def _error(line: bytes) -> Fault:
    if found := _ERROR.fullmatch(line):
        number = int(found[1])
        return Fault(*_ERRORS.get(number, (Symptom.HARDWARE, f"the balance says error E{number:02}")))
    if _NUMERIC.fullmatch(line):
        return Fault(Symptom.NO_STATE, "format NU says neither state nor unit; set the balance to the standard format")
    return no_line(line, NAME)


def _unit(column: bytes) -> str | None:
    """The unit right in three columns."""
    unit = column.strip()
    return unit.decode("ascii") if unit and b" " not in unit and column == unit.rjust(3) else None


def dialect(notation: Notation = PLAIN) -> Dialect:
    """`Q` asks at once, `SIR` repeats until `C`, `?SN` asks for the serial number."""
    read = partial(parse, notation=notation)
    return Dialect(
        NAME, weigh=b"Q\r\n", stream=b"SIR\r\n", stop=b"C\r\n", identify=b"?SN\r\n", read=read, read_identity=read
    )
