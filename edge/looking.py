"""What commands that look at devices and send nothing make of a record: what the agent would, without its alarms."""

import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from adapters.contract import now
from edge import identities
from edge.pipeline import Stage, run
from edge.settings import AgentConfiguration
from edge.stages.contextualise import Contextualise
from edge.stages.examine import Examine
from edge.stages.normalise import Normalise
from gateway.alarm.instant import Instant
from schemas.codec import Record


class Looking:
    """`sources` by name, each told which device the agent knows there; nothing is learnt here."""

    def __init__(self, configuration: AgentConfiguration) -> None:
        described = {source.name: source.settings for source in configuration.sources}
        self.sources = {source.name: source.adapter.source(source.settings) for source in configuration.sources}
        identities.recall(identities.beside(configuration.journal), self.sources)
        sender, zone = configuration.settings.sender, ZoneInfo(configuration.site.zone)
        normalise = Normalise({name: settings.all_tags for name, settings in described.items()})
        self._examine = Examine(sender, described, zone, lambda: Instant(now(), time.monotonic()))
        self._after_examination: list[Stage] = [Contextualise(configuration.site)]
        self._stages: list[Stage] = [normalise, self._examine, *self._after_examination]

    def take(self, record: Record) -> Iterator[Record]:
        """What the agent would record of it."""
        return run(self._stages, record)

    def tick(self) -> Iterator[Record]:
        """What it would record by the clock alone: values that stand still."""
        for found in self._examine.tick():
            yield from run(self._after_examination, found)
