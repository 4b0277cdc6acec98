"""The way of every record: stages, routes, journal. The one place that knows their order."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from zoneinfo import ZoneInfo

from adapters.contract import Portion, SourceSettings, now
from edge import health
from edge.assigning import Keeping
from edge.context_file import ContextFile
from edge.latest import Latest
from edge.pipeline import Stage, run
from edge.route import Route
from edge.settings import AgentConfiguration
from edge.stages import examine
from edge.stages.alarm import RaiseAlarms
from edge.stages.assign import Assign
from edge.stages.contextualise import Contextualise
from edge.stages.derive import Derive
from edge.stages.examine import Examine
from edge.stages.normalise import Normalise
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from gateway.cleanroom.conditions import conditions
from gateway.context.context import Context
from gateway.journal.committer import Committer
from gateway.journal.journal import Draft
from schemas.codec import Record
from schemas.context import Assignment
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, Weighing

AT_ONCE = 50
"""Records of a portion that are made ready before frames get a turn: some 2 ms."""


def instant() -> Instant:
    """Both clocks."""
    return Instant(now(), time.monotonic())


class Flow:
    """Takes what sources report; `alarms` is where the line's alarms stand, `latest` what each tag said last."""

    def __init__(
        self,
        configuration: AgentConfiguration,
        route: Route,
        committer: Committer,
        *looks: Stage,
        clock: Callable[[], Instant] = instant,
        context_file: ContextFile | None = None,
    ) -> None:
        """`looks` are stages that only look at what was examined, and pass it on."""
        site, sender = configuration.site, configuration.settings.sender
        described = {one.name: one.settings for one in configuration.sources}
        context = Context(sender, site.line)
        watched = [*conditions(site), *health.conditions(sender), *examine.conditions(described)]
        self._engine = Engine(watched, context.batch_in_room)
        self._route, self._committer, self._clock = route, committer, clock
        self._context, self._before = context, list[Alarm]()
        self.alarms = RaiseAlarms(self._engine, clock)
        self.latest = Latest(dict(site.tagged_rooms()))
        self._examine = Examine(sender, described, ZoneInfo(site.zone), clock)
        own = {sender: health.tags(sender)}
        self._normalise = Normalise(own | {name: one.all_tags for name, one in described.items()})
        self._assign, self._keeping = Assign(site, context, lambda: clock().wall), Keeping(context, context_file)
        self._after_examination: list[Stage] = [Contextualise(site), self._assign, self.latest, self.alarms]
        self._writing = set[asyncio.Future[None]]()
        self._portions: dict[str, asyncio.Future[None]] = {}
        self._zeros = {name: settings.zero_tags for name, settings in described.items()}
        self._derive = Derive(site, sender, lambda: clock().wall)
        self._stages: list[Stage] = [
            self._normalise, self._examine, *looks, self._derive, *self._after_examination
        ]  # fmt: skip

    def restore(self, alarms: list[Alarm]) -> None:
        """Go on from the latest step of each alarm of the agent's life before."""
        self._before = alarms
        self._engine.restore(alarms, self._clock())

    async def go_on(self, since: int | None, remembered: Mapping[str, str] = MappingProxyType({})) -> None:
        """Go on with what the life before, up to `since`, knew of batches, and with what its journal remembers."""
        waiting = await asyncio.to_thread(self._keeping.load)
        self._route.restore(self._context, self._before, remembered)
        if since is not None:
            self._assign.absent(since)
        self.keep(*waiting)

    def take(self, record: Record) -> asyncio.Future[None]:
        """Send a record through all stages; done when what came of it is on the disk."""
        return self.keep(*run(self._stages, record))

    async def take_weighing(self, weighing: Weighing) -> Record:
        """As `take`; gives what came of it, once it is on the disk."""
        (record,) = run(self._stages, weighing)
        await self.keep(record)
        return record

    def deliver(self, portion: Portion) -> asyncio.Future[None]:
        """As `take`, for records that go into the journal with one commit and their source's mark, by itself."""
        self._portions[portion.source] = task = asyncio.ensure_future(self._delivered(portion))
        return task

    async def _delivered(self, portion: Portion) -> None:
        drafts = list[Draft]()
        for at in range(0, len(portion.records), AT_ONCE):
            some = portion.records[at : at + AT_ONCE]
            drafts += self._route.all(out for one in some for out in run(self._stages, one))
            await asyncio.sleep(0)  # frames come between
        assigned = self._assign.settle()
        drafts += [draft for one in assigned for draft in self._route(one)]
        await self._keeping.write()
        await self._committer.offer(drafts, (portion.source, portion.mark))
        await self._keeping.in_journal(assigned)

    async def mark(self, source: str) -> str | None:
        """The mark that is in the journal with the last portion of a source, once none is on its way any more."""
        if (before := self._portions.get(source)) is not None:
            await asyncio.wait([before])
        return await asyncio.to_thread(self._committer.journal.mark, source)

    def keep(self, *records: Record) -> asyncio.Future[None]:
        """Journal records that are past the stages; done when they, and all before them, are on the disk."""
        done = self._committer.offer([draft for record in records for draft in self._route(record)])
        if assigned := [record for record in records if isinstance(record, Assignment)]:
            task = asyncio.ensure_future(self._keep_assigned(done, assigned))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return done

    async def _keep_assigned(self, done: asyncio.Future[None], assigned: Sequence[Assignment]) -> None:
        await self._keeping.write()
        await done
        await self._keeping.in_journal(assigned)

    def report(self, frame: Frame) -> None:
        """What the agent itself has to say: past the stages that are for devices."""
        self.keep(*run(self._after_examination, frame))

    def tick(self) -> None:
        """What is due by the clock alone: values that stand still, on-delays."""
        for found in (*self._examine.tick(), *self._derive.tick()):
            self.report(found)
        if due := [*self.alarms.tick(), *self._route.due()]:
            self.keep(*due)

    def finish(self) -> asyncio.Future[None]:
        """Journal what is due at the end; done when it, and all before it, are on the disk."""
        return self.keep(*self._route.due(everything=True))

    def command(
        self, event: AlarmEvent, condition: str, *, actor: str, comment: str, until: int | None = None
    ) -> Alarm:
        """What a person does with an alarm. Raises CommandRefusedError."""
        step = self.alarms.command(event, condition, actor=actor, comment=comment, until=until)
        self.keep(step)
        return step

    def forget(self, source: str) -> None:
        """There is no such source any more."""
        self._examine.configure(source, None)
        self._engine.unwatch([*examine.tags_of(source), *self._zeros.pop(source, ())])

    def configure(self, source: str, settings: SourceSettings) -> None:
        """Go by these settings from the source's next frame on."""
        self._normalise.configure(source, settings.all_tags)
        self._examine.configure(source, settings)
        self._zeros[source] = settings.zero_tags
        self._route.describe(source, [tag.name for tag in settings.all_tags])
        self._engine.watch(examine.conditions({source: settings}))
