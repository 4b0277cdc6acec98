import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import tag_table
from adapters.modbus.answer import exception
from adapters.modbus.image import Image
from adapters.modbus.numbers import encode
from adapters.modbus.plan import Block, plan
from adapters.modbus.scan import Scan
from adapters.modbus.settings import ModbusSettings
from schemas.frame import Row
from schemas.status import Reason, StatusCode

NONE_AVAILABLE = {"proof": "none-available"}


def settings(*tags: dict[str, Any], **more: Any) -> ModbusSettings:
    named = [{"name": f"T{at}", **tag} for at, tag in enumerate(tags)]
    return ModbusSettings.model_validate(
        {"type": "modbus", "name": "device", "host": "127.0.0.1", "tags": named, **more}
    )


def seen(configured: ModbusSettings, memory: dict[int, int], refused: frozenset[int] = frozenset()) -> list[Row]:
    """The rows after a scan over holding registers; blocks with a refused address fail with exception 2."""
    scan = Scan(configured, tag_table(configured))
    image = Image()
    for block in plan(scan.spans, configured.limits):
        addresses = range(block.start, block.start + block.count)
        if refused & set(addresses):
            image.fail(block, exception(2))
        else:
            image.put(block, [memory.get(address, 0) for address in addresses])
    return list(scan.frame(image, 0).rows())


def held(address: int, kind: Any, value: float, word_order: Any = "big") -> dict[int, int]:
    return dict(enumerate(encode(kind, word_order, "big", value), start=address))


def test_types_are_decoded_side_by_side() -> None:
    """A signed pressure, a float, a flag in a register: values in the column, booleans beside."""
    configured = settings(
        {"address": 0, "type": "int16"},
        {"address": 1, "type": "float32", "word_order": "little"},
        {"address": 3, "type": "bool", "bit": 4},
        {"address": 4, "type": "uint32"},
        **NONE_AVAILABLE,
    )
    memory = {0: 65526, **held(1, "float32", 13.5, "little"), 3: 0x10, **held(4, "uint32", 4_000_000_000)}
    rows = seen(configured, memory)
    assert [row.value for row in rows] == [-10.0, 13.5, True, 4e9]
    assert all(row.status == StatusCode.GOOD for row in rows)


@pytest.mark.parametrize(
    ("kind", "mark", "words"),
    [
        ("int16", 0x8000, [0x8000]),
        ("int16", -32768, [0x8000]),
        ("uint16", 0xFFFF, [0xFFFF]),
        ("int16", 0, [0]),
        ("float32", math.nan, encode("float32", "big", "big", math.nan)),
        ("float32", -9999.9, encode("float32", "big", "big", -9999.9)),
    ],
)
def test_a_mark_for_no_value_is_no_value(kind: str, mark: float, words: list[int]) -> None:
    """The device's own mark is null and Bad (F27), also NaN where it is declared."""
    configured = settings({"address": 0, "type": kind, "no_value": [mark]}, **NONE_AVAILABLE)
    [row] = seen(configured, dict(enumerate(words)))
    assert (row.value, row.status, row.reason) == (None, StatusCode.BAD_NO_DATA, Reason.NO_VALUE)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_that_is_not_declared_is_bad(number: float) -> None:
    """NaN and infinity are never values (F-A2)."""
    configured = settings({"address": 0, "type": "float32"}, **NONE_AVAILABLE)
    [row] = seen(configured, held(0, "float32", number))
    assert (row.value, row.status, row.reason) == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)


def test_an_integer_that_a_double_cannot_hold_is_bad() -> None:
    """2^53 + 2 is not rounded."""
    configured = settings({"address": 0, "type": "int64"}, **NONE_AVAILABLE)
    assert seen(configured, held(0, "int64", 2**53))[0].value == 2**53
    assert seen(configured, held(0, "int64", 2**53 + 2))[0].reason == Reason.RANGE


@pytest.mark.parametrize(
    ("rule", "content", "passes"),
    [
        ({"good": [0, 4]}, 4, True),
        ({"good": [0, 4]}, 1, False),
        ({"bad_bits": 0b110}, 0b001, True),
        ({"bad_bits": 0b110}, 0b010, False),
    ],
)
def test_the_status_register_decides(rule: dict[str, Any], content: int, passes: bool) -> None:
    """A value whose own status says bad is Bad, reason DEVICE, without value (F29)."""
    configured = settings({"address": 0, "type": "int16", "status_registers": [{"address": 9, **rule}]})
    [row] = seen(configured, {0: 12, 9: content})
    assert (row.value, row.reason) == ((12.0, Reason.NONE) if passes else (None, Reason.DEVICE))


def test_each_of_several_status_registers_must_say_good() -> None:
    """A laser that works is no help when the sample was too short."""
    rules = [{"address": 9, "bad_bits": 3}, {"address": 10, "good": [60]}]
    configured = settings({"address": 0, "type": "int16", "status_registers": rules})
    for laser, seconds, passes in ((0, 60, True), (1, 60, False), (0, 59, False)):
        [row] = seen(configured, {0: 7, 9: laser, 10: seconds})
        assert (row.value, row.reason) == ((7.0, Reason.NONE) if passes else (None, Reason.DEVICE))


def test_a_status_register_that_cannot_be_read_lets_nothing_pass() -> None:
    """Without its status the value is not known to be good."""
    configured = settings({"address": 0, "type": "int16", "status_registers": [{"address": 9, "good": [0]}]})
    [row] = seen(configured, {0: 12}, refused=frozenset({9}))
    assert (row.value, row.reason) == (None, Reason.CONFIG)


def test_what_no_answer_covers_is_bad() -> None:
    """A register that was not read in this scan has no value, whatever earlier scans saw."""
    configured = settings({"address": 0, "type": "int16"}, {"address": 1, "type": "bool", "bit": 0})
    scan = Scan(configured, tag_table(configured))
    rows = list(scan.frame(Image(), 0).rows())
    assert [(row.value, row.status, row.reason) for row in rows] == [(None, StatusCode.BAD_NO_DATA, Reason.COMM)] * 2


FLOAT = {"address": 0, "type": "float32", "word_order": "little"}
TEST_REGISTER = {"address": 20, "type": "float32", "word_order": "little", "value": -123.45}


def test_a_value_in_two_registers_is_uncertain_without_proof() -> None:
    """A wrong word order can look right, so nobody's word is taken for it (F25)."""
    [wide, narrow] = seen(settings(FLOAT, {"address": 5, "type": "int16"}), held(0, "float32", 13.5, "little"))
    assert (wide.value, wide.status, wide.reason) == (13.5, StatusCode.UNCERTAIN, Reason.UNPROVEN)
    assert narrow.status == StatusCode.GOOD


def test_a_constant_proves_the_order_of_its_sort_only() -> None:
    """A float constant proves floats in that order; integers may stand in another one (Lighthouse maps)."""
    integer = {"address": 8, "type": "int32", "word_order": "little"}
    memory = held(0, "float32", 13.5, "little") | held(20, "float32", -123.45, "little") | {8: 5}
    [proven, unproven] = seen(settings(FLOAT, integer, proof=[TEST_REGISTER]), memory)
    assert (proven.value, proven.status) == (13.5, StatusCode.GOOD)
    assert (unproven.status, unproven.reason) == (StatusCode.UNCERTAIN, Reason.UNPROVEN)


@pytest.mark.parametrize("content", [held(20, "float32", -123.45, "big"), {20: 0, 21: 0}])
def test_a_wrong_constant_makes_every_tag_bad(content: dict[int, int]) -> None:
    """Another order, or another device: nothing it says is believed (F25, F33)."""
    rows = seen(
        settings(
            FLOAT, {"address": 5, "type": "int16"}, {"address": 6, "type": "bool", "bit": 0}, proof=[TEST_REGISTER]
        ),
        held(0, "float32", 13.5) | content,
    )
    assert [(row.value, row.reason, row.status >> 31) for row in rows] == [(None, Reason.UNPROVEN, 1)] * 3


def test_a_constant_that_the_device_does_not_have_is_a_wrong_one() -> None:
    """It is not the device that the configuration speaks of."""
    [row] = seen(settings(FLOAT, proof=[TEST_REGISTER]), {}, refused=frozenset({20}))
    assert (row.value, row.reason) == (None, Reason.UNPROVEN)


@given(
    st.dictionaries(st.integers(0, 12), st.integers(0, 0xFFFF)),
    st.frozensets(st.integers(0, 12), max_size=3),
    st.sampled_from([None, "none-available", [{"address": 10, "type": "uint16", "value": 7}]]),
)
def test_whatever_the_registers_hold_good_means_a_usable_value(
    memory: dict[int, int], refused: frozenset[int], proof: Any
) -> None:
    """No exception; Bad has no value, Good has a finite one, reason NONE only with Good."""
    configured = settings(
        {"address": 0, "type": "int16", "no_value": [0x8000]},
        {"address": 1, "type": "float32", "no_value": [math.nan]},
        {"address": 3, "type": "float64", "word_order": "little"},
        {"address": 7, "type": "bool", "bit": 15},
        {"address": 8, "type": "uint32", "byte_order": "little", "status_registers": [{"address": 12, "good": [0]}]},
        proof=proof,
    )
    for row in seen(configured, memory, refused):
        severity = row.status >> 30
        assert (row.value is None) == (severity >= 2)
        assert (row.reason is Reason.NONE) == (severity == 0)
        assert not isinstance(row.value, float) or math.isfinite(row.value)


def test_an_answer_of_another_length_is_not_taken() -> None:
    """The image would rather fail than shift values."""
    with pytest.raises(ValueError, match="broadcast"):
        Image().put(Block("holding", 0, 3, ()), [1, 2])
