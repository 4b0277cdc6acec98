"""Reading history page by page from servers that answer in every way."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.status_codes import StatusCodes
from hypothesis import given
from hypothesis import strategies as st

from adapters.opcua import history
from adapters.opcua.history import Span, read_raw
from adapters.opcua.values import micros

NODE = ua.NodeId(ua.String("DP"), ua.Int16(2))
Answer = tuple[int, list[ua.DataValue], bytes | None]


def at(time: int, status: int = 0) -> ua.DataValue:
    """A value whose number is its time, in microseconds after 1970."""
    moment: Any = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)
    return ua.DataValue(ua.Variant(float(time)), ua.StatusCode(ua.UInt32(status)), moment)


def client(answer: Callable[[int, int, int, bytes | None, bool], Answer]) -> Client:
    """A client whose server answers by a function of start, end, count, continuation point and bounds."""

    async def history_read(parameters: ua.HistoryReadParameters) -> list[ua.HistoryReadResult]:
        details: Any = parameters.HistoryReadDetails
        assert not details.IsReadModified
        (wanted,) = parameters.NodesToRead
        between = (micros(details.StartTime) or 0, micros(details.EndTime) or 0)
        point = wanted.ContinuationPoint
        status, values, more = answer(*between, int(details.NumValuesPerNode), point, bool(details.ReturnBounds))
        kept: Any = ua.HistoryData(DataValues=values)
        return [ua.HistoryReadResult(ua.StatusCode(ua.UInt32(status)), cast("ua.ByteString", more), kept)]

    return cast("Client", SimpleNamespace(uaclient=SimpleNamespace(history_read=history_read)))


async def times(given: Client, span: Span) -> list[int]:
    return [
        micros(data.SourceTimestamp) or 0
        for page in [page async for page in read_raw(given, NODE, span)]
        for data in page
    ]


def keeping(values: Sequence[int], *, pages: bool, bounds: bool = False) -> Client:
    """A server that has these; without `pages` it cuts answers off and says nothing about it."""

    def answer(start: int, end: int, count: int, point: bytes | None, _: bool) -> Answer:
        inside = [time for time in values if start <= time <= end]
        if bounds:
            inside = sorted({*inside, *[t for t in values if t < start][-1:], *[t for t in values if t > end][:1]})
        first = int(point or b"0") if pages else 0
        part = inside[first : first + count]
        left = pages and first + len(part) < len(inside)
        return 0, [at(time) for time in part], str(first + len(part)).encode() if left else None

    return client(answer)


@pytest.mark.parametrize("pages", [True, False])
@pytest.mark.parametrize("bounds", [True, False])
async def test_all_values_within_come_once_and_in_order(
    monkeypatch: pytest.MonkeyPatch, pages: bool, bounds: bool
) -> None:
    """With continuation points, and from a server that cuts off without a word."""
    monkeypatch.setattr(history, "PAGE", 7)
    span = Span(1_000, 1_100)
    found = await times(keeping(range(900, 1_200), pages=pages, bounds=bounds), span)
    assert found == list(range(1_001, 1_100))
    assert span.joined


@given(st.lists(st.integers(1, 30), max_size=40), st.booleans())
async def test_values_of_one_moment_are_not_lost_between_pages(moments: list[int], pages: bool) -> None:
    """Several values may have one source time, as long as a page holds more than that."""
    kept = sorted(100 + moment for moment in moments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "PAGE", 45)
        span = Span(100, 200)
        assert await times(keeping([100, *kept, 200], pages=pages), span) == kept
    assert span.joined


async def test_a_history_that_begins_later_or_ends_earlier_does_not_join(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept comes; that something is missing is known."""
    monkeypatch.setattr(history, "PAGE", 10)
    late, early = Span(1_000, 1_100), Span(1_000, 1_100)
    assert await times(keeping(range(1_050, 1_200), pages=True), late) == list(range(1_050, 1_100))
    assert await times(keeping(range(900, 1_060), pages=True), early) == list(range(1_001, 1_060))
    assert (late.begins, late.ends, late.joined) == (False, True, False)
    assert (early.begins, early.ends, early.over) == (True, False, False)


async def test_reading_goes_on_where_it_was() -> None:
    """What was handed out before the connection broke is not asked for again, nor lost."""
    server = keeping(range(900, 1_200), pages=True)
    span = Span(1_000, 1_100, reached=1_040, taken=1)
    assert await times(server, span) == list(range(1_041, 1_100))


async def test_a_server_without_history_is_refused_once() -> None:
    """The StatusCode is kept, and there is nothing to ask again."""
    span = Span(1, 9)
    unsupported = int(StatusCodes.BadHistoryOperationUnsupported)
    assert await times(client(lambda *_: (unsupported, [], None)), span) == []
    assert (span.refused, span.over, span.joined) == (unsupported, True, False)


async def test_a_server_without_bounds_is_asked_without_them() -> None:
    """BadBoundNotSupported is no refusal of the history."""

    def answer(start: int, end: int, count: int, point: bytes | None, bounds: bool) -> Answer:
        return (int(StatusCodes.BadBoundNotSupported), [], None) if bounds else (0, [at(1), at(5), at(9)], None)

    span = Span(1, 9)
    assert await times(client(answer), span) == [5]
    assert span.joined


@pytest.mark.parametrize(
    "values",
    [
        [at(1), at(5, 0x809D0000), at(9)],  # BadDataLost
        [at(1), at(5), at(3), at(9)],
        [at(1), ua.DataValue(ua.Variant(4.0)), at(9)],
    ],
)
async def test_what_says_of_a_hole_is_a_hole(values: list[ua.DataValue]) -> None:
    """Data lost, values not in their order, values without a time."""
    span = Span(1, 9)
    await times(client(lambda *_: (0, values, None)), span)
    assert not span.joined


async def test_a_server_that_never_comes_to_an_end_is_left_alone() -> None:
    """A continuation point for ever, without a value."""
    span = Span(1, 9)
    assert await times(client(lambda *_: (0, [at(1), at(3)], b"more")), span) == [3] * 4
    assert span.hole
