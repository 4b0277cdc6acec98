"""The agent reports itself: a source of its own, named after the sender, and alarms on it by the same engine."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.contract import TagSettings, now
from gateway.alarm.condition import Condition
from gateway.journal.committer import WARNINGS
from schemas.codec import Record
from schemas.frame import Frame, TagTable, frame_of
from schemas.records import AlarmKind, AlarmPriority
from schemas.status import Reason, StatusCode

PERIOD = 10.0
"""Seconds between two reports when nothing changes."""
LOOK = 0.25
"""Seconds between two looks."""
NEARLY, ALMOST = WARNINGS


@dataclass(frozen=True, slots=True)
class State:
    """How the agent is right now; `filled` is a part of the journal's limit."""

    filled: float
    waiting: int
    unwritten: bool
    reserve: bool
    damaged: bool
    refused: bool
    untold: bool
    expiring: int
    expired: int

    def values(self) -> tuple[float, ...]:
        """In the order of `TAGS`."""
        full = float(self.filled >= ALMOST)
        state = (self.unwritten, self.reserve, self.damaged, self.refused, self.untold)
        counts = (self.expiring, self.expired)
        return (round(100 * self.filled, 1), full, float(self.waiting), *map(float, (*state, *counts)))

    def flags(self) -> tuple[bool, ...]:
        """What is reported at once when it changes."""
        return (
            self.filled >= NEARLY, self.filled >= ALMOST, self.unwritten, self.reserve, self.damaged, self.refused,
            self.untold, self.expiring > 0, self.expired > 0,
        )  # fmt: skip


TAGS = (
    ("JournalFilled", "%", NEARLY * 100),
    ("JournalAlmostFull", "1", 0.0),
    ("RecordsWaiting", "1", None),
    ("JournalNotWritten", "1", 0.0),
    ("DiskReserve", "1", None),
    ("JournalDamaged", "1", 0.0),
    ("PublishingRefused", "1", 0.0),
    ("AnnunciationFailed", "1", 0.0),
    ("CertificatesExpiring", "1", 0.0),
    ("CertificatesExpired", "1", 0.0),
)
"""Name, unit, and the limit above which there is an alarm. Units of 1 are counts, or 0 for no and 1 for yes."""
ALERTS = {"CertificatesExpiring"}
"""Tags whose alarm asks for something in the next days, not now."""


def tags(sender: str) -> list[TagSettings]:
    """The agent's own tags."""
    return [TagSettings(name=f"{sender}.{name}", unit=unit) for name, unit, _ in TAGS]


def conditions(sender: str) -> list[Condition]:
    """The alarms on them; they return when all is well again."""
    return [_condition(f"{sender}.{name}", unit, limit, name) for name, unit, limit in TAGS if limit is not None]


def _condition(tag: str, unit: str, limit: float, name: str) -> Condition:
    priority = AlarmPriority.ALERT if name in ALERTS else AlarmPriority.ACTION
    return Condition(tag=tag, kind=AlarmKind.HIGH, limit=limit, unit=unit, priority=priority)


class Health:
    """Reports the state when it changes, and else each `PERIOD` seconds."""

    def __init__(self, sender: str, look: Callable[[], State], emit: Callable[[Record], object]) -> None:
        self._sender, self._look, self._emit = sender, look, emit
        own = tags(sender)
        self._table = TagTable(tuple(tag.name for tag in own), tuple(tag.unit for tag in own))

    async def run(self) -> None:
        """Report until cancelled."""
        said: tuple[Sequence[bool], float] | None = None
        while True:
            state, moment = self._look(), asyncio.get_running_loop().time()
            if said is None or state.flags() != said[0] or moment >= said[1] + PERIOD:
                said = state.flags(), moment
                self._emit(self.frame(state))
            await asyncio.sleep(LOOK)

    def frame(self, state: State) -> Frame:
        """The report."""
        moment = now()
        rows = [(row, value, int(StatusCode.GOOD), Reason.NONE, moment) for row, value in enumerate(state.values())]
        return frame_of(self._sender, self._table, rows, received=moment)
