"""A day of bad luck, as a list: which device does what wrong, when and for how long. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

HOURS = 24
PER_HOUR = 2
"""Faults of each device: one every half hour."""
DEATH = "dies"
"""Among the names of lies: the device's process is killed, and started again when the fault is over."""
LONGEST = 0.6
"""Part of its half hour that a fault may last."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`begins` and `ends` are hours of the day."""

    device: str
    name: str
    begins: float
    ends: float


def bad_day(lies: Mapping[str, Sequence[str]], seed: int) -> list[Fault]:
    """Faults in the order in which they begin. A device does one thing wrong at a time, each of its lies once before
    any of them again; each device dies at least once.
    """
    random = Random(seed)
    faults = [fault for device, names in lies.items() for fault in _of_device(device, names, random)]
    return sorted(faults, key=lambda fault: fault.begins)


def _of_device(device: str, names: Sequence[str], random: Random) -> Iterator[Fault]:
    drawn = _drawn([*names, DEATH], random)
    for half in range(HOURS * PER_HOUR):
        lasts = random.uniform(0.1, LONGEST)
        begins = half + random.uniform(0, 0.9 - lasts)
        yield Fault(device, next(drawn), begins / PER_HOUR, (begins + lasts) / PER_HOUR)


def _drawn(names: Sequence[str], random: Random) -> Iterator[str]:
    while True:
        yield from random.sample(names, len(names))
