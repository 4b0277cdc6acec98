"""What people do at line 3 on ordinary days, by chance: shifts, doors, materials, weighing, cleaning.

Two shifts from Monday to Saturday, from 06:00 and 14:00. Whoever goes in takes the way corridor, gowning, air lock,
filling room, and waits in each for the door behind; materials wait in their air lock. Doors are open for some seconds,
now and then for long, but not longer than they may be. After the second shift the hood is cleaned with fog.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from simulators.scenario import Step

STEPS: TypeAdapter[list[Step]] = TypeAdapter(list[Step])
DAY, HOUR, MINUTE = 86_400.0, 3600.0, 60.0
SHIFTS = (6 * HOUR, 14 * HOUR, 22 * HOUR)
"""When they begin, and the last one ends, s of the day."""
BEGIN = 9 * HOUR
"""s of Monday at which the simulation begins, as `line.START` says."""
SLOW = 0.04
"""Part of the doors that somebody is slow with."""
IN = ("G1-C1", "P1-G1", "F1-P1")
MATERIAL = ("M1-C1", "F1-M1")


@dataclass
class Routine:
    """`steps` in the order of time, `doors` counts how often one was opened, `slow` how often for long."""

    rng: np.random.Generator
    steps: list[dict[str, Any]] = field(default_factory=list)
    doors: int = 0
    slow: int = 0

    def door(self, at: float, door: str) -> float:
        """Open and shut; gives when it is shut. Doors for material have no time of their own, and are never slow."""
        slow = bool(self.rng.random() < SLOW) and door not in MATERIAL
        seconds = self.rng.uniform(12, 27) if slow else self.rng.uniform(3, 7)
        self.doors, self.slow = self.doors + 1, self.slow + slow
        self._do(at, "open_door", door=door)
        self._do(at + seconds, "close_door", door=door)
        return at + float(seconds)

    def walk(self, at: float, doors: tuple[str, ...], wait: tuple[float, float]) -> float:
        """Through one door after the other."""
        for door in doors:
            at = self.door(at, door) + float(self.rng.uniform(*wait))
        return at

    def shift(self, begin: float, end: float) -> None:
        """People come, materials are brought, people go."""
        people = int(self.rng.integers(2, 4))
        clock = self.walk(begin, IN, (40, 120))
        self._do(clock, "people", room="F1", count=people)
        self._do(clock, "fill", command="start")
        last = end - 12 * MINUTE
        while (clock := clock + self.rng.exponential(6 * MINUTE)) < last:
            clock = self._errand(clock)
        self._do(last, "fill", command="hold")
        gone = self.walk(last, IN[::-1], (40, 90))
        self._do(gone, "people", room="F1", count=0)

    def _errand(self, at: float) -> float:
        """One after the other: there are only a few people."""
        match self.rng.integers(5):
            case 0:
                return self.walk(at, MATERIAL, (30, 90))
            case 1:
                return self.walk(at, MATERIAL[::-1], (30, 90))
            case 2:
                back = self.walk(at, ("W1-C1",), (200, 500))
                self._do(at + 60, "put_load", device="balance-w1", grams=float(self.rng.uniform(10, 5000)))
                self._do(back - 60, "take_load", device="balance-w1")
                return self.door(back, "W1-C1")
            case 3:
                return self.walk(at, ("F1-L1", "F1-L1"), (60, 300))
            case _:
                return self.walk(at, (*IN, *IN[::-1]), (40, 120))

    def cleaning(self, begin: float) -> None:
        """The hood: fog for two minutes, and the time until it is gone."""
        self._do(begin, "fill", command="stop")
        self._do(begin + 20, "fill", command="clean")
        self._do(begin + 60, "fog", room="H1", per_minute=3.0e7)
        self._do(begin + 180, "fog", room="H1", per_minute=0)
        self._do(begin + 20 * MINUTE, "fill", command="stop")

    def _do(self, at: float, do: str, **more: Any) -> None:
        self.steps.append({"at": float(at), "do": do, **more})


def week(days: int, begin: float, rng: np.random.Generator) -> tuple[Routine, list[Step]]:
    """So many days from Monday, and their steps in seconds after `begin` (s of Monday)."""
    routine = Routine(rng)
    for day in range(days):
        if day % 7 < 6:
            for first, end in pairwise(SHIFTS):
                routine.shift(day * DAY + first, day * DAY + end)
            routine.cleaning(day * DAY + SHIFTS[-1])
    return routine, STEPS.validate_python(list(_from(routine.steps, begin)))


def _from(steps: list[dict[str, Any]], begin: float) -> Iterator[dict[str, Any]]:
    for step in sorted(steps, key=lambda one: one["at"]):
        if step["at"] >= begin:
            yield step | {"at": step["at"] - begin}
