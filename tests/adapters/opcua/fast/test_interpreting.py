from dataclasses import replace
from itertools import chain
from typing import Any
from uuid import UUID

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary
from hypothesis import given
from hypothesis import strategies as st

from adapters.opcua.fast.interpreting import interpret
from adapters.opcua.fast.response import items_of, read_response
from adapters.opcua.reports import joined
from adapters.opcua.settings import OpcUaTag
from adapters.opcua.values import EXACT, Interpreter
from schemas.codec import encode
from schemas.frame import Frame, TagTable, frame_of
from schemas.status import Reason, StatusCode
from tests.adapters.opcua.fast.octets import Item, data_change, response

NOW = 1_800_000_000_000_000
TICKS = (NOW + 11_644_473_600_000_000) * 10
TAGS = (
    OpcUaTag(name="DP", node="i=1", unit="Pa"),
    OpcUaTag(name="state", node="i=2"),
    OpcUaTag(name="third", node="i=3", index=2),
    OpcUaTag(name="T", node="i=4", unit="Cel"),
    OpcUaTag(name="other", node="i=5"),
    OpcUaTag(name="wrong", node="i=6", unit="kg"),
)
TABLE = TagTable(tuple(tag.name for tag in TAGS), tuple(tag.unit for tag in TAGS))
SAME = UUID(int=7)
WIDTHS = {"SByte": 8, "Int16": 16, "Int32": 32, "Int64": 64}

integers = [
    st.tuples(st.just(ua.VariantType[name]), st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) | st.integers(-9, 9))
    for name, bits in WIDTHS.items()
] + [
    st.tuples(st.just(ua.VariantType[name]), st.integers(0, 2**bits - 1) | st.integers(0, 9))
    for name, bits in {"Byte": 8, "UInt16": 16, "UInt32": 32, "UInt64": 64}.items()
]
scalars: list[st.SearchStrategy[tuple[ua.VariantType, Any]]] = [
    *integers,
    st.tuples(st.just(ua.VariantType.Double), st.floats()),
    st.tuples(st.just(ua.VariantType.Double), st.floats(-50, 50)),
    st.tuples(st.just(ua.VariantType.Float), st.floats(width=32)),
    st.tuples(st.just(ua.VariantType.Boolean), st.booleans()),
    st.tuples(st.just(ua.VariantType.Null), st.none()),
]
others: list[st.SearchStrategy[tuple[ua.VariantType, Any]]] = [
    st.tuples(
        st.just(ua.VariantType.String),
        st.text(max_size=4) | st.none() | st.just(b"\xff".decode(errors="surrogateescape")),
    ),
    st.tuples(st.just(ua.VariantType.ByteString), st.binary(max_size=4)),
    st.tuples(st.just(ua.VariantType.DateTime), st.datetimes()),
    st.tuples(st.just(ua.VariantType.Guid), st.uuids()),
    st.tuples(st.just(ua.VariantType.LocalizedText), st.builds(ua.LocalizedText, st.text(max_size=3) | st.none())),
    st.tuples(st.just(ua.VariantType.NodeId), st.just(ua.NodeId(ua.Int32(5), ua.Int16(1)))),
]
arrays = [
    st.tuples(st.just(ua.VariantType.Double), st.lists(st.floats(), max_size=4)),
    st.tuples(st.just(ua.VariantType.UInt64), st.lists(st.integers(0, 2**64 - 1), max_size=4)),
    st.tuples(st.just(ua.VariantType.Boolean), st.lists(st.booleans(), max_size=4)),
    st.tuples(st.just(ua.VariantType.String), st.lists(st.text(max_size=2), max_size=4)),
]


def a_variant(said: tuple[ua.VariantType, Any]) -> ua.Variant:
    return ua.Variant(said[1], said[0], is_array=isinstance(said[1], list))


seldom = st.none() | st.integers(0, 9999)
items = st.builds(
    Item,
    handle=st.integers(1, len(TAGS)),
    variant=st.none() | st.one_of([*scalars, *scalars, *others, *arrays]).map(a_variant),
    status=st.none() | st.sampled_from([0, 0x480, 0x40900000, 0x808C0000]) | st.integers(0, 2**32 - 1),
    time=st.none()
    | st.integers(-20, 20).map(lambda step: TICKS + step)
    | st.just(TICKS + 610_000_000)
    | st.sampled_from([0, -5, 2**63 - 1, 2_650_467_743_990_000_000])
    | st.integers(-(2**63), 2**63 - 1),
    picoseconds=seldom,
    server_time=st.none() | st.just(TICKS),
    server_picoseconds=seldom,
)
EDGES = [0, 1, EXACT - 1, EXACT, EXACT + 1, 2**63 - 1]
settled = st.one_of(
    st.tuples(st.just(1), st.floats(-9, 9).map(lambda value: ua.Variant(value, ua.VariantType.Double))),
    st.tuples(
        st.sampled_from([2, 4]),
        st.sampled_from([*EDGES, 2**63, 2**64 - 1]).map(lambda value: ua.Variant(value, ua.VariantType.UInt64)),
    ),
    st.tuples(
        st.just(4),
        st.sampled_from([*EDGES, -EXACT, -EXACT - 1]).map(lambda value: ua.Variant(value, ua.VariantType.Int64)),
    ),
    st.tuples(st.just(5), st.text(max_size=2).map(lambda value: ua.Variant(value, ua.VariantType.String))),
).flatmap(lambda said: st.integers(-2, 2).map(lambda step: Item(*said, None, TICKS + 10 * step)))
runs = st.tuples(items, st.integers(1, 40)).map(lambda pair: [pair[0]] * pair[1])
messages = st.lists(
    st.lists(items, max_size=20)
    | st.lists(settled, max_size=20)
    | st.lists(runs, max_size=4).map(lambda parts: list(chain(*parts))),
    max_size=3,
)


def interpreter() -> Interpreter:
    made = Interpreter(TAGS, clock_tolerance=60)
    made.wrong_units = frozenset({5})
    return made


def by_rows(known: Interpreter, octets: bytes) -> Frame:
    """The library's decoder, then item by item."""
    rest = Buffer(octets)
    parts = struct_from_binary(ua.PublishResponse, rest).Parameters.NotificationMessage.NotificationData or []
    found = [known.row(item.ClientHandle - 1, item.Value, NOW) for part in parts for item in part.MonitoredItems]
    return frame_of("plc", TABLE, found, received=NOW)


def by_columns(known: Interpreter, octets: bytes) -> Frame:
    return interpret(known, "plc", TABLE, items_of([read_response(octets)]), NOW)


@given(st.lists(messages, min_size=1, max_size=3))
def test_both_paths_give_the_same_octets(said: list[list[list[Item]]]) -> None:
    """Whatever a server sends, one message after the other: types and times that were seen before count in both."""
    slow, fast = interpreter(), interpreter()
    for message in said:
        octets = response(1, [data_change(part) for part in message])
        rows, columns = by_rows(slow, octets), by_columns(fast, octets)
        assert encode(replace(columns, id=SAME)) == encode(replace(rows, id=SAME))
    assert (slow.types == fast.types).all()
    assert (slow.times == fast.times).all()


floats = st.builds(
    Item,
    handle=st.integers(1, len(TAGS)),
    variant=st.floats(-1e9, 1e9).map(lambda value: ua.Variant(value, ua.VariantType.Double)),
    time=st.integers(-3, 3).map(lambda step: TICKS + 10 * step),
)


@given(st.lists(st.lists(floats, min_size=1, max_size=5), min_size=2, max_size=5))
def test_notifications_without_any_doubt_are_the_same_too(said: list[list[Item]]) -> None:
    """Good doubles, with times that go on from one to the next, and mostly within one."""
    slow, fast = interpreter(), interpreter()
    slow.wrong_units = fast.wrong_units = frozenset()
    slow.indexed[:] = fast.indexed[:] = False
    slow.index = fast.index = [None] * len(TAGS)
    for turn, one in enumerate(said):
        octets = response(1, [data_change([replace(item, time=(item.time or 0) + 50 * turn) for item in one])])
        rows, columns = by_rows(slow, octets), by_columns(fast, octets)
        assert encode(replace(columns, id=SAME)) == encode(replace(rows, id=SAME))
    assert (slow.times == fast.times).all()


batches = st.lists(messages, min_size=2, max_size=4) | st.lists(
    st.lists(st.lists(floats, min_size=1, max_size=4), min_size=1, max_size=1), min_size=2, max_size=6
)


@given(st.lists(batches, min_size=1, max_size=2))
def test_several_responses_read_at_once_are_what_they_are_one_by_one(said: list[list[list[list[Item]]]]) -> None:
    """Alike or not: the samples of each stand in their order, and later ones are compared with earlier ones."""
    slow, fast = interpreter(), interpreter()
    for batch in said:
        given_ = [response(1, [data_change(part) for part in message]) for message in batch]
        rows = joined([by_rows(slow, octets) for octets in given_])
        columns = interpret(fast, "plc", TABLE, items_of([read_response(octets) for octets in given_]), NOW)
        assert encode(replace(columns, id=SAME)) == encode(replace(rows, id=SAME))
    assert (slow.types == fast.types).all()
    assert (slow.times == fast.times).all()


@given(st.lists(st.lists(floats, min_size=1, max_size=4), min_size=2, max_size=5), st.booleans())
def test_responses_without_any_doubt_read_at_once_are_the_same_too(said: list[list[Item]], forward: bool) -> None:
    """Each tag several times, with times that go on or do not."""
    slow, fast = interpreter(), interpreter()
    slow.wrong_units = fast.wrong_units = frozenset()
    slow.indexed[:] = fast.indexed[:] = False
    slow.index = fast.index = [None] * len(TAGS)
    for _ in range(2):  # in the first turn no type is known yet
        given_ = [
            response(1, [data_change([replace(item, time=(item.time or 0) + 50 * turn * forward) for item in one])])
            for turn, one in enumerate(said)
        ]
        rows = joined([by_rows(slow, octets) for octets in given_])
        columns = interpret(fast, "plc", TABLE, items_of([read_response(octets) for octets in given_]), NOW)
        assert encode(replace(columns, id=SAME)) == encode(replace(rows, id=SAME))
    assert (slow.times == fast.times).all()


@given(st.lists(st.tuples(st.booleans(), messages), min_size=2, max_size=4))
def test_both_paths_may_take_turns(said: list[tuple[bool, list[list[Item]]]]) -> None:
    """One interpreter, read by columns at one time and by rows at another, gives what rows alone give."""
    slow, mixed = interpreter(), interpreter()
    for fast, message in said:
        octets = response(1, [data_change(part) for part in message])
        frame = (by_columns if fast else by_rows)(mixed, octets)
        assert encode(replace(frame, id=SAME)) == encode(replace(by_rows(slow, octets), id=SAME))


def test_alternating_layouts_keep_their_order() -> None:
    """Double, integer, boolean, text in turn, with and without a time: every value stands at its tag."""
    said = [
        Item(1, ua.Variant(1.5, ua.VariantType.Double), None, TICKS),
        Item(2, ua.Variant(-3, ua.VariantType.Int16), 0),
        Item(5, ua.Variant("Wash", ua.VariantType.String), 0, TICKS),
        Item(4, ua.Variant(0.5, ua.VariantType.Float)),
    ] * 50
    frame = by_columns(interpreter(), response(1, [data_change(said)]))
    assert [row.value for row in frame.rows()] == [1.5, -3, "Wash", 0.5] * 50
    assert [row.source_time for row in frame.rows()] == [NOW, None, NOW, None] * 50


def test_of_one_tag_twice_the_second_is_compared_with_the_first() -> None:
    """A time that goes back within one notification is as doubtful as one from the last."""
    said = [Item(1, ua.Variant(1.0, ua.VariantType.Double), None, TICKS + step) for step in (0, 20, 10, 30)]
    frame = by_columns(interpreter(), response(1, [data_change(said)]))
    assert frame.reason.tolist() == [Reason.NONE, Reason.NONE, Reason.TIME, Reason.NONE]
    assert frame.status.tolist() == [StatusCode.GOOD, StatusCode.GOOD, StatusCode.UNCERTAIN, StatusCode.GOOD]


def test_picoseconds_stand_behind_their_own_time() -> None:
    """Source time, its picoseconds, server time: the next item is found where it is (OPC 10000-6, 5.2.2.17)."""
    said = [
        Item(1, ua.Variant(1.0, ua.VariantType.Double), 0, TICKS, 9, TICKS, 9),
        Item(2, ua.Variant(7, ua.VariantType.Int32), 0),
    ]
    frame = by_columns(interpreter(), response(1, [data_change(said)]))
    assert [(row.value, row.source_time) for row in frame.rows()] == [(1.0, NOW), (7, None)]
