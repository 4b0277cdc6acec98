import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.common.connection import MessageChunk
from asyncua.common.utils import Buffer
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import BadMessageNotAvailable

from adapters.contract import SourceError
from adapters.opcua.conditions import Conditions
from adapters.opcua.fast import publishing as module
from adapters.opcua.fast.publishing import Publishing
from adapters.opcua.inbox import Inbox
from adapters.opcua.settings import OpcUaTag
from adapters.opcua.values import Interpreter
from schemas.frame import Frame, TagTable
from schemas.records import GapCause
from tests.adapters.opcua.fast.octets import Item, data_change, header, response
from tests.support.eventually import eventually

TAGS = (OpcUaTag(name="A", node="i=1"), OpcUaTag(name="B", node="i=2"))
LAST = 2**32 - 1


class Server:
    """Stands where the connected client is: keeps the requests, answers them when told to."""

    def __init__(self) -> None:
        self.requests: list[int] = []
        self.writes = 0
        self.acknowledged: list[int] = []
        self.republished: list[int] = []
        self.kept: dict[int, float] = {}
        self.renumber: int | None = None
        session = SimpleNamespace(republish=self.republish)
        self.protocol = UASocketProtocol()
        self.protocol.transport = cast("Any", SimpleNamespace(write=self.take))
        uaclient = SimpleNamespace(session=session, protocol=self.protocol)
        self.client = cast("Client", SimpleNamespace(uaclient=uaclient))

    def take(self, octets: bytes) -> None:
        """Requests come, several in a write."""
        self.writes += 1
        rest = Buffer(octets)
        while rest:
            chunk = MessageChunk.from_binary(self.protocol._connection.security_policy, rest)
            self.requests.append(chunk.SequenceHeader.RequestId)
            request = struct_from_binary(ua.PublishRequest, Buffer(chunk.Body))
            self.acknowledged += [int(one.SequenceNumber) for one in request.Parameters.SubscriptionAcknowledgements]

    async def republish(self, subscription: int, number: int) -> ua.NotificationMessage:
        assert subscription == 1
        self.republished.append(number)
        number = number if self.renumber is None else self.renumber
        if number not in self.kept:
            raise BadMessageNotAvailable
        value = ua.DataValue(ua.Variant(self.kept[number], ua.VariantType.Double))
        change = ua.DataChangeNotification(MonitoredItems=[ua.MonitoredItemNotification(ua.UInt32(1), value)])
        return ua.NotificationMessage(SequenceNumber=ua.UInt32(number), NotificationData=[cast("Any", change)])

    def answer(self, octets: bytes) -> None:
        """The oldest request gets these octets."""
        self.protocol._call_callback(self.requests.pop(0), Buffer(octets))

    def tell(self, number: int, value: float | None) -> None:
        """A notification with one value, or a keep-alive."""
        said = [] if value is None else [data_change([Item(1, ua.Variant(value, ua.VariantType.Double))])]
        self.answer(response(number, said))

    def refuse(self, status: int) -> None:
        self.answer(header(397, status))


@asynccontextmanager
async def publishing(requests: int = 4) -> AsyncIterator[tuple[Server, Inbox]]:
    server = Server()
    inbox = Inbox("plc", TagTable(("A", "B"), ("1", "1")), Interpreter(TAGS, 60), Conditions("plc", 1), grace=60)
    task = asyncio.create_task(Publishing(server.client, inbox, "plc", requests).run())
    await until(lambda: len(server.requests) == requests)
    try:
        yield server, inbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    await eventually(condition, within=60)


async def frames(inbox: Inbox, count: int) -> list[Frame]:
    async with asyncio.timeout(60):
        found = [await inbox.next() for _ in range(count)]
    return [frame for frame in found if isinstance(frame, Frame)]


async def values(inbox: Inbox, count: int) -> list[Any]:
    return [row.value for frame in await frames(inbox, count) for row in frame.rows()]


async def drain(inbox: Inbox) -> None:
    while True:
        await inbox.next()


async def lost(inbox: Inbox) -> SourceError:
    with pytest.raises(SourceError) as error:
        await asyncio.wait_for(drain(inbox), 60)
    return error.value


async def test_answers_are_followed_by_requests() -> None:
    """The last one under way is not waited for; those that are missing go in one write; values keep their order."""
    async with publishing() as (server, inbox):
        for number in (1, 2, 3):
            server.tell(number, float(number))
        assert await values(inbox, 3) == [1.0, 2.0, 3.0]
        assert (len(server.requests), server.writes) == (4, 2)


async def test_a_notification_is_acknowledged_once_its_frame_is_safe() -> None:
    """Not before, and once only; the acknowledgement rides on the next request."""
    async with publishing(requests=1) as (server, inbox):
        server.tell(1, 1.0)
        server_frame = (await frames(inbox, 1))[0]
        await until(lambda: server.requests)
        server.tell(2, 2.0)
        await until(lambda: server.requests)
        assert server.acknowledged == []
        inbox.acknowledge(server_frame)
        inbox.acknowledge(server_frame)
        server.tell(3, None)
        await until(lambda: server.acknowledged)
        server.tell(3, None)
        await until(lambda: server.requests)
        assert server.acknowledged == [1]


async def test_what_a_refused_request_carried_is_acknowledged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has not seen it."""
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    async with publishing(requests=1) as (server, inbox):
        server.tell(1, 1.0)
        [frame] = await frames(inbox, 1)
        inbox.acknowledge(frame)
        await until(lambda: server.requests)
        server.tell(2, None)
        await until(lambda: server.acknowledged == [1])
        server.refuse(StatusCodes.BadTimeout)
        await until(lambda: server.acknowledged == [1, 1])


async def test_a_missing_notification_is_asked_for_again() -> None:
    """What Republish gives stands where it belongs; the late original is dropped; numbers wrap to 1."""
    async with publishing() as (server, inbox):
        server.kept = {LAST: 2.0, 1: 3.0}
        server.tell(LAST - 1, 1.0)
        server.tell(2, 4.0)
        server.tell(1, 3.0)
        server.tell(3, 5.0)
        assert await values(inbox, 5) == [1.0, 2.0, 3.0, 4.0, 5.0]
        assert server.republished == [LAST, 1]


async def test_a_keep_alive_tells_of_a_missing_notification_too() -> None:
    """Its number is that of the next one (OPC 10000-4, 5.14.1.1)."""
    async with publishing() as (server, inbox):
        server.kept = {2: 2.0}
        server.tell(1, 1.0)
        server.tell(3, None)
        assert await values(inbox, 2) == [1.0, 2.0]


async def test_a_notification_that_is_gone_loses_the_subscription() -> None:
    """The server does not have it any more: its values will not come."""
    async with publishing() as (server, inbox):
        server.tell(1, 1.0)
        server.tell(3, 3.0)
        error = await lost(inbox)
        assert error.cause is GapCause.SUBSCRIPTION_LOST
        assert server.republished == [2]


async def test_an_empty_answer_to_republish_is_a_loss() -> None:
    """Some servers give a message without a number in the place of BadMessageNotAvailable."""
    async with publishing() as (server, inbox):
        server.kept = {0: 0.0}
        server.renumber = 0
        server.tell(1, 1.0)
        server.tell(3, 3.0)
        assert (await lost(inbox)).cause is GapCause.SUBSCRIPTION_LOST


async def test_a_server_that_takes_fewer_requests_gets_fewer() -> None:
    """BadTooManyPublishRequests lowers the number for good."""
    async with publishing() as (server, inbox):
        server.refuse(StatusCodes.BadTooManyPublishRequests)
        await asyncio.sleep(0)
        for number in (1, 2, 3):
            server.tell(number, 1.0)
            assert await values(inbox, 1) == [1.0]
            assert len(server.requests) <= 3
        assert server.requests


async def test_a_server_without_the_subscription_has_lost_it() -> None:
    """Said at once, not after a silence."""
    async with publishing() as (server, inbox):
        server.refuse(StatusCodes.BadNoSubscription)
        assert (await lost(inbox)).cause is GapCause.SUBSCRIPTION_LOST


async def test_a_lost_connection_is_told() -> None:
    """With the requests that were under way."""
    async with publishing() as (server, inbox):
        server.protocol._fail_all_pending(ConnectionError("cut"))
        error = await lost(inbox)
        assert (error.cause, error.detail) == (GapCause.DEVICE_UNREACHABLE, "cut")


async def test_an_unusual_response_is_read_by_the_library() -> None:
    """Here with a string table in its header."""
    said = data_change([Item(1, ua.Variant(1.5, ua.VariantType.Double))])
    plain = response(1, [said])
    with_strings = plain[:21] + struct.pack("<ii3s", 1, 3, b"abc") + plain[25:]
    async with publishing() as (server, inbox):
        server.answer(with_strings)
        server.tell(2, 2.5)
        assert await values(inbox, 2) == [1.5, 2.5]


async def test_an_answer_for_no_subscription_says_that_it_is_lost() -> None:
    """A server without any may answer so in the place of BadNoSubscription."""
    async with publishing() as (server, inbox):
        server.answer(response(0, [], subscription=0))
        assert (await lost(inbox)).cause is GapCause.SUBSCRIPTION_LOST


@pytest.mark.parametrize("octets", [b"", b"\x01\x00\x3d\x03", response(1, [data_change([Item(1)])])[:60]])
async def test_a_response_that_nobody_can_read_loses_the_subscription(octets: bytes) -> None:
    """What was in it is not known."""
    async with publishing() as (server, inbox):
        server.answer(octets)
        assert (await lost(inbox)).cause is GapCause.SUBSCRIPTION_LOST
