"""One subscription for all tags of a source, as the server allows it (OPC 10000-4, 5.13 and 5.14)."""

import time
from collections.abc import Iterable, Mapping

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from adapters.contract import now
from adapters.opcua.conditions import QUEUE, event_filter
from adapters.opcua.described import contradictions, describe
from adapters.opcua.inbox import EVENTS, HEARTBEAT, STARTED, Inbox
from adapters.opcua.limits import Limits, limits_of, parts
from adapters.opcua.nodes import browse_path, resolve
from adapters.opcua.settings import EventSettings, OpcUaSettings, OpcUaTag
from adapters.opcua.values import Interpreter
from schemas.status import Reason, status_name

_log = structlog.get_logger(__name__)

KEEP_ALIVE = 0.5
"""Seconds after which a server with nothing new is asked to say so."""
LIFETIME = 60.0
"""Seconds after which a server may drop a session or subscription that nobody asks for."""

Nodes = dict[int, ua.NodeId]
"""Node ids by the row of their tag."""


class TooSlowError(Exception):
    """The server publishes so rarely that every pause would look like a loss."""


class Subscribing:
    """Subscribes to the tags of one source, over one connected client."""

    def __init__(self, client: Client, settings: OpcUaSettings, interpreter: Interpreter, inbox: Inbox) -> None:
        self._client = client
        self._settings = settings
        self._interpreter = interpreter
        self._inbox = inbox
        self._limits = Limits()
        self.nodes: Nodes = {}
        """Where the tags are at this server that could be found."""
        self.subscription = 0

    async def begin(self) -> None:
        """Find the nodes, check their units, and have them monitored; what is refused becomes a Bad tag.

        Raises TooSlowError, UaError, OSError.
        """
        self._limits = await limits_of(self._client)
        nodes, refused = await self._nodes()
        self.nodes = nodes
        await self._check_units(nodes)
        self.subscription = subscription = await self._create()
        self._inbox.expect(nodes)
        own = [self._clock(HEARTBEAT, ObjectIds.Server_ServerStatus_CurrentTime)]
        own += [self._clock(STARTED, ObjectIds.Server_ServerStatus_StartTime)]
        asked = [self._request(node, row) for row, node in nodes.items()]
        results = await self._monitor(subscription, [*own, *asked])
        self._inbox.heartbeat = results[0].StatusCode.is_good()
        self._inbox.heard = time.monotonic()
        statuses = {row: int(result.StatusCode.value) for row, result in zip(nodes, results[2:], strict=True)}
        self._tell_revised(results[2:])
        if self._settings.events is not None:
            await self._monitor_events(self._settings.events)
        self._report_refused(refused | {row: status for row, status in statuses.items() if status >> 31})

    async def _nodes(self) -> tuple[Nodes, dict[int, int]]:
        """The node of each tag, and the StatusCode of each that has none."""
        namespaces = await self._client.get_namespace_array()
        nodes: Nodes = {}
        paths: dict[int, ua.BrowsePath] = {}
        unknown = int(StatusCodes.BadNodeIdUnknown)
        refused: dict[int, int] = {}
        for row, tag in enumerate(self._settings.tags):
            if tag.node is not None and (node := resolve(tag.node, namespaces)) is not None:
                nodes[row] = node
            elif tag.path is not None and (path := browse_path(tag.path, namespaces, self._settings.namespace)):
                paths[row] = path
            else:
                refused[row] = unknown
        for part in parts(list(paths), self._limits.translate):
            results = await self._client.uaclient.translate_browsepaths_to_nodeids([paths[row] for row in part])
            for row, result in zip(part, results, strict=True):
                if result.StatusCode.is_good() and len(result.Targets) == 1:  # two targets: which one is meant?
                    nodes[row] = result.Targets[0].TargetId
                else:
                    refused[row] = int(result.StatusCode.value) if result.StatusCode.value >> 31 else unknown
        return dict(sorted(nodes.items())), refused

    async def _check_units(self, nodes: Nodes) -> None:
        """Tags whose server gives another unit than the configuration says have no value (F-A3)."""
        tags = self._settings.tags
        measured = {row: node for row, node in nodes.items() if (tags[row].device_unit or tags[row].unit) != "1"}
        described = await describe(self._client, measured, self._limits)
        wrong = contradictions(described, [tag.device_unit or tag.unit for tag in tags])
        self._interpreter.wrong_units = frozenset(wrong)
        for row, one in wrong.items():
            _log.warning(
                "unit differs", source=self._settings.name, tag=tags[row].name, server=one.unit,
                configured=tags[row].device_unit or tags[row].unit,
            )  # fmt: skip

    async def _create(self) -> int:
        interval = self._settings.publishing_interval
        parameters = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=interval * 1000,
            RequestedMaxKeepAliveCount=max(1, round(KEEP_ALIVE / interval)),
            RequestedLifetimeCount=max(3, round(LIFETIME / interval)),
        )
        revised = await self._client.uaclient.create_subscription(parameters, self._inbox.publish)
        given = revised.RevisedPublishingInterval / 1000
        if 2 * given > self._settings.silence:
            raise TooSlowError(f"the server publishes every {given:g} s at best; set silence to {2 * given:g} or more")
        if given != interval:
            _log.info("publishing interval revised", source=self._settings.name, asked=interval, given=given)
        return int(revised.SubscriptionId)

    def _request(self, node: ua.NodeId, row: int) -> ua.MonitoredItemCreateRequest:
        settings, tag = self._settings, self._settings.tags[row]
        return _item(node, row + 1, settings.sampling_interval, settings.queue, _deadband(tag))

    def _clock(self, handle: int, number: int) -> ua.MonitoredItemCreateRequest:
        return _item(ua.NodeId(ua.Int32(number)), handle, min(KEEP_ALIVE, self._settings.silence / 4), 1)

    async def _monitor(
        self, subscription: int, requests: list[ua.MonitoredItemCreateRequest]
    ) -> list[ua.MonitoredItemCreateResult]:
        """Ask for all items, in calls that the server accepts; what it says of each, in the same order."""
        results: list[ua.MonitoredItemCreateResult] = []
        for part in parts(requests, self._limits.monitor):
            parameters = ua.CreateMonitoredItemsParameters(
                SubscriptionId=ua.IntegerId(subscription),
                TimestampsToReturn=ua.TimestampsToReturn.Source,
                ItemsToCreate=part,
            )
            results += await self._client.uaclient.create_monitored_items(parameters)
        return results

    async def _monitor_events(self, settings: EventSettings) -> None:
        node = await self._event_node(settings)
        parameters = ua.MonitoringParameters(
            ClientHandle=ua.IntegerId(EVENTS), QueueSize=ua.Counter(QUEUE), DiscardOldest=True, Filter=event_filter()
        )
        wanted = ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.EventNotifier)
        request = ua.MonitoredItemCreateRequest(wanted, ua.MonitoringMode.Reporting, parameters)
        (result,) = await self._monitor(self.subscription, [request])
        if not result.StatusCode.is_good():
            _log.warning("events refused", source=self._settings.name, status=result.StatusCode.name)

    async def _event_node(self, settings: EventSettings) -> ua.NodeId:
        """Where events are asked for; a node that does not exist is refused by the server with the item."""
        namespaces = await self._client.get_namespace_array()
        if settings.path is not None:
            path = browse_path(settings.path, namespaces, self._settings.namespace)
            found = await self._client.uaclient.translate_browsepaths_to_nodeids([path]) if path else []
            if found and found[0].StatusCode.is_good() and len(found[0].Targets) == 1:
                target: ua.NodeId = found[0].Targets[0].TargetId
                return target
            return ua.NodeId()
        return resolve(settings.node, namespaces) or ua.NodeId()

    def _tell_revised(self, results: Iterable[ua.MonitoredItemCreateResult]) -> None:
        """What the server made of the sampling interval and the queue, once for each pair of values."""
        asked = (self._settings.sampling_interval, self._settings.queue)
        given = {(r.RevisedSamplingInterval / 1000, r.RevisedQueueSize) for r in results if r.StatusCode.is_good()}
        for sampling, queue in given - {asked}:
            _log.info("monitoring revised", source=self._settings.name, asked=asked, given=(sampling, queue))

    def _report_refused(self, refused: Mapping[int, int]) -> None:
        for row, status in refused.items():
            tag = self._settings.tags[row]
            _log.warning(
                "node refused", source=self._settings.name, tag=tag.name, node=tag.node or tag.path,
                status=status_name(status),
            )  # fmt: skip
        if refused:
            self._inbox.report([(row, None, status, Reason.CONFIG, None) for row, status in refused.items()], now())


def _deadband(tag: OpcUaTag) -> ua.DataChangeFilter | None:
    for kind, value in ((ua.DeadbandType.Absolute, tag.deadband), (ua.DeadbandType.Percent, tag.deadband_percent)):
        if value is not None:
            return ua.DataChangeFilter(
                Trigger=ua.DataChangeTrigger.StatusValue, DeadbandType=ua.UInt32(kind), DeadbandValue=ua.Double(value)
            )
    return None


def _item(
    node: ua.NodeId, handle: int, sampling: float, queue: int, deadband: ua.DataChangeFilter | None = None
) -> ua.MonitoredItemCreateRequest:
    """Ask to be told of changes of a node's value; `sampling` in seconds."""
    parameters = ua.MonitoringParameters(
        ClientHandle=ua.IntegerId(handle),
        SamplingInterval=ua.Duration(sampling * 1000),
        QueueSize=ua.Counter(queue),
        DiscardOldest=True,
    )
    if deadband is not None:
        parameters.Filter = deadband
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=parameters,
    )
