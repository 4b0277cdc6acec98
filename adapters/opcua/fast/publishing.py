"""Publish requests and their answers, over a connected client (OPC 10000-4, 5.14.5).

    requests under way: as many as the server takes      answers, in the order in which they came
    ───────────────────────────────────────────────▶     read ─▶ missing before it? Republish ─▶ Inbox
    acknowledgements ride on the next request        ◀── when the agent has it safe

When three in four requests are answered, as many new ones are sent at once, which costs as much as to send one; the
server always has one to answer, unless it takes no more than one. What
comes as it should is with the Inbox as soon as it is there; all else waits for the task in `run`, and so does what
comes after it. A server may answer out of order; what Republish gave already is then dropped when it comes. A
notification that Republish does not give is missed by the Inbox, which ends the subscription.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import BadMessageNotAvailable, UaError

from adapters.opcua.fast.response import FaultError, Published, of_library, read_by_library, read_response
from adapters.opcua.fast.takeover import Slot, send
from adapters.opcua.inbox import Inbox
from schemas.records import GapCause
from schemas.status import status_name

_log = structlog.get_logger(__name__)

_PAUSE = 1.0
"""Seconds before the next request after one that the server refused."""
_REMEMBERED = 1_000
"""Notifications got by Republish whose late arrival is recognised."""


class Publishing:
    """Keeps up to `requests` publish requests under way and gives what is published to the inbox."""

    def __init__(self, client: Client, inbox: Inbox, source: str, requests: int) -> None:
        self._client = client
        self._inbox = inbox
        self._source = source
        self._wanted = requests
        self._under_way = 0
        self._subscription = 0
        self._acknowledged: list[int] = []
        self._answers: deque[Slot] = deque()
        self._news = asyncio.Event()
        self._over = False
        self._repaired: deque[int] = deque(maxlen=_REMEMBERED)
        self._refusal_told = False
        inbox.when_safe(self._acknowledged.append)

    async def run(self) -> None:
        """Until cancelled or the connection is lost, which the inbox is told."""
        try:
            while True:
                self._ask()
                await self._news.wait()
                self._news.clear()
                while self._answers:
                    await self._take(self._answers[0])  # stays there meanwhile: what comes is to wait behind it
                    self._answers.popleft()
        except (UaError, OSError) as error:
            self._inbox.fail(GapCause.DEVICE_UNREACHABLE, str(error) or "the connection was lost")
        finally:
            self._over = True

    def _ask(self) -> None:
        """Send requests when few are under way; the first carries what is to be acknowledged."""
        missing = self._wanted - self._under_way
        if missing <= 0 or self._under_way > max(1, self._wanted // 4):
            return
        numbers, self._acknowledged[:] = self._acknowledged.copy(), []
        slots = [Slot(numbers if not at else (), self._arrived) for at in range(missing)]
        self._under_way += missing
        send(self._client, self._subscription, slots)

    def _arrived(self, answer: Slot) -> None:
        """Called by the library, in the midst of what it received."""
        self._under_way -= 1
        if self._over:
            return
        if self._answers or not self._take_at_once(answer):
            self._answers.append(answer)
            self._news.set()
        else:
            self._ask()

    def _take_at_once(self, answer: Slot) -> bool:
        """Deliver what needs nothing else; whether it did not."""
        try:
            published = read_response(answer.octets)
        except Exception:  # noqa: BLE001 - `_take` finds out what it is
            return False
        if self._is_late(published) or not published.subscription or self._inbox.missing_before(published.number):
            return False
        self._accept(published)
        self._inbox.deliver(published)
        return True

    async def _take(self, answer: Slot) -> None:
        if answer.error is not None:
            raise answer.error
        try:
            published = self._read(answer.octets)
        except FaultError as fault:
            self._acknowledged[:0] = answer.numbers  # the server has not seen them
            await self._refused(fault.status)
            return
        if published is None:
            return
        if not published.subscription:  # OPC 10000-4, 5.14.5: the server has none to publish for
            await self._refused(StatusCodes.BadNoSubscription)
            return
        self._ask()
        self._accept(published)
        await self._deliver(published)

    def _accept(self, published: Published) -> None:
        self._subscription = published.subscription
        if published.refused:
            self._tell_refused(published.refused)

    def _read(self, octets: bytes) -> Published | None:
        """By itself, or what is unusual by the library; None, and the subscription is given up, where neither can."""
        try:
            return read_response(octets)
        except FaultError:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the library says so
            return self._read_by_library(octets)

    def _read_by_library(self, octets: bytes) -> Published | None:
        try:
            return read_by_library(octets)
        except Exception as error:  # noqa: BLE001 - a malformed answer can raise anything in the library
            self._inbox.fail(GapCause.SUBSCRIPTION_LOST, f"a publish response could not be read: {error!r}")
            return None

    def _is_late(self, published: Published) -> bool:
        """Whether Republish was quicker."""
        return not published.keep_alive and published.number in self._repaired

    async def _deliver(self, published: Published) -> None:
        if self._is_late(published):
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
        if not self._refusal_told:
            self._refusal_told = True
            _log.warning(
                "acknowledgement refused", source=self._source, status=status_name(statuses[0]), count=len(statuses)
            )
