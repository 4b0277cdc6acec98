"""The talk of balances that are not MT-SICS: Sartorius SBI, A&D standard, Ohaus, Radwag. Pure.

A dialect is a table of words; one engine answers with them. Columns as in the makers' manuals (Quintix, GC803S; EK-L,
FZ-i; Explorer EX6201N; R series). Lines go in and out without their CR LF.
"""

from collections.abc import Callable
from dataclasses import dataclass

from simulators.devices.sics import ZERO_RANGE, Pan

PRESSED = "print key"
"""Stands among the commands for a press of the balance's own key."""


@dataclass(frozen=True)
class Words:
    """Commands, and how each thing is said. An empty command does not exist; no answer is an empty tuple."""

    weigh: str
    weigh_stable: str
    repeat: str
    stop: str
    identify: str
    tare: str
    zero: str
    weight: Callable[[str, str, bool], str]
    """From command, number and whether it is stable."""
    identity: Callable[[str], str]
    over: str
    under: str
    broken: str
    no_stability: str
    unknown: tuple[str, ...] = ()
    done: tuple[str, ...] = ()


def _sbi(command: str, number: str, stable: bool) -> str:  # noqa: ARG001 - the answer does not name it
    sign = "-" if number.startswith("-") else "+"
    return f"{sign}{number.lstrip('-'):>9} {'g' if stable else '':<3}"


def _aandd(command: str, number: str, stable: bool) -> str:  # noqa: ARG001
    sign = "-" if number.startswith("-") else "+"
    return f"{'ST' if stable else 'US'},{sign}{number.lstrip('-'):0>8}  g"


def _ohaus(command: str, number: str, stable: bool) -> str:  # noqa: ARG001
    return f"{number:>10} g" + ("" if stable else " ?")


def _radwag(command: str, number: str, stable: bool) -> str:
    head = f"{command:<3} " if command in {"S", "SI"} else ""  # unasked lines and the stream name no command
    sign = "-" if number.startswith("-") else " "
    return f"{head}{' ' if stable else '?'} {sign}{number.lstrip('-'):>9} g  "


SBI = Words(
    weigh="\x1bP", weigh_stable="", repeat="", stop="", identify="\x1bx2_", tare="\x1bU", zero="\x1bV",
    weight=_sbi, identity=lambda number: f"{number:^14}",
    over=f"{'High':^14}", under=f"{'Low':^14}", broken=f"{'Err 54':^14}", no_stability=f"{'--':^14}",
)  # fmt: skip
AANDD = Words(
    weigh="Q", weigh_stable="S", repeat="SIR", stop="C", identify="?SN", tare="T", zero="Z",
    weight=_aandd, identity=lambda number: f"SN,{number}",
    over="OL,+9999999E+19", under="OL,-9999999E+19", broken="EC,E21", no_stability="EC,E11", unknown=("EC,E01",),
)  # fmt: skip
OHAUS = Words(
    weigh="IP", weigh_stable="SP", repeat="CP", stop="0P", identify="PSN", tare="T", zero="Z",
    weight=_ohaus, identity=str,
    over="Err 8.3", under="Err 8.4", broken="Err 9.5", no_stability="ES", unknown=("ES",),
)  # fmt: skip
RADWAG = Words(
    weigh="SI", weigh_stable="S", repeat="C1", stop="C0", identify="NB", tare="T", zero="Z",
    weight=_radwag, identity=lambda number: f'NB A "{number}"',
    over="SI ^", under="SI v", broken="SI I", no_stability="S E", unknown=("ES",), done=("T A", "T D"),
)  # fmt: skip


class Speech:
    """Answers commands from what lies on the pan, in one of the dialects."""

    def __init__(self, words: Words, pan: Pan, *, serial_number: str, capacity: float, decimals: int) -> None:
        self.serial_number = serial_number
        self.repeat = words.repeat
        self.ends_repeat = frozenset({words.stop})
        self.print_key = PRESSED
        self._words = words
        self._pan = pan
        self._capacity = capacity
        self._decimals = decimals
        self._away = 0.0

    def reset(self) -> None:
        """Power on: tare and zero are gone. None of these dialects greets."""
        self._away = 0.0

    def answer(self, command: str, now: float) -> list[str] | None:
        """Lines to answer with; None if the command waits for a stable reading."""
        words = self._words
        if not command or command == words.stop:
            return []
        if command in {words.weigh, words.repeat, PRESSED}:
            return [self._weight(command, now)]
        if command in {words.weigh_stable, words.tare, words.zero}:
            if not self._pan.broken and not self._pan.stable(now):
                return None
            return self._when_stable(command, now)
        return [words.identity(self.serial_number)] if command == words.identify else list(words.unknown)

    def no_stability(self, command: str) -> str:  # noqa: ARG002 - as the other dialects'
        """The answer to a command that waited in vain."""
        return self._words.no_stability

    def _when_stable(self, command: str, now: float) -> list[str]:
        if command == self._words.weigh_stable:
            return [self._weight(command, now)]
        self._away = self._pan.gross(now)
        return list(self._words.done)

    def _weight(self, command: str, now: float) -> str:
        if self._pan.broken:
            return self._words.broken
        gross = self._pan.gross(now)
        if gross > self._capacity:
            return self._words.over
        if gross < -ZERO_RANGE * self._capacity:
            return self._words.under
        shown = round(gross - self._away, self._decimals) + 0.0  # no negative zero
        return self._words.weight(command, f"{shown:.{self._decimals}f}", self._pan.stable(now))
