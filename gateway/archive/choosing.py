"""Which alarms are asked for, in the words of the database. Pure."""

from dataclasses import dataclass
from typing import Any

from schemas.records import AlarmPriority, AlarmState


@dataclass(frozen=True, slots=True)
class Chosen:
    """Alarms in one of the `states`, of a room and a priority, with a batch, with a text; what is left out is any.

    Room, priority and state are those of the latest step. `text` stands in what any step says, or in what people call
    the tag: those tags are `named`. `in_rooms` is when the batch was in which room. What tells no priority counts as an
    action.
    """

    room: str | None = None
    priority: AlarmPriority | None = None
    states: tuple[AlarmState, ...] = ()
    batch: str | None = None
    text: str | None = None
    named: tuple[str, ...] = ()
    in_rooms: tuple[tuple[str, int, int], ...] = ()

    def having(self) -> tuple[str, list[Any]]:
        """What the steps of one alarm, as a group, must have; and the values for it."""
        parts: list[tuple[str, list[Any]]] = []
        if self.room is not None:
            parts.append(("arg_max(room, number) = ?", [self.room]))
        if self.priority is not None:
            priorities = {self.priority.value} | ({"UNKNOWN"} if self.priority is AlarmPriority.ACTION else set())
            parts.append(("list_contains(?, arg_max(priority, number))", [sorted(priorities)]))
        if self.states:
            states = [state.value for state in self.states]
            parts.append(("list_contains(?, arg_max(state, number))", [states]))
        if self.batch is not None:
            parts.append(self._of_batch(self.batch))
        if self.text is not None:
            said = "contains(lower(concat_ws(' ', condition, tag, room, batch, actor, comment)), lower(?))"
            parts.append((f"bool_or({said} OR list_contains(?::VARCHAR[], tag))", [self.text, list(self.named)]))
        return " AND ".join(["TRUE", *(sql for sql, _ in parts)]), [value for _, some in parts for value in some]

    def _of_batch(self, batch: str) -> tuple[str, list[Any]]:
        """An alarm's own steps name the batch, or it was open in a room while the batch was there."""
        told: list[tuple[str, list[Any]]] = [("coalesce(bool_or(batch = ?), false)", [batch])]
        was_open = "(max(time) >= ? OR arg_max(state, number) <> 'NORMAL')"
        for room, began, until in self.in_rooms:
            told.append((f"(arg_max(room, number) = ? AND min(since) < ? AND {was_open})", [room, until, began]))
        return f"({' OR '.join(sql for sql, _ in told)})", [value for _, some in told for value in some]


EVERY = Chosen()
