"""The stages of commands that look at devices and send nothing: what the agent says of a value, without alarms."""

import time
from zoneinfo import ZoneInfo

from adapters.contract import now
from edge.pipeline import Stage
from edge.settings import AgentConfiguration
from edge.stages.contextualise import Contextualise
from edge.stages.examine import Examine
from edge.stages.normalise import Normalise
from gateway.alarm.engine import Instant


def stages_of(configuration: AgentConfiguration) -> list[Stage]:
    """Normalise, examine, contextualise, as in the agent."""
    sources = {source.name: source.settings for source in configuration.sources}
    sender, zone = configuration.settings.sender, ZoneInfo(configuration.site.zone)
    return [
        Normalise({name: settings.all_tags for name, settings in sources.items()}),
        Examine(sender, sources, zone, lambda: Instant(now(), time.monotonic())),
        Contextualise(configuration.site),
    ]
