"""What the annunciation is told: beacon, mail, webhooks, and who is called after how long."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from gateway.languages import Language
from gateway.link.settings import is_loopback
from schemas.settings import Identifier, LocalPath, Strict

MAIL = "mail"
"""In `to` of a step: all recipients of the mail settings."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Address = Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", max_length=254)]


class BeaconSettings(Strict):
    """What all beacons have."""

    refresh: float = Field(
        10.0, ge=1, le=3600, description="Seconds after which the wanted state is written and read back again."
    )
    timeout: float = Field(3.0, ge=0.1, le=30, description="Seconds for connecting, writing and reading back.")


class ModbusBeacon(BeaconSettings):
    """A coil of a Modbus TCP device."""

    type: Literal["modbus"] = Field(description="A coil by Modbus TCP.")
    source: Identifier | None = Field(None, description="Source whose `host`, `port` and `unit` it has; or these here.")
    host: str | None = Field(None, min_length=1, max_length=253, description="Host name or address.")
    port: int = Field(502, ge=1, le=65_535, description="TCP port.")
    unit: int = Field(1, ge=0, le=255, description="Unit identifier.")
    coil: int = Field(ge=0, le=65_535, description="Address of the coil on the wire, from 0. No other is written.")

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if (self.source is None) == (self.host is None):
            raise ValueError("needs either `source` or `host`")
        return self


class OpcUaBeacon(BeaconSettings):
    """A Boolean variable of an OPC UA server."""

    type: Literal["opcua"] = Field(description="A Boolean variable by OPC UA.")
    source: Identifier = Field(description="Source whose endpoint, protection and user it has.")
    node: str = Field(
        pattern=r"^(ns=\d+;|nsu=[^;]+;)?[isgb]=.+$",
        description="Node id of the variable. No other is written.",
        examples=["nsu=urn:plant:line-3;s=Beacon"],
    )


Beacon = ModbusBeacon | OpcUaBeacon


class MailSettings(Strict):
    """A server that takes mail (RFC 5321), its certificate verified."""

    host: str = Field(min_length=1, max_length=253, description="Host name, as its certificate has it.")
    port: int = Field(587, ge=1, le=65_535, description="Port; usual are 587 for starttls and 465 for tls.")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`none` beyond loopback needs `unprotected`, and has no user."
    )
    unprotected: bool = Field(False, description="Mail may go over the network as anybody can read and change it.")
    ca_file: LocalPath | None = Field(None, description="Trusted certificates (PEM); the system's where left out.")
    sender: Address = Field(alias="from", description="Address that it is from.")
    user: str | None = Field(None, description="User; with password_file.")
    password_file: LocalPath | None = Field(None, description="File that holds the user's password.")
    recipients: tuple[Address, ...] = Field(
        min_length=1, description="Who gets the mail of the chain test, and that of steps which say `mail`."
    )
    timeout: float = Field(10.0, ge=0.5, le=60, description="Seconds for each answer of the server.")

    @model_validator(mode="after")
    def _protects(self) -> Self:
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file belong together")
        if self.tls == "none" and not is_loopback(self.host):
            if not self.unprotected:
                raise ValueError("tls none is for loopback only; take starttls or tls, or say `unprotected: true`")
            if self.user is not None:
                raise ValueError("a user needs tls: without it the password could be read")
        return self


class WebhookSettings(Strict):
    """An address that takes CloudEvents 1.0 as JSON (HTTP binding, structured mode), its certificate verified."""

    name: Identifier = Field(description="Name for `to`.")
    url: str = Field(description="https; http towards loopback only.", examples=["https://pager.plant.example/hook"])
    token_file: LocalPath | None = Field(None, description="File that holds the bearer token (RFC 6750).")
    ca_file: LocalPath | None = Field(None, description="Trusted certificates (PEM); the system's where left out.")
    timeout: float = Field(10.0, ge=0.5, le=60, description="Seconds for each answer of the server.")

    @field_validator("name")
    @classmethod
    def _is_no_mail(cls, given: str) -> str:
        if given == MAIL:
            raise ValueError("`mail` means the recipients of the mail settings; take another name")
        return given

    @field_validator("url")
    @classmethod
    def _is_protected(cls, given: str) -> str:
        url = urlsplit(given)
        if url.scheme not in {"https", "http"} or not url.hostname or url.username is not None:
            raise ValueError("must be https://host…, without user and password")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("http is for loopback only; take https")
        return given


class StepSettings(Strict):
    """Who is told of an alarm that nobody acknowledged for so long."""

    after: float = Field(ge=0, le=10_080, description="Minutes that it stands unacknowledged; 0 for at once.")
    priority: Literal["action", "alert"] = Field(
        "action", description="`action`: action alarms only; `alert`: alerts as well."
    )
    to: tuple[str, ...] = Field(
        min_length=1, description="Mail addresses, names of webhooks, or `mail` for the mail's recipients."
    )


class WeeklyTest(Strict):
    """When the chain is tested by itself."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        description="Day of the week."
    )
    time: str = Field(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of the day in the plant's zone.", examples=["08:00"]
    )


class AnnunciationSettings(Strict):
    """How people are told of alarms (ANSI/ISA-18.2, annunciation)."""

    language: Language = Field(Language.EN, description="Of mails and webhooks: `en` or `zh`.")
    beacon: ModbusBeacon | OpcUaBeacon | None = Field(
        None,
        discriminator="type",
        description="Energised while an action alarm stands that nobody acknowledged; also a horn.",
    )
    mail: MailSettings | None = Field(None, description="The mail server.")
    webhooks: tuple[WebhookSettings, ...] = Field((), max_length=20, description="Addresses that take alarms as JSON.")
    escalation: tuple[StepSettings, ...] = Field((), max_length=20, description="Who is told after how long.")
    test: WeeklyTest | None = Field(None, description="Weekly test of the chain; left out: only when asked.")

    @model_validator(mode="after")
    def _reaches_all(self) -> Self:
        names = [hook.name for hook in self.webhooks]
        if len(set(names)) < len(names):
            raise ValueError("two webhooks have the same name")
        for name in (one for step in self.escalation for one in step.to):
            if (name == MAIL or "@" in name) and self.mail is None:
                raise ValueError(f"escalation: {name!r} needs the `mail` settings")
            if name != MAIL and "@" not in name and name not in names:
                raise ValueError(f"escalation: {name!r} is neither an address nor a webhook")
        return self


def beacon_faults(beacon: Beacon | None, sources: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the source that a beacon names; `sources` are their settings by name."""
    if beacon is None or beacon.source is None:
        return
    source = sources.get(beacon.source)
    if source is None:
        yield f"there is no source {beacon.source!r}"
    elif source.type != beacon.type:
        yield f"source {beacon.source!r} is of type {source.type}, the beacon {beacon.type}"
    elif beacon.type == "modbus" and (source.framing != "tcp" or source.host is None):
        yield f"source {beacon.source!r} is no Modbus TCP device, whose line a beacon could share"
