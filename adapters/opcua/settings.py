"""What an OPC UA source is told."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.contract import SourceSettings, TagSettings
from adapters.opcua.nodes import check_node, check_path
from schemas.settings import LocalPath, Strict


class OpcUaTag(TagSettings):
    """One variable of the server."""

    node: Annotated[str, AfterValidator(check_node)] | None = Field(
        None,
        description="Node id as in OPC 10000-6, 5.3.1.10. With `nsu=` the namespace is named by its URI, which stays "
        "right when the server numbers its namespaces anew; with `ns=` by its index.",
        examples=["nsu=urn:plant:line-3;s=F1.DP.M1", "ns=2;i=1042"],
    )
    path: Annotated[str, AfterValidator(check_path)] | None = Field(
        None,
        description="Browse path from the Objects folder, in the place of `node`. Names are in the source's "
        "`namespace`, or begin with an index, as `2:Filler`.",
        examples=["Line3/Filler/Speed"],
    )
    index: int | None = Field(
        None, ge=0, lt=2**31, description="Which element of an array, from 0; without it an array is Bad, reason TYPE."
    )
    deadband: float | None = Field(
        None,
        gt=0,
        description="Smaller changes are not sent by the server, in the device's unit (OPC 10000-4, 7.22.2).",
    )
    deadband_percent: float | None = Field(
        None, gt=0, le=100, description="The same in percent of the variable's EURange (OPC 10000-8, 6.2)."
    )

    @property
    def has_deadband(self) -> bool:
        """Whether the server may keep small changes to itself."""
        return self.deadband is not None or self.deadband_percent is not None

    @model_validator(mode="after")
    def _says_where_and_how(self) -> Self:
        if (self.node is None) == (self.path is None):
            raise ValueError("a tag needs node or path, one of them")
        if self.deadband is not None and self.deadband_percent is not None:
            raise ValueError("a tag has deadband or deadband_percent, not both")
        return self


class SecuritySettings(Strict):
    """A protected connection. The server is trusted by `trust` or by `fingerprint`, by one of them."""

    policy: Literal["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"] = Field(
        description="Security policy (OPC 10000-7); nothing weaker is tried."
    )
    mode: Literal["sign", "sign-and-encrypt"] = Field("sign-and-encrypt", description="Message security mode.")
    certificate: LocalPath = Field(
        description="Our own application certificate, made by `cmo-edge certificate`; the server has to trust it. "
        "Relative to the configuration."
    )
    private_key: LocalPath = Field(description="Its private key (mode 0600). Relative to the configuration.")
    trust: LocalPath | None = Field(
        None,
        description="Folder of trusted certificates (DER or PEM): servers' own or issuers'. What is refused is put "
        "into its `rejected`. Relative to the configuration.",
    )
    fingerprint: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the server's certificate; no other is taken."
    )

    @model_validator(mode="after")
    def _trusts_one_way(self) -> Self:
        if (self.trust is None) == (self.fingerprint is None):
            raise ValueError("a protected connection needs trust (a folder) or fingerprint, one of them")
        return self


class UserSettings(Strict):
    """Who the user is: name and password, or certificate and key. Without this section: anonymous."""

    name: str | None = Field(None, min_length=1, description="User name.")
    password_file: LocalPath | None = Field(None, description="File that holds the password.")
    certificate: LocalPath | None = Field(None, description="The user's certificate (DER or PEM).")
    private_key: LocalPath | None = Field(None, description="Its private key (mode 0600).")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        password = (self.name is not None, self.password_file is not None)
        certificate = (self.certificate is not None, self.private_key is not None)
        if {password, certificate} != {(True, True), (False, False)}:
            raise ValueError("a user needs name and password_file, or certificate and private_key")
        return self


class EventSettings(Strict):
    """The server's own alarms (OPC 10000-9), as records."""

    node: Annotated[str, AfterValidator(check_node)] = Field(
        "i=2253", description="Node whose events are asked for; i=2253 is the Server object, which has all of them."
    )
    path: Annotated[str, AfterValidator(check_path)] | None = Field(
        None, description="Browse path of that node from the Objects folder, in the place of `node`."
    )
    min_severity: int = Field(
        1, ge=1, le=1000, description="Less severe ones are not told; one that was told is told until it is over."
    )


class OpcUaSettings(SourceSettings):
    """One OPC UA server, one session, one subscription."""

    type: Literal["opcua"] = Field(description="OPC UA.")
    endpoint: str = Field(
        pattern=r"^opc\.tcp://[^/@\s]+(/\S*)?$",
        description="URL of the server, without user and password.",
        examples=["opc.tcp://10.20.3.7:4840/line-3"],
    )
    security: Literal["none"] | SecuritySettings = Field(
        description="How the connection is protected. `none` must be said: whoever is on the network can then read and "
        "change what the server says."
    )
    user: UserSettings | None = Field(None, description="Who the user is; anonymous where left out.")
    namespace: str | None = Field(
        None, description="URI of the namespace of the names in browse paths.", examples=["urn:plant:line-3"]
    )
    publishing_interval: float = Field(
        0.25, ge=0.01, le=60, description="Seconds between two notifications of the server, at most that often."
    )
    sampling_interval: float = Field(
        0.25, ge=0, le=60, description="Seconds between two looks of the server at the device; 0 for as fast as it can."
    )
    queue: int = Field(
        10, ge=1, le=10_000, description="Values of a tag that the server keeps between two notifications."
    )
    history: bool = Field(
        False, description="After a break the server's history is asked for what was missed (ReadRaw)."
    )
    events: EventSettings | None = Field(None, description="Tell the server's own alarms; left out: they are not.")
    compare: float = Field(
        30.0,
        ge=0,
        le=3600,
        description="Seconds between two reads of a few tags that are compared with what was last told; 0 for none.",
    )
    fast: bool = Field(
        True,
        description="Read notifications as columns; false for item by item, by the client library alone. The records "
        "are the same.",
    )
    publish_requests: int = Field(
        4, ge=1, le=100, description="Publish requests under way at once (with `fast`), while the server takes as many."
    )
    coalesce: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Seconds within which notifications are joined into one frame, for servers that send many small "
        "ones; a value is then told at most that much later. 0 for a frame each.",
    )
    timeout: float = Field(5.0, ge=0.1, le=60, description="Seconds in which connecting must be done.")
    clock_tolerance: float = Field(
        60.0,
        ge=0,
        le=86_400,
        description="Seconds that a source time may be ahead of the agent's clock; beyond, the value is Uncertain, "
        "reason TIME.",
    )
    tags: tuple[OpcUaTag, ...] = Field(min_length=1, max_length=100_000, description="What to subscribe to.")

    @property
    def all_tags(self) -> tuple[OpcUaTag, ...]:
        """Every tag, in the order of the TagTable."""
        return self.tags

    @property
    def look_interval(self) -> float | None:
        """What is asked of the server; a server that samples as fast as it can does not say how fast."""
        return self.sampling_interval or None

    @model_validator(mode="after")
    def _keeps_its_password(self) -> Self:
        if self.user is not None and self.security == "none":
            raise ValueError("a user needs a protected connection: with security none the password could be read")
        return self

    @model_validator(mode="after")
    def _can_notice_silence(self) -> Self:
        self.check_silence("publishing_interval", self.publishing_interval)
        return self
