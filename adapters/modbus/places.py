"""Where a value stands in a device, how it is written there, and what says whether it is good."""

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.contract import TagSettings
from adapters.modbus.numbers import Kind, Order, encode, is_number, typed, words_of
from adapters.modbus.plan import Span, Table
from schemas.settings import Strict
from schemas.status import Reason

REGISTERS: frozenset[Table] = frozenset({"holding", "input"})


class Place(Strict):
    """Where a value stands in the device, and how it is written there."""

    table: Table = Field(
        "holding", description="holding (function 3), input (4), coil (1) or discrete (2); 4xxxx, 3xxxx, 0xxxx, 1xxxx."
    )
    address: int = Field(
        ge=0, le=65_535, description="Address on the wire, from 0: a manual that counts from 40001 calls holding 0 so."
    )
    type: Kind = Field(
        description="How it is written. A coil or discrete input is a bool; bcd16 and bcd32 have a digit in each 4 "
        "bits; text has two characters in a register."
    )
    word_order: Order = Field("big", description="big: the high word first (ABCD); little: the low word first (CDAB).")
    byte_order: Order = Field("big", description="big as the standard says; little: the bytes of a register swapped.")
    bit: int | None = Field(None, ge=0, le=15, description="Bit of the register that is the bool; 0 is the lowest.")
    length: int | None = Field(None, ge=1, le=60, description="Registers that a text takes.")

    @property
    def span(self) -> Span:
        """What has to be read, at once."""
        return Span(self.table, self.address, self.length or words_of(self.type))

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        in_registers = self.table in REGISTERS
        if not in_registers and self.type != "bool":
            raise ValueError(f"a {self.table} holds a bool, not {self.type}")
        if (self.bit is not None) != (in_registers and self.type == "bool"):
            raise ValueError("`bit` belongs to a bool in a register, and to nothing else")
        if (self.length is not None) != (self.type == "text"):
            raise ValueError("`length` belongs to a text, and to nothing else")
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
    needed_bits: int | None = Field(
        None, ge=1, le=0xFFFF, description="Mask: one of these bits not set means bad.", examples=[0x0001]
    )
    means: Literal["device", "no-value"] = Field(
        "device", description="What a bad one means: the device's fault (DEVICE), or no value at all (NO_VALUE)."
    )

    @property
    def span(self) -> Span:
        """What has to be read."""
        return Span(self.table, self.address, 1)

    @property
    def reason(self) -> Reason:
        """Reason of a value whose register says bad."""
        return Reason.DEVICE if self.means == "device" else Reason.NO_VALUE

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [self.good, self.bad_bits, self.needed_bits].count(None) != 2:
            raise ValueError("a status register needs either `good`, `bad_bits` or `needed_bits`")
        return self

    def is_good(self, content: int) -> bool:
        """Whether the register's content lets the value pass."""
        if self.good is not None:
            return content in self.good
        needed = self.needed_bits or 0
        return not content & (self.bad_bits or 0) and content & needed == needed


class Judged(Place):
    """A value with all by which the device says that it is none, or a bad one."""

    no_value: tuple[int | float, ...] = Field(
        (),
        description="Contents by which the device says that it has no value, as number or register content; .nan for "
        "a float. 0x8000 and -32768 are the same for an int16.",
        examples=[[0x8000], [".nan"]],
    )
    status_registers: tuple[StatusRegister, ...] = Field(
        (), max_length=8, description="Where the device says whether the value is good; each of them must."
    )
    counter: int | None = Field(
        None,
        ge=1,
        description="The value is a counter; this is the largest believable increase from scan to scan. A counter that "
        "jumped or began anew is Uncertain once, reason SOURCE; one that wrapped is good.",
    )

    @property
    def spans(self) -> tuple[Span, ...]:
        """All that has to be read for the value."""
        return (self.span, *(register.span for register in self.status_registers))

    @model_validator(mode="after")
    def _marks_fit(self) -> Self:
        for mark in self.no_value:
            if not is_number(self.type):
                raise ValueError(f"a {self.type} has no mark for no value")
            if not math.isnan(mark) or self.type not in {"float32", "float64"}:
                typed(self.type, mark)
        if self.counter is not None and not self.type.startswith(("u", "bcd")):
            raise ValueError("a counter is a uint or bcd")
        return self


class ModbusTag(TagSettings, Judged):
    """One value of the device."""


class Constant(Place):
    """A register whose content is known, such as a test register: it proves word and byte order."""

    value: int | float = Field(description="What it must hold.", examples=[-123.45])

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if not is_number(self.type):
            raise ValueError(f"a {self.type} proves nothing")
        words = encode(self.type, self.word_order, self.byte_order, self.value)
        if len(words) > 1 and words == words[::-1]:
            raise ValueError(f"{self.value} as {self.type} reads the same in both word orders: it proves nothing")
        return self


class Witness(Place):
    """A value that the device gives a second time in one register: both must agree, which proves the first's order."""

    seconds: Place = Field(description="The same value in one register, where no order can be wrong.")
    factor: float = Field(1.0, description="From the content of `seconds` to that of the value.", examples=[0.1])
    tolerance: float = Field(gt=0, description="Difference allowed, in the value's unit: the coarser resolution.")

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if not is_number(self.type) or not is_number(self.seconds.type) or self.seconds.span.count != 1:
            raise ValueError("a witness compares a number with a number in one register")
        return self


Proof = Constant | Witness


class Range(Strict):
    """A run of addresses."""

    table: Table = Field(description="As for the tag.")
    address: int = Field(ge=0, le=65_535, description="The first address, from 0.")
    count: int = Field(ge=1, le=65_536, description="How many.")

    @property
    def span(self) -> Span:
        """The same as a span."""
        return Span(self.table, self.address, self.count)
