"""`cmo-edge check --connect`: does every source answer, and has every tag a Good value? Sends nothing."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from edge.looking import Looking
from edge.settings import AgentConfiguration, SourceConfiguration
from edge.supervise import Supervisor, already_safe
from schemas.codec import Record
from schemas.frame import Frame, Row
from schemas.status import Reason, severity, status_name

MEANINGS: Mapping[Reason, str] = {
    Reason.SOURCE: "the device itself doubts it",
    Reason.STALE: "it is too old",
    Reason.COMM: "it was not answered",
    Reason.RANGE: "it is outside the range that is configured",
    Reason.NOT_A_NUMBER: "it is no number",
    Reason.NO_VALUE: "the device has none",
    Reason.TYPE: "it is of another type than configured, or an array without index",
    Reason.UNIT: "the device gives another unit than configured",
    Reason.IDENTITY: "another device answers than configured",
    Reason.UNPROVEN: "its word order is not proven; see `cmo-edge probe`",
    Reason.TIME: "the device's clock is wrong",
    Reason.DEVICE: "the device reports a fault",
    Reason.UNSTABLE: "the balance is not at rest",
    Reason.OVERLOAD: "beyond what the device can measure",
    Reason.UNDERLOAD: "below what the device can measure",
    Reason.CALIBRATION: "its calibration is overdue",
    Reason.CONFIG: "the device has no such place, or the settings do not fit it",
}
"""What a reason means to who sets the device up."""


@dataclass(slots=True)
class Seen:
    """What came of one source: the newest sample of each tag, and the first Good one."""

    source: SourceConfiguration
    good: dict[str, Row] = field(default_factory=dict)
    last: dict[str, Row] = field(default_factory=dict)
    problem: str | None = None
    answered: bool = False

    @property
    def complete(self) -> bool:
        """Whether every tag had a Good value."""
        return len(self.good) == len(self.source.settings.all_tags)

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """Tag, value with unit or a dash, and status or the reason why there is no Good one."""
        for tag in self.source.settings.all_tags:
            row = self.good.get(tag.name) or self.last.get(tag.name)
            if row is None:
                yield tag.name, "–", "nothing came" if self.answered else "the device was not reached"
            else:
                yield tag.name, value_with_unit(row), said(row)


class Trial:
    """Connects all sources at once, for some seconds at most."""

    def __init__(self, configuration: AgentConfiguration) -> None:
        self.seen = {source.name: Seen(source) for source in configuration.sources}
        self._looking = Looking(configuration)
        self._supervisors = [Supervisor(name, one, self._take) for name, one in self._looking.sources.items()]
        self._complete = asyncio.Event()

    async def run(self, seconds: float) -> None:
        """Until every tag had a Good value, or the time is over."""
        tasks = [asyncio.create_task(supervisor.run()) for supervisor in self._supervisors]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._complete.wait()
        finally:
            for supervisor in self._supervisors:
                self.seen[supervisor.state.name].problem = supervisor.state.problem
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, record: Record) -> asyncio.Future[None]:
        for out in self._looking.take(record):
            if isinstance(out, Frame) and out.source in self.seen:  # the agent's own tags are none of a device
                self._keep(out)
        return already_safe()

    def _keep(self, frame: Frame) -> None:
        seen = self.seen[frame.source]
        for row in frame.rows():
            if severity(row.status) == "Good":
                seen.good.setdefault(row.tag, row)
            seen.last[row.tag] = row
        seen.answered = seen.answered or not frame.lost
        if all(one.complete for one in self.seen.values()):
            self._complete.set()


def value_with_unit(row: Row) -> str:
    """The value with its unit, or a dash."""
    if row.value is None:
        return "–"
    text = f"{row.value:g}" if isinstance(row.value, float) else str(row.value)
    return text if row.unit == "1" else f"{text} {row.unit}"


def said(row: Row) -> str:
    """The status by name, and in words why it is not Good."""
    name = status_name(row.status)
    meaning = MEANINGS.get(row.reason)
    return name if severity(row.status) == "Good" or meaning is None else f"{name}: {meaning}"
