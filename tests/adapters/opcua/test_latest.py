from typing import Any

import numpy as np
import pytest
from asyncua import ua

from adapters.opcua.fast.response import items_of, read_response
from adapters.opcua.latest import Latest, content_of
from tests.adapters.opcua.fast.octets import Item, data_change, response

KINDS = ua.VariantType


def noted(latest: Latest, *items: Item) -> None:
    found = items_of([read_response(response(1, [data_change(items)]))])
    latest.put_items((found.handle - 1).astype(np.int32), found)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, KINDS.Double), (float("nan"), KINDS.Double), (0.1, KINDS.Float), (True, KINDS.Boolean), (-7, KINDS.SByte),
        (200, KINDS.Byte), (2**64 - 1, KINDS.UInt64), (-(2**63), KINDS.Int64), (None, KINDS.Null), ("x", KINDS.String),
        ([1.0, 2.0], KINDS.Double),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [None, 0x480, 0x808C0000])
def test_what_stands_in_columns_equals_what_a_read_gives(value: Any, kind: ua.VariantType, status: int | None) -> None:
    """Value and status of a notification and of a read of the same are the same, whichever way it came."""
    latest, item = Latest(2), Item(2, ua.Variant(value, kind), status)
    noted(latest, item)
    given = items_of([read_response(response(1, [data_change([item])]))])
    read = ua.DataValue(ua.Variant(value, kind), ua.StatusCode(ua.UInt32(status or 0)))
    if kind is KINDS.Float:  # a read gives the double that it is
        read.Value = ua.Variant(float(given.bits.view(np.float64)[0]), kind)
    assert latest.content(1) == content_of(read)
    latest.put(1, read)
    assert latest.content(1) == content_of(read)


def test_the_last_of_several_counts() -> None:
    """Also where columns and objects take turns."""
    latest = Latest(1)
    assert (latest.turn(0), latest.content(0)) == (0, None)
    noted(latest, Item(1, ua.Variant("x", KINDS.String)), Item(1, ua.Variant(2.0, KINDS.Double)))
    assert latest.content(0) == (0, "2.0")
    turn = latest.turn(0)
    noted(latest, Item(1, ua.Variant(2.0, KINDS.Double)), Item(1, ua.Variant("x", KINDS.String)))
    assert latest.content(0) == (0, "'x'")
    assert latest.turn(0) > turn
