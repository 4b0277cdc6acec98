"""What OPC UA samples cost from the octets of a publish response to a frame, as a ratio to item by item."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from adapters.opcua.conditions import Conditions
from adapters.opcua.fast.response import read_response
from adapters.opcua.inbox import Inbox
from adapters.opcua.ledger import Ledger
from adapters.opcua.settings import OpcUaTag
from adapters.opcua.values import Interpreter
from schemas.frame import Frame, TagTable
from tests.adapters.opcua.fast.octets import Item, data_change, response

TICKS = 134_000_000_000_000_000
Take = Callable[[Inbox, bytes], None]


def octets(size: int, turn: int, kinds: list[ua.VariantType]) -> bytes:
    """A notification of so many items whose types take turns."""
    said = [
        Item(n + 1, ua.Variant(n % 100, kinds[n % len(kinds)]), None, TICKS + turn * 1_000_000 + n) for n in range(size)
    ]
    return response(turn, [data_change(said)])


def by_rows(inbox: Inbox, given: bytes) -> None:
    inbox.publish(struct_from_binary(ua.PublishResponse, Buffer(given)).Parameters)


def by_columns(inbox: Inbox, given: bytes) -> None:
    inbox.deliver(read_response(given))


async def cost(take: Take, size: int, given: list[bytes]) -> float:
    """CPU seconds per 10,000 samples, from octets to a frame that the ledger has seen."""
    tags = [OpcUaTag.model_construct(name=f"T{n}", node=f"i={n}", unit="Pa", index=None) for n in range(size)]
    table = TagTable(tuple(tag.name for tag in tags), ("Pa",) * size)
    inbox = Inbox("plc", table, Interpreter(tags, 60), Conditions("plc", 1), grace=60)
    ledger = Ledger("plc", table)
    begin = time.process_time()
    for one in given:
        take(inbox, one)
        frame = await inbox.next()
        assert isinstance(frame, Frame)
        assert len(frame) == size
        assert not np.isnan(frame.value).any()
        ledger.saw(frame)
    return (time.process_time() - begin) / (len(given) * size) * 10_000


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("doubles", [ua.VariantType.Double]),
        ("types in turn", [ua.VariantType.Double, ua.VariantType.Int32, ua.VariantType.Float, ua.VariantType.UInt16]),
    ],
)
@pytest.mark.parametrize("size", [100, 1_000, 10_000])
async def test_columns_cost_a_fraction_of_item_by_item(size: int, name: str, kinds: list[ua.VariantType]) -> None:
    """Decoding and interpreting, without the network and what comes behind."""
    given = [octets(size, turn, kinds) for turn in range(1, 2 + max(2, 10_000 // size))]
    pairs = [(await cost(by_columns, size, given), await cost(by_rows, size, given)) for _ in range(5)]
    ratio = median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (median(column) * 1e3 for column in zip(*pairs, strict=True))
    print(f"\n{size} items, {name}: {ours:.2f} / {theirs:.1f} ms CPU per 10,000 samples, ratio {ratio:.4f}")
    assert ratio < {100: 0.6, 1_000: 0.2, 10_000: 0.1}[size]
