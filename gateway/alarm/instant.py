"""Time as the alarm engine gets it: as an argument, never by asking a clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instant:
    """Now: `wall` UTC microseconds for records, `monotonic` seconds for durations."""

    wall: int
    monotonic: float

    def earlier(self, seconds: float) -> "Instant":
        """The instant so many seconds before this one, as this one's wall clock counts."""
        return Instant(self.wall - round(seconds * 1e6), self.monotonic - seconds)
