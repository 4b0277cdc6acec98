"""What the intake asks of a way in. Whoever adds one writes this, its settings, and a source that names both.

All calls come from one thread, the source's own, and may wait for a disk or a network. Whatever they fetch is kept and
entered into the ledger by the intake, in one transaction with what a `Found` says was `seen`: there a way finds, in its
next life, how far it got.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from schemas.records import GapCause


class AwayError(Exception):
    """What is looked into is lost as a whole; the message says so in a line.

    It is not tried again before `pause` seconds are over.
    """

    def __init__(self, why: str, cause: GapCause = GapCause.DEVICE_UNREACHABLE, pause: float = 0.0) -> None:
        super().__init__(why)
        self.cause, self.pause = cause, pause


class Found(Protocol):
    """A file that came."""

    @property
    def name(self) -> str:
        """For people, and for the patterns of mappings; printable."""

    @property
    def seen(self) -> tuple[bytes, str]:
        """What the ledger remembers with it: a path or another key, and what was seen under it."""

    @property
    def size(self) -> int:
        """Octets."""


_F = TypeVar("_F", bound=Found)


class Way(Protocol[_F]):
    """Where files are looked for. Calls raise AwayError and OSError."""

    @property
    def waiting(self) -> int:
        """Files that are there, as far as it knows."""

    @property
    def more(self) -> bool:
        """Whether the last look left something that can be had at once."""

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Parts of it that could not be read in the last look, and why, in a line."""

    def check(self) -> None:
        """Prove that it is there."""

    def look(self) -> Sequence[_F]:
        """Files that are whole and were not taken, oldest first."""

    def chunks(self, found: _F) -> Iterator[bytes]:
        """The content. Raises UnsettledError where it is another one by now, and UnreadableError."""

    def taken(self, found: _F) -> None:
        """It is kept, and the ledger has what was seen."""

    def close(self) -> None:
        """Give back what it holds. Never raises."""
