"""`cmo-edge read`: live values of all sources on the terminal, with status. Sends nothing."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from edge.looking import Looking
from edge.settings import AgentConfiguration
from edge.sparkline import SECONDS, Trace
from edge.supervise import Supervisor, already_safe
from schemas.codec import Record
from schemas.frame import Frame, Row
from schemas.records import Gap
from schemas.status import severity, status_name

TICK = 0.25
"""Seconds between two looks for values that stand still."""
STYLES = {"Good": "", "Uncertain": "yellow", "Bad": "red"}


class Reader:
    """Keeps the newest sample of every tag, and its numbers of the last minute, and shows them."""

    def __init__(self, configuration: AgentConfiguration, console: Console) -> None:
        self._looking = Looking(configuration)
        self._console = console
        self._rows: dict[str, tuple[str, Row]] = {}
        self._traces: defaultdict[str, Trace] = defaultdict(Trace)
        self._supervisors = [Supervisor(name, one, self._take) for name, one in self._looking.sources.items()]

    async def run(self) -> None:
        """Read and show until cancelled: a table on a terminal, otherwise a line for each sample."""
        async with asyncio.TaskGroup() as tasks:
            for supervisor in self._supervisors:
                tasks.create_task(supervisor.run())
            tasks.create_task(self._watch_clock())
            if self._console.is_terminal:
                tasks.create_task(self._show())

    async def _show(self) -> None:
        with Live(console=self._console, get_renderable=self._table, refresh_per_second=4):
            await asyncio.Event().wait()

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._keep(self._looking.tick())

    def _take(self, record: Record) -> asyncio.Future[None]:
        self._keep(self._looking.take(record))
        return already_safe()

    def _keep(self, records: Iterable[Record]) -> None:
        for out in records:
            if isinstance(out, Frame) and out.source in self._looking.sources and not out.backfilled:
                for row in out.rows():
                    self._rows[row.tag] = (out.source, row)
                    self._trace(row)
                    self._say(f"{row.tag}\t{value_text(row)}\t{row.unit}\t{status_text(row)}")
            elif isinstance(out, Gap):
                self._say(f"# {out.source}: {'answers again' if out.ended else out.detail}")

    def _trace(self, row: Row) -> None:
        number = row.value if isinstance(row.value, int | float) and severity(row.status) == "Good" else None
        if self._console.is_terminal:
            self._traces[row.tag].add(time.monotonic(), None if number is None else float(number))

    def _say(self, line: str) -> None:
        if not self._console.is_terminal:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(*("source", "tag", "room"), box=None, header_style="dim")
        table.add_column("value", justify="right")
        for name in ("unit", f"last {SECONDS:g} s", "status"):
            table.add_column(name)
        now = time.monotonic()
        for source, row in _in_order(self._rows.values()):
            style = STYLES[severity(row.status)]
            plot = self._traces[row.tag].line(now)
            cells = (source, row.tag, row.room or "", value_text(row), row.unit, plot, status_text(row))
            table.add_row(*(Text(cell) for cell in cells), style=style)
        return table


def value_text(row: Row) -> str:
    """The value, or a dash."""
    return "–" if row.value is None else f"{row.value:g}" if isinstance(row.value, float) else str(row.value)


def status_text(row: Row) -> str:
    """Name of the status, with the reason where it is not Good."""
    name = status_name(row.status)
    return name if severity(row.status) == "Good" else f"{name} ({row.reason.name})"


def _in_order(rows: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
    return sorted(rows, key=lambda item: (item[0], item[1].tag))
