"""How well the lines of the devices carry: what was asked, answered, not answered and damaged, for each source.

A line that gets worse (a loose shield, a failing converter, a unit too many) shows it here long before a device is
lost: as the agent's own tag `<source>.LineErrors`, the share in percent that failed in each `PERIOD`, and in
`cmo-edge status`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from adapters.contract import Counts, Exchanges, now
from schemas.frame import Frame, TagTable, frame_of
from schemas.status import Reason, StatusCode

PERIOD = 60.0
"""Seconds over which a share is taken."""
TAG = "LineErrors"


class LineErrors:
    """Of the sources that count. `tell` takes the reports; `sources` gives those there are, by name."""

    def __init__(
        self, sender: str, sources: Callable[[], Mapping[str, object]], tell: Callable[[Frame], object]
    ) -> None:
        self._sender, self._sources, self._tell = sender, sources, tell
        self._before: dict[str, Exchanges] = {}
        self._shares: dict[str, float] = {}

    async def run(self) -> None:
        """Report each `PERIOD`, until cancelled."""
        while True:
            await asyncio.sleep(PERIOD)
            if shares := dict(self._changed()):
                self._tell(self._frame(shares))

    def status(self) -> dict[str, dict[str, Any]]:
        """By source: its counts since the agent started, and the share that failed in the latest period, percent."""
        return {name: asdict(counts) | {"failed": self._shares.get(name)} for name, counts in self._counts().items()}

    def _counts(self) -> dict[str, Exchanges]:
        return {name: source.exchanges for name, source in self._sources().items() if isinstance(source, Counts)}

    def _changed(self) -> Iterator[tuple[str, float]]:
        """The share of each source that was asked or heard since the last look."""
        counts = self._counts()
        for name, after in counts.items():
            before = self._before.get(name, Exchanges())
            if after.asked < before.asked or after.answered < before.answered:
                before = Exchanges()  # another source in its place: the configuration was read again
            failed, all_ = after.failed - before.failed, after.ended - before.ended
            self._shares.pop(name, None)
            if all_:
                self._shares[name] = round(100 * failed / all_, 2)
                yield name, self._shares[name]
        self._before = {name: replace(count) for name, count in counts.items()}
        self._shares = {name: share for name, share in self._shares.items() if name in counts}

    def _frame(self, shares: Mapping[str, float]) -> Frame:
        moment, good = now(), int(StatusCode.GOOD)
        table = TagTable(tuple(f"{name}.{TAG}" for name in shares), ("%",) * len(shares))
        rows = [(row, share, good, Reason.NONE, moment) for row, share in enumerate(shares.values())]
        return frame_of(self._sender, table, rows, received=moment)


def lines_of(status: Mapping[str, Any]) -> Iterator[str]:
    """One line for each source that counts, for `cmo-edge status`."""
    for name, line in status["lines"].items():
        asked = f"{line['asked']} asked, " if line["asked"] else ""
        failed = "" if line["failed"] is None else f"; {line['failed']:g} % failed in the last {PERIOD:g} s"
        yield (
            f"line of {name}: {asked}{line['answered']} answered, {line['timed_out']} timed out, "
            f"{line['malformed']} malformed{failed}"
        )
