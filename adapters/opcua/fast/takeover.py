"""Where the library's place is taken: the one module that looks behind its doors.

The library runs one task for the publish responses of a session; it asks again only when the last answer is read. Its
`ensure_publish_loop` starts `_publish_loop` of the session, and a session can be given another one. Its protocol wraps
a request by `message_to_binary` of the secure channel, and keeps a future in `_callbackmap` until the octets of the
answer are there, unwrapped; `Slot` stands in the place of that future. None of this is promised by the library:
`misfit` says what is not as it has to be, and then its own loop runs.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.client.ua_session import UaSession
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import nodeid_to_binary, struct_to_binary

from adapters.contract import now
from adapters.opcua.fast.request import publish_request
from adapters.opcua.fast.response import Published, items_of, read_response
from adapters.opcua.values import micros

_KNOWN = 12.5


class Slot:
    """What becomes of one request: told to `arrived` when the octets are there, not in the event loop's next turn.

    `octets` or `error` is then set. `numbers` are what the request acknowledged.
    """

    __slots__ = ("_arrived", "error", "numbers", "octets")

    def __init__(self, numbers: Sequence[int], arrived: "Callable[[Slot], None]") -> None:
        self.numbers = numbers
        self.octets = b""
        self.error: Exception | None = None
        self._arrived = arrived

    def done(self) -> bool:
        """Never while the library has it."""
        return False

    def set_result(self, body: Buffer) -> None:
        """The answer came."""
        self.octets = bytes(body)
        self._arrived(self)

    def set_exception(self, error: Exception) -> None:
        """None will."""
        self.error = error
        self._arrived(self)


def misfit(client: Client) -> str | None:
    """What of this connected client is not as the fast path needs it, in a few words; None where all is."""
    session = client.uaclient.session
    if "_publish_loop" not in UaSession.ensure_publish_loop.__code__.co_names:
        return "the session does not start a _publish_loop"
    if not inspect.iscoroutinefunction(getattr(UaSession, "_publish_loop", None)) or not hasattr(session, "__dict__"):
        return "the session's _publish_loop cannot be replaced"
    return _missent() or _misread()


@cache
def _missent() -> str | None:
    """Whether a request of ours is what the library would send, and its answer, or its end, reaches us."""
    try:
        return None if _sends_as_the_library() else "a publish request is not what the library would send"
    except Exception as error:  # noqa: BLE001 - whatever it is, the library's own loop serves
        return f"a publish request cannot be sent in the library's place: {error!r}"


def _sends_as_the_library() -> bool:
    theirs, ours = UASocketProtocol(), UASocketProtocol()
    request = ua.PublishRequest()
    request.Parameters.SubscriptionAcknowledgements = [ua.SubscriptionAcknowledgement(ua.UInt32(5), ua.UInt32(7))]
    theirs._setup_request_header(request.RequestHeader, 0)  # noqa: SLF001 - see the top of this module
    body = struct_to_binary(request)
    sent = micros(request.RequestHeader.Timestamp)
    written: list[bytes] = []
    ended: list[Slot] = []
    slots = [Slot([7], ended.append), Slot([], ended.append)]
    _write(ours, cast("Any", SimpleNamespace(write=written.append)), 5, slots, sent or 0)
    ours._call_callback(1, Buffer(b"answer"))  # noqa: SLF001
    ours._fail_all_pending(ConnectionError())  # noqa: SLF001
    (message,) = written
    expected = theirs._connection.message_to_binary(body, request_id=1)  # noqa: SLF001
    return message.startswith(expected) and ended == slots and slots[0].octets == b"answer" and bool(slots[1].error)


@cache
def _misread() -> str | None:
    """Whether a response that the library encodes is read as it was meant."""
    try:
        published = read_response(struct_to_binary(_sample()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the library's own loop serves
        return f"a publish response of the library is not read: {error!r}"
    return None if _says_the_sample(published) else "a publish response of the library is read as something else"


def _sample() -> ua.PublishResponse:
    value = ua.DataValue(ua.Variant(_KNOWN, ua.VariantType.Double))
    change = ua.DataChangeNotification(MonitoredItems=[ua.MonitoredItemNotification(ua.UInt32(3), value)])
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = ua.UInt32(5)
    response.Parameters.NotificationMessage.SequenceNumber = ua.UInt32(7)
    response.Parameters.NotificationMessage.NotificationData = [cast("ua.ExtensionObject", change)]
    return response


def _says_the_sample(published: Published) -> bool:
    items = items_of([published])
    said = (published.subscription, published.number, items.handle.tolist(), items.bits.view("f8").tolist())
    return said == (5, 7, [3], [_KNOWN])


def take_over(client: Client, loop: Callable[[], Awaitable[None]]) -> None:
    """Have `loop` run in the place of the library's, from the next subscription on."""
    vars(client.uaclient.session)["_publish_loop"] = loop


def send(client: Client, subscription: int, slots: Sequence[Slot]) -> None:
    """Send a publish request for each of these, in one write; each is told when the server has something to say.

    Raises ConnectionError.
    """
    protocol = client.uaclient.protocol
    if protocol is None or protocol.transport is None:
        raise ConnectionError("the connection is closed")
    _write(protocol, protocol.transport, subscription, slots, now())


def _write(
    protocol: UASocketProtocol, transport: asyncio.Transport, subscription: int, slots: Sequence[Slot], sent: int
) -> None:
    """As `_send_request` of the protocol does it, for all of them."""
    protocol.revolve_security_token()
    token = nodeid_to_binary(protocol.authentication_token)
    messages = []
    for slot in slots:
        protocol._request_handle += 1  # noqa: SLF001 - see the top of this module
        body = publish_request(token, sent, protocol._request_handle, subscription, slot.numbers)  # noqa: SLF001
        number = protocol._request_id + 1  # noqa: SLF001
        messages.append(protocol._connection.message_to_binary(body, request_id=number))  # noqa: SLF001
        protocol._request_id = number  # noqa: SLF001
        protocol._callbackmap[number] = cast("Any", slot)  # noqa: SLF001
    transport.write(b"".join(messages))
