"""What the agent itself missed, as gaps: times in which nobody looked, clock steps, what made room or was damaged.

Pure: times and damage come in as arguments.
"""

from collections.abc import Iterable, Iterator, Mapping
from uuid import uuid4

import structlog

from gateway.alarm.instant import Instant
from gateway.journal.lost import Lost
from gateway.journal.salvage import Damage
from schemas.records import Gap, GapCause

log = structlog.get_logger(__name__)

CLOCK_STEP = 1.0
"""Seconds by which the wall clock must leave the monotonic one to be said (F-A6)."""
HELD_UP = 3.0
"""Seconds between two looks at the clock from which on the time between them counts as not watched."""


class OwnGaps:
    """Makes the gaps of one agent, each logged. Times are UTC microseconds."""

    def __init__(self, sender: str) -> None:
        self._sender = sender

    def absence(self, last: int, moment: int, sources: Iterable[str]) -> Iterator[Gap]:
        """Between the last record of the agent's life before and now nobody looked."""
        yield from self._unwatched(last, moment, "the agent was not running", sources)

    def between(self, before: Instant, after: Instant, sources: Iterable[str]) -> Iterator[Gap]:
        """What two looks at the clocks tell: the wall clock stepped, or the process did not run for a while."""
        passed = after.monotonic - before.monotonic
        step = (after.wall - before.wall) / 1e6 - passed
        if abs(step) >= CLOCK_STEP:
            began, ended = sorted((before.wall, after.wall))
            detail = f"the agent's clock stepped by {step:+.1f} s"
            yield self._gap(GapCause.CLOCK_STEPPED, began, ended, detail, lost=0)
        if passed >= HELD_UP:  # a paused machine, swapping
            detail = f"the agent was held up for {passed:.1f} s"
            yield from self._unwatched(before.wall, after.wall, detail, sources)

    def made_room(self, lost: Mapping[str, Lost]) -> Iterator[Gap]:
        """By source: what was given up because the journal was full."""
        for source, one in lost.items():
            detail = f"{one.samples} samples of {source} made room: the journal is full"
            tags = tuple(sorted(one.tags))
            yield self._gap(
                GapCause.BUFFER_FULL, one.began, one.ended, detail, lost=one.samples, source=source, tags=tags
            )

    def damage(self, damage: Damage, moment: int) -> Gap:
        """What a damaged journal lost."""
        log.error("journal was damaged", found=damage.found, missing=damage.missing, kept=damage.kept)
        count = "an unknown number of" if damage.missing is None else str(damage.missing)
        detail = f"the journal was damaged: {damage.found}; {count} records are missing in it; kept as {damage.kept}"
        began = moment if damage.since is None else min(damage.since, moment)
        return self._gap(
            GapCause.JOURNAL_DAMAGED, began, moment, detail, lost=damage.missing, estimated=damage.since is None
        )

    def _unwatched(self, began: int, ended: int, detail: str, sources: Iterable[str]) -> Iterator[Gap]:
        for source in sources:
            yield self._gap(GapCause.AGENT_STOPPED, began, ended, detail, source=source, estimated=True)

    def _gap(
        self,
        cause: GapCause,
        began: int,
        ended: int,
        detail: str,
        *,
        lost: int | None = None,
        source: str | None = None,
        tags: tuple[str, ...] = (),
        estimated: bool = False,
    ) -> Gap:
        log.warning("gap", cause=cause.value, detail=detail)
        id_ = uuid4()
        return Gap(
            id=id_, gap=id_, source=source or self._sender, tags=tags, began=began, ended=ended, cause=cause,
            detail=detail, lost=lost, estimated=estimated,
        )  # fmt: skip
