"""The sources of the running agent, each under its supervisor, and how some are exchanged while the others go on."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adapters.contract import Source, TakesFiles
from edge.settings import SourceConfiguration
from edge.supervise import Supervisor
from schemas.records import Gap

Supervise = Callable[[str, Source], Supervisor]
"""Puts a source under a supervisor."""


@dataclass(slots=True)
class _One:
    source: Source
    supervisor: Supervisor
    task: asyncio.Task[None] | None = None


class Sources:
    """By name, in the order of the configuration."""

    def __init__(self, configured: Iterable[SourceConfiguration], supervise: Supervise) -> None:
        self._supervise = supervise
        self._ones: dict[str, _One] = {}
        self._group: asyncio.TaskGroup | None = None
        for one in configured:
            self._add(one.name, one.adapter.source(one.settings))

    @property
    def supervisors(self) -> list[Supervisor]:
        """All of them."""
        return [one.supervisor for one in self._ones.values()]

    @property
    def by_name(self) -> Mapping[str, Source]:
        """The sources themselves."""
        return {name: one.source for name, one in self._ones.items()}

    @property
    def of_files(self) -> Mapping[str, TakesFiles]:
        """Those whose records stand in files."""
        return {name: one.source for name, one in self._ones.items() if isinstance(one.source, TakesFiles)}

    async def run(self) -> None:
        """Drive all until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for one in self._ones.values():
                one.task = group.create_task(one.supervisor.run())
            await asyncio.Event().wait()

    async def stop(self, changed: Iterable[str], removed: Iterable[str]) -> dict[str, Gap]:
        """End these; each is said to be unread from its last answer on. Gives the open gaps of the changed ones."""
        gaps: dict[str, Gap] = {}
        ending = [*changed, *removed]
        tasks = [task for name in ending if (task := self._ones[name].task) is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in changed:
            gaps[name] = self._ones.pop(name).supervisor.interrupt("its settings were changed")
        for name in removed:
            self._ones.pop(name).supervisor.end("it was taken out of the configuration")
        return gaps

    def start(self, configured: Iterable[SourceConfiguration], gaps: Mapping[str, Gap]) -> None:
        """Begin with these; an open gap ends with the first answer."""
        for new in configured:
            one = self._add(new.name, new.adapter.source(new.settings))
            if new.name in gaps:
                one.supervisor.resume(gaps[new.name])
            if self._group is not None:
                one.task = self._group.create_task(one.supervisor.run())

    def _add(self, name: str, source: Source) -> _One:
        self._ones[name] = one = _One(source, self._supervise(name, source))
        return one
