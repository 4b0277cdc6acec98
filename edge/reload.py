"""What a configuration that is read again changes, and how the running agent takes it over.

Sources are exchanged while the agent runs. The rest is fixed when it starts: a change of that is named, and comes with
the next start. A changed site file is refused whole, because its limits and the tags must fit each other.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import structlog

from edge.agreeing import Agreeing, AgreementsError
from edge.control import RefusedError
from edge.settings import AgentConfiguration, SourceConfiguration, load
from edge.sources import Sources
from gateway.configuration import ConfigurationError
from schemas.records import Gap

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """Names of sources; and in `restart`, what only the next start can change."""

    unchanged: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    restart: tuple[str, ...]


def compare(old: AgentConfiguration, new: AgentConfiguration, started: AgentConfiguration) -> Change:
    """From the configuration that runs to the one that was read; `started` is the one of the agent's start."""
    before = {source.name: source for source in old.sources}
    after = {source.name: source for source in new.sources}
    both = [name for name in after if name in before]
    return Change(
        unchanged=tuple(name for name in both if _same(before[name], after[name])),
        changed=tuple(name for name in both if not _same(before[name], after[name])),
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        restart=tuple(_fixed(started, new)),
    )


def _same(one: SourceConfiguration, other: SourceConfiguration) -> bool:
    """As text: a mark such as .nan is not equal to itself."""
    return one.adapter is other.adapter and repr(one.settings.model_dump()) == repr(other.settings.model_dump())


def _fixed(old: AgentConfiguration, new: AgentConfiguration) -> list[str]:
    before, after = old.settings.model_dump(), new.settings.model_dump()
    names = [name for name in before if name not in {"sources", "site"} and before[name] != after[name]]
    held = {source.name for source in old.sources if source.adapter.retains}
    late = [source.name for source in new.sources if source.adapter.retains and source.name not in held]
    if late and new.settings.journal_full == "hold":
        names.append(f"journal_full for {', '.join(late)}")
    return names


class Running(Protocol):
    """The agent, as far as it can be changed."""

    configuration: AgentConfiguration
    sources: Sources
    agreeing: Agreeing

    def exchange(self, new: AgentConfiguration, change: Change, gaps: Mapping[str, Gap]) -> None:
        """Go by the new sources from here on."""


class Reloading:
    """Reads the configuration again when it is asked to; one at a time."""

    def __init__(self, agent: Running) -> None:
        self._agent = agent
        self._started = agent.configuration
        self._asked = asyncio.Event()
        self._one = asyncio.Lock()

    def ask(self) -> None:
        """Reload soon; the outcome is logged."""
        self._asked.set()

    async def run(self) -> None:
        """Serve `ask` until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self.reload()
            except RefusedError as error:
                log.error("not reloaded", findings=str(error).splitlines())  # noqa: TRY400 - the text says it all

    async def reload(self) -> dict[str, Any]:
        """What was changed, by source names, and versions of agreements that are new.

        Raises RefusedError where a file has faults; the old one goes on.
        """
        async with self._one:
            new = await self._read()
            agreements = await self._agreements()
            change = compare(self._agent.configuration, new, self._started)
            gaps = await self._agent.sources.stop(change.changed, change.removed)
            self._agent.exchange(new, change, gaps)
        told = {**asdict(change), "agreements": agreements}
        log.info("reloaded", **told)
        return told

    async def _agreements(self) -> list[str]:
        try:
            return await self._agent.agreeing.renew()
        except AgreementsError as error:
            raise RefusedError(f"the agreements are not taken over, all goes on as before: {error}") from error

    async def _read(self) -> AgentConfiguration:
        old = self._agent.configuration
        try:
            new = await asyncio.to_thread(load, old.file)
        except ConfigurationError as error:
            raise RefusedError(f"the configuration has faults, the old one goes on:\n{error}") from error
        if new.site != old.site:
            raise RefusedError(
                f"{new.settings.site}: the site is another one, and limits change only at a start; restart"
            )
        return new
