import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary

from adapters.contract import SourceError
from adapters.opcua.conditions import Conditions
from adapters.opcua.fast.response import read_response
from adapters.opcua.inbox import HEARTBEAT, STARTED, Inbox
from adapters.opcua.settings import OpcUaTag
from adapters.opcua.values import Interpreter
from schemas.frame import Frame, TagTable
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

TAGS = (OpcUaTag(name="A", node="i=1"), OpcUaTag(name="B", node="i=2"))


@pytest.fixture(autouse=True)
def as_on_the_wire(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast way: a result comes as the octets of a response, and is delivered in columns."""

    def deliver(box: Inbox, result: ua.PublishResult) -> None:
        box.deliver(read_response(struct_to_binary(ua.PublishResponse(Parameters=result))))

    if way == "fast":
        monkeypatch.setattr(Inbox, "publish", deliver)


def inbox(grace: float = 60, coalesce: float = 0) -> Inbox:
    table, known = TagTable(("A", "B"), ("1", "1")), Interpreter(TAGS, 60)
    return Inbox("plc", table, known, Conditions("plc", 1), grace=grace, coalesce=coalesce)


def result(number: int, *values: tuple[int, float]) -> ua.PublishResult:
    items = [
        ua.MonitoredItemNotification(ua.UInt32(handle), ua.DataValue(ua.Variant(value, ua.VariantType.Double)))
        for handle, value in values
    ]
    return published(number, [ua.DataChangeNotification(MonitoredItems=items)] if items else [])


def published(number: int, notifications: list[Any]) -> ua.PublishResult:
    message = ua.NotificationMessage(SequenceNumber=ua.UInt32(number), NotificationData=notifications)
    return ua.PublishResult(NotificationMessage=message)


async def following(box: Inbox) -> Frame:
    report = await box.next()
    assert isinstance(report, Frame)
    return report


async def taken(box: Inbox, within: float = 0.1) -> list[Frame]:
    """All frames that are there now, or within so many seconds after each other."""
    frames = []
    while True:
        try:
            async with asyncio.timeout(within):
                frames.append(await following(box))
        except TimeoutError:
            return frames


async def test_one_publish_response_is_one_frame() -> None:
    """All values of a response, several of a tag too, stand in one frame in their order."""
    box = inbox()
    box.publish(result(1, (1, 1.0), (2, 2.0), (1, 3.0), (HEARTBEAT, 0.0)))
    [frame] = await taken(box)
    assert [(row.tag, row.value) for row in frame.rows()] == [("A", 1.0), ("B", 2.0), ("A", 3.0)]


async def test_a_sign_of_life_after_a_pause_is_an_empty_frame() -> None:
    """The first heartbeat is worth a frame, one right after a frame is not."""
    box = inbox()
    box.publish(result(1, (HEARTBEAT, 0.0)))
    box.publish(result(2, (HEARTBEAT, 0.0)))
    [frame] = await taken(box)
    assert len(frame) == 0


async def test_a_missing_sequence_number_loses_the_subscription() -> None:
    """A notification that did not arrive held values that will not come again; what came before is still given."""
    box = inbox()
    box.publish(result(1, (1, 1.0)))
    box.publish(result(3, (1, 3.0)))
    assert len(await following(box)) == 1
    with pytest.raises(SourceError) as lost:
        await box.next()
    assert lost.value.cause is GapCause.SUBSCRIPTION_LOST


async def test_keep_alives_use_no_sequence_number_up() -> None:
    """A keep-alive has the number of the notification to come (OPC 10000-4, 5.14.1.1); after 2^32 - 1 comes 1."""
    box = inbox()
    box.publish(result(0xFFFFFFFF, (1, 1.0)))
    box.publish(result(1))
    box.publish(result(1))
    box.publish(result(1, (1, 2.0)))
    box.publish(result(2, (1, 3.0)))
    assert [row.value for frame in await taken(box) for row in frame.rows()] == [1.0, 2.0, 3.0]


async def test_keep_alives_are_no_heartbeat_while_the_clock_is_monitored() -> None:
    """A subscription whose sampling is dead still sends keep-alives (F01)."""
    box = inbox()
    box.heard = 0.0
    box.publish(result(1))
    assert box.heard == 0.0
    box.heartbeat = False
    box.publish(result(1))
    assert box.heard > 0.0


async def test_a_status_change_ends_the_subscription() -> None:
    """The server says itself that the subscription has timed out."""
    box = inbox()
    gone = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(ua.status_codes.StatusCodes.BadTimeout)))
    box.publish(published(1, [gone]))
    with pytest.raises(SourceError, match="BadTimeout"):
        await box.next()


async def test_another_start_time_of_the_server_loses_the_subscription() -> None:
    """It forgot what it did not tell; the same start time, said again, is no news."""
    box = inbox()
    for number, day in ((1, 1), (2, 1), (3, 2)):
        began = ua.DataValue(ua.Variant(datetime(2026, 1, day, tzinfo=UTC), ua.VariantType.DateTime))
        item = ua.MonitoredItemNotification(ua.UInt32(STARTED), began)
        box.publish(published(number, [ua.DataChangeNotification(MonitoredItems=[item])]))
    await following(box)
    with pytest.raises(SourceError, match="started anew at 2026-01-02"):
        await box.next()


async def test_a_tag_without_a_first_value_is_reported_bad() -> None:
    """A server that accepts an item and sends nothing for it does not leave the tag without a word."""
    box = inbox(grace=0)
    box.expect([0, 1])
    box.publish(result(1, (1, 1.0)))
    [frame] = await taken(box)
    missing = frame.row(1)
    assert (missing.tag, missing.value) == ("B", None)
    assert (missing.status, missing.reason) == (StatusCode.BAD_WAITING_FOR_INITIAL_DATA, Reason.NO_VALUE)


async def test_a_notification_that_cannot_be_used_loses_the_subscription() -> None:
    """The client library swallows what a callback raises; values must not get lost with it."""
    box = inbox()
    box.publish(result(1, (99, 1.0)))
    with pytest.raises(SourceError) as lost:
        await box.next()
    assert lost.value.cause is GapCause.SUBSCRIPTION_LOST


async def test_what_comes_within_the_time_is_one_frame() -> None:
    """All samples in their order; the last is what was last notified, and a sign of life is not worth another frame."""
    box = inbox(coalesce=0.02)
    for number in (1, 2, 3):
        box.publish(result(number, (1, float(number)), (2, -float(number))))
    box.publish(result(4, (HEARTBEAT, 0.0)))
    [frame] = await taken(box, within=0.3)
    assert [row.value for row in frame.rows()] == [1.0, -1.0, 2.0, -2.0, 3.0, -3.0]
    assert box.latest.content(0) == (0, "3.0")


async def test_what_waits_beside_a_notification_that_cannot_be_used_is_handed_out() -> None:
    """What came before it; nothing of what came after."""
    box = inbox(coalesce=0.02)
    for number, handle in ((1, 1), (2, 99), (3, 1)):
        box.publish(result(number, (handle, float(number))))
    assert [row.value for row in (await following(box)).rows()] == [1.0]
    with pytest.raises(SourceError) as lost:
        await box.next()
    assert lost.value.cause is GapCause.SUBSCRIPTION_LOST


async def test_what_waits_is_read_before_a_lost_connection_is_told() -> None:
    """It has arrived."""
    box = inbox(coalesce=1)
    box.publish(result(1, (1, 1.0)))
    box.fail(GapCause.DEVICE_UNREACHABLE, "cut")
    assert [row.value for row in (await following(box)).rows()] == [1.0]
    with pytest.raises(SourceError, match="cut"):
        await box.next()


async def test_frames_that_nobody_takes_end_in_an_overflow() -> None:
    """Memory is bounded, and the loss is said."""
    box = inbox()
    for number in range(1, 1_100):
        box.publish(result(number, (1, 1.0)))
    assert len([await box.next() for _ in range(1_000)]) == 1_000
    with pytest.raises(SourceError) as lost:
        await box.next()
    assert lost.value.cause is GapCause.QUEUE_OVERFLOW
