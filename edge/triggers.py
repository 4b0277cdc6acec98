"""Weighings of record that a tag of another source asks for (MES, PLC): each change of it takes one.

Only a change between two Good values counts. Whatever stands between them (a value that is not Good, a gap) makes the
next value the first one again, and what a device kept while nobody read it asks for nothing: the pan is another one by
now.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

import structlog
from pydantic import ValidationError

from adapters.contract import SourceSettings, WeighingRequest, WeighingTrigger
from edge.control import RefusedError
from gateway.configuration import nearest
from schemas.codec import Record
from schemas.frame import Frame, Row, Value
from schemas.records import Gap, WeighingMethod
from schemas.status import severity

log = structlog.get_logger(__name__)

Weigh = Callable[[str, WeighingRequest], Awaitable[object]]
"""Takes a weighing at the balance of that name and keeps it. Raises RefusedError."""
AT = ("weighing", "trigger")
"""Where it stands in the settings of a source."""


def faults(name: str, sources: Mapping[str, SourceSettings]) -> Iterator[tuple[str, str]]:
    """What is wrong with the trigger of a source: the setting below `AT`, and why, in a line."""
    trigger = sources[name].weighing_trigger
    if trigger is None:
        return
    others = {other: settings for other, settings in sources.items() if other != name}
    if trigger.source not in others:
        yield "source", f"no other source is called {trigger.source!r}{nearest(trigger.source, list(others))}"
        return
    tags = [tag.name for tag in others[trigger.source].all_tags]
    for setting, tag in {"tag": trigger.tag, **trigger.context}.items():
        if tag not in tags:
            yield setting, f"source {trigger.source!r} has no tag {tag!r}{nearest(tag, tags)}"


class Triggers:
    """A stage that looks at what is examined, and passes it on."""

    def __init__(self, sources: Mapping[str, SourceSettings]) -> None:
        self._asked: asyncio.Queue[tuple[str, WeighingRequest]] = asyncio.Queue()
        self._by_tag: dict[str, list[tuple[str, WeighingTrigger]]] = {}
        self._wanted: dict[str, set[str]] = {}
        self._good: dict[str, Value] = {}
        self.configure(sources)

    def configure(self, sources: Mapping[str, SourceSettings]) -> None:
        """Go by the triggers of these sources; what was seen of tags that are still looked at is kept."""
        by_tag: defaultdict[str, list[tuple[str, WeighingTrigger]]] = defaultdict(list)
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for name, settings in sources.items():
            if (trigger := settings.weighing_trigger) is not None:
                by_tag[trigger.tag].append((name, trigger))
                wanted[trigger.source] |= {trigger.tag, *trigger.context.values()}
        self._by_tag, self._wanted = dict(by_tag), dict(wanted)
        known = {tag for tags in wanted.values() for tag in tags}
        self._good = {tag: value for tag, value in self._good.items() if tag in known}

    @property
    def waiting(self) -> int:
        """How many weighings were asked for and not yet begun."""
        return self._asked.qsize()

    def __call__(self, record: Record) -> Iterator[Record]:
        """The record as it is."""
        match record:
            case Frame() if record.source in self._wanted and not record.backfilled:
                self._look(record, self._wanted[record.source])
            case Gap() if record.source in self._wanted:
                self._forget(record.tags or self._wanted[record.source])
        yield record

    async def run(self, weigh: Weigh) -> None:
        """Take what is asked for, until cancelled; what was asked for by then is still recorded."""
        under_way: set[asyncio.Task[None]] = set()

        def begin(asked: tuple[str, WeighingRequest]) -> None:
            task = asyncio.create_task(_take(weigh, *asked))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

        try:
            while True:
                begin(await self._asked.get())
        finally:
            while not self._asked.empty():
                begin(self._asked.get_nowait())
            await asyncio.gather(*under_way)

    def _look(self, frame: Frame, wanted: set[str]) -> None:
        """All that a frame says belongs together, so the context is that of its end."""
        names = frame.tags.names
        rows = [frame.row(at) for at, tag in enumerate(frame.tag.tolist()) if names[tag] in wanted]
        changed = [row.tag for row in rows if self._changes(row)]
        for tag in changed:
            for balance, trigger in self._by_tag.get(tag, ()):
                log.info("weighing asked for", source=balance, tag=tag)
                self._asked.put_nowait((balance, self._request(trigger)))

    def _changes(self, row: Row) -> bool:
        """Whether it changed to something that asks for a weighing."""
        if severity(row.status) != "Good" or row.value is None:
            self._good.pop(row.tag, None)
            return False
        before, self._good[row.tag] = self._good.get(row.tag), row.value
        is_number = isinstance(row.value, bool | int | float)
        return is_number and before is not None and row.value not in (0, before)

    def _forget(self, tags: Iterable[str]) -> None:
        for tag in tags:
            self._good.pop(tag, None)

    def _request(self, trigger: WeighingTrigger) -> WeighingRequest:
        """With what the tags say right now; what is not Good, or no text that fits, is left out."""
        said = {name: self._good.get(tag) for name, tag in trigger.context.items()}
        request = WeighingRequest(method=WeighingMethod.TRIGGER)
        for name, content in said.items():
            try:
                request = WeighingRequest.model_validate({**request.model_dump(), name: content or None})
            except ValidationError:
                log.warning("not told to the weighing", tag=trigger.context[name], what=name, content=repr(content))
        return request


async def _take(weigh: Weigh, balance: str, request: WeighingRequest) -> None:
    try:
        await weigh(balance, request)
    except RefusedError as error:
        log.error("weighing not taken", source=balance, why=str(error))  # noqa: TRY400 - the text says it all
