"""Where a number stands, and what becomes of an entry that claims it: a table. How long the verifier waits. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Outcome(Enum):
    """What became of an entry."""

    RECEIVED = auto()
    """Held under its number; proven once `verified_to` passes it."""
    REPEATED = auto()
    """A repeat, to be dropped."""
    RIVAL = auto()
    """Another content of a number that is not proven yet: to be kept aside with its bytes until a finding decides."""
    REFUSED = auto()
    """To be quarantined with its bytes; it is not, or not now, part of the stream."""


class Standing(Enum):
    """Where a number stands. It goes from FREE to HELD to PROVEN; back to FREE only when no seal counts it."""

    FREE = auto()
    HELD = auto()
    PROVEN = auto()


OUTCOMES: Mapping[tuple[Standing, bool], Outcome] = {
    (Standing.FREE, False): Outcome.RECEIVED,
    (Standing.HELD, True): Outcome.REPEATED,
    (Standing.HELD, False): Outcome.RIVAL,
    (Standing.PROVEN, True): Outcome.REPEATED,
    (Standing.PROVEN, False): Outcome.REFUSED,
}
"""Where the number stands × whether the content is the one there → what becomes of the entry."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. `silent` must not be longer than `late`; `patience` is best two seal intervals or more.

    To check what is complete, such as an export: patience 0, the others infinite.
    """

    patience: float = 10.0
    """How long evidence may take that would explain what is seen."""
    late: float = 60.0
    """How long no seal may come while entries do, and how long a seal may be under way."""
    silent: float = 30.0
    """How long nothing at all may come."""
