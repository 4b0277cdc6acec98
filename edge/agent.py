"""The agent: sources into the pipeline into Kafka. The one place that knows how the parts are joined."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

import structlog

from adapters.contract import Source, TakesFiles, now
from edge import context_file, health
from edge.agreeing import Agreeing
from edge.annunciation.making import annunciation_of
from edge.answers import Answers
from edge.control import Control
from edge.flow import Flow, instant
from edge.health import Health
from edge.hold import Hold
from edge.identities import Identities, beside
from edge.line_errors import LineErrors
from edge.own_gaps import OwnGaps
from edge.reload import Change, Reloading
from edge.settings import AgentConfiguration
from edge.sources import Sources
from edge.supervise import Supervisor
from edge.triggers import Triggers
from gateway.certificates import Watch
from gateway.journal.committer import Committer
from gateway.journal.journal import Journal
from gateway.link.sealer import Sealer
from gateway.link.uplink import Uplink
from gateway.link.uplinks import Uplinks
from gateway.proof.keys import Role, load_public
from gateway.proof.keys import load as load_key
from gateway.proof.rotation import earliest, load_rotations
from schemas.records import Gap

log = structlog.get_logger(__name__)

TICK = 0.1
"""Seconds between two looks at the clock, for on-delays."""
THREADS = 32
"""Of these, names that nobody answers for take some: the journal must still have one."""
FAREWELL = 8.0
"""Seconds that a stopping agent gives Kafka to take what still waits."""


class Agent:
    """One agent, from configuration to running. Raises JournalError, KeyFileError and AgreementsError."""

    def __init__(self, configuration: AgentConfiguration) -> None:
        settings = configuration.settings
        self.configuration = configuration
        self.sender = settings.sender
        self.hold = Hold()
        self._retaining = retaining = [
            one.name for one in configuration.sources if one.adapter.retains and settings.journal_full == "hold"
        ]
        limit, days = settings.journal_mib * 1024 * 1024, settings.journal_days
        self.journal = Journal(configuration.journal, limit=limit, days=days, retaining=retaining)
        self.damage = self.journal.damage
        key, every = load_key(configuration.key, Role.SENDER), settings.seal_interval
        trusted = [one for path in configuration.trust for one in load_public(path)]
        self.agreeing = agreeing = Agreeing(configuration, trusted)
        streams = agreeing.streams
        all_streams = [one for some in streams.values() for one in some]
        changes, once = load_rotations(configuration.key, key), settings.exactly_once
        kafka = settings.kafka_of(agreeing.recipients)
        self.uplinks = Uplinks(kafka, self.journal, all_streams, key, trusted, exactly_once=once, statements=changes)
        self.committer = Committer(self.journal, self.uplinks.wake)
        self.sealer = Sealer(
            self.journal, key, all_streams, self.uplinks.offer_seal, interval=every, earliest=earliest(changes)
        )
        self.triggers = Triggers({one.name: one.settings for one in configuration.sources})
        known = context_file.beside(configuration.journal)
        self.route, self.late = agreeing.route(self.committer)
        self.flow = Flow(configuration, self.route, self.committer, self.triggers, context_file=known)
        self.flow.restore(self.journal.latest_alarms())
        self.certificates = Watch(lambda: self.configuration.certificates)
        self.health = Health(settings.sender, self._state, self.flow.take)
        self.sources = Sources(configuration.sources, self._supervise)
        self.identities = Identities(beside(configuration.journal), self.sources.by_name)
        self.answers = Answers(self.flow, self.sources, self.identities, self._status)
        self.annunciation = annunciation_of(configuration, self.flow, self.journal, streams["measurements"])
        self.line_errors = LineErrors(settings.sender, lambda: self.sources.by_name, self.flow.report)
        self._gaps = OwnGaps(settings.sender)
        self._reloading = Reloading(self)

    def _supervise(self, name: str, source: Source) -> Supervisor:
        waits = any(one.name == name and one.adapter.waits for one in self.configuration.sources)
        hold = self.hold if waits or name in self._retaining else None
        if isinstance(source, TakesFiles):
            source.resume(partial(self.flow.mark, name))
        return Supervisor(name, source, self.flow.take, hold, self._met, deliver=self.flow.deliver)

    def _met(self, name: str) -> None:
        self.identities.met(name)

    async def run(self) -> None:
        """Read, alarm, journal and publish until cancelled; then publish what waits, for a few seconds at most."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        async with AsyncExitStack() as stack:
            stack.callback(self.journal.close)
            if socket := self.configuration.control_socket:
                others = {"reload": self._reloading.reload, "test_alarms": self.annunciation.test}
                answers = {**self.answers.by_name(), **others}
                await stack.enter_async_context(Control(socket, answers))
            works = (self.committer.run(), self.uplinks.run(), self.sealer.run())
            keeping = [asyncio.create_task(work) for work in works]
            stack.push_async_callback(_ended, keeping)
            stack.push_async_callback(self._farewell)
            await self.flow.go_on(self.journal.last_time(), self.journal.remembered())
            self._tell_absence()
            async with asyncio.TaskGroup() as tasks:
                for task in keeping:
                    tasks.create_task(_as_long_as(task))
                tasks.create_task(self._watch_clock())
                tasks.create_task(self._tell_damage())
                tasks.create_task(self.certificates.run())
                tasks.create_task(self.health.run())
                tasks.create_task(self.line_errors.run())
                tasks.create_task(self.annunciation.run())
                tasks.create_task(self.sources.run())
                tasks.create_task(self.triggers.run(self.answers.take_weighing))
                tasks.create_task(self._reloading.run())
                tasks.create_task(self.agreeing.follow())
                if self.late is not None:
                    tasks.create_task(self.late.run())

    def _tell_absence(self) -> None:
        last, files = self.journal.last_time(), self.sources.of_files
        watched = [name for name in self.sources.by_name if name not in files]  # files wait: nothing of them is missed
        for gap in () if last is None else self._gaps.absence(last, now(), watched):
            self.flow.take(gap)

    async def _tell_damage(self) -> None:
        """Once."""
        if self.damage is None:
            return
        await self.flow.take(self._gaps.damage(self.damage, now()))
        with suppress(sqlite3.Error):  # then it is told again at the next start
            await asyncio.to_thread(self.journal.damage_told)

    async def _watch_clock(self) -> None:
        """On-delays, clock steps, what had to make room, and whether there is some again."""
        before = instant()
        while True:
            await asyncio.sleep(TICK)
            after = instant()
            self.hold.look(self.journal.filled)
            self.flow.tick()
            lost = self.committer.take_lost()
            for gap in (*self._gaps.between(before, after, self.sources.by_name), *self._gaps.made_room(lost)):
                self.flow.take(gap)
            before = after

    async def _farewell(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_published(), FAREWELL)
        log.info("stopped", unwritten=self.committer.waiting, waiting=self.journal.waiting)

    async def _all_published(self) -> None:
        await self.flow.finish()  # done when all before it is on the disk
        await asyncio.gather(*map(self._published, self.uplinks.by_recipient.values()))

    async def _published(self, uplink: Uplink) -> None:
        uplink.publisher.wake()
        await uplink.publisher.drained()
        self.sealer.seal(now() // 1_000_000, uplink.streams)  # only now: a salvaged journal has no final numbers before
        uplink.publisher.wake()
        await uplink.publisher.drained()

    def hang_up(self) -> None:
        """Read the configuration again, soon (SIGHUP)."""
        self._reloading.ask()

    def exchange(self, new: AgentConfiguration, change: Change, gaps: Mapping[str, Gap]) -> None:
        """Go by the new sources from here on; those of `change` are stopped, and the open `gaps` are theirs."""
        described = [one for one in new.sources if one.name in {*change.changed, *change.added}]
        for name in change.removed:
            self.flow.forget(name)
        for one in described:
            self.flow.configure(one.name, one.settings)
        self.triggers.configure({one.name: one.settings for one in new.sources})
        self.configuration = new
        self.sources.start(described, gaps)
        for one in described:
            self.identities.join(one.name, self.sources.by_name[one.name])

    def _state(self) -> health.State:
        return health.State(
            filled=self.journal.filled, waiting=self.committer.waiting + self.journal.waiting,
            unwritten=self.committer.problem is not None, reserve=self.journal.reserve.held,
            damaged=self.damage is not None, refused=self.uplinks.refused,
            untold=self.annunciation.failed, expiring=self.certificates.expiring, expired=self.certificates.expired,
        )  # fmt: skip

    def _status(self) -> dict[str, Any]:
        return {
            "sender": self.sender,
            "recipients": self.uplinks.status(),
            "waiting": self.journal.waiting,
            "certificates": self.certificates.status(),
            "lines": self.line_errors.status(),
            "annunciation": self.annunciation.status(),
            "agreements": self.route.status(),
            "journal": {
                "filled": self.journal.filled, "problem": self.committer.problem,
                "reserve": self.journal.reserve.held, "damaged": self.damage.found if self.damage else None,
            },
        }  # fmt: skip


async def _as_long_as(task: asyncio.Task[None]) -> None:
    """Fail with the task, but leave it running when cancelled."""
    await asyncio.shield(task)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
