"""How a backlog drains: rate and estimated time. Pure."""

from dataclasses import dataclass

EVERY = 5.0
"""Seconds between two looks."""
BACKLOG = 5000
"""Entries that wait, from which on it is worth telling."""


@dataclass(slots=True)
class Progress:
    """Counts what is published. Times are monotonic, in seconds."""

    rate: float = 0.0
    """Entries a second in the last period."""
    _count: int = 0
    _since: float | None = None

    def sent(self, count: int, now: float) -> bool:
        """So many entries were published; whether a period ended."""
        self._count += count
        if self._since is None:
            self._since = now
        elapsed = now - self._since
        if elapsed < EVERY:
            return False
        self.rate, self._count, self._since = self._count / elapsed, 0, now
        return True

    def seconds(self, waiting: int) -> float | None:
        """Estimated seconds until that many waiting entries are published; None where nothing moves."""
        return waiting / self.rate if self.rate else None
