"""The agent: sources into the pipeline into Kafka. The one place that knows how the parts are joined."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog

from adapters.contract import NotAskedError, Source, WeighingRequest, Weighs, now
from edge import health
from edge.control import Control, RefusedError
from edge.health import Health
from edge.hold import Hold
from edge.identities import Identities, NotAcceptedError
from edge.pipeline import Stage, run
from edge.reload import Change, Reloading
from edge.route import Route
from edge.settings import AgentConfiguration
from edge.sources import Sources
from edge.stages import examine
from edge.stages.alarm import RaiseAlarms
from edge.stages.contextualise import Contextualise
from edge.stages.examine import Examine
from edge.stages.normalise import Normalise
from edge.supervise import Supervisor
from gateway.alarm.conditions import conditions
from gateway.alarm.engine import Engine, Instant, NothingToAcknowledgeError
from gateway.journal.committer import Committer
from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from gateway.link.sealer import Sealer
from gateway.link.uplink import Uplink
from gateway.proof.keys import Role, load_public
from gateway.proof.keys import load as load_key
from gateway.proof.rotation import earliest, load_rotations
from schemas.codec import Record, plain
from schemas.records import Gap, GapCause, WeighingMethod

log = structlog.get_logger(__name__)

TICK = 0.1
"""Seconds between two looks at the clock, for on-delays."""
CLOCK_STEP = 1.0
"""Seconds by which the wall clock must leave the monotonic one to be said (F-A6)."""
HELD_UP = 3.0
"""Seconds between two looks at the clock from which on the time between them counts as not watched."""
FAREWELL = 8.0
"""Seconds that a stopping agent gives Kafka to take what still waits."""


class Agent:
    """One agent, from configuration to running. Raises JournalError and KeyFileError."""

    def __init__(self, configuration: AgentConfiguration) -> None:
        settings, site = configuration.settings, configuration.site
        self.configuration = configuration
        self.sender = settings.sender
        self.hold = Hold()
        self._retaining = retaining = [
            one.name for one in configuration.sources if one.adapter.retains and settings.journal_full == "hold"
        ]
        limit, days = settings.journal_mib * 1024 * 1024, settings.journal_days
        self.journal = Journal(configuration.journal, limit=limit, days=days, retaining=retaining)
        self.damage = self.journal.damage
        streams = streams_of(settings.cmo, settings.sender, settings.recipients)
        self.route = Route(streams)
        all_streams = [one for some in streams.values() for one in some]
        key, every = load_key(configuration.key, Role.SENDER), settings.seal_interval
        trusted = [one for path in configuration.trust for one in load_public(path)]
        changes, once = load_rotations(configuration.key, key), settings.exactly_once
        self.uplink = Uplink(
            settings.kafka, self.journal, all_streams, key, trusted, exactly_once=once, statements=changes
        )
        self.publisher = self.uplink.publisher
        self.committer = Committer(self.journal, self.publisher.wake)
        self.sealer = Sealer(
            self.journal, key, all_streams, self.publisher.offer_seal, interval=every, earliest=earliest(changes)
        )
        self.health = Health(settings.sender, self._state, self.take)
        described = {one.name: one.settings for one in configuration.sources}
        own_conditions = health.conditions(settings.sender)
        self.engine = Engine([*conditions(site), *own_conditions, *examine.conditions(described)])
        self.engine.restore(self.journal.latest_alarms())
        self.alarms = RaiseAlarms(self.engine, _instant)
        self.examine = Examine(settings.sender, described, ZoneInfo(site.zone), _instant)
        self.after_examination: list[Stage] = [Contextualise(site), self.alarms]
        own = {settings.sender: health.tags(settings.sender)}
        self.normalise = Normalise(own | {name: one.all_tags for name, one in described.items()})
        self.stages: list[Stage] = [
            self.normalise,
            self.examine,
            *self.after_examination,
        ]
        self.sources = Sources(configuration.sources, self._supervise)
        file = configuration.journal
        self.identities = Identities(file.with_name(file.name + ".identities"), self.sources.by_name)
        self._socket = configuration.control_socket
        self._reloading = Reloading(self)

    def _supervise(self, name: str, source: Source) -> Supervisor:
        hold = self.hold if name in self._retaining else None
        return Supervisor(name, source, self.take, hold, self._met)

    def _met(self, name: str) -> None:
        self.identities.met(name)

    async def run(self) -> None:
        """Read, alarm, journal and publish until cancelled; then publish what waits, for a few seconds at most."""
        async with AsyncExitStack() as stack:
            stack.callback(self.journal.close)
            if self._socket:
                await stack.enter_async_context(Control(self._socket, self._answers()))
            works = (self.committer.run(), self.uplink.run(), self.sealer.run())
            keeping = [asyncio.create_task(work) for work in works]
            stack.push_async_callback(_ended, keeping)
            stack.push_async_callback(self._farewell)
            self._tell_absence()
            async with asyncio.TaskGroup() as tasks:
                for task in keeping:
                    tasks.create_task(_as_long_as(task))
                tasks.create_task(self._watch_clock())
                tasks.create_task(self._tell_damage())
                tasks.create_task(self.health.run())
                tasks.create_task(self.sources.run())
                tasks.create_task(self._reloading.run())

    def take(self, record: Record) -> asyncio.Future[None]:
        """Send a record through all stages; done when what came of it is on the disk."""
        return self._keep(*run(self.stages, record))

    def _keep(self, *records: Record) -> asyncio.Future[None]:
        return self.committer.offer([draft for record in records for draft in self.route(record)])

    def _tell_absence(self) -> None:
        """The time since the last record of the agent's life before, in which nobody looked."""
        last = self.journal.last_time()
        for gap in self._unwatched(last, now(), "the agent was not running") if last is not None else ():
            self.take(gap)

    def _unwatched(self, began: int, ended: int, detail: str) -> Iterator[Gap]:
        for supervisor in self.sources.supervisors:
            gap = self._gap((), began, ended, GapCause.AGENT_STOPPED, detail, source=supervisor.state.name)
            yield replace(gap, estimated=True)

    async def _tell_damage(self) -> None:
        """What a damaged journal lost, once."""
        damage = self.journal.damage
        if damage is None:
            return
        log.error("journal was damaged", found=damage.found, missing=damage.missing, kept=damage.kept)
        count = "an unknown number of" if damage.missing is None else str(damage.missing)
        detail = f"the journal was damaged: {damage.found}; {count} records are missing in it; kept as {damage.kept}"
        moment = now()
        began = moment if damage.since is None else min(damage.since, moment)
        gap = self._gap((), began, moment, GapCause.JOURNAL_DAMAGED, detail, lost=damage.missing)
        await self.take(replace(gap, estimated=damage.since is None))
        with suppress(sqlite3.Error):  # then it is told again at the next start
            await asyncio.to_thread(self.journal.damage_told)

    def _state(self) -> health.State:
        return health.State(
            filled=self.journal.filled, waiting=self.committer.waiting + self.journal.waiting,
            unwritten=self.committer.problem is not None, reserve=self.journal.reserve.held,
            damaged=self.damage is not None, refused=self.publisher.problem is not None,
        )  # fmt: skip

    async def _watch_clock(self) -> None:
        """On-delays, clock steps, what had to make room, and whether there is some again."""
        before = _instant()
        while True:
            await asyncio.sleep(TICK)
            instant = _instant()
            self.hold.look(self.journal.filled)
            for found in self.examine.tick():
                self._keep(*run(self.after_examination, found))
            if due := list(self.alarms.tick()):
                self._keep(*due)
            for gap in (*self._clock_step(before, instant), *self._held_up(before, instant), *self._made_room()):
                self.take(gap)
            before = instant

    def _clock_step(self, before: Instant, after: Instant) -> Iterator[Gap]:
        step = (after.wall - before.wall) / 1e6 - (after.monotonic - before.monotonic)
        if abs(step) >= CLOCK_STEP:
            detail = f"the agent's clock stepped by {step:+.1f} s"
            began, ended = sorted((before.wall, after.wall))
            yield self._gap((), began, ended, GapCause.CLOCK_STEPPED, detail, lost=0)

    def _held_up(self, before: Instant, after: Instant) -> Iterator[Gap]:
        """The process did not run for a while (a paused machine, swapping): nobody looked."""
        seconds = after.monotonic - before.monotonic
        if seconds >= HELD_UP:
            yield from self._unwatched(before.wall, after.wall, f"the agent was held up for {seconds:.1f} s")

    def _made_room(self) -> Iterator[Gap]:
        for source, lost in self.committer.take_lost().items():
            detail = f"{lost.samples} samples of {source} made room: the journal is full"
            tags = tuple(sorted(lost.tags))
            yield self._gap(
                tags, lost.began, lost.ended, GapCause.BUFFER_FULL, detail, lost=lost.samples, source=source
            )

    def _gap(
        self,
        tags: tuple[str, ...],
        began: int,
        ended: int,
        cause: GapCause,
        detail: str,
        *,
        lost: int | None = None,
        source: str | None = None,
    ) -> Gap:
        log.warning("gap", cause=cause.value, detail=detail)
        id_ = uuid4()
        return Gap(
            id=id_, gap=id_, source=source or self.sender, tags=tags, began=began, ended=ended, cause=cause,
            detail=detail, lost=lost,
        )  # fmt: skip

    async def _farewell(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_published(), FAREWELL)
        log.info("stopped", unwritten=self.committer.waiting, waiting=self.journal.waiting)

    async def _all_published(self) -> None:
        await self._keep()  # done when all before it is on the disk
        self.publisher.wake()
        await self.publisher.drained()
        self.sealer.seal(now() // 1_000_000)  # only now: a salvaged journal has no final numbers before
        self.publisher.wake()
        await self.publisher.drained()

    def _answers(self) -> dict[str, Any]:
        return {
            "status": self.status, "alarms": self.open_alarms, "acknowledge": self.acknowledge,
            "accept_identity": self.accept_identity, "weigh": self.weigh, "reload": self._reloading.reload,
        }  # fmt: skip

    def status(self) -> dict[str, Any]:
        """How sources and uplink are, for `cmo-edge status`."""
        moment = now()
        return {
            "sender": self.sender,
            "kafka": self.uplink.status(),
            "waiting": self.journal.waiting,
            "journal": {
                "filled": self.journal.filled, "problem": self.committer.problem,
                "reserve": self.journal.reserve.held, "damaged": self.damage.found if self.damage else None,
            },
            "sources": [
                {
                    "name": s.name, "connected": s.connected, "problem": s.problem, "frames": s.frames,
                    "samples": s.samples, "age": None if s.heard is None else (moment - s.heard) / 1e6,
                }
                for s in (supervisor.state for supervisor in self.sources.supervisors)
            ],
        }  # fmt: skip

    def hang_up(self) -> None:
        """Read the configuration again, soon (SIGHUP)."""
        self._reloading.ask()

    def exchange(self, new: AgentConfiguration, change: Change, gaps: Mapping[str, Gap]) -> None:
        """Go by the new sources from here on; those of `change` are stopped, and the open `gaps` are theirs."""
        described = {one.name: one for one in new.sources if one.name in {*change.changed, *change.added}}
        for name in change.removed:
            self.examine.configure(name, None)
        for name, one in described.items():
            self.normalise.configure(name, one.settings.all_tags)
            self.examine.configure(name, one.settings)
        self.engine.watch(examine.conditions({name: one.settings for name, one in described.items()}))
        self.configuration = new
        self.sources.start(described.values(), gaps)
        for name in described:
            self.identities.join(name, self.sources.by_name[name])

    def open_alarms(self) -> list[dict[str, Any]]:
        """The alarms that are not normal."""
        return [plain(alarm) for alarm in self.alarms.open()]

    def acknowledge(self, condition: str, actor: str, comment: str) -> dict[str, Any]:
        """Acknowledge an alarm. Raises NothingToAcknowledgeError."""
        step = self.alarms.acknowledge(condition, actor=actor, comment=comment)
        self._keep(step)
        return plain(step)

    def accept_identity(self, source: str, actor: str, comment: str) -> dict[str, str]:
        """The device that answers now is the one that is meant. Raises RefusedError.

        Who said it becomes the acknowledgement of the alarm, where one waits for it.
        """
        try:
            identity = self.identities.accept(source)
        except NotAcceptedError as error:
            raise RefusedError(str(error)) from error
        except OSError as error:
            raise RefusedError(f"the identity cannot be kept: {error}") from error
        said = ", ".join(f"{name} {content}" for name, content in identity.items())
        log.warning("identity accepted", source=source, identity=said, actor=actor, comment=comment)
        with suppress(NothingToAcknowledgeError):
            self.acknowledge(examine.identity_condition(source), actor, f"{comment} (accepted: {said})")
        return dict(identity)

    async def weigh(self, source: str, **request: Any) -> dict[str, Any]:
        """Take a weighing of record by command; given back once it is on the disk. Raises RefusedError."""
        scale = self.sources.by_name.get(source)
        if not isinstance(scale, Weighs):
            raise RefusedError(f"source {source!r} is no balance of this agent")
        try:
            taken = await scale.weigh(WeighingRequest(method=WeighingMethod.COMMAND, **request))
        except NotAskedError as error:
            raise RefusedError(str(error)) from error
        (record,) = run(self.stages, taken)
        await self._keep(record)
        return plain(record) | {"raw": None if taken.raw is None else taken.raw.decode("latin-1")}


async def _as_long_as(task: asyncio.Task[None]) -> None:
    """Fail with the task, but leave it running when cancelled."""
    await asyncio.shield(task)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _instant() -> Instant:
    return Instant(now(), time.monotonic())
