"""What a node is told: a holder's, or the manufacturer's own."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field, model_validator

from gateway.access.settings import AccessSettings
from gateway.cleanroom.loading import load_site
from gateway.cleanroom.site import Site
from gateway.configuration import ConfigurationError, read, validate
from gateway.link.settings import KafkaSettings, is_loopback
from gateway.masters import NO_MASTERS, load_masters
from gateway.review.settings import Agreed, load_agreed
from schemas.settings import Identifier, LocalPath, Strict


class ConsoleSettings(Strict):
    """Where the console listens."""

    host: str = Field("127.0.0.1", description="Address to listen on; loopback unless told.")
    port: int = Field(8080, ge=1, le=65535, description="TCP port of console and API.")
    certificate_file: LocalPath | None = Field(
        None, description="Certificate for TLS (PEM), with those up to the root. Relative to this file."
    )
    key_file: LocalPath | None = Field(None, description="Its private key (PEM). Relative to this file.")

    @model_validator(mode="after")
    def _complete(self) -> "ConsoleSettings":
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together")
        return self


class NodeSettings(Strict):
    """One node: a holder's, or the manufacturer's own."""

    name: Identifier = Field(
        description="Whose node it is: a holder, second part of its topics; or the manufacturer itself."
    )
    cmo: Identifier = Field(description="The manufacturer whose records are received.")
    site: Path = Field(description="The site file: rooms, differentials, limits. Relative to this file.")
    kafka: KafkaSettings = Field(description="Where records are read.")
    trust: tuple[Path, ...] = Field(
        min_length=1,
        description="Public key files of the agents, made by `cmo-edge keygen`. Nothing is proven by any other key. "
        "With `agreements` those of the signatories too. Relative to this file.",
    )
    key: Path = Field(
        description="Private key of this node, made by `cmo-gateway keygen`; it signs receipts, by which agents may "
        "let records go, requests for missing records, and exports. Relative to this file."
    )
    sender_key: LocalPath | None = Field(
        None,
        description="Private key that seals what this node itself sends to the other side: who looked at what. Needed "
        "with `access`; made by `cmo-gateway keygen`. Relative to this file.",
    )
    holders: tuple[Identifier, ...] = Field(
        (), description="At the manufacturer's own node: the holders whose nodes send to it."
    )
    archive: Path = Field(description="DuckDB file of the archive; made when missing. Relative to this file.")
    partitions: LocalPath | None = Field(
        None,
        description="Folder into which the node writes the archive as Parquet files by month, each hour what changed. "
        "Relative to this file.",
    )
    review: Path | None = Field(None, description="What exported records are checked against. Relative to this file.")
    masters: Path | None = Field(
        None,
        description="What a batch must have, by master batch record; without it no batch is called whole. Relative to "
        "this file.",
    )
    agreements: Path | None = Field(
        None,
        description="Folder of the quality agreements with their signatures, as the manufacturer's agent has them. "
        "Relative to this file.",
    )
    console: ConsoleSettings = Field(ConsoleSettings(), description="The console and its API.")
    access: AccessSettings | None = Field(
        None, description="Who may look at the console; without it, it is open to this machine and to no other."
    )

    @model_validator(mode="after")
    def _sends(self) -> "NodeSettings":
        if self.access is not None and self.sender_key is None:
            raise ValueError("access: who looked at what goes to the other side too: give sender_key, and make it by "
                "`cmo-gateway keygen`")  # fmt: skip
        if self.holders and self.name != self.cmo:
            raise ValueError(f"holders: only the node of {self.cmo} itself receives from holders")
        if self.name in self.holders:
            raise ValueError(f"holders: {self.name} is the manufacturer")
        return self

    @property
    def others(self) -> tuple[str, ...]:
        """With whom this node exchanges what nodes say."""
        return self.holders if self.name == self.cmo else (self.cmo,)

    @model_validator(mode="after")
    def _guarded(self) -> "NodeSettings":
        host = self.console.host
        if is_loopback(host):
            return self
        if self.access is None:
            raise ValueError(
                f"console.host {host} is beyond this machine: give `access:` and make accounts by `cmo-gateway user "
                "add`, or listen on 127.0.0.1"
            )
        proxied = (self.access.address or "").startswith("https:")
        if self.console.certificate_file is None and not proxied:
            raise ValueError(
                f"console.host {host} is beyond this machine: passwords need TLS; give console.certificate_file and "
                "key_file, or access.address of the proxy that does TLS"
            )
        return self


@dataclass(frozen=True, slots=True)
class NodeConfiguration:
    """Everything the node needs, checked; `agreements` is their folder."""

    settings: NodeSettings
    site: Site
    archive: Path
    key: Path
    trust: tuple[Path, ...]
    agreed: Agreed = field(default_factory=Agreed)
    agreements: Path | None = None


def load(file: Path) -> NodeConfiguration:
    """The node's configuration. Raises ConfigurationError that names every fault of all its files."""
    document = read(file)
    findings = []
    settings = site = None
    agreed, masters = Agreed(), NO_MASTERS
    try:
        settings = validate(document, NodeSettings)
    except ConfigurationError as error:
        findings += error.findings
    files = document.data if isinstance(document.data, dict) else {}
    try:
        if isinstance(named := files.get("site"), str):
            site = load_site(file.parent / named)
    except ConfigurationError as error:
        findings += error.findings
    try:
        if isinstance(named := files.get("masters"), str):
            masters = load_masters(file.parent / named)
    except ConfigurationError as error:
        findings += error.findings
    try:
        if isinstance(named := files.get("review"), str):
            agreed = load_agreed(file.parent / named)
    except ConfigurationError as error:
        findings += error.findings
    if settings is None or site is None or findings:
        raise ConfigurationError(findings)
    trust = tuple(file.parent / path for path in settings.trust)
    agreed = replace(agreed, masters=masters)
    return NodeConfiguration(
        settings, site, file.parent / settings.archive, file.parent / settings.key, trust, agreed,
        agreements=None if settings.agreements is None else file.parent / settings.agreements,
    )  # fmt: skip
