"""The connection to one OPC UA server: session, subscription, watchdog."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError

from adapters.contract import SourceError, now, tag_table
from adapters.opcua.inbox import HEARTBEAT, Inbox
from adapters.opcua.nodes import resolve
from adapters.opcua.security import SecurityError, refusal, secure
from adapters.opcua.settings import OpcUaSettings
from adapters.opcua.values import Interpreter
from schemas.frame import Frame, TagTable
from schemas.records import GapCause
from schemas.status import Reason, status_name

_log = structlog.get_logger(__name__)
logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)  # all it logs reaches us as an exception or as silence

_KEEP_ALIVE = 0.5
"""Seconds after which a server with nothing new is asked to say so."""
_LIFETIME = 60.0
"""Seconds after which a server may drop a session or subscription that nobody asks for."""
_ITEMS_PER_CALL = 500
_PROBE = 0.5
_CLOSING = 1.0


class OpcUaSource:
    """One OPC UA server. See `adapters.contract.Source`."""

    def __init__(self, settings: OpcUaSettings) -> None:
        self._settings = settings
        self._tags = tag_table(settings)
        self._interpreter = Interpreter(settings.tags, settings.clock_tolerance)
        self._client: Client | None = None
        self._inbox = self._new_inbox()

    @property
    def tags(self) -> TagTable:
        """All tags, in the units the server gives them in."""
        return self._tags

    async def connect(self) -> None:
        """Open a session and subscribe. A node that the server does not have is a Bad tag. Raises SourceError."""
        settings = self._settings
        self._inbox = self._new_inbox()
        self._client = client = Client(settings.endpoint, settings.timeout, watchdog_intervall=settings.silence)
        client.name = client.description = "CMO gateway"
        client.session_timeout = int(_LIFETIME * 1000)
        client.connection_lost_callback = self._connection_lost
        try:
            async with asyncio.timeout(settings.timeout):
                await secure(client, settings)
                await client.connect()
                await self._subscribe(client)
        except SourceError:
            raise
        except TimeoutError as error:
            raise self._lost(GapCause.DEVICE_SILENT, f"no answer within {settings.timeout:g} s") from error
        except SecurityError as error:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error
        except UaError as error:
            said, pause = refusal(error)
            raise self._lost(GapCause.DEVICE_UNREACHABLE, said, pause=pause) from error
        except Exception as error:  # a malformed answer can raise anything in the library
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error) or type(error).__name__) from error

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame per publish response, until nothing comes any more."""
        while True:
            try:
                async with asyncio.timeout(max(0.0, self._inbox.heard + self._settings.silence - time.monotonic())):
                    frame = await self._inbox.next()
            except TimeoutError:
                await self._check_silence()
            except SourceError as error:
                raise self._lost(error.cause, error.detail) from error
            else:
                yield frame

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: a server's queue is not kept for us beyond the notification."""

    async def close(self) -> None:
        """End session and connection, without waiting long for a server that hangs."""
        client, self._client = self._client, None
        if client is None:
            return
        protocol = client.uaclient.protocol
        try:
            async with asyncio.timeout(_CLOSING):
                await client.disconnect()
        except Exception as error:  # noqa: BLE001 - whatever it is, the socket is closed below
            _log.debug("session not closed", source=self._settings.name, error=repr(error))
        finally:
            if protocol is not None and protocol.transport is not None:
                protocol.transport.abort()

    def _new_inbox(self) -> Inbox:
        settings = self._settings
        return Inbox(settings.name, self._tags, self._interpreter, grace=settings.silence)

    async def _subscribe(self, client: Client) -> None:
        namespaces = await client.get_namespace_array()
        interval = self._settings.publishing_interval
        parameters = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=interval * 1000,
            RequestedMaxKeepAliveCount=max(1, round(_KEEP_ALIVE / interval)),
            RequestedLifetimeCount=max(3, round(_LIFETIME / interval)),
        )
        revised = await client.uaclient.create_subscription(parameters, self._inbox.publish)
        self._check_interval(revised.RevisedPublishingInterval / 1000)
        nodes = [resolve(tag.node, namespaces) for tag in self._settings.tags]
        known = {row: node for row, node in enumerate(nodes) if node is not None}
        self._inbox.expect(known)
        requests = [self._request(node, row + 1) for row, node in known.items()]
        statuses = await self._monitor(client, revised.SubscriptionId, [self._heartbeat(), *requests])
        self._inbox.heartbeat = not statuses[0] >> 31
        self._inbox.heard = time.monotonic()
        refused = {row: int(StatusCodes.BadNodeIdUnknown) for row, node in enumerate(nodes) if node is None}
        refused |= {row: status for row, status in zip(known, statuses[1:], strict=True) if status >> 31}
        self._report_refused(refused)

    def _check_interval(self, revised: float) -> None:
        """Raise SourceError when the server will publish so rarely that every pause looks like a loss."""
        if 2 * revised > self._settings.silence:
            raise self._lost(
                GapCause.OTHER,
                f"the server publishes every {revised:g} s at best; set silence to {2 * revised:g} or more",
            )

    def _request(self, node: ua.NodeId, handle: int) -> ua.MonitoredItemCreateRequest:
        return _item(node, handle, sampling=self._settings.sampling_interval, queue=self._settings.queue)

    def _heartbeat(self) -> ua.MonitoredItemCreateRequest:
        clock = ua.NodeId(ua.Int32(ObjectIds.Server_ServerStatus_CurrentTime))
        return _item(clock, HEARTBEAT, sampling=min(_KEEP_ALIVE, self._settings.silence / 4), queue=1)

    async def _monitor(
        self, client: Client, subscription: int, requests: Sequence[ua.MonitoredItemCreateRequest]
    ) -> list[int]:
        """Ask for all items, in calls that servers accept; their StatusCodes in the same order."""
        statuses: list[int] = []
        for part in _parts(requests):
            parameters = ua.CreateMonitoredItemsParameters(
                SubscriptionId=subscription, TimestampsToReturn=ua.TimestampsToReturn.Source, ItemsToCreate=part
            )
            results = await client.uaclient.create_monitored_items(parameters)
            statuses += [int(result.StatusCode.value) for result in results]
        return statuses

    def _report_refused(self, refused: dict[int, int]) -> None:
        for row, status in refused.items():
            tag = self._settings.tags[row]
            _log.warning(
                "node refused", source=self._settings.name, tag=tag.name, node=tag.node, status=status_name(status)
            )
        if refused:
            rows = [(row, None, status, Reason.CONFIG, None) for row, status in refused.items()]
            self._inbox.report(list(rows), now())

    async def _check_silence(self) -> None:
        """Raise SourceError when nothing came for too long; a read tells a dead subscription from a dead server."""
        answers = await self._answers()
        quiet = time.monotonic() - self._inbox.heard
        if quiet < self._settings.silence:  # it came while we asked
            return
        if answers:
            raise self._lost(
                GapCause.SUBSCRIPTION_LOST,
                f"nothing from the subscription for {quiet:.1f} s, though reads are answered",
            )
        raise self._lost(GapCause.DEVICE_SILENT, f"nothing for {quiet:.1f} s, and a read is not answered")

    async def _answers(self) -> bool:
        if self._client is None:
            return False
        try:
            async with asyncio.timeout(_PROBE):
                await self._client.nodes.server_state.read_value()
        except (OSError, TimeoutError, UaError):
            return False
        return True

    async def _connection_lost(self, error: Exception) -> None:
        """Called by the library when the connection is gone or the server does not answer it either."""
        cause = GapCause.DEVICE_SILENT if isinstance(error, TimeoutError) else GapCause.DEVICE_UNREACHABLE
        self._inbox.fail(cause, str(error) or "no answer to a read")

    def _lost(self, cause: GapCause, detail: str, *, pause: float = 0.0) -> SourceError:
        return SourceError(cause, f"{self._settings.endpoint}: {detail}", pause=pause)


def _item(node: ua.NodeId, handle: int, *, sampling: float, queue: int) -> ua.MonitoredItemCreateRequest:
    """Ask to be told of changes of a node's value; `sampling` in seconds."""
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(
            ClientHandle=handle, SamplingInterval=sampling * 1000, QueueSize=queue, DiscardOldest=True
        ),
    )


def _parts(
    requests: Sequence[ua.MonitoredItemCreateRequest],
) -> Iterator[list[ua.MonitoredItemCreateRequest]]:
    for start in range(0, len(requests), _ITEMS_PER_CALL):
        yield list(requests[start : start + _ITEMS_PER_CALL])
