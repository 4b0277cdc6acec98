"""The node's review: what arrived is judged, a bounded number at a time, beside intake and never before it.

Records wait in the archive from the transaction that stored them until the one that stores what was found of them. So
nothing is left out wherever the node is killed; what is judged twice gives the same.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

import structlog

from gateway.archive.archive import Archive
from gateway.archive.judged import Waiting, last_steps, waiting
from gateway.review.archived import Archived
from gateway.review.history import Context
from gateway.review.kept import changes, kept_place
from gateway.review.outcome import Code
from gateway.review.review import review
from gateway.review.settings import Agreed

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""How many records are judged in one turn."""
LOOK = 1.0
"""Seconds between two looks while nothing waits."""


class Judging:
    """Rules over the archive's records. Calls block, but for `run`."""

    def __init__(self, archive: Archive, agreed: Agreed, zone: ZoneInfo) -> None:
        self._archive, self._agreed, self._zone = archive, agreed, zone

    async def run(self, judged: Callable[[], None]) -> None:
        """Judge what arrives, until cancelled; `judged` is called after each turn.

        It pauses after each turn as long as the turn took: at least half of the time is intake's.
        """
        await asyncio.to_thread(self.begin)
        while True:
            begun = time.monotonic()
            count = await asyncio.to_thread(self.turn, time.time_ns() // 1000)
            if count:
                judged()
            await asyncio.sleep(time.monotonic() - begun if count else LOOK)

    def begin(self) -> None:
        """Everything is to be judged again where another agreement or another set of rules holds."""
        terms = f"{asdict(self._agreed)!r} {self._zone.key} {[code.value for code in Code]}"
        self._archive.judge_anew(hashlib.sha256(terms.encode()).hexdigest())

    def turn(self, now: int, count: int = AT_ONCE) -> int:
        """Judge the next of those that wait, at most so many, at a time in UTC microseconds; tells how many."""
        found = waiting(self._archive, count)
        if found:
            self._judge(found, now)
        return len(found)

    def _judge(self, found: Sequence[Waiting], now: int) -> None:
        try:
            history = Archived(self._archive)
            answers = review(history.at(found), Context(history, self._agreed, self._zone))
            before = last_steps(self._archive, [kept_place(place) for place in answers])
            self._archive.store_judged(changes(answers, before, now), found)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:  # one strange record stops no other
            if len(found) > 1:
                for one in found:
                    self._judge([one], now)
                return
            log.exception("record not judged", kind=found[0][0], stream=found[0][1], number=found[0][2])
            self._archive.store_judged({}, found, f"{type(error).__name__}: {error}")
