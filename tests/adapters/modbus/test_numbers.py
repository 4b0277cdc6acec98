import struct
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.numbers import Kind, Order, decode, encode, typed, words_of

KINDS: list[Kind] = [kind for kind in get_args(Kind) if kind in {"float32", "float64"} or "int" in kind]
FORMATS = dict(zip(KINDS, ["h", "H", "i", "I", "q", "Q", "f", "d"], strict=True))
orders: st.SearchStrategy[Order] = st.sampled_from(["big", "little"])


@given(st.sampled_from(KINDS), st.data())
def test_big_endian_registers_decode_as_struct_does(kind: Kind, data: st.DataObject) -> None:
    """Against the standard library, whole columns at once."""
    size = words_of(kind) * 2
    cells = data.draw(st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=5))
    words = np.array([struct.unpack(f">{size // 2}H", cell) for cell in cells], dtype=np.uint16)
    expected = [struct.unpack(f">{FORMATS[kind]}", cell)[0] for cell in cells]
    np.testing.assert_array_equal(decode(words, kind, "big", "big"), expected)


@given(st.sampled_from(KINDS), orders, orders, st.integers(-(2**15), 2**15 - 1))
def test_what_is_encoded_is_decoded(kind: Kind, word_order: Order, byte_order: Order, number: int) -> None:
    """In all orders."""
    if kind.startswith("u"):
        number = abs(number)
    words = np.array([encode(kind, word_order, byte_order, number)], dtype=np.uint16)
    assert decode(words, kind, word_order, byte_order)[0] == number


def test_the_four_orders_are_those_of_the_manuals() -> None:
    """ABCD, CDAB, BADC, DCBA of 0x41424344."""
    found = {
        (word, byte): encode("uint32", word, byte, 0x41424344) for word in get_args(Order) for byte in get_args(Order)
    }
    assert found == {
        ("big", "big"): [0x4142, 0x4344],
        ("little", "big"): [0x4344, 0x4142],
        ("big", "little"): [0x4241, 0x4443],
        ("little", "little"): [0x4443, 0x4241],
    }


def test_an_integer_may_be_given_by_its_register_content() -> None:
    """0x8000 is the int16 -32768; a manual may write either."""
    assert typed("int16", 0x8000) == -32768
    assert typed("int16", -32768) == -32768
    assert typed("int32", 0xFFFFFFFF) == -1


@pytest.mark.parametrize(("kind", "number"), [("int16", 65536), ("int16", -32769), ("uint16", -1), ("int16", 0.5)])
def test_a_number_that_does_not_fit_is_refused(kind: Kind, number: float) -> None:
    """Nothing wraps."""
    with pytest.raises(ValueError, match="does not fit"):
        typed(kind, number)
