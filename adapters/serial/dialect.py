"""What a source must know of a dialect: its commands, and what its lines mean."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.serial.reading import Reading

UNITS = {"g": "g", "kg": "kg", "mg": "mg"}
"""Unit as on the line → UCUM. A weight in any other is Bad, reason UNIT."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Commands with their line end; an empty one is unknown to the dialect.

    `read` says what a whole line means, with its end. `read_identity` is the same where a serial number was asked
    for: in some dialects that line cannot be told from others by itself.
    """

    name: str
    weigh: bytes
    stream: bytes
    stop: bytes
    identify: bytes
    read: Callable[[bytes], Reading]
    read_identity: Callable[[bytes], Reading]
    greets: bool = False
    """After power on it says its serial number unasked (F48)."""
    fixed_width: bool = True
    """A lost character never leaves another valid line. Without this, one stable line is not enough (F44)."""
