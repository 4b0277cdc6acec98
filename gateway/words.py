"""How times and numbers are written for a person. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

_LATEST = 253_402_300_799
"""The last second of the year 9999."""


def moment(time: int) -> str:
    """POSIX seconds as date and time; a time that no calendar has stays a number."""
    if not 0 <= time <= _LATEST:
        return f"second {time}"
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def ranges(numbers: Sequence[int]) -> str:
    """Rising numbers in words: `1 to 4, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)
