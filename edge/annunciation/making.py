"""The annunciation of an agent, from its configuration and what it has."""

from collections.abc import Sequence

from edge.annunciation.annunciation import Annunciation
from edge.annunciation.keeping import Switch
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
    return Annunciation(
        told,
        Wording(site, told.language, settings.cmo, settings.sender),
        Memory(configuration.journal.with_name(configuration.journal.name + ".told")),
        flow.alarms.open,
        instant,
        switch=_switch(configuration),
        uplink=Uplink(settings.sender, [one.name for one in streams], journal, flow.report, flow.keep).prove,
        zone=site.zone,
    )


def _switch(configuration: AgentConfiguration) -> Switch | None:
    beacon = configuration.settings.annunciation.beacon
    if beacon is None:
        return None
    from edge.annunciation.beacon import switch_of  # noqa: PLC0415 - the libraries of two protocols

    return switch_of(beacon, {one.name: one.settings for one in configuration.sources})
