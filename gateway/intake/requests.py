"""When to ask the sender for numbers again: soon, and then with growing pauses for as long as they are wanted. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from gateway.proof.resend import MOST, Resend

FIRST = 3.0
"""Seconds for which the same numbers are wanted before they are asked for."""
PAUSES = (10.0, 30.0, 60.0)
"""Seconds from one request for the same numbers to the next; the last one repeats."""
AT_ONCE = 10
"""Most requests for one stream at once; what is beyond follows when these are answered."""

Ranges = Sequence[tuple[int, int]]
"""First and last numbers, both included."""


@dataclass(slots=True)
class _Asking:
    ranges: Ranges
    due: float
    asked: int = 0


class Requests:
    """What was asked for, by stream. `now` never steps, seconds."""

    def __init__(self) -> None:
        self._asking: dict[str, _Asking] = {}

    def due(self, wanted: Mapping[str, Ranges], now: float) -> list[Resend]:
        """The requests to make now, given all that is wanted now."""
        self._asking = {
            stream: asking
            for stream, asking in self._asking.items()
            if stream in wanted and asking.ranges == wanted[stream]
        }
        requests: list[Resend] = []
        for stream, ranges in wanted.items():
            asking = self._asking.setdefault(stream, _Asking(ranges, now + FIRST))
            if now < asking.due:
                continue
            asking.due = now + PAUSES[min(asking.asked, len(PAUSES) - 1)]
            asking.asked += 1
            requests += islice(_split(stream, ranges), AT_ONCE)
        return requests


def _split(stream: str, ranges: Ranges) -> Iterator[Resend]:
    for first, last in ranges:
        for begin in range(first, last + 1, MOST):
            yield Resend(stream, begin, min(begin + MOST - 1, last))
