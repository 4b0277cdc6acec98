"""The lines of a balance that speaks Ohaus (Explorer EX6201N, RS232 Interface manuals). Pure.

`    192.21 g` CR LF: the value right in ten columns (eleven or twelve on older models), a blank, the unit as long as
it is. A moving weight, and one below the minimum weight, ends in ` ?`. After blank, state and blank a legend may
follow: `    192.08 g   00:00:30`. The unit has no fixed width and the state is missing where all is well, so one
stable line proves nothing yet: see `fixed_width`.
"""

import re
from functools import partial
from typing import Literal

from adapters.serial.dialect import Dialect
from adapters.serial.reading import PLAIN, Fault, Identity, Notation, Reading, Symptom, no_line, weight

NAME = "Ohaus"

Columns = Literal[10, 11, 12]

_LINE = re.compile(rb"([ 0-9.,\[\]-]{10,12}) ([!->@-~]{1,5})(?: ([? ])(?: ([!-~][ -~]{0,9})?)?)?\r\n")
_LEGEND = re.compile(rb"(?:NET|N|G|[0-9]{2}:[0-9]{2}:[0-9]{2})? *")
"""Net, gross and the time of interval printing. TOTAL, PT and the others are not what lies on the pan."""
_ERROR = re.compile(rb"Err(?:or)?:? ([0-9]{1,2}\.[0-9]{1,2})\r\n")
_NUMBERED = re.compile(rb"([0-9A-Z][0-9A-Z-]{3,15})\r\n")
_SAID = Fault(Symptom.NOT_READY, "no stable weight in time, or the balance does not know the command")
_LIMITS = {b"8.3": Symptom.OVERLOAD, b"8.4": Symptom.UNDERLOAD}


def parse(line: bytes, notation: Notation = PLAIN, columns: Columns = 10) -> Reading:
    """What one line says, with its line end. Anything that is not exactly a line of that width is a Fault."""
    if line == b"ES\r\n":
        return _SAID
    if found := _ERROR.fullmatch(line):
        return Fault(_LIMITS.get(found[1], Symptom.HARDWARE), f"the balance says error {found[1].decode('ascii')}")
    found = _LINE.fullmatch(line)
    if found is None or len(found[1]) != columns:
        return no_line(line, NAME)
    if not _LEGEND.fullmatch(found[4] or b""):
        return Fault(Symptom.NOT_A_WEIGHT, f"{found[4].decode('ascii').strip()!r} is neither net nor gross")
    return weight(found[1], found[2].decode("ascii"), notation, stable=found[3] != b"?")


def parse_identity(line: bytes, notation: Notation = PLAIN, columns: Columns = 10) -> Reading:
    """A line where the serial number was asked for: it stands alone, with nothing that marks it."""
    if found := _NUMBERED.fullmatch(line):
        return Identity(found[1].decode("ascii"))
    return parse(line, notation, columns)


def dialect(notation: Notation = PLAIN, columns: Columns = 10) -> Dialect:
    """`IP` asks at once, `CP` repeats until `0P`, `PSN` asks for the serial number."""
    return Dialect(
        NAME, weigh=b"IP\r\n", stream=b"CP\r\n", stop=b"0P\r\n", identify=b"PSN\r\n",
        read=partial(parse, notation=notation, columns=columns),
        read_identity=partial(parse_identity, notation=notation, columns=columns),
        fixed_width=False,
    )  # fmt: skip
