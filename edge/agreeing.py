"""By which agreements an agent sends: read at its start, with everything that sending by them needs."""

from collections.abc import Sequence

import structlog

from adapters.contract import now
from edge.agreed_route import AgreedRoute
from edge.late import Late
from edge.recent import Recent
from edge.route import Route
from edge.settings import AgentConfiguration
from gateway.agreement.in_force import Signed, signed_agreements
from gateway.agreement.routing.plant import plant_of
from gateway.configuration import ConfigurationError
from gateway.journal.committer import Committer
from gateway.link.publisher import streams_of
from gateway.proof.keys import load_public
from gateway.proof.note import VerifierKey
from gateway.redaction.pseudonyms import pseudonyms_from
from schemas.errors import ToldError

log = structlog.get_logger(__name__)


class AgreementsError(ToldError):
    """Agreements are to decide, and none counts; the message names each fault."""


class Agreeing:
    """Of one agent: who its recipients are, and how it sends to them."""

    def __init__(self, configuration: AgentConfiguration, trusted: Sequence[VerifierKey]) -> None:
        """Raises AgreementsError where agreements are to decide and none is signed by both parties."""
        settings = configuration.settings
        self._signed = None if configuration.agreements is None else _signed(configuration, trusted)
        self._configuration = configuration
        self.recipients = settings.recipients if self._signed is None else _recipients(settings.cmo, self._signed)
        if unknown := sorted(settings.clusters.keys() - set(self.recipients)):
            raise AgreementsError(
                f"{configuration.file}: clusters names {', '.join(unknown)}, which no agreement has; "
                f"the recipients are {', '.join(self.recipients)}"
            )
        self.streams = streams_of(settings.cmo, settings.sender, self.recipients)

    def route(self, committer: Committer) -> tuple[Route, Late | None]:
        """How records go; and what sends those that turn out later to be a holder's."""
        if self._signed is None:
            return Route(self.streams), None
        configuration = self._configuration
        settings, journal = configuration.settings, configuration.journal
        sources = {one.name: tuple(tag.name for tag in one.settings.all_tags) for one in configuration.sources}
        plant = plant_of(configuration.site, settings.sender, sources)
        recent = Recent(journal.with_name(journal.name + ".recent"), settings.recent_mib * 1024 * 1024, now())
        names = None if configuration.pseudonyms is None else pseudonyms_from(configuration.pseudonyms)
        try:
            route = AgreedRoute(self.streams, self._signed, plant, recent, now, pseudonyms=names)
        except ValueError as error:
            raise AgreementsError(str(error)) from error
        return route, Late(route, recent, committer)


def held(configuration: AgentConfiguration) -> list[str]:
    """The versions that hold now, for people. Raises AgreementsError and KeyFileError."""
    if configuration.agreements is None:
        return []
    trusted = [one for path in configuration.trust for one in load_public(path)]
    versions = _signed(configuration, trusted).at(now())
    return [f"{one.agreement.agreement} v{one.agreement.version} with {one.agreement.holder.id}" for one in versions]


def _signed(configuration: AgentConfiguration, trusted: Sequence[VerifierKey]) -> Signed:
    folder = configuration.agreements
    assert folder is not None  # noqa: S101 - for mypy
    try:
        found = signed_agreements(folder, trusted)
    except ConfigurationError as error:
        raise AgreementsError(str(error)) from error
    for finding in found.findings:
        log.warning("agreement does not count", finding=str(finding))
    ours = tuple(one for one in found.versions if one.agreement.cmo.id == configuration.settings.cmo)
    if not ours:
        why = "; ".join(map(str, found.findings)) or f"none is of {configuration.settings.cmo}"
        raise AgreementsError(f"{folder}: no agreement that both parties signed: {why}")
    return Signed(ours, found.findings)


def _recipients(cmo: str, signed: Signed) -> tuple[str, ...]:
    """The holders of all versions, and the manufacturer itself, which gets everything."""
    return *sorted({one.agreement.holder.id for one in signed.versions} - {cmo}), cmo
