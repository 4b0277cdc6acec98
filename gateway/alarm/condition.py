"""What is watched: conditions as data. Configuration makes them (`conditions.py`), the engine takes them."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.records import AlarmKind, AlarmPriority

SIGN: Mapping[AlarmKind, int] = {AlarmKind.LOW: -1, AlarmKind.LOW_LOW: -1, AlarmKind.REVERSED: -1}
"""Kinds that are broken below their limit; all others are above it, unless the condition says otherwise."""
WINDOWED = {AlarmKind.RATE_OF_CHANGE, AlarmKind.STALE, AlarmKind.FLAT_LINE, AlarmKind.DURATION}
"""Kinds that look back over a time."""
STATUS_KINDS = {AlarmKind.BAD_STATUS, AlarmKind.OUT_OF_RANGE}
"""Kinds that go by a sample's status and reason, not by its value."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorDelay:
    """A longer on-delay while a door stands open. Times in seconds.

    A breach may last until a door among `tags` has been open for `delay`. When the door is closed, the plain on-delay
    counts anew from there. `cap` is the longest that a breach may last in all, however often doors are opened.
    A door tag is true (or not 0) while the door is open; one whose status is not Good excuses nothing.
    """

    tags: tuple[str, ...]
    delay: float
    cap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that may be wrong with one tag. Numbers in `unit` (UCUM), times in seconds.

    What `limit` means, by kind:

    - LOW, LOW_LOW, HIGH, HIGH_HIGH: beyond it the value is an alarm; the limit itself is kept.
    - REVERSED: the same; the differential has the wrong sign, by more than the limit's size. `sign` +1 where air must
      flow inwards.
    - CALIBRATION_OVERDUE: a flag of the agent; above the limit 0 it is set.
    - RATE_OF_CHANGE: the largest change (maximum less minimum) within `window`.
    - FLAT_LINE: a value that moved no more than this within `window` stands still.
    - DURATION: the value may be beyond the limit (`sign`) for `allowed` seconds within `window`, a rolling hour.
    - N_OF_M: so many of the conditions named in `members` may not be active at once.
    - STALE (nothing usable came for `window`), BAD_STATUS (not Good), OUT_OF_RANGE (beyond the sensor's range, as the
      reason says): none.

    Raises ValueError where the numbers do not fit the kind.
    """

    tag: str
    kind: AlarmKind
    limit: float = 0.0
    unit: str = "1"
    deadband: float = 0.0
    """How far within the limit the value must be back."""
    on_delay: float = 0.0
    off_delay: float = 0.0
    """How long the value must be back before the alarm returns."""
    doors: DoorDelay | None = None
    priority: AlarmPriority = AlarmPriority.ACTION
    latched: bool = False
    """Whether the alarm stays, when the value is back, until somebody resets it."""
    sign: int = 0
    """-1 broken below the limit, +1 above; 0 as the kind says."""
    window: float = 0.0
    """How far it looks back; 0 where it does not."""
    allowed: float = 0.0
    members: tuple[str, ...] = ()
    group: str | None = None
    """Conditions with one common cause: the first active one is the head, later ones are its consequences."""
    state_tag: str | None = None
    """Tag that tells the state of the room."""
    suppressed_in: frozenset[str] = frozenset()
    """Texts of `state_tag` in which the condition is suppressed by design, such as a room out of use."""
    batch_tag: str | None = None
    """Tag that tells the batch in the room."""
    profile: str | None = None
    """Which limit profile the numbers are from, with its version."""
    label: str = ""
    """Last part of the name, where the tag has two conditions of a kind; the kind itself unless given."""
    room: str | None = None
    """Only where the tag is none of a frame (N_OF_M); else the room comes with the sample."""

    def __post_init__(self) -> None:
        if (self.kind in WINDOWED) != (self.window > 0):
            raise ValueError(f"{self.name}: a window, in seconds, belongs to {', '.join(sorted(WINDOWED))}")
        if self.kind is AlarmKind.DURATION and not self.sign:
            raise ValueError(f"{self.name}: DURATION needs a sign: -1 below the limit, +1 above")
        if self.kind is AlarmKind.N_OF_M and not 1 <= self.limit <= len(self.members):
            raise ValueError(f"{self.name}: N_OF_M needs members, and a limit from 1 to their number")
        if min(self.deadband, self.on_delay, self.off_delay) < 0:
            raise ValueError(f"{self.name}: deadband and delays are not below 0")
        if self.doors and self.doors.cap < self.on_delay:
            raise ValueError(f"{self.name}: the cap for open doors is below the on-delay")

    @property
    def name(self) -> str:
        """Unique within an agent: `<tag>.<kind>`, such as `F1.DP.M1.LOW`."""
        return f"{self.tag}.{self.label or self.kind.value}"

    @property
    def side(self) -> int:
        """-1 where the condition is broken below its limit, +1 above."""
        return self.sign or SIGN.get(self.kind, 1)

    def broken(self, value: float) -> bool:
        """Whether the value is beyond the limit; the limit itself is not."""
        return self.side * (value - self.limit) > 0

    def back(self, value: float) -> bool:
        """Whether the value is within the limit by at least the deadband."""
        return self.side * (value - self.limit) <= -self.deadband

    def worse(self, known: float | None, value: float | None) -> float | None:
        """The one of the two that is farther beyond the limit."""
        if known is None or value is None:
            return value if known is None else known
        return self.side * max(self.side * known, self.side * value)
