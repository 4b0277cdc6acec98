"""The lines of a balance that speaks Radwag (R series, AS R2, APP 3Y manuals). Pure.

It understands commands of SICS, but answers in columns of its own: `SI  ? -      8.5 kg ` CR LF is the command left in
three columns (two on some models), a blank, the state, a blank, the sign, the value right in nine, a blank, the unit
left in three. The state is blank when stable, `?` moving, `^` above and `v` below the range. `S A` first says that
the command was understood. What it sends unasked, by print key or continuously, begins with the state (PUE C41H, WPT
manuals): `? -      2.237 kg `.
"""

import re
from functools import partial
from typing import Literal

from adapters.serial.dialect import Dialect
from adapters.serial.reading import PLAIN, Accepted, Fault, Identity, Notation, Reading, Symptom, no_line, weight

NAME = "Radwag"

Columns = Literal[2, 3]

_SHOWN = rb"(?P<state>[ ?^v]) (?P<sign>[ -])(?P<number>[ 0-9.,\[\]]{9}) (?P<unit>[!-~]{1,3} {0,2})\r\n"
_WEIGHT = re.compile(rb"(?P<command>(?:S|SI|SU|SUI) {0,2}) " + _SHOWN)
_PRINTED = re.compile(_SHOWN)
_UNIT_COLUMNS = 3
_SAID = re.compile(rb"(?:S|SI|SU|SUI|C1|C0) ([ADIE^v])\r\n")
_IDENTITY = re.compile(rb'NB A "([ !#-~]{1,32})"\r\n')

_STATES: dict[bytes, Reading] = {
    b"A": Accepted(),
    b"D": Accepted(),
    b"I": Fault(Symptom.NOT_READY, "the balance cannot weigh now"),
    b"E": Fault(Symptom.NOT_READY, "no stable weight in time"),
    b"^": Fault(Symptom.OVERLOAD, "overload"),
    b"v": Fault(Symptom.UNDERLOAD, "underload"),
}
_WHOLE: dict[bytes, Reading] = {
    b"ES\r\n": Fault(Symptom.COMMAND_UNKNOWN, "the balance does not know the command"),
    b"NB I\r\n": Identity(None),
}


def parse(line: bytes, notation: Notation = PLAIN, columns: Columns = 3, *, printed: bool = False) -> Reading:
    """What one line says, with its line end. Anything that is not exactly a line of that width is a Fault.

    Lines without a command count only where they are expected (`printed`): they answer no question.
    """
    if line in _WHOLE:
        return _WHOLE[line]
    if found := _SAID.fullmatch(line):
        return _STATES[found[1]]
    if found := _IDENTITY.fullmatch(line):
        return Identity(found[1].decode("ascii"))
    found = _answer(line, columns) or (_PRINTED.fullmatch(line) if printed else None)
    if found is None or len(found["unit"]) != _UNIT_COLUMNS:
        return no_line(line, NAME)
    if found["state"] in _STATES:
        return _STATES[found["state"]]
    unit = found["unit"].decode("ascii").strip()
    return weight(found["number"], unit, notation, stable=found["state"] == b" ", sign=found["sign"].strip())


def _answer(line: bytes, columns: Columns) -> re.Match[bytes] | None:
    found = _WEIGHT.fullmatch(line)
    return found if found and len(found["command"]) == columns else None


def dialect(notation: Notation = PLAIN, columns: Columns = 3, *, printed: bool = False) -> Dialect:
    """`SI` asks at once, `C1` repeats until `C0`, `NB` asks for the serial number."""
    read = partial(parse, notation=notation, columns=columns, printed=printed)
    return Dialect(
        NAME, weigh=b"SI\r\n", stream=b"C1\r\n", stop=b"C0\r\n", identify=b"NB\r\n", read=read, read_identity=read
    )
