"""What a balance or its line can do wrong, by name, and what that does to an octet stream. Pure."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

FAULTS = {
    "moving": "the weight never stands still (F40)",
    "overload": "more on the pan than it can carry (F41)",
    "underload": "less on the pan than its empty weight (F41)",
    "internal-error": "the balance says a fault of its own (F42)",
    "cut-line": "the second half of each line is lost with its end (F43)",
    "no-line-end": "lines run together (F43)",
    "lone-cr": "lines end with CR alone (F43)",
    "lost-character": "one character of each line is lost (F43, F44)",
    "parity": "7 data bits and even parity on a line of 8 bits without (F45)",
    "decimal-comma": "the weight with a decimal comma (F46)",
    "brackets": "the last digit in brackets (F46)",
    "leading-zeros": "zeros in place of the blanks before the weight (F46)",
    "other-unit": "kg in place of g (F-A3)",
    "late-answer": "each answer comes too late (F47)",
    "duplicate": "each answer comes twice (F47)",
    "unasked-line": "somebody presses the print key, once (F47)",
    "power-cycle": "off and on again, once: tare, zero and streaming are gone (F48)",
    "other-serial-number": "another balance on the port (F49)",
    "hang": "the port stays open, nothing comes (F50)",
}
ONCE = frozenset({"unasked-line", "power-cycle"})
"""These happen when they are switched on, and are over."""


def spoil(line: bytes, faults: AbstractSet[str]) -> list[bytes]:
    """What arrives of a line, with its end, when these faults are switched on."""
    if "hang" in faults:
        return []
    for fault in faults & _SAID_OTHERWISE.keys():
        line = _SAID_OTHERWISE[fault](line)
    middle = len(line) // 2
    if "lost-character" in faults:
        line = line[:middle] + line[middle + 1 :]
    if "cut-line" in faults:
        line = line[:middle]
    if "parity" in faults:
        line = bytes(octet | 0x80 * (octet.bit_count() % 2) for octet in line)
    return [line, line] if "duplicate" in faults else [line]


def _zeros(line: bytes) -> bytes:
    """All but the first blank: that one stands between two columns."""
    return re.sub(rb"(?<= ) +(?=\d+\.)", lambda blanks: b"0" * len(blanks[0]), line)


def _kilograms(line: bytes) -> bytes:
    """In its columns, whichever side the unit stands on."""
    return re.sub(rb"  g| g |(?<=\d) g", b" kg", line, count=1)


_SAID_OTHERWISE: Mapping[str, Callable[[bytes], bytes]] = {
    "decimal-comma": lambda line: line.replace(b".", b","),
    "brackets": lambda line: re.sub(rb"(\d)(?=\D*$)", rb"[\1]", line, count=1) if b"." in line else line,
    "leading-zeros": _zeros,
    "other-unit": _kilograms,
    "no-line-end": lambda line: line.removesuffix(b"\r\n"),
    "lone-cr": lambda line: line.removesuffix(b"\n"),
}
