"""What a source on a serial line is told."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from adapters.contract import SourceSettings, TagSettings, WeighingTrigger, ascending
from adapters.serial import aandd, ohaus, radwag, sbi, sics
from adapters.serial.dialect import UNITS, Dialect
from adapters.serial.reading import Notation
from schemas.settings import Strict

Parity = Literal["none", "even", "odd"]


def _check_port(given: str) -> str:
    if "://" not in given:
        return given
    url = urlsplit(given)
    if url.scheme not in {"socket", "rfc2217"} or not url.hostname or url.port is None or url.path.strip("/"):
        raise ValueError("must be a device file, socket://host:port or rfc2217://host:port")
    return given


class LineSettings(SourceSettings):
    """A serial port, here or behind a serial device server."""

    port: Annotated[str, AfterValidator(_check_port)] = Field(
        min_length=1,
        max_length=4096,
        description="Device file of the port: take the name under /dev/serial/by-id, it stays with the adapter. Or a "
        "serial device server: socket://host:port (raw; the server keeps the line settings) or rfc2217://host:port.",
        examples=[
            "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0",
            "socket://192.168.10.7:4001",
            "rfc2217://192.168.10.7:2217",
        ],
    )
    baud_rate: int = Field(9600, ge=300, le=115_200, description="As set at the device.")
    data_bits: Literal[7, 8] = Field(8, description="As set at the device.")
    parity: Parity = Field("none", description="As set at the device.")
    stop_bits: Literal[1, 2] = Field(1, description="As set at the device.")
    flow_control: Literal["none", "xon-xoff", "rts-cts"] = Field("none", description="As set at the device.")
    negative_zero: bool = Field(False, description="Take `-0.00` for zero; otherwise it is no value.")


class WeighingSettings(Strict):
    """When a weight counts as a weighing of record. Numbers in the unit that the balance shows."""

    minimum: float = Field(gt=0, description="Minimum weight of the balance: less net weight is refused.")
    confirmed: Annotated[tuple[float, float], AfterValidator(ascending)] = Field(
        description="Range for which the balance is confirmed: what it shows beyond is refused.", examples=[[0.5, 6000]]
    )
    second_check: bool = Field(
        False, description="Refuse a weighing that no second person checked; so also every one by the print key."
    )
    patience: float = Field(
        10.0, gt=0, le=60, description="Seconds in which a weight asked for has to become stable, or it is refused."
    )
    trigger: WeighingTrigger | None = Field(
        None, description="A tag of another source (MES, PLC) that asks for weighings of record."
    )


class BalanceSettings(LineSettings):
    """One balance on one port: one tag, its weight."""

    mode: Literal["poll", "stream", "print-key"] = Field(
        "poll",
        description="`poll`: the balance is asked. `stream`: it is asked once to go on sending. `print-key`: it sends "
        "when somebody presses its key; between that it is asked for its serial number, so that its loss is noticed.",
    )
    poll_interval: float = Field(
        0.5, ge=0.05, le=3600, description="Seconds from one question to the next; not used in `stream`."
    )
    timeout: float = Field(0.5, ge=0.05, le=60, description="Seconds to wait for one answer.")
    ask_serial_number: bool = Field(
        True,
        description="Ask for the serial number at each connect. Without it nobody knows which balance it is: for "
        "models that cannot tell.",
    )
    serial_number: str | None = Field(
        None,
        min_length=1,
        max_length=32,
        description="Serial number of the balance. Another one makes the weight Uncertain, reason IDENTITY. Where it "
        "is not given, the first balance that ever answered is the right one, until `cmo-edge accept-identity` accepts "
        "another.",
        examples=["B021002593"],
    )
    decimal: Literal["point", "comma"] = Field("point", description="Decimal mark of the balance; never a thousand's.")
    leading_zeros: bool = Field(False, description="Take `0012.50`; otherwise it is no weight.")
    brackets: bool = Field(
        False, description="Take `12.5[6]`: the digits in brackets are not verified for trade. Otherwise no weight."
    )
    weighing: WeighingSettings | None = Field(
        None,
        description="Take weighings of record: by the print key in `print-key`, by `cmo-edge weigh`, and by a tag of "
        "another source. Left out: none are taken.",
    )
    tag: TagSettings = Field(description="The weight.")

    @property
    def all_tags(self) -> tuple[TagSettings, ...]:
        """The one tag."""
        return (self.tag,)

    @property
    def look_interval(self) -> float | None:
        """Where it is polled; otherwise it sends by itself, as often as it is set to."""
        return self.poll_interval if self.mode == "poll" else None

    @property
    def weighing_trigger(self) -> WeighingTrigger | None:
        """What else asks for weighings of record."""
        return None if self.weighing is None else self.weighing.trigger

    @property
    def device_unit(self) -> str:
        """The unit the balance must show, a UCUM code."""
        return self.tag.device_unit or self.tag.unit

    @property
    def notation(self) -> Notation:
        """How the balance may write its numbers."""
        return Notation(self.decimal, self.leading_zeros, self.negative_zero, self.brackets)

    @property
    def dialect(self) -> Dialect:
        """What is spoken, as it is configured."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _can_notice_silence(self) -> Self:
        if self.mode != "stream":
            self.check_silence("poll_interval", self.poll_interval)
        if self.mode == "print-key" and not self.ask_serial_number:
            raise ValueError("print-key needs ask_serial_number: nothing else tells a silent balance from a lost one")
        if self.serial_number is not None and not self.ask_serial_number:
            raise ValueError("serial_number is never compared without ask_serial_number")
        return self

    @model_validator(mode="after")
    def _can_weigh_for_the_record(self) -> Self:
        if self.weighing is not None and not self.ask_serial_number:
            raise ValueError("weighing needs ask_serial_number: a weighing of record is one of a known balance")
        if self.weighing is not None and self.tag.calibration_due is None:
            raise ValueError("weighing needs calibration_due of the tag: nobody knows whether it is calibrated")
        return self

    @model_validator(mode="after")
    def _weighs(self) -> Self:
        if self.device_unit not in UNITS.values():
            raise ValueError(
                f"the balance's unit is {self.device_unit!r}; set `unit` or `device_unit` of the tag to one of "
                + ", ".join(UNITS.values())
            )
        return self


class MtSicsSettings(BalanceSettings):
    """One balance on one port: one tag, its weight."""

    type: Literal["mt-sics"] = Field(description="Mettler-Toledo Standard Interface Command Set.")

    @property
    def dialect(self) -> Dialect:
        """MT-SICS."""
        return sics.dialect(self.notation)


class SbiSettings(BalanceSettings):
    """One balance on one port: one tag, its weight."""

    type: Literal["sartorius-sbi"] = Field(description="Sartorius SBI.")
    data_bits: Literal[7, 8] = Field(8, description="As set at the device.")
    parity: Parity = Field("odd", description="As set at the device.")
    characters: sbi.Characters = Field(16, description="Length of a line with its end; 22 begins with a name (N, G).")

    @property
    def dialect(self) -> Dialect:
        """SBI with lines of that length."""
        return sbi.dialect(self.notation, self.characters)


class AandDSettings(BalanceSettings):
    """One balance on one port: one tag, its weight."""

    type: Literal["and-standard"] = Field(description="A&D standard format.")
    baud_rate: int = Field(2400, ge=300, le=115_200, description="As set at the device.")
    data_bits: Literal[7, 8] = Field(7, description="As set at the device.")
    parity: Parity = Field("even", description="As set at the device.")

    @property
    def dialect(self) -> Dialect:
        """The A&D standard format."""
        return aandd.dialect(self.notation)


class OhausSettings(BalanceSettings):
    """One balance on one port: one tag, its weight."""

    type: Literal["ohaus"] = Field(description="Ohaus.")
    columns: ohaus.Columns = Field(10, description="Columns of the number; 11 or 12 on older models.")

    @property
    def dialect(self) -> Dialect:
        """Ohaus with numbers of that width."""
        return ohaus.dialect(self.notation, self.columns)


class RadwagSettings(BalanceSettings):
    """One balance on one port: one tag, its weight."""

    type: Literal["radwag"] = Field(description="Radwag.")
    columns: radwag.Columns = Field(3, description="Columns of the command at the begin of a line; 2 on some models.")

    @property
    def dialect(self) -> Dialect:
        """Radwag with lines of that form."""
        return radwag.dialect(self.notation, self.columns, printed=self.mode != "poll")
