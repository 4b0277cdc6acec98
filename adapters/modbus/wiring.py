"""How a device is reached: the settings that all units of one line have in common."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from adapters.modbus.framing import Framing
from schemas.settings import Strict


class SerialPort(Strict):
    """A serial port of this machine."""

    path: str = Field(
        min_length=1,
        max_length=4096,
        description="Device file; take the name under /dev/serial/by-id, it stays with the adapter.",
        examples=["/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"],
    )
    baud_rate: int = Field(19_200, ge=300, le=921_600, description="As set at the devices.")
    data_bits: Literal[7, 8] = Field(8, description="As set at the devices; RTU needs 8.")
    parity: Literal["none", "even", "odd"] = Field("none", description="As set at the devices.")
    stop_bits: Literal[1, 2] = Field(1, description="As set at the devices.")


@dataclass(frozen=True, slots=True)
class Wiring:
    """One connection: where it goes and what is spoken there. Times in seconds."""

    framing: Framing
    host: str | None
    port: int
    line: SerialPort | None
    worst_delay: float

    @property
    def place(self) -> str:
        """Which connection it is: what has the same place shares one."""
        return f"{self.host}:{self.port}" if self.line is None else self.line.path

    @property
    def is_line(self) -> bool:
        """Whether answers carry no number, so that a late one can be taken for the next."""
        return self.framing != "tcp"
