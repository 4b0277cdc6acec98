"""ReadRaw: what a server kept of one variable between two times (OPC 10000-11, 6.5.3).

Raw values only, as they are stored: reads at given times and processed reads interpolate, and are never asked for. An
answer that ends without a continuation point, though it has as many values as were asked for, is not believed to be
the end: the rest is asked for from its last value on.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.status_codes import StatusCodes

from adapters.opcua.values import code_of, micros

PAGE = 1000
"""Values in one answer, at most."""
_STALLED = 3
"""Answers that lead no further in time after which a server is not asked again."""
_NOTHING = {StatusCodes.BadNoData, StatusCodes.BadDataLost, StatusCodes.BadDataUnavailable}
"""StatusCodes with which historians mark a hole."""


@dataclass(slots=True)
class Span:
    """What is asked for of one variable: values strictly between `start` and `end`, UTC microseconds.

    `reached` is the time of the last value that was taken, `taken` how many had that time. `begins` and `ends` tell
    whether the history has a value on either side, so that it joins what was reported live.
    """

    start: int
    end: int
    reached: int = 0
    taken: int = 0
    begins: bool = False
    ends: bool = False
    hole: bool = False
    refused: int = 0

    def __post_init__(self) -> None:
        self.reached = self.reached or self.start
        if self.end == self.start:  # the value did not change meanwhile
            self.begins = self.ends = True

    @property
    def joined(self) -> bool:
        """Whether nothing is missing between what was reported before and after."""
        return self.begins and self.ends and not self.hole and not self.refused

    @property
    def over(self) -> bool:
        """Whether asking again would bring no more."""
        return self.ends or bool(self.refused) or self.end < self.start


async def read_raw(client: Client, node: ua.NodeId, span: Span) -> AsyncIterator[list[ua.DataValue]]:
    """The values within the span, page by page, oldest first. A page counts as taken when the next one is asked for.

    Raises UaError, OSError, TimeoutError; after that the reading goes on where it was.
    """
    point: bytes | None = None
    stalled, bounds, begin = 0, True, span.start
    while stalled < _STALLED:
        if point is None:  # an answer that goes on belongs to the question that began it
            begin = span.reached if span.taken else span.start
        answer = await _ask(client, node, (begin, span.end), point, bounds=bounds)
        status = int(answer.StatusCode.value)
        if status == StatusCodes.BadBoundNotSupported and bounds:
            bounds = False
            continue
        if status == StatusCodes.BadContinuationPointInvalid and point:
            point = None
            stalled += 1
            continue
        if status >> 31:
            span.refused = status
            return
        values = list(getattr(answer.HistoryData, "DataValues", None) or ())
        page, after = _within(values, span, again=point is None)
        if page:
            yield page
        stalled = 0 if after.reached > span.reached else stalled + 1
        _copy(after, span)
        point = answer.ContinuationPoint or None
        if span.ends or (point is None and len(values) < PAGE):
            return
    span.hole = True


def _within(values: Sequence[ua.DataValue], span: Span, *, again: bool) -> tuple[list[ua.DataValue], Span]:
    """Those of an answer that lie within the span and are new, and the span after they were taken.

    `again`: the answer begins at the time that was reached, so values of that time may have been taken before.
    """
    after = Span(span.start, span.end, span.reached, span.taken, span.begins, span.ends, span.hole)
    skip = span.taken if again else 0
    page: list[ua.DataValue] = []
    for data in values:
        status, time = code_of(data), micros(data.SourceTimestamp)
        if status & 0xFFFF0000 == StatusCodes.BadBoundNotFound:
            continue
        if time is None:
            after.hole = True
        elif time <= span.start:
            after.begins = True
        elif time >= span.end:
            after.ends = True
        elif time < after.reached:
            after.hole |= not again or time >= span.reached  # not in their order
        elif time == span.reached and skip:
            skip -= 1
        else:
            page.append(data)
            after.taken = after.taken + 1 if time == after.reached else 1
            after.reached = time
            after.hole |= status & 0xFFFF0000 in _NOTHING
    return page, after


def _copy(after: Span, span: Span) -> None:
    span.reached, span.taken = after.reached, after.taken
    span.begins, span.ends, span.hole = after.begins, after.ends, after.hole


async def _ask(
    client: Client, node: ua.NodeId, between: tuple[int, int], point: bytes | None, *, bounds: bool
) -> ua.HistoryReadResult:
    details = ua.ReadRawModifiedDetails(
        IsReadModified=cast("ua.Boolean", False),  # the library takes any bool
        StartTime=_time(between[0]),
        EndTime=_time(between[1] + 1),  # a server's times are finer than microseconds
        NumValuesPerNode=ua.Counter(PAGE),
        ReturnBounds=cast("ua.Boolean", bounds),
    )
    wanted = ua.HistoryReadValueId(NodeId=node)
    wanted.ContinuationPoint = cast("ua.ByteString", point)
    parameters = ua.HistoryReadParameters(
        HistoryReadDetails=cast("ua.ExtensionObject", details),
        TimestampsToReturn=ua.TimestampsToReturn.Source,
        ReleaseContinuationPoints=cast("ua.Boolean", False),
        NodesToRead=[wanted],
    )
    (answer,) = await client.uaclient.history_read(parameters)
    return answer


def _time(micros_: int) -> ua.UtcTime:
    return cast("ua.UtcTime", datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros_))
