"""What a Modbus source is told."""

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.contract import SourceSettings, TagSettings
from adapters.modbus.numbers import Kind, Order, encode, typed, words_of
from adapters.modbus.plan import Limits, Span, Table
from schemas.settings import Strict

REGISTERS: frozenset[Table] = frozenset({"holding", "input"})


class Place(Strict):
    """Where a value stands in the device, and how it is written there."""

    table: Table = Field(
        "holding", description="holding (function 3), input (4), coil (1) or discrete (2); 4xxxx, 3xxxx, 0xxxx, 1xxxx."
    )
    address: int = Field(
        ge=0, le=65_535, description="Address on the wire, from 0: a manual that counts from 40001 calls holding 0 so."
    )
    type: Kind = Field(description="How the number is written. A coil or discrete input is a bool.")
    word_order: Order = Field("big", description="big: the high word first (ABCD); little: the low word first (CDAB).")
    byte_order: Order = Field("big", description="big as the standard says; little: the bytes of a register swapped.")
    bit: int | None = Field(None, ge=0, le=15, description="Bit of the register that is the bool; 0 is the lowest.")

    @property
    def span(self) -> Span:
        """What has to be read, at once."""
        return Span(self.table, self.address, words_of(self.type))

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        in_registers = self.table in REGISTERS
        if not in_registers and self.type != "bool":
            raise ValueError(f"a {self.table} holds a bool, not {self.type}")
        if (self.bit is not None) != (in_registers and self.type == "bool"):
            raise ValueError("`bit` belongs to a bool in a register, and to nothing else")
        if self.span.end > 65_536:
            raise ValueError(f"{self.type} at address {self.address} reaches beyond the last address, 65535")
        return self


class StatusRegister(Strict):
    """A register beside the value that says whether the value is good; read in the same scan."""

    table: Table = Field("holding", description="As for the tag.")
    address: int = Field(ge=0, le=65_535, description="As for the tag.")
    good: tuple[int, ...] | None = Field(None, min_length=1, description="Contents that mean good.", examples=[[0]])
    bad_bits: int | None = Field(
        None, ge=1, le=0xFFFF, description="Mask: one of these bits set means bad.", examples=[0x0003]
    )

    @property
    def span(self) -> Span:
        """What has to be read."""
        return Span(self.table, self.address, 1)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.good is None) == (self.bad_bits is None):
            raise ValueError("a status register needs either `good` or `bad_bits`")
        return self

    def is_good(self, content: int) -> bool:
        """Whether the register's content lets the value pass."""
        if self.good is not None:
            return content in self.good
        return not content & (self.bad_bits or 0)


class ModbusTag(TagSettings, Place):
    """One value of the device."""

    no_value: tuple[int | float, ...] = Field(
        (),
        description="Contents by which the device says that it has no value, as number or register content; .nan for "
        "a float. 0x8000 and -32768 are the same for an int16.",
        examples=[[0x8000], [".nan"]],
    )
    status_registers: tuple[StatusRegister, ...] = Field(
        (), max_length=8, description="Where the device says whether the value is good; each of them must."
    )

    @property
    def spans(self) -> tuple[Span, ...]:
        """All that has to be read for the tag."""
        return (self.span, *(register.span for register in self.status_registers))

    @model_validator(mode="after")
    def _marks_fit(self) -> Self:
        for mark in self.no_value:
            if self.type == "bool":
                raise ValueError("a bool has no mark for no value")
            if not math.isnan(mark) or self.type not in {"float32", "float64"}:
                typed(self.type, mark)
        return self


class Constant(Place):
    """A register whose content is known, such as a test register: it proves word and byte order."""

    value: int | float = Field(description="What it must hold.", examples=[-123.45])

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if self.type == "bool":
            raise ValueError("a bool proves nothing")
        words = encode(self.type, self.word_order, self.byte_order, self.value)
        if len(words) > 1 and words == words[::-1]:
            raise ValueError(f"{self.value} as {self.type} reads the same in both word orders: it proves nothing")
        return self


class ModbusSettings(SourceSettings):
    """One unit behind one TCP connection."""

    type: Literal["modbus"] = Field(description="Modbus TCP.")
    host: str = Field(min_length=1, max_length=253, description="Host name or address.", examples=["10.20.3.21"])
    port: int = Field(502, ge=1, le=65_535, description="TCP port.")
    unit: int = Field(1, ge=0, le=255, description="Unit identifier; answers of another one are refused.")
    poll_interval: float = Field(0.5, ge=0.02, le=3600, description="Seconds from one scan to the next.")
    timeout: float = Field(1.0, ge=0.02, le=60, description="Seconds to wait for one answer, and for the connection.")
    busy_retries: int = Field(
        2, ge=0, le=10, description="How often a request is repeated in a scan on exception 5, 6."
    )
    max_registers: int = Field(125, ge=4, le=125, description="Registers that the device gives in one answer.")
    max_bits: int = Field(2000, ge=1, le=2000, description="Coils or discrete inputs in one answer.")
    max_gap: int = Field(
        0,
        ge=0,
        le=100,
        description="Unused addresses read along to save a request; 0 where reading has effects.",
    )
    proof: tuple[Constant, ...] | Literal["none-available"] | None = Field(
        None,
        description="Constants of the device, read in every scan. They prove word and byte order of the tags of the "
        "same sort (integer or float, one register or several); where they differ, every tag is Bad, reason UNPROVEN. "
        "Without proof, tags in several registers are Uncertain, reason UNPROVEN, unless `none-available` says that "
        "the device has no such register and the orders were checked by hand.",
    )
    tags: tuple[ModbusTag, ...] = Field(min_length=1, max_length=10_000, description="What to read.")

    @property
    def all_tags(self) -> tuple[ModbusTag, ...]:
        """Every tag, in the order of the TagTable."""
        return self.tags

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The constants of the proof."""
        return self.proof if isinstance(self.proof, tuple) else ()

    @property
    def limits(self) -> Limits:
        """What one request may ask for."""
        return Limits(self.max_registers, self.max_bits, self.max_gap)

    @model_validator(mode="after")
    def _can_notice_silence(self) -> Self:
        self.check_silence("poll_interval", self.poll_interval)
        return self
