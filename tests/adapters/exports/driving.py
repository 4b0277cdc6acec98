"""A source driven as the agent does it."""

import asyncio
from collections.abc import Callable, Mapping

from adapters.contract import Portion, Report
from adapters.exports.source import ExportSource
from schemas.exported import TestResult
from schemas.frame import Frame


class Agent:
    """Drives a source as a supervisor does, with a journal that takes every portion at once."""

    def __init__(self, source: ExportSource, mark: str | None = None) -> None:
        self.source, self.mark = source, mark
        self.portions: list[Portion] = []
        self.counts: dict[str, float] = {}
        self.first: dict[str, float] = {}
        self.at: dict[tuple[str, float], Callable[[], object]] = {}
        """What is done once a tag has a value; `Portions` are counted, too."""
        self.source.resume(self.marked)

    async def marked(self) -> str | None:
        return self.mark

    async def until(self, wanted: Mapping[str, float]) -> None:
        """Run until the tags say this."""
        await self.source.connect()
        try:
            async with asyncio.timeout(90):
                async for report in self.source.frames():
                    self.take(report)
                    if self.counts.items() >= {f"lims.{name}": count for name, count in wanted.items()}.items():
                        return
        finally:
            await self.source.close()

    @property
    def said(self) -> list[tuple[str, int, str]]:
        """Key, version and result of every record, in order."""
        records = [one for portion in self.portions for one in portion.records if isinstance(one, TestResult)]
        return [(one.key, one.version, one.reported) for one in records]

    def take(self, report: Report) -> None:
        if isinstance(report, Portion):
            self.mark = report.mark
            self.portions.append(report)
            self.at.pop(("Portions", len(self.portions)), lambda: None)()
        elif isinstance(report, Frame):
            self.counts |= {row.tag: row.value for row in report.rows() if isinstance(row.value, float)}
            self.first = self.first or dict(self.counts)
            for tag, value in [*self.at]:
                if self.counts.get(f"lims.{tag}") == value:
                    self.at.pop((tag, value))()
