"""What a balance source is told."""

from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.contract import SourceSettings, TagSettings
from adapters.serial.sics import UNITS


class MtSicsSettings(SourceSettings):
    """One balance on one port: one tag, its weight."""

    type: Literal["mt-sics"] = Field(description="Mettler-Toledo Standard Interface Command Set.")
    port: str = Field(
        min_length=1,
        max_length=4096,
        description="Device file of the port. Take the name under /dev/serial/by-id: it stays with the adapter.",
        examples=["/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"],
    )
    baud_rate: int = Field(9600, ge=300, le=115_200, description="As set at the balance.")
    data_bits: Literal[7, 8] = Field(8, description="As set at the balance.")
    parity: Literal["none", "even", "odd"] = Field("none", description="As set at the balance.")
    stop_bits: Literal[1, 2] = Field(1, description="As set at the balance.")
    flow_control: Literal["none", "xon-xoff", "rts-cts"] = Field("none", description="As set at the balance.")
    poll_interval: float = Field(0.5, ge=0.05, le=3600, description="Seconds from one weight to the next.")
    timeout: float = Field(0.5, ge=0.05, le=60, description="Seconds to wait for one answer.")
    serial_number: str | None = Field(
        None,
        min_length=1,
        max_length=32,
        description="Serial number of the balance. Another one makes the weight Uncertain, reason IDENTITY. Where it "
        "is not given, the first balance that answers is the right one until the agent is started again.",
        examples=["B021002593"],
    )
    negative_zero: bool = Field(False, description="Take `-0.00` for zero; otherwise it is no weight.")
    tag: TagSettings = Field(description="The weight.")

    @property
    def all_tags(self) -> tuple[TagSettings, ...]:
        """The one tag."""
        return (self.tag,)

    @property
    def device_unit(self) -> str:
        """The unit the balance must show, a UCUM code."""
        return self.tag.device_unit or self.tag.unit

    @model_validator(mode="after")
    def _can_notice_silence(self) -> Self:
        self.check_silence("poll_interval", self.poll_interval)
        return self

    @model_validator(mode="after")
    def _weighs(self) -> Self:
        if self.device_unit not in UNITS.values():
            raise ValueError(
                f"the balance's unit is {self.device_unit!r}; set `unit` or `device_unit` of the tag to one of "
                + ", ".join(UNITS.values())
            )
        return self
