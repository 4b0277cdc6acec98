"""What other tags say beside a condition's own: doors, the state of the room, its batch; and common causes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from gateway.alarm.condition import Condition
from gateway.alarm.instant import Instant
from schemas.frame import Value
from schemas.records import Alarm

GRACE = 60.0
"""Seconds after the start in which a tag that has not spoken yet is waited for."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The latest word of a tag, None where its status is not Good; `since` when it came to say this, monotonic."""

    value: Value
    since: float


InRoom = Callable[[str, int], str | None]
"""The batch in a room at a moment (UTC microseconds), as far as is known."""


def nobody_knows(_room: str, _moment: int) -> str | None:
    """Where nobody tells of batches."""
    return None


class Context:
    """The latest words of the tags that conditions name beside their own."""

    def __init__(self, in_room: InRoom = nobody_knows) -> None:
        self._in_room = in_room
        self._said: dict[str, _Said] = {}
        self._began: float | None = None

    def begin(self, now: Instant) -> None:
        """The engine runs; later calls change nothing."""
        if self._began is None:
            self._began = now.monotonic

    def take(self, tag: str, value: Value, now: Instant) -> bool:
        """A tag said this, None where it is not Good. Whether that is another word than before."""
        known = self._said.get(tag)
        if known is not None and known.value == value:
            return False
        self._said[tag] = _Said(value, now.monotonic)
        return True

    def adopt(self, other: "Context") -> None:
        """Go by what the other one heard."""
        self._said = other._said  # noqa: SLF001 - of its own class

    def text(self, tag: str | None) -> str | None:
        """The latest word as text; None where there is none."""
        said = None if tag is None else self._said.get(tag)
        if said is None or said.value is None:
            return None
        return f"{said.value:g}" if isinstance(said.value, float) else str(said.value)

    def batch(self, condition: Condition, room: str | None, moment: int) -> str | None:
        """The batch in the condition's room: as is known of that moment, or else as its own tag says now."""
        if self._in_room is nobody_knows or room is None:
            return self.text(condition.batch_tag)
        return self._in_room(room, moment)

    def suppresses(self, condition: Condition, now: Instant) -> bool | None:
        """Whether the room's state asks for suppression; None while its tag may still speak after a start."""
        if not condition.suppressed_in:
            return False
        if condition.state_tag not in self._said and (self._began is None or now.monotonic < self._began + GRACE):
            return None
        return self.text(condition.state_tag) in condition.suppressed_in

    def delay(self, condition: Condition, begin: float) -> float:
        """How long a breach that began then may last until it is an alarm, seconds, by the doors as they are now."""
        plain, doors = condition.on_delay, condition.doors
        if doors is None:
            return plain
        excused = [
            said.since - begin + (doors.delay if said.value else plain)
            for said in map(self._said.get, doors.tags)
            if said is not None
        ]
        return max(plain, min(doors.cap, max(excused, default=plain)))


class Groups:
    """Which conditions of each group are active, and which alarm was the first."""

    def __init__(self) -> None:
        self._active: dict[str, set[str]] = {}
        self._heads: dict[str, UUID] = {}

    def raised(self, condition: Condition, alarm: UUID) -> tuple[bool | None, UUID | None]:
        """Whether the alarm is the first of its group, and else which one is; both None without a group."""
        if condition.group is None:
            return None, None
        members = self._active.setdefault(condition.group, set())
        if not members:
            self._heads[condition.group] = alarm
        members.add(condition.name)
        head = self._heads[condition.group]
        return head == alarm, None if head == alarm else head

    def left(self, condition: Condition) -> None:
        """The condition is not active any more; with the last one the next alarm is a head again."""
        if condition.group is not None:
            self._active.get(condition.group, set()).discard(condition.name)

    def restore(self, alarms: Iterable[tuple[Condition, Alarm]]) -> None:
        """Go on with alarms that were active in the agent's life before."""
        for condition, alarm in alarms:
            if condition.group is not None:
                self._active.setdefault(condition.group, set()).add(condition.name)
                self._heads[condition.group] = alarm.head or alarm.alarm
