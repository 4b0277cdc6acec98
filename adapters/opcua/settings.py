"""What an OPC UA source is told."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.contract import SourceSettings, TagSettings
from adapters.opcua.nodes import check_node


class OpcUaTag(TagSettings):
    """One variable of the server."""

    node: Annotated[str, AfterValidator(check_node)] = Field(
        description="Node id as in OPC 10000-6, 5.3.1.10. With `nsu=` the namespace is named by its URI, which stays "
        "right when the server numbers its namespaces anew; with `ns=` by its index.",
        examples=["nsu=urn:plant:line-3;s=F1.DP.M1", "ns=2;i=1042"],
    )


class OpcUaSettings(SourceSettings):
    """One OPC UA server, one session, one subscription."""

    type: Literal["opcua"] = Field(description="OPC UA.")
    endpoint: str = Field(
        pattern=r"^opc\.tcp://[^/@\s]+(/\S*)?$",
        description="URL of the server, without user and password.",
        examples=["opc.tcp://10.20.3.7:4840/line-3"],
    )
    security: Literal["none"] = Field(
        description="Security policy of the connection. `none` must be said: whoever is on the network can read and "
        "change what the server says."
    )
    publishing_interval: float = Field(
        0.25, ge=0.05, le=60, description="Seconds between two notifications of the server, at most that often."
    )
    sampling_interval: float = Field(
        0.25, ge=0, le=60, description="Seconds between two looks of the server at the device; 0 for as fast as it can."
    )
    queue: int = Field(
        10, ge=1, le=10_000, description="Values of a tag that the server keeps between two notifications."
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

    @model_validator(mode="after")
    def _can_notice_silence(self) -> Self:
        self.check_silence("publishing_interval", self.publishing_interval)
        return self
