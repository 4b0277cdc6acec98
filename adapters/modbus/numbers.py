"""Registers to numbers and back, whole columns at once. Pure."""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal[
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float32",
    "float64",
    "bcd16",
    "bcd32",
    "bool",
    "text",
]
Order = Literal["big", "little"]

_CODES: dict[Kind, str] = {
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "int64": "i8",
    "uint64": "u8",
    "float32": "f4",
    "float64": "f8",
    "bcd16": "u2",
    "bcd32": "u4",
}


def words_of(kind: Kind) -> int:
    """How many registers (or bits, of a coil) a value takes; of a text, at least."""
    return int(_CODES[kind][1]) // 2 if is_number(kind) else 1


def is_number(kind: Kind) -> bool:
    """Whether it goes into the column of numbers; a bool and a text stand beside it."""
    return kind in _CODES


def is_float(kind: Kind) -> bool:
    """Whether it is a floating-point type: devices often have another word order for those."""
    return kind in {"float32", "float64"}


def decode(words: NDArray[np.uint16], kind: Kind, word_order: Order, byte_order: Order) -> NDArray[Any]:
    """Numbers of the type itself, shape `(n,)`, from registers in the order of their addresses, shape `(n, words)`."""
    ordered = words if word_order == "big" else words[:, ::-1]
    swapped = ordered if byte_order == "big" else ordered.byteswap()
    packed = np.ascontiguousarray(swapped.astype(">u2"))
    native: NDArray[Any] = packed.view(f">{_CODES[kind]}")[:, 0].astype(_CODES[kind])
    return native


def digits(content: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers from binary coded decimals, NaN where four bits are no digit. Shape as given."""
    number = np.zeros(content.shape, np.float64)
    for shift in reversed(range(0, 8 * content.itemsize, 4)):
        digit = content >> content.dtype.type(shift) & content.dtype.type(0xF)
        number = np.where(digit < 10, number * 10 + digit, np.nan)
    return number


def text(words: NDArray[np.uint16], byte_order: Order) -> str | None:
    """Two characters in each register, up to the first NUL, without spaces at the end; None when it is not ASCII."""
    octets = (words if byte_order == "big" else words.byteswap()).astype(">u2").tobytes()
    letters = octets.split(b"\0", 1)[0].rstrip(b" ")
    if any(not 0x20 <= letter < 0x7F for letter in letters):
        return None
    return letters.decode("ascii")


def encode(kind: Kind, word_order: Order, byte_order: Order, value: float) -> list[int]:
    """The registers that hold a number. Raises ValueError when the type cannot hold it."""
    packed = np.frombuffer(np.array([typed(kind, value)]).astype(f">{_CODES[kind]}").tobytes(), dtype=">u2")
    swapped = packed if byte_order == "big" else packed.byteswap()
    return [int(word) for word in (swapped if word_order == "big" else swapped[::-1])]


def typed(kind: Kind, number: float) -> Any:
    """The number as a scalar of the type; an integer may be given by its unsigned content (0x8000 for -32768).

    Raises ValueError when the type cannot hold it.
    """
    dtype = np.dtype(_CODES[kind])
    if is_float(kind):
        if math.isfinite(number) and abs(number) > float(np.finfo(dtype).max):
            raise ValueError(f"{number} does not fit into {kind}")
        return dtype.type(number)
    bits = 8 * dtype.itemsize
    lowest = 0 if dtype.kind == "u" else -(2 ** (bits - 1))
    if not lowest <= number < 2**bits or number != int(number):
        raise ValueError(f"{number} does not fit into {kind}")
    content = int(number)
    if dtype.kind == "i" and content >= 2 ** (bits - 1):
        content -= 2**bits
    return dtype.type(content)
