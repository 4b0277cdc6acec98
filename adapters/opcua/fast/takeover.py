"""Where the library's place is taken: the one module that looks behind its doors.

The library runs one task for the publish responses of a session; it asks again only when the last answer is read. Its
`ensure_publish_loop` starts `_publish_loop` of the session, and a session can be given another one. Requests are sent
by `_send_request` of its protocol, which gives a future with the octets of the answer, unwrapped by the secure channel.
None of this is promised by the library: `misfit` says what is not as it has to be, and then its own loop runs.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from typing import cast

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.client.ua_session import UaSession
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary

from adapters.opcua.fast.response import Published, read_response

_KNOWN = 12.5


def misfit(client: Client) -> str | None:
    """What of this connected client is not as the fast path needs it, in a few words; None where all is."""
    session = client.uaclient.session
    if "_publish_loop" not in UaSession.ensure_publish_loop.__code__.co_names:
        return "the session does not start a _publish_loop"
    if not inspect.iscoroutinefunction(getattr(UaSession, "_publish_loop", None)) or not hasattr(session, "__dict__"):
        return "the session's _publish_loop cannot be replaced"
    send = getattr(UASocketProtocol, "_send_request", None)
    if send is None or list(inspect.signature(send).parameters)[1:3] != ["request", "timeout"]:
        return "the protocol has no _send_request(request, timeout)"
    return _misread()


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
    items = published.items
    said = (published.subscription, published.number, items.handle.tolist(), items.bits.view("f8").tolist())
    return said == (5, 7, [3], [_KNOWN])


def take_over(client: Client, loop: Callable[[], Awaitable[None]]) -> None:
    """Have `loop` run in the place of the library's, from the next subscription on."""
    vars(client.uaclient.session)["_publish_loop"] = loop


def send(client: Client, request: ua.PublishRequest) -> asyncio.Future[Buffer]:
    """Send it; the answer comes when the server has something to say. Raises ConnectionError."""
    protocol = client.uaclient.protocol
    if protocol is None:
        raise ConnectionError("the connection is closed")
    return protocol._send_request(request, timeout=0)  # noqa: SLF001 - see the top of this module
