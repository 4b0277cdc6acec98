"""Publish requests and their answers, over a connected client (OPC 10000-4, 5.14.5).

    requests under way: as many as the server takes      answers, in the order in which they came
    ───────────────────────────────────────────────▶     read ─▶ missing before it? Republish ─▶ Inbox
    acknowledgements ride on the next request        ◀── when the agent has it safe

An answer is followed by the next request before it is interpreted: the server always has one to answer. A server may
answer them out of order; what Republish gave already is then dropped when it comes. A notification that Republish does
not give is missed by the Inbox, which ends the subscription.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.utils import Buffer
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import BadMessageNotAvailable, UaError

from adapters.opcua.fast.response import FaultError, Published, of_library, read_response
from adapters.opcua.fast.takeover import send
from adapters.opcua.inbox import Inbox
from schemas.records import GapCause
from schemas.status import status_name

_log = structlog.get_logger(__name__)

_PAUSE = 1.0
"""Seconds before the next request after one that the server refused."""
_REMEMBERED = 1_000
"""Notifications got by Republish whose late arrival is recognised."""


class Publishing:
    """Keeps `requests` publish requests under way and gives what is published to the inbox."""

    def __init__(self, client: Client, inbox: Inbox, source: str, requests: int) -> None:
        self._client = client
        self._inbox = inbox
        self._source = source
        self._wanted = requests
        self._under_way = 0
        self._subscription = 0
        self._acknowledged: list[int] = []
        self._answers: deque[tuple[asyncio.Future[Buffer], list[int]]] = deque()
        self._news = asyncio.Event()
        self._repaired: deque[int] = deque(maxlen=_REMEMBERED)
        self._refusal_told = False
        inbox.when_safe(self._acknowledged.append)

    async def run(self) -> None:
        """Until cancelled or the connection is lost, which the inbox is told."""
        try:
            while True:
                while self._under_way < self._wanted:
                    self._ask()
                await self._news.wait()
                self._news.clear()
                while self._answers:
                    await self._take(*self._answers.popleft())
        except (UaError, OSError) as error:
            self._inbox.fail(GapCause.DEVICE_UNREACHABLE, str(error) or "the connection was lost")

    def _ask(self) -> None:
        """Send a request, with what is to be acknowledged."""
        numbers = self._acknowledged.copy()
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements = [
            ua.SubscriptionAcknowledgement(ua.IntegerId(self._subscription), ua.Counter(number)) for number in numbers
        ]
        future = send(self._client, request)
        self._acknowledged.clear()
        self._under_way += 1
        future.add_done_callback(lambda answer: self._arrived(answer, numbers))

    def _arrived(self, answer: asyncio.Future[Buffer], numbers: list[int]) -> None:
        if not answer.cancelled():
            answer.exception()  # looked at here, in case nobody takes it any more
        self._answers.append((answer, numbers))
        self._news.set()

    async def _take(self, answer: asyncio.Future[Buffer], numbers: list[int]) -> None:
        """One answer to a request that carried these acknowledgements."""
        self._under_way -= 1
        try:
            published = self._read(bytes(answer.result()))
        except FaultError as fault:
            self._acknowledged[:0] = numbers  # the server has not seen them
            await self._refused(fault.status)
            return
        if published is None:
            return
        if not published.subscription:  # OPC 10000-4, 5.14.5: the server has none to publish for
            await self._refused(StatusCodes.BadNoSubscription)
            return
        if self._under_way < self._wanted:
            self._ask()
        self._tell_refused(published.refused)
        self._subscription = published.subscription
        await self._deliver(published)

    def _read(self, octets: bytes) -> Published | None:
        """In columns, or what is unusual by the library; None, and the subscription is given up, where neither can."""
        try:
            return read_response(octets)
        except FaultError:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the library says so
            return self._read_by_library(octets)

    def _read_by_library(self, octets: bytes) -> Published | None:
        try:
            return of_library(struct_from_binary(ua.PublishResponse, Buffer(octets)).Parameters)
        except Exception as error:  # noqa: BLE001 - a malformed answer can raise anything in the library
            self._inbox.fail(GapCause.SUBSCRIPTION_LOST, f"a publish response could not be read: {error!r}")
            return None

    async def _deliver(self, published: Published) -> None:
        if not published.keep_alive and published.number in self._repaired:
            return
        for number in self._inbox.missing_before(published.number):
            if not await self._repair(number):
                break
        self._inbox.deliver(published)

    async def _repair(self, number: int) -> bool:
        """Ask for a notification that did not arrive; whether the server still had it."""
        try:
            message = await self._client.uaclient.session.republish(self._subscription, number)
            if message.SequenceNumber != number:  # some servers answer with an empty one
                raise BadMessageNotAvailable
        except (UaError, OSError, TimeoutError) as error:
            _log.warning("not republished", source=self._source, number=number, error=str(error) or repr(error))
            return False
        _log.info("republished", source=self._source, number=number)
        self._repaired.append(number)
        self._inbox.deliver(of_library(ua.PublishResult(NotificationMessage=message)))
        return True

    async def _refused(self, status: int) -> None:
        """The server did not take a request."""
        match status:
            case StatusCodes.BadTooManyPublishRequests if self._under_way:
                self._wanted = self._under_way
                _log.info("publish requests limited by the server", source=self._source, given=self._wanted)
            case StatusCodes.BadNoSubscription:
                self._inbox.fail(GapCause.SUBSCRIPTION_LOST, "the server has no subscription of ours any more")
                await asyncio.sleep(_PAUSE)
            case _:
                _log.debug("publish request refused", source=self._source, status=status_name(status))
                await asyncio.sleep(_PAUSE)

    def _tell_refused(self, statuses: Sequence[int]) -> None:
        """Once: a server that has forgotten what was not acknowledged yet could not republish it either."""
        if statuses and not self._refusal_told:
            self._refusal_told = True
            _log.warning(
                "acknowledgement refused", source=self._source, status=status_name(statuses[0]), count=len(statuses)
            )
