"""Time as records tell it: their wall clock serves as the monotonic one, but for the steps that the agent reported.

The texts of gaps are those of the agent (`edge/own_gaps.py`).
"""

from collections.abc import Iterable

from gateway.alarm.instant import Instant
from schemas.records import Gap, GapCause

TICK = 0.1
"""Seconds between two looks at the clock, as the agent's."""
NOT_RUNNING = "the agent was not running"
_BACK = "stepped by -"
_NEAR = round(TICK * 1e6)
_EPOCH = 1_700_000_000_000_000
"""Seconds from a day in it keep their microseconds."""


class Clock:
    """Reads the times of one sequence of records, in their order. It never goes back, and leaves steps out.

    A step back is seen by a record that is earlier than the one before it.
    """

    def __init__(self, gaps: Iterable[Gap]) -> None:
        self._steps = [gap for gap in gaps if gap.cause is GapCause.CLOCK_STEPPED]
        self._left_out = 0.0
        self._last: Instant | None = None

    def at(self, wall: int) -> Instant:
        """The instant of the next record; `wall` UTC microseconds."""
        last = self._last
        if last is not None:
            self._pass(last.wall, wall)
        monotonic = (wall - _EPOCH) / 1e6 - self._left_out
        self._last = Instant(wall, monotonic if last is None else max(last.monotonic, monotonic))
        return self._last

    def by_itself(self, wall: int) -> Instant:
        """The instant of the record that was read last, whatever the times of those before it."""
        return Instant(wall, (wall - _EPOCH) / 1e6 - self._left_out)

    def _pass(self, before: int, after: int) -> None:
        """Between two looks at the clock lies a tick, whatever the clock did."""
        for gap in list(self._steps):
            began, ended = gap.began, gap.ended or gap.began
            if _BACK in gap.detail:
                passed = after < before - _NEAR and before <= ended + _NEAR and after >= began - _NEAR
                moved = began - ended
            else:
                passed = before <= began + _NEAR and after >= ended - _NEAR
                moved = ended - began
            if passed:
                self._steps.remove(gap)
                self._left_out += moved / 1e6 - TICK


def restarts(gaps: Iterable[Gap]) -> list[int]:
    """When the agent began anew, UTC microseconds, in order."""
    stopped = (gap for gap in gaps if gap.cause is GapCause.AGENT_STOPPED and gap.detail == NOT_RUNNING)
    return sorted({gap.ended for gap in stopped if gap.ended is not None})
