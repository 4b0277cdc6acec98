"""What the agent is told, and the checks that no single setting can make."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from adapters.contract import Adapter, SourceSettings
from adapters.registry import adapter, adapter_names
from edge import triggers
from edge.annunciation.settings import AnnunciationSettings, beacon_faults
from edge.tag_lists import rows_of
from gateway.certificates import files_of
from gateway.cleanroom.loading import load_site
from gateway.cleanroom.site import Site
from gateway.configuration import (
    ConfigurationError,
    Document,
    Finding,
    findings_of,
    nearest,
    read,
    validate,
)
from gateway.link.settings import KafkaSettings
from schemas.settings import Identifier, Strict


class AgentSettings(Strict):
    """One agent at one line."""

    cmo: Identifier = Field(description="The manufacturer; first part of every topic.")
    sender: Identifier = Field(description="This agent; unique within the manufacturer.")
    recipients: tuple[Identifier, ...] = Field(
        (), description="Holders that get the records, each all of them; left out where `agreements` decide."
    )
    agreements: Path | None = Field(
        None,
        description="Folder of the quality agreements with their signatures: those that both parties signed decide who "
        "gets what, and the manufacturer itself gets everything. Relative to this file.",
    )
    pseudonyms: Path | None = Field(
        None,
        description="File of the key of pseudonyms, made where there is none: needed where an agreement with a holder "
        "abroad asks for them. Whoever has it can tell the names. Relative to this file.",
    )
    recent_mib: int = Field(
        1024,
        ge=16,
        le=1_048_576,
        description="Where agreements decide, MiB of what was read that are kept beside the journal, for holders of "
        "whose batch it is known later.",
    )
    site: Path = Field(description="The site file: rooms, differentials, limits. Relative to this file.")
    kafka: KafkaSettings = Field(description="Where records are published, unless `clusters` says another place.")
    clusters: dict[Identifier, KafkaSettings] = Field(
        {}, description="By recipient: a Kafka of its own, in place of `kafka`. One that is away holds up no other."
    )
    journal: Path = Field(
        description="File of the journal, on a disk of its own if possible; made when missing. Relative to this file."
    )
    journal_mib: int = Field(
        2048,
        ge=1,
        le=1_048_576,
        description="Records that the journal holds, MiB. Each goes once its recipient's receipt is there.",
    )
    journal_days: float = Field(
        30, gt=0, le=3660, description="Days that a record may wait for its receipt; then the journal counts as full."
    )
    journal_full: Literal["evict", "hold"] = Field(
        "evict",
        description="What a full journal does. `evict`: the oldest measurements make room; their numbers and hashes "
        "stay, and a gap says so. `hold`: sources whose devices keep their data are not read on until there is room; "
        "only measurements of the others make room. Alarms and gaps always stay.",
    )
    key: Path = Field(
        description="Private key of this sender, made by `cmo-edge keygen`; it signs the seals by which a holder can "
        "prove that nothing is missing or altered. Relative to this file.",
    )
    trust: tuple[Path, ...] = Field(
        min_length=1,
        description="Public key files of the recipients' nodes, made by `cmo-gateway keygen`. Only what they confirm "
        "leaves the journal. With `agreements` those of the signatories too. Relative to this file.",
    )
    exactly_once: bool = Field(
        False,
        description="Publish in transactions: no repeat in a topic even after a kill, for more CPU and some 20 ms. "
        "Consumers must read `read_committed`. Without it a kill may leave byte-identical repeats, which nodes drop.",
    )
    seal_interval: float = Field(5.0, ge=1, le=60, description="Seconds between two seals of a stream.")
    control_socket: Path | None = Field(
        None, description="Unix socket for `cmo-edge status`, `alarms` and `acknowledge`. Relative to this file."
    )
    annunciation: AnnunciationSettings = Field(
        AnnunciationSettings(), description="How people are told of alarms: beacon, mail, webhooks, escalation."
    )
    sources: tuple[dict[str, Any], ...] = Field(
        min_length=1, description="Devices; the settings of each type are in its adapter's README. "
        "`tags_file` names a CSV or Excel file (.xlsx) with more tags, one a row."
    )  # fmt: skip

    @model_validator(mode="after")
    def _somebody_gets_it(self) -> "AgentSettings":
        if (self.agreements is None) == (not self.recipients):
            raise ValueError("give either recipients or agreements")
        return self

    def kafka_of(self, recipients: Iterable[str]) -> Mapping[str, KafkaSettings]:
        """The cluster of each recipient."""
        return {one: self.clusters.get(one, self.kafka) for one in recipients}


@dataclass(frozen=True, slots=True)
class SourceConfiguration:
    """One device with the adapter that serves it."""

    adapter: Adapter
    settings: SourceSettings

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.settings.name


@dataclass(frozen=True, slots=True)
class AgentConfiguration:
    """Everything the agent needs, checked; `file` is where it was read."""

    file: Path
    settings: AgentSettings
    site: Site
    sources: tuple[SourceConfiguration, ...]
    journal: Path
    key: Path
    trust: tuple[Path, ...]
    control_socket: Path | None
    agreements: Path | None = None
    pseudonyms: Path | None = None

    @property
    def certificates(self) -> list[Path]:
        """The files of certificates that it uses."""
        return [*files_of(self.settings), *files_of([source.settings for source in self.sources])]


def load(file: Path) -> AgentConfiguration:
    """The agent's configuration. Raises ConfigurationError that names every fault of all its files."""
    document = read(file)
    findings: list[Finding] = []

    def attempt(step: Any, *arguments: Any) -> Any:
        try:
            return step(*arguments)
        except ConfigurationError as error:
            findings.extend(error.findings)
            return None

    settings = attempt(validate, document, AgentSettings)
    listed = document.data.get("sources") if isinstance(document.data, dict) else None
    sources = [
        attempt(_source, document, index, data) for index, data in enumerate(listed or ()) if isinstance(data, dict)
    ]
    site_file = document.data.get("site") if isinstance(document.data, dict) else None
    site = attempt(load_site, file.parent / site_file) if isinstance(site_file, str) else None
    findings.extend(_cross_findings(document, sources, site))
    if settings is not None:
        findings.extend(_recipient_findings(document, settings))
    if settings is not None and None not in sources:
        named = {source.name: source.settings for source in sources}
        beacon = settings.annunciation.beacon
        findings.extend(
            document.finding(("annunciation", "beacon", "source"), fault) for fault in beacon_faults(beacon, named)
        )
    if findings or settings is None or site is None:
        raise ConfigurationError(findings)
    socket = None if settings.control_socket is None else file.parent / settings.control_socket
    journal, key = file.parent / settings.journal, file.parent / settings.key
    trust = tuple(file.parent / path for path in settings.trust)
    agreements, pseudonyms = (path and file.parent / path for path in (settings.agreements, settings.pseudonyms))
    return AgentConfiguration(file, settings, site, tuple(sources), journal, key, trust, socket, agreements, pseudonyms)


def _source(document: Document, index: int, data: Mapping[str, Any]) -> SourceConfiguration:
    at = ("sources", index)
    kind = data.get("type")
    if kind not in adapter_names():
        hint = nearest(str(kind), adapter_names())
        raise ConfigurationError([document.finding((*at, "type"), f"no adapter is called {kind!r}{hint}")])
    chosen = adapter(str(kind))
    given = dict(data)
    tags_file = given.pop("tags_file", None)
    if tags_file is not None:
        given["tags"] = [
            *given.get("tags", ()),
            *_tags_of(document, at, str(tags_file), chosen, len(given.get("tags", ()))),
        ]
    try:
        return SourceConfiguration(
            chosen, chosen.settings.model_validate(given, context={"folder": document.file.parent})
        )
    except ValidationError as error:
        raise ConfigurationError(list(findings_of(error, document, chosen.settings, at))) from error


def _tags_of(
    document: Document, at: tuple[str | int, ...], name: str, chosen: Adapter, first: int
) -> list[dict[str, Any]]:
    field = chosen.settings.model_fields.get("tags")
    if field is None:
        raise ConfigurationError(
            [document.finding((*at, "tags_file"), "this type of source has a single tag, no file")]
        )
    return rows_of(document, document.file.parent / name, (*at, "tags"), field.annotation, first)


def _recipient_findings(document: Document, settings: AgentSettings) -> Iterator[Finding]:
    for index, name in enumerate(settings.recipients):
        if name in settings.recipients[:index]:
            yield document.finding(("recipients", index), f"recipient {name!r} stands more than once")
    known = set(settings.recipients) if settings.agreements is None else set(settings.clusters)
    for name in sorted(settings.clusters.keys() - known):
        hint = nearest(name, settings.recipients)
        yield document.finding(("clusters", name), f"no recipient is called {name!r}{hint}")


def _cross_findings(
    document: Document, sources: Sequence[SourceConfiguration | None], site: Site | None
) -> Iterator[Finding]:
    """Faults between parts that are right by themselves; only what could be read is compared."""
    known = {index: source for index, source in enumerate(sources) if source is not None}
    names = Counter(source.name for source in known.values())
    tags = Counter(tag.name for source in known.values() for tag in source.settings.all_tags)
    units = {tag.name: tag.unit for source in known.values() for tag in source.settings.all_tags}
    for index, source in known.items():
        if names[source.name] > 1:
            yield document.finding(("sources", index, "name"), f"source name {source.name!r} stands more than once")
        if source.name == document.data.get("sender"):
            yield document.finding(("sources", index, "name"), f"{source.name!r} is how the agent reports itself")
        for row, tag in enumerate(source.settings.all_tags):
            if tags[tag.name] > 1:
                yield document.finding(("sources", index, "tags", row), f"tag name {tag.name!r} stands more than once")
    if len(known) < len(sources):
        return
    yield from _shared_folders(document, known)
    settings = {source.name: source.settings for source in known.values()}
    for index, source in known.items():
        for setting, message in triggers.faults(source.name, settings):
            yield document.finding(("sources", index, *triggers.AT, setting), message)
    if site is not None:
        yield from (document.finding(("site",), message) for message in _site_faults(site, units))


def _shared_folders(document: Document, sources: Mapping[int, SourceConfiguration]) -> Iterator[Finding]:
    folders = {index: one.settings.own_folder for index, one in sources.items() if one.settings.own_folder is not None}
    several = Counter(folders.values())
    for index, folder in folders.items():
        if several[folder] > 1:
            yield document.finding(("sources", index, "keep"), "another source keeps its files there")


def _site_faults(site: Site, units: Mapping[str, str]) -> Iterator[str]:
    """A limit on a tag that nobody reads, or reads in another unit, would be an alarm that can never come."""
    for tag, unit in dict.fromkeys(site.needed()):
        if tag not in units:
            what = "needs" if unit is None else "has a limit on"
            yield f"the site {what} {tag}, but no source reads it{nearest(tag, list(units))}"
        elif unit is not None and units[tag] != unit:
            yield f"the site's limit on {tag} is in {unit}, the tag in {units[tag]}"
    for tag in sorted(site.derived().keys() & units.keys()):
        yield f"a source reads {tag}, but that is a tag which the agent derives; give it another name"
