"""Any registers in: no exception, and nothing Good that type, marks, status and proof do not allow."""

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import tag_table
from adapters.modbus.answer import exception
from adapters.modbus.image import Image
from adapters.modbus.places import ModbusTag
from adapters.modbus.plan import plan
from adapters.modbus.scan import Scan
from adapters.modbus.settings import ModbusSettings
from schemas.frame import Row
from schemas.status import Reason

SIZE = 24
WORDS = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "int64": 4, "uint64": 4, "float32": 2, "float64": 4}
WORDS |= {"bcd16": 1, "bcd32": 2}
RULES: list[dict[str, Any]] = [{"good": [0, 1]}, {"bad_bits": 0x8001}, {"needed_bits": 1, "means": "no-value"}]
odd = st.sampled_from([0, 1, 0x7FC0, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x4142, 0x1234, 0x7F80])
memories = st.lists(odd | st.integers(0, 0xFFFF), min_size=SIZE + 8, max_size=SIZE + 8)
orders = st.sampled_from(["big", "little"])


@st.composite
def tags(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from([*WORDS, "text", "bool"]))
    tag: dict[str, Any] = {"type": kind, "address": draw(st.integers(0, SIZE)), "word_order": draw(orders)}
    tag["byte_order"] = draw(orders)
    if kind == "text":
        tag["length"] = draw(st.integers(1, 4))
    elif kind == "bool":
        tag["bit"] = draw(st.integers(0, 15))
    elif WORDS[kind] == 1:
        tag["no_value"] = draw(st.lists(st.sampled_from([0, 1, 0x7FFF]), max_size=2))
    rule: dict[str, Any] = draw(
        st.sampled_from([{"good": [0, 1]}, {"bad_bits": 0x8001}, {"needed_bits": 1, "means": "no-value"}])
    )
    if draw(st.booleans()):
        tag["status_registers"] = [{"address": draw(st.integers(0, SIZE)), **rule}]
    return tag


@given(st.lists(tags(), min_size=1, max_size=6), memories, st.sets(st.integers(0, SIZE + 7), max_size=3), st.booleans())
def test_good_is_only_what_everything_allows(
    given_tags: list[dict[str, Any]], memory: list[int], refused: set[int], checked: bool
) -> None:
    """With addresses that the device refuses, and with or without somebody who checked the orders."""
    named = [{"name": f"T{at}", **tag} for at, tag in enumerate(given_tags)]
    proof = {"proof": "none-available"} if checked else {}
    settings = ModbusSettings.model_validate({"type": "modbus", "name": "d", "host": "h", "tags": named, **proof})
    scan, image = Scan(settings, tag_table(settings)), Image()
    for block in plan(scan.spans, settings.limits):
        addresses = range(block.start, block.start + block.count)
        if refused & set(addresses):
            image.fail(block, exception(2))
        else:
            image.put(block, [memory[address] for address in addresses])
    for row, tag in zip(scan.frame(image, 0).rows(), settings.tags, strict=True):
        assert (row.reason is Reason.NONE) == (row.status == 0)
        assert row.value is None or not row.status >> 31
        if row.status == 0:
            check(row, tag, memory, refused, checked=checked)


def check(row: Row, tag: ModbusTag, memory: list[int], refused: set[int], *, checked: bool) -> None:
    """What a Good row must be."""
    words = memory[tag.span.start : tag.span.end]
    assert not refused & {address for span in tag.spans for address in range(span.start, span.end)}
    assert all(register.is_good(memory[register.address]) for register in tag.status_registers)
    assert checked or tag.type in {"text", "bool"} or (len(words) == 1 and tag.byte_order == "big")
    if tag.type == "text":
        assert isinstance(row.value, str)
        assert row.value.isascii()
        assert row.value.isprintable()
    elif tag.type == "bool":
        assert row.value is bool(words[0] >> (tag.bit or 0) & 1)
    else:
        assert isinstance(row.value, float)
        assert math.isfinite(row.value)
        assert tag.type in {"float32", "float64"} or abs(row.value) <= 2**53
        assert tag.type.startswith("bcd") or row.value not in tag.no_value
