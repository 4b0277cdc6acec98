"""The chain test: every way by which people hear of an alarm is gone once, and said with its seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract import now
from edge.annunciation.keeping import BeaconError
from edge.annunciation.mail import NotToldError
from edge.annunciation.settings import WEEKDAYS, WeeklyTest
from gateway.journal.journal import Journal
from schemas.frame import Frame, TagTable, frame_of
from schemas.status import Reason, StatusCode

Try = Callable[[], Awaitable[None]]
"""Goes one way once. Raises BeaconError or NotToldError."""
TAG = "ChainTest"
"""The record that marks a test: a sample of the agent's own tag `<sender>.ChainTest`."""
UPLINK_PATIENCE = 10.0
"""Seconds in which Kafka must have the record."""
LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Part:
    """One way: whether it works, after how many seconds that was known, and else why not."""

    part: str
    ok: bool
    seconds: float
    detail: str = ""


async def tested(ways: Mapping[str, Try]) -> list[Part]:
    """All at once, in their order."""
    return list(await asyncio.gather(*(_tested(name, way) for name, way in ways.items())))


async def _tested(name: str, way: Try) -> Part:
    began, detail = time.monotonic(), ""
    try:
        await way()
    except (BeaconError, NotToldError) as error:
        detail = str(error) or type(error).__name__
    return Part(name, not detail, round(time.monotonic() - began, 2), detail)


class Uplink:
    """Proves the way of a record: journal, publisher, Kafka. `kept` is done when all before it is on the disk."""

    def __init__(
        self,
        sender: str,
        streams: list[str],
        journal: Journal,
        report: Callable[[Frame], object],
        kept: Callable[[], Awaitable[None]],
        *,
        patience: float = UPLINK_PATIENCE,
    ) -> None:
        """`streams` are the names of those that measurements go to."""
        self._sender, self._streams, self._journal = sender, streams, journal
        self._report, self._kept, self._patience = report, kept, patience

    async def prove(self) -> None:
        """Returns once Kafka has answered for the record. Raises NotToldError."""
        moment = now()
        table = TagTable((f"{self._sender}.{TAG}",), ("1",))
        self._report(
            frame_of(self._sender, table, [(0, 1.0, int(StatusCode.GOOD), Reason.NONE, moment)], received=moment)
        )
        ends = dict[str, int]()
        try:
            async with asyncio.timeout(self._patience):
                await self._kept()
                ends = {name: self._journal.size(name) for name in self._streams}
                while ends := {one: end for one, end in ends.items() if self._journal.cursor(one) < end}:  # noqa: ASYNC110 - no event
                    await asyncio.sleep(LOOK)
        except TimeoutError as error:
            where = f" for {', '.join(ends)}" if ends else ""
            raise NotToldError(f"Kafka did not take the record within {self._patience:g} s{where}; it waits") from error


def next_test(settings: WeeklyTest, zone: str, after: datetime) -> datetime:
    """When the test is due next; all times with a zone."""
    local = after.astimezone(ZoneInfo(zone))
    hour, _, minute = settings.time.partition(":")
    days = (WEEKDAYS.index(settings.weekday) - local.weekday()) % 7
    due = (local + timedelta(days=days)).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return due if due > local else due + timedelta(days=7)


def part_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """What the agent answered to a test, a line for each part."""
    for part in answer["parts"]:
        mark, why = ("✓", "") if part["ok"] else ("✗", f"  {part['detail']}")
        yield f"{part['part']} {mark} {part['seconds']:.1f} s{why}"
