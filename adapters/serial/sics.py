"""The lines of a balance that speaks MT-SICS, level 0 and 1 (Mettler-Toledo, reference manual 11780711). Pure.

A line counts only as a whole and in its exact columns: `S S     100.00 g` CR LF is id, state, the value right in ten
columns, the unit. So a lost character never makes another weight. Nothing searches for a number inside a line.
"""

import re
from functools import partial

from adapters.serial.dialect import Dialect
from adapters.serial.reading import PLAIN, Fault, Identity, Notation, Reading, Symptom, no_line, weight

NAME = "MT-SICS"

_WEIGHT = re.compile(rb"S ([SD]) ([ 0-9.,\[\]-]{10}) ([!-~]{1,5})\r\n")
_IDENTITY = re.compile(rb'I4 A "([ !#-~]{1,32})"\r\n')
_BROKEN = re.compile(rb"S [SD] Error ([0-9A-Za-z]{1,4})\r\n")

_SAID: dict[bytes, Reading] = {
    b"S I\r\n": Fault(Symptom.NOT_READY, "the balance cannot weigh now"),
    b"S +\r\n": Fault(Symptom.OVERLOAD, "overload"),
    b"S -\r\n": Fault(Symptom.UNDERLOAD, "underload"),
    b"ES\r\n": Fault(Symptom.COMMAND_UNKNOWN, "the balance does not know the command"),
    b"EL\r\n": Fault(Symptom.COMMAND_IMPOSSIBLE, "the balance cannot do the command"),
    b"ET\r\n": Fault(Symptom.COMMAND_DAMAGED, "the balance received a damaged command"),
    b"I4 I\r\n": Identity(None),
}


def parse(line: bytes, notation: Notation = PLAIN) -> Reading:
    """What one line says, with its line end. Anything that is not exactly a line of the command set is a Fault."""
    if line in _SAID:
        return _SAID[line]
    if found := _WEIGHT.fullmatch(line):
        return weight(found[2], found[3].decode("ascii"), notation, stable=found[1] == b"S")
    if found := _IDENTITY.fullmatch(line):
        return Identity(found[1].decode("ascii"))
    if found := _BROKEN.fullmatch(line):
        return Fault(Symptom.HARDWARE, f"hardware fault {found[1].decode('ascii')}")
    return no_line(line, NAME)


def dialect(notation: Notation = PLAIN) -> Dialect:
    """`SI` asks at once, stable or not (`S` would wait for stability, and hang); it also ends `SIR`.

    `I4` gives the serial number; the same line greets unasked after power on.
    """
    read = partial(parse, notation=notation)
    return Dialect(
        NAME, weigh=b"SI\r\n", stream=b"SIR\r\n", stop=b"SI\r\n", identify=b"I4\r\n", read=read, read_identity=read,
        greets=True,
    )  # fmt: skip
