"""The annunciation of an agent, from its configuration and what it has."""

from collections.abc import Sequence

from edge.annunciation.annunciation import Annunciation
from edge.annunciation.beacon import switch_of
from edge.annunciation.memory import Memory
from edge.annunciation.proving import Uplink
from edge.annunciation.wording import Wording
from edge.flow import Flow, instant
from edge.settings import AgentConfiguration
from gateway.journal.journal import Journal
from gateway.link.topics import Stream


def annunciation_of(
    configuration: AgentConfiguration, flow: Flow, journal: Journal, streams: Sequence[Stream]
) -> Annunciation:
    """`streams` are those that measurements go to."""
    settings, site = configuration.settings, configuration.site
    told = settings.annunciation
    sources = {one.name: one.settings for one in configuration.sources}
    return Annunciation(
        told,
        Wording(site, told.language, settings.cmo, settings.sender),
        Memory(configuration.journal.with_name(configuration.journal.name + ".told")),
        flow.alarms.open,
        instant,
        switch=None if told.beacon is None else switch_of(told.beacon, sources),
        uplink=Uplink(settings.sender, [one.name for one in streams], journal, flow.report, flow.keep).prove,
        zone=site.zone,
    )
