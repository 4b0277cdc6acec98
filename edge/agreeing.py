"""By which agreements an agent sends: read at its start, and again when their folder changes."""

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from adapters.contract import now
from edge.agreed_route import AgreedRoute
from edge.late import Late
from edge.recent import Recent
from edge.route import Route
from edge.settings import AgentConfiguration
from edge.waiting import Waiting
from gateway.agreement.in_force import Signed, SignedVersion
from gateway.agreement.routing.plant import plant_of
from gateway.agreement.shelf import Shelf
from gateway.configuration import ConfigurationError
from gateway.journal.committer import Committer
from gateway.link.publisher import streams_of
from gateway.proof.keys import load_public
from gateway.proof.note import VerifierKey
from gateway.redaction.pseudonyms import pseudonyms_from
from schemas.errors import ToldError

log = structlog.get_logger(__name__)

LOOK = 60.0
"""Seconds between two looks whether the folder of agreements changed."""


class AgreementsError(ToldError):
    """Agreements are to decide, and none counts; the message names each fault."""


class Agreeing:
    """Of one agent: who its recipients are, and how it sends to them."""

    def __init__(self, configuration: AgentConfiguration, trusted: Sequence[VerifierKey]) -> None:
        """Raises AgreementsError where agreements are to decide and none is signed by both parties."""
        settings, folder = configuration.settings, configuration.agreements
        self._configuration = configuration
        self._shelf = None if folder is None else Shelf(folder, trusted)
        self._signed = None if self._shelf is None else _signed(configuration, self._shelf)
        self._route: AgreedRoute | None = None
        self._one = asyncio.Lock()
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
        waiting = Waiting(journal.with_name(journal.name + ".waiting"), now)
        names = None if configuration.pseudonyms is None else pseudonyms_from(configuration.pseudonyms)
        try:
            route = AgreedRoute(self.streams, self._signed, plant, recent, waiting=waiting, now=now, pseudonyms=names)
        except ValueError as error:
            raise AgreementsError(str(error)) from error
        self._route = route
        return route, Late(route, recent, committer)

    async def follow(self) -> None:
        """Take over what both parties signed while the agent runs, each minute, until cancelled."""
        while self._route is not None:
            await asyncio.sleep(LOOK)
            try:
                await self.renew()
            except AgreementsError as error:
                log.warning("agreements are not taken over, those of before go on", why=str(error))

    async def renew(self) -> list[str]:
        """Read the folder again where it changed, and go by it; the versions that are new.

        Raises AgreementsError where that needs a restart or the folder is at fault; those of before go on.
        """
        if self._shelf is None or self._route is None:
            return []
        async with self._one:
            new = await asyncio.to_thread(_signed, self._configuration, self._shelf)
            if new == self._signed:
                return []
            if faults := list(self._unlike(new)):
                raise AgreementsError("; ".join(faults))
            try:
                self._route.renew(new)
            except ValueError as error:
                raise AgreementsError(str(error)) from error
            before = set() if self._signed is None else {_named(one) for one in self._signed.versions}
            self._signed = new
        found = [name for one in new.versions if (name := _named(one)) not in before]
        log.info("agreements read again", new=found)
        return found

    def _unlike(self, new: Signed) -> Iterator[str]:
        """Why this cannot take the place of what holds."""
        folder, held = self._configuration.agreements, () if self._signed is None else self._signed.versions
        there = {_named(one): one.sha256 for one in new.versions}
        for one in held:
            if one.begins <= now() and there.get(_named(one)) != one.sha256:
                yield f"{folder}: {_named(one)}, which has begun, is not there any more as both signed it; put it back"
        if unknown := sorted({one.agreement.holder.id for one in new.versions} - set(self.recipients)):
            yield f"{folder}: {', '.join(unknown)} got nothing before; a new holder needs a restart of the agent"


def held(configuration: AgentConfiguration) -> list[str]:
    """The versions that hold now, for people. Raises AgreementsError and KeyFileError."""
    if configuration.agreements is None:
        return []
    trusted = [one for path in configuration.trust for one in load_public(path)]
    versions = _signed(configuration, Shelf(configuration.agreements, trusted)).at(now())
    return [_named(one) for one in versions]


def _named(one: SignedVersion) -> str:
    return f"{one.agreement.agreement} v{one.agreement.version} with {one.agreement.holder.id}"


def _signed(configuration: AgentConfiguration, shelf: Shelf) -> Signed:
    folder = configuration.agreements
    try:
        found = shelf.signed()
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
