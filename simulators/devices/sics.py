"""The talk of a balance: Mettler-Toledo Standard Interface Command Set (MT-SICS, reference manual 11780711).

Everything here is pure: time goes in as seconds of any monotonic clock, lines without their CR LF go in and out.
Right columns: id, space, state, space, value right-justified in 10, space, unit: `S S     100.00 g`.
"""

import math
from dataclasses import dataclass, field

LEVEL_0 = ("I0", "I1", "I2", "I3", "I4", "S", "SI", "SIR", "Z", "ZI", "@")
LEVEL_1 = ("T",)
FAULT = "S S Error 10b"
"""A hardware fault, said in place of a weight value."""
ZERO_RANGE = 0.02
"""Part of the capacity within which the balance can be set to zero."""


@dataclass
class Pan:
    """The weighing pan: after a change of load the reading runs towards it, and is stable after `settling` s.

    `faults` may hold `moving`, `overload`, `underload` and `internal-error`.
    """

    settling: float
    load: float | None = 0.0
    faults: set[str] = field(default_factory=set)
    _before: float = 0.0
    _changed: float = -math.inf

    def put(self, load: float | None, now: float) -> None:
        """Have `load` g on the pan from `now` on; None is a balance that can't measure."""
        if load != self.load:
            self._before = self.gross(now)
            self.load, self._changed = load, now

    def gross(self, now: float) -> float:
        """The reading in g; 0 from a balance that can't measure."""
        if "overload" in self.faults:
            return math.inf
        if "underload" in self.faults:
            return -math.inf
        target = 0.0 if self.load is None else self.load
        return target + (self._before - target) * math.exp(-(now - self._changed) / (self.settling / 12))

    def stable(self, now: float) -> bool:
        """Whether the reading stands still."""
        return "moving" not in self.faults and now - self._changed >= self.settling

    @property
    def broken(self) -> bool:
        """Whether the balance can't measure."""
        return self.load is None or "internal-error" in self.faults


class Sics:
    """Answers commands from what lies on the pan."""

    repeat = "SIR"
    ends_repeat = frozenset({"S", "SI"})
    print_key = "SI"

    def __init__(self, pan: Pan, *, model: str, serial_number: str, capacity: float, decimals: int) -> None:
        self._pan = pan
        self._model = model
        self.serial_number = serial_number
        self._capacity = capacity
        self._decimals = decimals
        self._zero = 0.0
        self._tare = 0.0

    def reset(self) -> str:
        """What `@` and power on do: tare and zero are gone; the answer is the serial number."""
        self._zero = self._tare = 0.0
        return f'I4 A "{self.serial_number}"'

    def answer(self, command: str, now: float) -> list[str] | None:
        """Lines to answer with; None if the command waits for a stable reading."""
        match command:
            case "S" | "T" | "Z":
                return self._when_stable(command, now)
            case "SI" | "SIR":
                return [self._weight("S", now)]
            case "ZI":
                return [self._set_zero("ZI", now, "S" if self._pan.stable(now) else "D")]
            case "@":
                return [self.reset()]
            case _:
                return self._identity(command)

    def no_stability(self, command: str) -> str:
        """The answer to a command that waited in vain."""
        return f"{command} I"

    def _when_stable(self, command: str, now: float) -> list[str] | None:
        if not self._pan.broken and not self._pan.stable(now):
            return None
        if command == "S":
            return [self._weight("S", now)]
        return [self._set_tare(now) if command == "T" else self._set_zero("Z", now, "A")]

    def _weight(self, command: str, now: float) -> str:
        if self._pan.broken:
            return FAULT
        gross = self._pan.gross(now) - self._zero
        if (limit := self._limit(gross)) is not None:
            return f"{command} {limit}"
        return self._line(f"{command} {'S' if self._pan.stable(now) else 'D'}", gross - self._tare)

    def _limit(self, gross: float) -> str | None:
        if gross > self._capacity:
            return "+"
        return "-" if gross < -ZERO_RANGE * self._capacity else None

    def _line(self, head: str, grams: float) -> str:
        shown = round(grams, self._decimals) + 0.0  # no negative zero
        return f"{head} {shown:10.{self._decimals}f} g"

    def _set_tare(self, now: float) -> str:
        if self._pan.broken:
            return FAULT
        gross = self._pan.gross(now) - self._zero
        if (limit := self._limit(gross)) is not None or gross < 0:
            return f"T {limit or '-'}"
        self._tare = gross
        return self._line("T S", gross)

    def _set_zero(self, command: str, now: float, done: str) -> str:
        if self._pan.broken:
            return FAULT
        gross = self._pan.gross(now)
        if abs(gross) > ZERO_RANGE * self._capacity:
            return f"{command} {'+' if gross > 0 else '-'}"
        self._zero, self._tare = gross, 0.0
        return f"{command} {done}"

    def _identity(self, command: str) -> list[str]:
        match command:
            case "I0":
                listed = [(0, name) for name in LEVEL_0] + [(1, name) for name in LEVEL_1]
                marks = ["B"] * (len(listed) - 1) + ["A"]
                return [f'I0 {mark} {level} "{name}"' for mark, (level, name) in zip(marks, listed, strict=True)]
            case "I1":
                return ['I1 A "0" "2.30" "" "" ""']
            case "I2":
                return [f'I2 A "{self._model} {self._capacity:.{self._decimals}f} g"']
            case "I3":
                return ['I3 A "1.10 12.28.0.493.142"']
            case "I4":
                return [f'I4 A "{self.serial_number}"']
            case _:
                return ["ES"]
