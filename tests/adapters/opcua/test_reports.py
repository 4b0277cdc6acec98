import asyncio

import numpy as np
import pytest

from adapters.contract import SourceError
from adapters.opcua.reports import ENOUGH, Reports, joined
from schemas.frame import Frame, Row, TagTable, frame_of
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

TABLE = TagTable(("A", "B"), ("1", "1"))


def frame(*values: float | str, received: int = 0) -> Frame:
    rows = [(0, value, StatusCode.GOOD, Reason.NONE, None) for value in values]
    return frame_of("plc", TABLE, rows, received=received)


def many(size: int) -> Frame:
    return frame(*np.arange(size, dtype=np.float64).tolist())


def rows(*frames: Frame) -> list[Row]:
    return [row for one in frames for row in one.rows()]


async def following(reports: Reports[Frame]) -> Frame:
    report = await asyncio.wait_for(reports.next(), 60)
    assert isinstance(report, Frame)
    return report


def test_joined_frames_have_all_samples_in_their_order() -> None:
    """What stands beside the columns too; received when the last one was."""
    parts = [frame(1.0, "x", received=1), frame(received=2), frame("y", 2.0, received=3)]
    whole = joined(parts)
    assert rows(whole) == rows(*parts)
    assert whole.received == 3


async def test_without_coalescing_each_frame_is_handed_out_at_once() -> None:
    """Nothing waits for a timer."""
    reports = Reports(0, joined)
    for value in (1.0, 2.0):
        reports.put(frame(value), None)
    assert [row.value for row in rows(await following(reports), await following(reports))] == [1.0, 2.0]


async def test_frames_within_the_time_are_joined() -> None:
    """In one frame, of which the source is told once; all of their notifications are then safe."""
    reports, safe = Reports(0.05, joined), list[int]()
    reports.safe = safe.append
    for number in (1, 2, 3):
        reports.put(frame(float(number)), number)
    whole = await following(reports)
    assert [row.value for row in whole.rows()] == [1.0, 2.0, 3.0]
    assert safe == []
    reports.acknowledge(whole)
    assert safe == [1, 2, 3]


async def test_a_large_frame_takes_what_waits_with_it_at_once() -> None:
    """It is no small notification: nothing is gained by waiting."""
    reports = Reports(600, joined)
    reports.put(frame(1.0), None)
    reports.put(many(ENOUGH), None)
    assert len(await following(reports)) == ENOUGH + 1


async def test_what_waits_is_handed_out_before_a_failure() -> None:
    """And nothing after it."""
    reports = Reports(1, joined)
    reports.put(frame(1.0), None)
    reports.fail(GapCause.SUBSCRIPTION_LOST, "gone")
    assert len(await following(reports)) == 1
    with pytest.raises(SourceError, match="gone"):
        await reports.next()


async def test_signs_of_life_add_no_samples() -> None:
    """An empty frame among filled ones is left out; alone it stays an empty frame."""
    reports = Reports(0.01, joined)
    reports.put(frame(), 1)
    assert len(await following(reports)) == 0
    reports.put(frame(), 2)
    reports.put(frame(1.0), 3)
    assert len(await following(reports)) == 1
