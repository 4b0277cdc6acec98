"""The history of an OPC UA server (OPC 10000-11): every value that was written, in memory, read raw.

It answers as a real historian does: page by page with continuation points, with the bounds when they are asked for.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

PAGE = 100
"""Values in one answer, whatever is asked for: reading a break takes several."""
BY_CALCULATION, BY_INTERPOLATION = 0x401, 0x402
"""InfoBits of values that the historian made up (OPC 10000-4, 7.39; OPC 10000-11, 6.4.2)."""


class Historian:
    """Stands in the place of asyncua's history manager. `lying`: every third value is missing, its neighbour made up.

    `count` values are kept of each point; one that was never recorded has no history.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._kept: dict[str, list[ua.DataValue]] = {}
        self.lying = False

    async def init(self) -> None:
        """Asked for by the server."""

    async def stop(self) -> None:
        """Asked for by the server; what was kept stays."""

    def record(self, point: str, data: ua.DataValue) -> None:
        """Keep a value; those without a source time have no place."""
        if self._count and data.SourceTimestamp is not None:
            kept = self._kept.setdefault(point, [])
            kept.append(data)
            del kept[: -self._count]

    async def read_history(self, parameters: ua.HistoryReadParameters) -> list[ua.HistoryReadResult]:
        """Raw reads; any other is refused."""
        return [self._read(parameters.HistoryReadDetails, wanted) for wanted in parameters.NodesToRead]

    def _read(self, details: object, wanted: ua.HistoryReadValueId) -> ua.HistoryReadResult:
        kept = self._kept.get(str(wanted.NodeId.Identifier))
        if kept is None or not isinstance(details, ua.ReadRawModifiedDetails) or details.IsReadModified:
            return ua.HistoryReadResult(ua.StatusCode(ua.UInt32(StatusCodes.BadHistoryOperationUnsupported)))
        found = self._between(kept, details)
        first = int(wanted.ContinuationPoint or b"0")
        page = found[first : first + min(PAGE, int(details.NumValuesPerNode) or PAGE)]
        data = ua.HistoryData(DataValues=page)
        more = first + len(page) < len(found)
        status = StatusCodes.Good if found else StatusCodes.GoodNoData
        return ua.HistoryReadResult(
            ua.StatusCode(ua.UInt32(status)),
            cast("ua.ByteString", str(first + len(page)).encode() if more else None),
            cast("ua.ExtensionObject", data),
        )

    def _between(self, kept: Sequence[ua.DataValue], details: ua.ReadRawModifiedDetails) -> list[ua.DataValue]:
        def moment(data: ua.DataValue) -> datetime:
            return _aware(data.SourceTimestamp)

        first = bisect_left(kept, _aware(details.StartTime), key=moment)
        last = bisect_right(kept, _aware(details.EndTime), key=moment)
        if details.ReturnBounds:
            if first and (first == len(kept) or moment(kept[first]) > _aware(details.StartTime)):
                first -= 1
            last = min(last + 1, len(kept))
        found = list(kept[first:last])
        return [_made_up(data, at) for at, data in enumerate(found) if at % 3 or not at] if self.lying else found


def _made_up(data: ua.DataValue, at: int) -> ua.DataValue:
    """Every third value is an interpolated one."""
    if at % 3 != 1:
        return data
    status = ua.StatusCode(ua.UInt32(BY_INTERPOLATION))
    return ua.DataValue(data.Value, status, data.SourceTimestamp, data.ServerTimestamp)


def _aware(moment: object) -> datetime:
    given = cast("datetime", moment)
    return given if given.tzinfo else given.replace(tzinfo=UTC)
